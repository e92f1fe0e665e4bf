"""The local terms of the effective field in one kernel, and those of currents in another."""

from collections import namedtuple
from collections.abc import Callable, Container
from functools import reduce
from typing import Any, cast

import numpy as np
from numpy.typing import DTypeLike

from micromag.engine.lanes import inlined
from micromag.engine.problem import Problem
from micromag.engine.terms import CURRENT_TERMS, LOCAL_TERMS

KERNEL_TERMS = (*LOCAL_TERMS, *CURRENT_TERMS)
Terms = cast(Any, namedtuple("Terms", ["Ms", *(term.name for term in KERNEL_TERMS)]))
"""Saturation magnetisation in A/m, shape (cells,), and the coefficients of all terms with a kernel,
in the precision of the engine."""

LOCAL_PARTS = {part: term.name for term in LOCAL_TERMS for part in term.orders}
"""Parts of the energy, and the term that each is of."""


def terms_of(problem: Problem, dtype: DTypeLike) -> Any:
    """Return the `Terms` of a problem, without the parts that vanish everywhere."""
    return Terms(
        problem.Ms.astype(dtype),
        *(
            _in_precision(term.coefficients(problem), term.proportional, dtype)
            for term in KERNEL_TERMS
        ),
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


def has_current(terms: Any) -> bool:
    """Return whether a current flows somewhere."""
    return any(
        len(getattr(getattr(terms, term.name), part))
        for term in CURRENT_TERMS
        for part in term.parts
    )


def _one_after_the_other(first: Callable[..., Any], then: Callable[..., Any]) -> Any:
    @inlined
    def add_both(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
        hx, hy, hz = first(m, terms, cell, mx, my, mz, hx, hy, hz)
        return then(m, terms, cell, mx, my, mz, hx, hy, hz)

    return add_both


@inlined
def _no_field(m, terms, cell, mx, my, mz, hx, hy, hz):  # type: ignore[no-untyped-def]
    return hx, hy, hz


_add_local_field = reduce(_one_after_the_other, (t.add_field for t in LOCAL_TERMS), _no_field)
_add_current_field = reduce(_one_after_the_other, (t.add_field for t in CURRENT_TERMS), _no_field)


@inlined
def local_field(m, terms, cell, mx, my, mz):  # type: ignore[no-untyped-def]
    """Return the local field of one cell, whose unit vector is (mx, my, mz), as hx, hy, hz."""
    zero = terms.Ms[cell] * 0
    return _add_local_field(m, terms, cell, mx, my, mz, mx * zero, my * zero, mz * zero)


@inlined
def current_field(m, terms, cell, mx, my, mz):  # type: ignore[no-untyped-def]
    """Return the field of the currents in one cell, as `local_field` does."""
    zero = terms.Ms[cell] * 0
    return _add_current_field(m, terms, cell, mx, my, mz, mx * zero, my * zero, mz * zero)
