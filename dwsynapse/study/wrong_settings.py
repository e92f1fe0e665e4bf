"""What pydantic finds wrong with settings, in the words of one line."""

import re
from typing import Any

from pydantic import ValidationError

from dwsynapse.io.number_format import counted

MAX_SHOWN = 60
_LIMITS = {
    "greater_than": "greater than",
    "greater_than_equal": "at least",
    "less_than": "less than",
    "less_than_equal": "at most",
}
"""Pydantic's names of limits, and their wording in errors."""
_SAID = {
    "extra_forbidden": "unknown key",
    "dict_type": "must be keys and values",
    "model_type": "must be keys and values",
    "tuple_type": "must be a list, such as [1, 2]",
}
"""Kinds of error, and what is said of them."""


def first_problem(error: ValidationError) -> tuple[str, tuple[int | str, ...], bool]:
    """Return what is wrong first, the place of it, and whether it says what to do.

    The place is that of keys and numbers of entries.
    """
    first = error.errors(include_url=False)[0]
    kind, place, ctx = first["type"], first["loc"], first.get("ctx", {})
    problem = _SAID.get(kind) or first["msg"].removeprefix("Value error, ")
    problem = problem.replace("Input should", "must").partition(", unable to parse")[0]
    if words := _LIMITS.get(kind):
        (limit,) = ctx.values()
        problem = f"must be {words} {limit:.10g}"
    if kind == "union_tag_not_found":
        problem = f"no key {ctx['discriminator']}, which says its kind"
    elif kind == "too_short":
        problem = f"must have {ctx['min_length']} or more entries (found {ctx['actual_length']})"
    elif kind == "invalid_key":
        # Yaml reads width_nm: 80,5 between braces as the key width_nm and a further key 5.
        place = place[:-1]
        problem = f"{first['input']} is not a key; a decimal point is a dot, not a comma"
    elif problem.startswith("must"):
        problem += _found(first["input"])
    later = error.error_count() - 1
    follow = "follows" if later == 1 else "follow"
    more = f" ({counted(later, 'more error')} {follow})" if later else ""
    # Most of our own checks say what to do.
    return problem + more, place, kind == "value_error" and "; " in problem


def keys_in(problem: str, place: tuple[int | str, ...]) -> list[Any]:
    """Return which keys an error is about: a check of several names them in what it says."""
    return [*place[:1]] or re.findall(r"\w+", problem)


def _found(value: Any) -> str:
    shown = repr(value) if isinstance(value, str) else str(value)
    simple = isinstance(value, str | int | float | None)
    return f" (found {shown})" if simple and len(shown) <= MAX_SHOWN else ""
