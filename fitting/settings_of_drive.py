"""How counts of a drive are fitted: not all settings hold for every drive."""

from collections.abc import Sequence

from dwsynapse.curve_forms import CURVE_FORMS
from dwsynapse.drives import FIELD, Drive
from dwsynapse.io.errors import InputError
from dwsynapse.study import Fitting
from fitting.forms import FORMS


def forms_of_drive(drive: Drive) -> list[str]:
    """Return the forms of the curve that hold for a drive."""
    return [name for name in FORMS if drive is FIELD or not CURVE_FORMS[name].field_only]


def common_drive(drives: Sequence[Drive], names: Sequence[str]) -> Drive:
    """Return the drive of curves that are compared.

    Parameters
    ----------
    drives
        Of each curve.
    names
        What an error calls them.

    Raises
    ------
    InputError
        If their drives differ.
    """
    if len(set(drives)) > 1:
        against = " and ".join(
            f"{n} against a {d.name}" for n, d in zip(names, drives, strict=True)
        )
        raise InputError(
            f"curves of different drives cannot be compared: {against}",
            remedy="give two of the same drive",
        )
    return drives[0]


def settings_of_drive(drive: Drive, settings: Fitting) -> Fitting:
    """Return the settings that hold for counts of a drive.

    ``field_offset_sd_mT`` is of a field alone: other drives are taken as exact.

    Raises
    ------
    InputError
        If the form does not hold for the drive.
    """
    if drive is FIELD:
        return settings
    allowed = forms_of_drive(drive)
    if settings.form not in allowed:
        raise InputError(
            f"the form {settings.form} is of a barrier that a field lowers, with an exponent that "
            f"does not hold for a {drive.name}",
            where="form",
            remedy=f"choose {', '.join(allowed)}",
        )
    return settings.model_copy(update={"field_offset_sd_mT": 0.0})
