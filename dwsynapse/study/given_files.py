"""The files and folders of the user that a study names, and whether they are there."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic.fields import FieldInfo

from dwsynapse.io.errors import InputError
from dwsynapse.study.block import Block, Given
from dwsynapse.study.project_files import shipped_folder
from dwsynapse.study.study import Study

GIVE = "give its path from {}, where the workflow is to run"


def require_given_files(study: Study, path: Path) -> None:
    """Refuse a study that names a file or folder that is not there.

    Parameters
    ----------
    study
        The study.
    path
        Its file, which the error names.

    Raises
    ------
    InputError
        Naming the key of the first that is missing.
    """
    missing = [
        (key, given, kind, problem)
        for key, given, kind in _given(study)
        if not (kind.device and given in study.devices) and (problem := _problem(given, kind))
    ]
    for key, given, kind, problem in missing:
        if kind.device:
            raise no_device_or_file(given, study, path, key)
        more = f" (so for {len(missing) - 1} more)" if missing[1:] else ""
        raise InputError(f"{problem}{more}", path=path, where=key, remedy=GIVE.format(Path.cwd()))


def no_device_or_file(given: str, study: Study, path: str | Path, key: str) -> InputError:
    """Return the error of a key that names neither a device of the study nor a file."""
    others = [name for name in study.devices if not key.startswith(f"devices.{name}.")]
    near = get_close_matches(given, others, 1)
    devices = f"did you mean {near[0]}" if near else f"name one of {', '.join(others)}"
    return InputError(
        f"{given!r} is neither a device of the study nor a file",
        path=path,
        where=key,
        remedy=f"{devices}; or {GIVE.format(Path.cwd())}",
    )


def _problem(given: str, kind: Given) -> str:
    """Return what is wrong with a path; empty if nothing is."""
    found = Path(shipped_folder(given))
    wanted = "file or folder" if kind.folder else "file"
    if not given or not found.exists():
        return f"no such {wanted}: {given!r}"
    return f"a folder, not a file: {given!r}" if found.is_dir() and not kind.folder else ""


def _given(content: Any, key: str = "") -> Iterator[tuple[str, str, Given]]:
    """Yield the dotted keys of a block that name files of the user, these names and their kinds."""
    if isinstance(content, Block):
        for name, field in type(content).model_fields.items():
            value, inner = getattr(content, name), f"{key}.{name}".lstrip(".")
            if isinstance(value, str) and (kind := _kind(field)):
                yield inner, value, kind
            else:
                yield from _given(value, inner)
    elif isinstance(content, dict):
        for name, value in content.items():
            yield from _given(value, f"{key}.{name}")


def _kind(field: FieldInfo) -> Given | None:
    marks = [*field.metadata]
    for part in get_args(field.annotation):
        marks += getattr(part, "__metadata__", ())
    return next((mark for mark in marks if isinstance(mark, Given)), None)
