"""Studies, read from Python."""

from pathlib import Path
from typing import TYPE_CHECKING

from dwsynapse.front_door.checked import checked

if TYPE_CHECKING:
    from dwsynapse.study import Study


@checked
def read_study(path: "str | Path | None" = None) -> "Study":
    """Read and check a study, as the workflow does.

    Parameters
    ----------
    path
        A YAML file, which overrides the default study one key by key (``config/default.yaml``); a
        device that is null is left out. None for the default study.

    Returns
    -------
    Study
        With its parts `devices` (by name), `fitting`, `network` and `hardware`.

    Raises
    ------
    InputError
        Naming the file and key of the first error.
    """
    from dwsynapse.study import read_study
    from dwsynapse.study.reading import over_defaults, read_keys

    if path is None:
        return read_study(over_defaults({}), "the default study")
    return read_study(over_defaults(read_keys(path)), path)
