"""The device model: a passing curve with its uncertainty and the fields at which it is valid."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dwsynapse.drives import FIELD, Drive
from dwsynapse.io.errors import InputError
from fitting.device.curve_band import curve_band
from fitting.device.curve_places import Bounds, field_at, place_and_steepness
from fitting.device.device_file import read_device, write_device
from fitting.device.device_rules import require_asked, require_rules, require_types
from fitting.field_grid import FieldGrid
from fitting.forms import PassingCurve
from fitting.forms.observed_curve import observed_curve

Source = Literal["simulation", "measurement", "published"]
Interval = tuple[float | None, float | None]


@dataclass(frozen=True)
class DeviceModel:
    """The result of fitting a device, which networks and verification use.

    Parameters
    ----------
    name
        Name of the device.
    source
        Where the curve comes from: simulation, measurement or published.
    curve
        The passing curve f(h).
    intervals
        For each parameter its lower and upper bound: None where the counts leave an end open, both
        the value where it was fixed.
    interval_kind
        What the bounds are, such as ``95% profile likelihood (MINOS)``.
    confidence
        Confidence of the intervals; None where they are not confidence intervals.
    field_range_mT
        Lowest and highest field at which the curve is valid.
    covariance
        Covariance of the parameters in the order of `intervals`; None where unknown.
    draws
        Draws of the parameters from their uncertainty, shape (n_draws, n_parameters).
    goodness_of_fit
        What `fitting.goodness.goodness_of_fit.goodness_of_fit` found; None where there was no fit.
    forms
        How other forms describe the same counts, see
        `fitting.goodness.form_selection.compare_forms`.
    nuisances
        Value, lower and upper bound of the nuisance parameters, by name.
    fields_at
        The fields at which the curve has wanted probabilities: dicts as `field_at` returns.
    at_cap
        Floor and lapse whose best value is the highest that the fit allows, with that value:
        intervals and draws end there because the range does.
    nucleation_field_mT
        Field at which a wall appears without injection; None where unknown.
    provenance
        What the model was made from.
    drive
        What the curve is against. Names and texts say a field (`field_range_mT`, ``h0_mT``); for
        another drive they are in its unit.

    Raises
    ------
    InputError
        If one of these is of another type.
    """

    name: str
    source: Source
    curve: PassingCurve
    intervals: dict[str, Interval]
    interval_kind: str
    field_range_mT: tuple[float, float]
    confidence: float | None = None
    covariance: NDArray[np.float64] | None = None
    draws: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 3)))
    goodness_of_fit: dict[str, Any] | None = None
    forms: list[dict[str, Any]] = field(default_factory=list)
    nuisances: dict[str, Bounds] = field(default_factory=dict)
    fields_at: list[dict[str, Any]] = field(default_factory=list)
    at_cap: dict[str, float] = field(default_factory=dict)
    nucleation_field_mT: float | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    drive: Drive = FIELD

    def __post_init__(self) -> None:
        """Refuse what is of another type."""
        require_types(self)

    def require_whole(self) -> None:
        """Refuse values that no device has, as those of a file are.

        Raises
        ------
        InputError
            Naming the first.
        """
        require_rules(self)

    @property
    def observed(self) -> PassingCurve:
        """The curve of the outcomes detected: the wire's, where none was detected wrongly."""
        return observed_curve(
            self.curve, {name: value for name, (value, *_) in self.nuisances.items()}
        )

    def drawn_curves(self) -> PassingCurve:
        """Return one curve with every draw, its parameters of shape (n_draws, 1)."""
        return self.curve.with_values(
            dict(zip(self.intervals, self.draws.T[:, :, None], strict=True))
        )

    def band(self, fields_mT: NDArray[np.float64], confidence: float) -> NDArray[np.float64]:
        """Return the lower and upper edge of f(h), shape (2, n_fields).

        Equal tails of the draws, which never reach the end of a range. So where the interval of
        the floor ends there, the lower edge is that of the draws with the floor at its end, and
        likewise the upper edge with the lapse. The band of a rejected fit is widened on the scale
        of log-odds, see `fitting.goodness.band_widening`.

        Raises
        ------
        InputError
            If the confidence is not between 0 and 1, or there are no draws.
        """
        require_asked(self, confidence=confidence)
        return curve_band(self, np.asarray(fields_mT, dtype=float), confidence)

    def field_at(self, probability: float, confidence: float) -> dict[str, Any]:
        """Return the field at which walls pass with a probability.

        Parameters
        ----------
        probability
            The probability.
        confidence
            Confidence of the interval, whose bounds are quantiles over the draws.

        Returns
        -------
        dict
            Keys probability, field_mT (None where the curve never has it), low, high (None where a
            curve of the draws within the interval never has it) and note (why there is no field).

        Raises
        ------
        InputError
            If the probability or the confidence is not between 0 and 1, or there are no draws.
        """
        require_asked(self, probability=probability, confidence=confidence)
        return field_at(self, probability, confidence)

    def place_and_steepness(self) -> dict[str, Bounds]:
        """Return value, lower and upper bound of h0 and Delta, which are compared between devices.

        Those of the fit for a logistic curve, None where the counts leave an end open. For another
        form the field at half of the rise and four times the slope of the rise there, with bounds
        from the draws, which end where their prior does.
        """
        return place_and_steepness(self)

    def field_grid(self, step_mT: float) -> FieldGrid:
        """Return the multiples of a step in the field range and below the nucleation field.

        Raises
        ------
        InputError
            If there are none.
        """
        low, high = self.field_range_mT
        # Rounded, since 0.3 / 0.1 is below 3 in floating point.
        lowest, highest = np.ceil(round(low / step_mT, 9)), np.floor(round(high / step_mT, 9))
        if self.nucleation_field_mT is not None:
            highest = min(highest, np.ceil(round(self.nucleation_field_mT / step_mT, 9)) - 1)
        if lowest > highest:
            with self.drive.errors():
                raise InputError(
                    f"no multiple of {step_mT:g} mT is within the fields {low:g} to {high:g} mT of "
                    f"device {self.name!r}",
                    where="field_step_mT",
                    remedy="choose a finer step",
                )
        return FieldGrid(int(lowest), int(highest), step_mT)

    def require_fields(self, fields_mT: NDArray[np.float64], path: str | Path, where: str) -> None:
        """Refuse fields at which the curve is not valid, or at which walls nucleate.

        Parameters
        ----------
        fields_mT
            Fields of any shape.
        path, where
            What to name in the error; followed by the index of the field.

        Raises
        ------
        InputError
            Naming the first such field.
        """
        low, high = self.field_range_mT
        nucleation_mT = self.nucleation_field_mT or np.inf
        wrong = (fields_mT < low) | (fields_mT > high) | (fields_mT >= nucleation_mT)
        if wrong.any():
            known = (
                f", where walls nucleate at {nucleation_mT:g} mT"
                if self.nucleation_field_mT
                else ""
            )
            with self.drive.errors():
                raise InputError(
                    f"a field of {fields_mT[wrong][0]:g} mT is not within the {low:g} to {high:g} "
                    f"mT of device {self.name!r}{known}",
                    path=path,
                    where=f"{where} ({', '.join(map(str, np.argwhere(wrong)[0]))})",
                    remedy="use fields at which the device model is valid",
                )

    def require_field(self, what: str) -> None:
        """Refuse a device that is not driven by a field, for what is made for fields only.

        Raises
        ------
        InputError
            If it is of another drive.
        """
        if self.drive is not FIELD:
            raise InputError(
                f"{what} for devices driven by a field, not by a {self.drive.name}",
                where=f"device {self.name!r}",
                remedy="choose another device",
            )

    def write(self, path: str | Path) -> None:
        """Write the model as ``device.json``."""
        write_device(path, self)

    @classmethod
    def read(cls, path: str | Path) -> "DeviceModel":
        """Read a model from ``device.json``.

        Raises
        ------
        InputError
            Naming the file and the first key that is missing or wrong.
        """
        return read_device(path, cls)
