"""The local terms of the effective field together, in one kernel."""

from collections import namedtuple
from collections.abc import Callable, Container
from typing import Any, cast

import numpy as np
from numpy.typing import DTypeLike

from micromag.engine.lanes import inlined
from micromag.engine.problem import Problem
from micromag.engine.terms import LOCAL_TERMS

Terms = cast(Any, namedtuple("Terms", ["Ms", *(term.name for term in LOCAL_TERMS)]))
"""Saturation magnetisation in A/m, shape (cells,), and the coefficients of all local terms, in the
precision of the engine."""

LOCAL_PARTS = {part: term.name for term in LOCAL_TERMS for part in term.orders}
"""Parts of the energy, and the term that each is of."""


def terms_of(problem: Problem, dtype: DTypeLike) -> Any:
    """Return the `Terms` of a problem, without the parts that vanish everywhere."""
    return Terms(
        problem.Ms.astype(dtype),
        *(_in_precision(term.coefficients(problem), term.orders, dtype) for term in LOCAL_TERMS),
    )


def _in_precision(coefficients: Any, parts: Container[str], dtype: DTypeLike) -> Any:
    arrays = {}
    for name, array in coefficients._asdict().items():
        is_absent = name in parts and not array.any()
        kind = dtype if np.issubdtype(array.dtype, np.floating) else array.dtype
        # Kernels are compiled again for arrays that cannot be written.
        arrays[name] = np.require(array[:0] if is_absent else array, kind, ["C", "W"])
    return type(coefficients)(**arrays)


def only(terms: Any, part: str) -> Any:
    """Return `Terms` with one of `LOCAL_PARTS` left in."""
    others = {}
    for term in LOCAL_TERMS:
        coefficients = getattr(terms, term.name)
        absent = {name: getattr(coefficients, name)[:0] for name in term.orders if name != part}
        others[term.name] = coefficients._replace(**absent)
    return terms._replace(**others)


def is_present(terms: Any, part: str) -> bool:
    """Return whether one of `LOCAL_PARTS` does not vanish everywhere."""
    return len(getattr(getattr(terms, LOCAL_PARTS[part]), part)) > 0


def _one_after_the_other(first: Callable[..., Any], then: Callable[..., Any]) -> Any:
    @inlined
    def add_both(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
        hx, hy, hz = first(m, terms, cell, mx, my, mz, hx, hy, hz)
        return then(m, terms, cell, mx, my, mz, hx, hy, hz)

    return add_both


@inlined
def _no_field(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
    return hx, hy, hz


_add_local_field = _no_field
for _term in LOCAL_TERMS:
    _add_local_field = _one_after_the_other(_add_local_field, _term.add_field)


@inlined
def local_field(m, terms, cell, mx, my, mz):  # type: ignore[no-untyped-def]
    """Return the local field of one cell, whose unit vector is (mx, my, mz), as hx, hy, hz."""
    zero = terms.Ms[cell] * 0
    return _add_local_field(m, terms, cell, mx, my, mz, mx * zero, my * zero, mz * zero)
