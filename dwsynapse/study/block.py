"""The base of every config block: strict, immutable, described field by field."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import MAX_IMAGES, MAX_READS
from dwsynapse.study.wrong_settings import first_problem

Reads = Annotated[int, Field(ge=1, le=MAX_READS)]
Images = Annotated[int, Field(ge=1, le=MAX_IMAGES)]
Models = Annotated[int, Field(ge=1, le=1000)]
Epochs = Annotated[int, Field(ge=1, le=100_000)]


def _only_a_path(path: str) -> str:
    if found := re.search("<[a-z][a-z0-9_]*>", path):
        raise ValueError(f"{found[0]} in a path is a variable to Snakemake; rename what it names")
    if path.startswith("-"):
        raise ValueError("a path that begins with - is an option to commands; rename what it names")
    return path


WorkflowPath = Annotated[str, AfterValidator(_only_a_path)]
"""A path that is the input or output of a rule."""


@dataclass(frozen=True)
class Given:
    """Marks paths of files of the user, and of what may also be folders or devices."""

    folder: bool = False
    device: bool = False


GivenFile = Annotated[WorkflowPath, Given()]
"""A path of a file that must be there before a rule runs (`dwsynapse.study.given_files`)."""
GivenFolder = Annotated[WorkflowPath, Given(folder=True)]
"""The same of a folder, or a file."""
FileOrDevice = Annotated[WorkflowPath, Given(device=True)]
"""The same, or the name of a device of the study."""


class Block(BaseModel):
    """A config block: unknown keys, NaN and infinities are errors, and values never change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    if not TYPE_CHECKING:  # The arguments are the fields.

        def __init__(self, /, **content: Any):
            try:
                super().__init__(**content)
            except ValidationError as error:
                raise _input_error(type(self), error) from error

        # Pydantic then does not call it for blocks in a block, whose errors keep their place.
        __init__.__pydantic_base_init__ = True

        def __setattr__(self, name: str, value: Any):
            try:
                super().__setattr__(name, value)
            except ValidationError as error:
                kind = type(self).__name__
                raise InputError(
                    "settings do not change",
                    where=f"{kind}.{name}",
                    remedy=f"make others, as in {kind}({name}=...)",
                ) from error

    @model_validator(mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, content: Any) -> Any:
        # YAML reads yes and on as true, which pydantic would take as 1.
        for name, value in content.items() if isinstance(content, dict) else ():
            field = cls.model_fields.get(name)
            if field is None or not isinstance(value, bool):
                continue
            if bool not in (field.annotation, *get_args(field.annotation)):
                raise ValueError(
                    f"{name} must not be {'true' if value else 'false'}; give a number, or text in "
                    "quotes"
                )
        return content


def _input_error(kind: type[Block], error: ValidationError) -> InputError:
    """Return the error of settings that are made in Python."""
    problem, place, has_remedy = first_problem(error)
    return InputError(
        problem,
        where=".".join([kind.__name__, *map(str, place)]),
        remedy=None if has_remedy else "correct it (config/default.yaml explains each setting)",
    )
