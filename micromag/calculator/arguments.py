"""Arguments of drives and of `compute` that are not what they must be, said in one line."""

from typing import Any

import micromagneticmodel as mm
import oommfc

from dwsynapse.io.argument_types import require_path, require_type
from dwsynapse.io.errors import InputError

FORMATS = ("bin4", "bin8", "txt")
GIVE_SYSTEM = "give a micromagneticmodel.System, as in drive(system)"


def require_system(system: Any) -> None:
    """Refuse what is no system.

    Raises
    ------
    InputError
        Naming the type wanted and the one found.
    """
    require_type(system, mm.System, "system", GIVE_SYSTEM)


def require_folder(dirname: Any) -> None:
    """Refuse what is no path of a folder.

    Raises
    ------
    InputError
        Naming the argument.
    """
    require_path(dirname, "dirname", 'give one, as in "."')


def require_format(ovf_format: Any) -> None:
    """Refuse an unknown format before anything is computed.

    Raises
    ------
    InputError
        Naming the argument.
    """
    if ovf_format not in FORMATS:
        raise InputError(
            f"must be one of {', '.join(FORMATS)} (found {ovf_format!r})", where="ovf_format"
        )


def delete(system: mm.System, silent: bool = False) -> None:
    """Remove the folders of a system's drives.

    Parameters
    ----------
    system
        The system.
    silent
        Whether it is no error that there are none.

    Raises
    ------
    InputError
        If it is no system.
    FileNotFoundError
        If there is no folder, and `silent` is False.
    """
    require_system(system)
    oommfc.delete(system, silent=silent)
