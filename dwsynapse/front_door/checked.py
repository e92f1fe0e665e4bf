"""Arguments of another type end in one line, as errors of commands do, and not deep in a room."""

import re
from collections.abc import Callable
from functools import wraps
from inspect import formatannotation, signature
from math import inf
from numbers import Integral, Real
from typing import Any, Literal, ParamSpec, TypeVar, get_args, get_origin

from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import MAX_READS, MAX_SEED, MAX_THREADS

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

NUMBERS: dict[str, type] = {"int": Integral, "float": Real}
# What numbers of a name must be, as the options of commands: a closed or open range.
RANGES: dict[str, tuple[str, float, float, str]] = {
    "seed": ("[", 0, MAX_SEED, "]"),
    "model": ("[", 0, MAX_SEED, "]"),
    "threads": ("[", 1, MAX_THREADS, "]"),
    "reads_train": ("[", 1, MAX_READS, "]"),
    "draws": ("[", 50, 20_000, "]"),
    "bins": ("[", 2, 1000, "]"),
    "confidence": ("(", 0.5, 1, ")"),
    "min_confidence": ("[", 0.5, 1, ")"),
    "drift_sd_mT": ("(", 0, inf, ")"),
    "resolution_mT": ("(", 0, inf, ")"),
    "tolerance_mT": ("(", 0, inf, ")"),
    "duration_ns": ("(", 0, inf, ")"),
    "nucleation_field_mT": ("(", 0, inf, ")"),
}


def checked(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Refuse arguments of a function that are of no type that it is annotated with.

    Types are compared by their names, so that none is imported for that.
    """
    call_signature = signature(function)
    annotations = {name: given.annotation for name, given in call_signature.parameters.items()}

    @wraps(function)
    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            given = call_signature.bind(*args, **kwargs).arguments
        except TypeError:
            return function(*args, **kwargs)  # says which argument is missing or unknown
        for name, value in given.items():
            types = _types(annotations[name])
            if problem := _problem(name, value, types, _choices(annotations[name], function)):
                remedy = _remedy(name, value, types) or f"see help(dw.{function.__name__})"
                raise InputError(problem, where=name, remedy=remedy)
            # Arrays of the user's own, which training takes as they are.
            if hasattr(value, "require_whole"):
                value.require_whole()
        return function(*args, **kwargs)

    return call


def _choices(annotation: Any, function: Callable[..., Any]) -> tuple[Any, ...]:
    """Return the words that an annotation allows, if it is of such: ``Literal["a", "b"]``.

    ``"Words | None"`` has those of ``Words``; that None is allowed, its types say.
    """
    known = getattr(function, "__globals__", {})
    literal = annotation
    if isinstance(annotation, str):
        literal = known.get(annotation.removesuffix(" | None"))
    return get_args(literal) if get_origin(literal) is Literal else ()


def _types(annotation: Any) -> list[str]:
    """Return the names of the types of an annotation: DataFrame, str and Path, for example."""
    text = annotation if isinstance(annotation, str) else formatannotation(annotation)
    return [name.split(".")[-1].strip() for name in re.sub(r"\[.*?\]", "", text).split("|")]


def _problem(name: str, value: Any, wanted: list[str], choices: tuple[Any, ...]) -> str | None:
    if choices and not (value is None and "None" in wanted):
        words = " or ".join(map(repr, choices))
        return None if value in choices else f"must be {words} (found {value!r})"
    if not any(_is(value, one) for one in wanted):
        words = " or ".join(one for one in wanted if one != "None")
        return f"must be of type {words} (found {type(value).__name__})"
    if isinstance(value, str) and not value.strip():
        return "is empty"
    if name not in RANGES or value is None:
        return None
    from_, low, high, to = RANGES[name]
    above = low <= value if from_ == "[" else low < value
    below = value <= high if to == "]" else value < high
    if above and below:
        return None
    low_end = "from" if from_ == "[" else "above"
    high_end = "to" if to == "]" else "and below"
    return f"must be {low_end} {low} {high_end} {high} (found {value})"


def _is(value: Any, wanted: str) -> bool:
    if wanted == "None":
        return value is None
    if wanted in NUMBERS:
        return isinstance(value, NUMBERS[wanted]) and not isinstance(value, bool)
    if wanted == "Sequence":
        return isinstance(value, list | tuple)
    return wanted == "Any" or any(kind.__name__ == wanted for kind in type(value).__mro__)


def _remedy(name: str, value: Any, wanted: list[str]) -> str | None:
    if wanted[0] == "DataFrame" and isinstance(value, dict):
        return f"give pandas.DataFrame({name})"
    if isinstance(value, dict):
        return f"give dw.{wanted[0]} with its keys as arguments"
    return None
