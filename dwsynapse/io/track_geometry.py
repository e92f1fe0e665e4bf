"""Where the notches of a track are: what turns positions of its wall into levels."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, write_json
from dwsynapse.io.json_shapes import Shape, require_shape

KIND, VERSION = "track", 1
MAX_NM = 1e7

Length = Annotated[float, Field(gt=0, le=MAX_NM)]


class _TrackShape(Shape):
    length_nm: Length
    width_nm: Length
    notch_positions_nm: list[Annotated[float, Field(ge=-MAX_NM, le=MAX_NM)]]
    fixed_end_nm: Annotated[float, Field(ge=0, le=MAX_NM)]
    spacing_nm: Length


@dataclass(frozen=True)
class TrackGeometry:
    """A notched track along x, which begins at x = 0.

    Parameters
    ----------
    length_nm, width_nm
        Of the whole track, fixed ends included.
    notch_positions_nm
        Centre of each notch, rising, shape (n_notches,); level i is notch i.
    fixed_end_nm
        Length of the fixed magnetisation at either end; the junction covers what is between.
    spacing_nm
        From notch to notch.

    Raises
    ------
    InputError
        If a length is none, or the notches are not in order within the free part of the track.
    """

    length_nm: float
    width_nm: float
    notch_positions_nm: tuple[float, ...]
    fixed_end_nm: float
    spacing_nm: float

    def __post_init__(self) -> None:
        """Refuse what no track has."""
        content = asdict(self) | {"notch_positions_nm": _listed(self.notch_positions_nm)}
        require_shape(content, _TrackShape, None, "correct it")
        notches = self.notch_positions_nm
        low, high = self.fixed_end_nm, self.length_nm - self.fixed_end_nm
        problem = None
        if not low < high:
            problem = "the fixed ends leave nothing of the track"
        elif not notches or sorted(set(notches)) != [*notches]:
            problem = "positions must rise, and be one or more"
        elif not low <= notches[0] <= notches[-1] <= high:
            problem = f"a notch is outside the free part, {low:g} to {high:g} nm"
        if problem:
            raise InputError(problem, where="notch_positions_nm", remedy="correct them")

    def write(self, path: str | Path, provenance: dict[str, Any]) -> None:
        """Write ``track.json``."""
        content = asdict(self) | {"notch_positions_nm": list(self.notch_positions_nm)}
        write_json(path, KIND, VERSION, {**content, "provenance": provenance})

    @classmethod
    def read(cls, path: str | Path) -> "TrackGeometry":
        """Read ``track.json``.

        Raises
        ------
        InputError
            If the file is missing or of another kind, a key is missing or wrong, or the notches are
            not in order within the free part of the track.
        """
        found = _TrackShape.model_validate(read_json(path, KIND, VERSION, _TrackShape))
        try:
            return cls(
                **found.model_dump() | {"notch_positions_nm": tuple(found.notch_positions_nm)}
            )
        except InputError as error:
            raise InputError(
                error.problem, path=path, where=error.where, remedy="make the file again"
            ) from error


def _listed(positions_nm: Any) -> Any:
    return [*positions_nm] if isinstance(positions_nm, tuple | list) else positions_nm
