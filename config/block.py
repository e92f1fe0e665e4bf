"""The base of every config block: strict, immutable, described field by field."""

from pydantic import BaseModel, ConfigDict


class Block(BaseModel):
    """A config block: unknown keys, NaN and infinities are errors, and nothing changes later."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )
