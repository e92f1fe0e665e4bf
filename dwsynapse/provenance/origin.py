"""What a result states of how it was made: in its record, or else in itself."""

from pathlib import Path

from pydantic import Field

from dwsynapse.io.files import provenance_in
from dwsynapse.io.json_shapes import Shape, require_shape
from dwsynapse.io.records import read_record


class Origin(Shape):
    """What is stated, as far as it is (`dwsynapse.io.records`, `dwsynapse.io.files.provenance`)."""

    inputs: dict[str, str] = Field(default_factory=dict)
    sha256: str | None = None
    command: str = ""
    folder: str | None = None
    room: str = ""
    code: str = "not known"
    code_version: str | None = None
    config_sha256: str | None = None
    seed: int | None = None
    engine: str | None = None
    started: str = ""
    seconds: float = 0.0
    machine: str = ""
    processor: str = ""
    system: str = ""
    python: str = ""
    libraries: dict[str, str] = Field(default_factory=dict)


def origin_of(path: Path) -> Origin | None:
    """Return what a file states, None if nothing.

    Raises
    ------
    InputError
        If its record, or what it says itself, is damaged.
    """
    if (record := read_record(path)) is not None:
        require_shape(record, Origin, path, "remove its record in the folder made")
        return Origin.model_validate(record)
    if (stated := provenance_in(path)) is not None:
        require_shape(stated, Origin, path, "make it again")
        return Origin.model_validate(stated)
    return None
