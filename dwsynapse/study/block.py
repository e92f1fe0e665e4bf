"""The base of every config block: strict, immutable, described field by field."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from dwsynapse.io.limits import MAX_IMAGES, MAX_READS

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
