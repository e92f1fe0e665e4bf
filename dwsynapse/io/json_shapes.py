"""What a JSON document contains: its keys and the types of their values, checked in one place."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from dwsynapse.io.errors import InputError


class Shape(BaseModel):
    """A document or a part of one; other keys are ignored.

    Types are strict (text is not a number, true is not 1), and numbers are finite.
    """

    model_config = ConfigDict(
        strict=True,
        allow_inf_nan=False,
        extra="ignore",
        defer_build=True,  # until a document is read: most commands read few kinds
    )


def require_shape(content: Any, shape: type[Shape], path: str | Path | None, remedy: str) -> None:
    """Refuse a document that does not have the shape.

    Raises
    ------
    InputError
        Naming the file and the first key that is missing or wrong.
    """
    try:
        shape.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        missing = first["type"] == "missing"
        problem = "no such key" if missing else _said(first["msg"], first["input"])
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(problem, path=path, where=where, remedy=remedy) from error


def _said(problem: str, found: Any) -> str:
    value = repr(found) if isinstance(found, str | int | float | None) else ""
    shown = f" (found {value})" if value and len(value) <= 40 else ""
    return problem.replace("Input should", "must") + shown
