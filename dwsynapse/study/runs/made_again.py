"""Results that a run of the workflow makes again because code changed."""

from dwsynapse.io.fingerprint import fingerprint
from dwsynapse.io.number_format import counted


def made_again(room: str, n_files: int) -> str:
    """Return a line on the files of a room that are made again, and how to keep them."""
    are = "is" if n_files == 1 else "are"
    return (
        f"note: {room}: {counted(n_files, 'file')} {are} made again, since the code of {room} "
        f"changed (now {fingerprint(room)}); to keep them, stop this run and call "
        "`dwsynapse stale --accept`"
    )
