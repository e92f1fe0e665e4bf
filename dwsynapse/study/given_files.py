"""The files and folders of the user that a study names, and whether they are there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic.fields import FieldInfo

from dwsynapse.io.errors import InputError
from dwsynapse.study.block import Block, Given
from dwsynapse.study.project_files import shipped_folder
from dwsynapse.study.study import Study


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
        (key, given)
        for key, given in given_files(study)
        if given not in study.devices and not Path(shipped_folder(given)).exists()
    ]
    for key, given in missing:
        more = f" (so for {len(missing) - 1} more)" if missing[1:] else ""
        raise InputError(
            f"no such file or folder: {given}{more}",
            path=path,
            where=key,
            remedy=f"give its path from {Path.cwd()}, where the workflow is to run",
        )


def given_files(content: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield the keys of a block, dotted, that name files or folders of the user, and these names.

    The target of a calibration may be a device as well.
    """
    if isinstance(content, Block):
        for name, field in type(content).model_fields.items():
            value, inner = getattr(content, name), f"{key}.{name}".lstrip(".")
            if isinstance(value, str) and _is_given(field):
                yield inner, value
            else:
                yield from given_files(value, inner)
    elif isinstance(content, dict):
        for name, value in content.items():
            yield from given_files(value, f"{key}.{name}")


def _is_given(field: FieldInfo) -> bool:
    marks = [
        *field.metadata,
        *(mark for kind in get_args(field.annotation) for mark in _marks(kind)),
    ]
    return any(isinstance(mark, Given) for mark in marks)


def _marks(kind: Any) -> tuple[Any, ...]:
    return getattr(kind, "__metadata__", ())
