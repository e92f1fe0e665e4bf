"""What a fit assumes about the counts: the form of the curve and its nuisance parameters."""

from dataclasses import dataclass

from dwsynapse.io.detection_errors import MAX_RATE, NAMES, DetectionErrors
from dwsynapse.study import Fitting
from fitting.forms import FORMS, Logistic, PassingCurve
from fitting.inference.fisher_scoring import MAX_FLOOR, MAX_SHARE, Coordinates, Range

# A share this close to the highest allowed, as a part of its range, is at the cap.
AT_CAP = 1e-3


@dataclass(frozen=True)
class Model:
    """A form of the curve with the nuisance parameters that are fitted with it.

    Parameters
    ----------
    template
        Curve of the form, with its constants.
    with_lapse
        Whether a share of walls that stay at any field is a parameter; none does otherwise.
    overdispersed
        Whether the counts are beta-binomial, with the correlation of trials of a row fitted.
    offset_sd_mT
        Standard deviation of the calibration offset, the same for all fields of the table.
    floor, lapse
        Lowest and highest value, the same where it is fixed; None: all that leaves
        a curve that rises.
    detection
        How often outcomes were detected wrongly; None: never.
    """

    template: PassingCurve
    with_lapse: bool = False
    overdispersed: bool = False
    offset_sd_mT: float = 0.0
    floor: Range | None = None
    lapse: Range | None = None
    detection: DetectionErrors | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of the curve, fixed ones included."""
        return ("floor", *self.template.shape, *(["lapse"] if self.with_lapse else []))

    @property
    def shares(self) -> dict[str, Range]:
        """The ranges of floor and, where it is a parameter, lapse."""
        most = MAX_SHARE if self.with_lapse else MAX_FLOOR
        ranges = {"floor": self.floor or (0.0, most), "lapse": self.lapse or (0.0, most)}
        return {name: ranges[name] for name in self.names if name in ranges}

    @property
    def given(self) -> dict[str, float]:
        """The values of floor and lapse that are fixed."""
        return {name: low for name, (low, high) in self.shares.items() if low == high}

    def at_cap(self, values: dict[str, float]) -> dict[str, float]:
        """Return the fitted shares whose value is the highest allowed, with that value."""
        return {
            name: high
            for name, (low, high) in self.shares.items()
            if low < high and values[name] > high - AT_CAP * (high - low)
        }

    @property
    def n_fitted(self) -> int:
        """Number of parameters of the curve that are fitted."""
        return len(self.names) - len(self.given)

    @property
    def coordinates(self) -> Coordinates:
        """The coordinates in which the curve is fitted."""
        return Coordinates(self.template, self.with_lapse, self.floor, self.lapse)

    @property
    def nuisances(self) -> dict[str, str]:
        """The units of the nuisance parameters, by name."""
        return (
            ({"correlation": "1"} if self.overdispersed else {})
            | ({"offset_mT": "mT"} if self.offset_sd_mT else {})
            | (dict.fromkeys(NAMES, "1") if self.detection else {})
        )

    @property
    def rates(self) -> dict[str, Range]:
        """The ranges of the rates of wrong outcomes, if there are."""
        return dict.fromkeys(NAMES, (0.0, MAX_RATE)) if self.detection else {}

    @classmethod
    def of(cls, settings: Fitting, detection: DetectionErrors | None = None) -> "Model":
        """Return the model that the settings ask for, with detection errors if there are."""
        constants = settings.model_dump(
            include={"attempt_frequency_Hz", "dwell_s", "sweep_mT_per_s"}
        )
        floor, lapse = settings.share_range("floor"), settings.share_range("lapse")
        if floor and lapse is None:
            lapse = 0.0, min(MAX_SHARE, MAX_FLOOR - floor[1])
        if lapse and floor is None:
            floor = 0.0, MAX_FLOOR - lapse[1]
        return cls(
            template=FORMS[settings.form].typical(constants),
            with_lapse=settings.lapse not in (False, 0),
            overdispersed=settings.counts_vary == "beta-binomial",
            offset_sd_mT=settings.field_offset_sd_mT,
            floor=floor,
            lapse=lapse,
            detection=detection,
        )


LOGISTIC = Model(Logistic.typical())
"""Eq. 9 of Ellis et al. 2023 and binomial counts."""
