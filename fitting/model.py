"""What a fit assumes of the counts: the form of the curve and what disturbs it."""

from dataclasses import dataclass

from config import Fitting
from fitting.forms import FORMS, Logistic, PassingCurve


@dataclass(frozen=True)
class Model:
    """A form of the curve with the nuisances that are fitted with it.

    Parameters
    ----------
    template
        Curve of the form, with its constants.
    with_lapse
        Whether a share of walls that stay at any field is fitted; none does otherwise.
    overdispersed
        Whether the counts are beta-binomial, with the correlation of trials of a row fitted.
    offset_sd_mT
        Standard deviation of the calibration offset, the same for all fields of the table.
    """

    template: PassingCurve
    with_lapse: bool = False
    overdispersed: bool = False
    offset_sd_mT: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of the curve that are fitted."""
        return ("floor", *self.template.shape, *(["lapse"] if self.with_lapse else []))

    @property
    def nuisances(self) -> dict[str, str]:
        """The units of what is fitted beside the curve, by name."""
        return ({"correlation": "1"} if self.overdispersed else {}) | (
            {"offset_mT": "mT"} if self.offset_sd_mT else {}
        )

    @classmethod
    def of(cls, settings: Fitting) -> "Model":
        """Return the model that the settings ask for."""
        constants = settings.model_dump(
            include={"attempt_frequency_Hz", "dwell_s", "sweep_mT_per_s"}
        )
        return cls(
            template=FORMS[settings.form].typical(constants),
            with_lapse=settings.lapse,
            overdispersed=settings.counts_vary == "beta-binomial",
            offset_sd_mT=settings.field_offset_sd_mT,
        )


LOGISTIC = Model(Logistic.typical())
"""Eq. 9 of Ellis et al. 2023 and binomial counts."""
