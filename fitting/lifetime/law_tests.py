"""Whether data follow the Neel-Brown law fitted to them: if not, nothing is predicted."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dwsynapse.fit_badge import POOR
from dwsynapse.io.number_format import MIN_P_VALUE, number, p_value
from fitting.inference.distributions import chi2_sf, chi2_upper_quantile

# A root-mean-square deviation of this many kT makes rates wrong by a factor of e.
MAX_MISS_KT = 1.0

SLOWING = "walls pinned for longer depin more slowly: several pinning sites, or different walls"
HASTENING = (
    "walls depin faster the longer they are pinned: they still moved, or warmed up, when they "
    "counted as pinned; raise --settle-ns"
)
MISSED_RATES = "the rates do not follow the law over the fields; give another --exponent, or range"
MISSED_BARRIERS = "the barriers do not follow the law; give another --exponent"


@dataclass(frozen=True)
class LawTest:
    """One test of a law.

    Parameters
    ----------
    test
        Its name.
    statistic
        Deviance, likelihood ratio, or root-mean-square deviation in kT; None where it is undefined.
    degrees_of_freedom
        Of the statistic.
    p_value
        Of the statistic by its chi-square approximation; None where there is none. Of 100 sets of
        survival times that follow a law, each test rejects 1 to 3 (simulated, 6 to 60 walls at each
        of 5 or 6 fields).
    rejects
        Whether the law is rejected.
    meaning
        What a rejection means, or why there is no test.
    """

    test: str
    statistic: float | None
    degrees_of_freedom: int
    p_value: float | None
    rejects: bool
    meaning: str

    def text(self) -> str:
        """Return the outcome in a few words."""
        if self.statistic is None:
            return f"{self.test}: not tested ({self.meaning})"
        found = f"{self.test} {number(self.statistic)}"
        return found if self.p_value is None else f"{found}, {p_value(self.p_value)}"


def rates_test(deviance: float, degrees_of_freedom: int) -> LawTest:
    """Return the test of rates at several fields against the law through them."""
    if degrees_of_freedom < 1:
        return LawTest("deviance", None, 0, None, False, "no more fields than parameters")
    p = _p_value(deviance, degrees_of_freedom)
    return LawTest("deviance", deviance, degrees_of_freedom, p, p < POOR, MISSED_RATES)


def hazard_test(rates: pd.DataFrame) -> LawTest:
    """Return the test of a constant hazard at all fields where enough walls depinned.

    Parameters
    ----------
    rates
        What `fitting.lifetime.depinning_rates.depinning_rates` returns.
    """
    tested = rates.dropna(subset="p_constant_hazard")
    if tested.empty:
        return LawTest("constant hazard", None, 0, None, False, "too few walls depinned")
    # Each p-value is uniform if the hazard is constant: converted back to chi-square, they add.
    ratios = chi2_upper_quantile(tested["p_constant_hazard"], 1)
    statistic, n = float(np.sum(ratios)), len(tested)
    clearest = tested["weibull_shape"].iloc[int(np.argmax(ratios))]
    meaning = SLOWING if clearest < 1 else HASTENING
    p = _p_value(statistic, n)
    return LawTest("constant hazard", statistic, n, p, p < POOR, meaning)


def barriers_test(rms_miss_kT: float, degrees_of_freedom: int) -> LawTest:
    """Return whether the law deviates from barriers by more than predicted rates tolerate.

    Barriers have no stated error, so the size of the deviation counts.
    """
    rejects = rms_miss_kT > MAX_MISS_KT
    name = "root-mean-square deviation (kT)"
    return LawTest(name, rms_miss_kT, degrees_of_freedom, None, rejects, MISSED_BARRIERS)


def _p_value(statistic: float, degrees_of_freedom: int) -> float:
    return max(float(chi2_sf(statistic, degrees_of_freedom)), MIN_P_VALUE)
