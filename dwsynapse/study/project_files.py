"""Files of the project that are no modules: where they are, in a checkout and where installed."""

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from dwsynapse.io.errors import InputError
from dwsynapse.io.fingerprint import ROOMS, SOURCES

PACKAGES = SOURCES
"""The folder that holds the packages: a checkout, or where they are installed."""


def workflow_folder() -> Path:
    """Return the folder with the Snakefile and what belongs to it.

    That is the checkout. An installation has the same files in the same places below
    ``share/dwsynapse``.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    if (PACKAGES / "Snakefile").is_file():
        return PACKAGES
    try:
        installed = files("dwsynapse") or []
    except PackageNotFoundError:
        installed = []
    for file in installed:
        if file.parts[-3:] == ("share", "dwsynapse", "Snakefile"):
            return Path(str(file.locate())).resolve().parent
    raise InputError(
        "the workflow is not installed", path=PACKAGES, remedy="install it from a wheel"
    )


def require_checkout() -> Path:
    """Return the folder of the checkout.

    Raises
    ------
    InputError
        If the code runs from an installation.
    """
    if not (PACKAGES / "pyproject.toml").is_file():
        raise InputError(
            "an installation, no checkout",
            path=PACKAGES,
            remedy="run this in a clone of the project",
        )
    return PACKAGES


def shipped_folder(folder: str) -> str:
    """Return a folder of shipped trials: the user's own, or one that comes with the project.

    Parameters
    ----------
    folder
        As the study names it, relative to the folder that the workflow runs in.
    """
    with_the_project = PACKAGES / folder
    own = Path(folder).exists() or not with_the_project.exists()
    return folder if own else str(with_the_project)


def require_no_hidden_package(folder: Path) -> None:
    """Refuse a folder in which ``python -m fitting`` and the like would run something else.

    Parameters
    ----------
    folder
        Where the workflow is to run.

    Raises
    ------
    InputError
        Naming the module there that has the name of one of the packages.
    """
    for room in ROOMS:
        for module in (folder / f"{room}.py", folder / room / "__init__.py"):
            if module.exists() and not module.samefile(PACKAGES / room / "__init__.py"):
                raise InputError(
                    f"hides the package {room} of dwsynapse",
                    path=module,
                    remedy="rename it, or run the workflow in another folder",
                )
