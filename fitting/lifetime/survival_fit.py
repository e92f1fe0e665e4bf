"""The Neel-Brown law through survival times of pinned walls."""

from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import counted
from fitting.forms.neel_brown import NeelBrown
from fitting.lifetime.depinning_rates import depinning_rates
from fitting.lifetime.fitted_law import USUAL_ATTEMPT_HZ, LawFit, Range, one_temperature_K
from fitting.lifetime.law_tests import hazard_test, rates_test
from fitting.lifetime.survival_likelihood import SurvivalLikelihood

# Range of a free attempt frequency, wider than that of any magnet.
FREE_ATTEMPT_HZ = (1e7, 1e13)
# So many times of one field and more do not each occur an even number of times by chance.
MANY_TIMES = 20


def fit_survival(
    walls: pd.DataFrame,
    *,
    exponent: float,
    attempt_Hz: Range | None,
    critical_mT: Range | None = None,
    confidence: float,
    draws: int,
    seed: int,
    path: str | Path,
) -> LawFit:
    """Fit the Neel-Brown law to survival times by maximum likelihood.

    Every wall adds -rate(H) t, and one that depinned also ln rate(H). Draws are from the posterior
    with priors flat in the logarithms of the parameters: f0 within `attempt_Hz`, E0/kT within 0.1
    to 1e4, Hc within `critical_mT`, by default 0.1 to 10 times the highest field. Where Hc is
    known, walls none of which depinned bound E0 from below.

    Parameters
    ----------
    walls
        Table of `dwsynapse.io.contracts.SURVIVAL`.
    exponent
        Exponent n of the law.
    attempt_Hz
        Range of the attempt frequency, or twice the same; None leaves it free (1e7 to 1e13 Hz), or
        1e9 to 1e10 Hz where Hc is known.
    critical_mT
        Range of the field of static depinning, or twice the same; None leaves it free.
    confidence
        Confidence of the intervals in the details.
    draws, seed
        Number of draws and their seed.
    path
        What an error names as the file.

    Raises
    ------
    InputError
        If walls depinned at too few fields, none was below static depinning, temperatures are
        mixed or 0, a wall occurs twice, rates exceed any attempt frequency, or they do not rise
        with field.
    """
    if "temperature_K" in walls:
        one_temperature_K(walls, path)
    _require_each_wall_once(walls, path)
    rates = depinning_rates(walls, confidence)
    _require_rates_of_a_magnet(rates, path)
    seen = rates[rates["n_depinned"] > 0]
    if critical_mT is None:
        _require_fields(len(seen), 3 if attempt_Hz is None else 2, path)
    else:
        _require_below(rates["field_mT"].min(), critical_mT[1])
    usual_Hz = FREE_ATTEMPT_HZ if critical_mT is None else USUAL_ATTEMPT_HZ
    likelihood = SurvivalLikelihood(rates, exponent, attempt_Hz or usual_Hz, critical_mT)
    best = likelihood.best(path)
    drawn = likelihood.draws(best, draws, np.random.default_rng([seed, 0]))
    deviance = 2 * (likelihood.saturated() - float(likelihood(best[None])[0]))
    freedom = len(rates) - (critical_mT is None) - 1 - likelihood.attempt_is_fitted(best)
    hazard = hazard_test(rates)
    return LawFit(
        law=NeelBrown.of_points(np.exp(best if len(seen) else np.median(drawn, axis=0)), exponent),
        draws=np.exp(drawn),
        fields_mT=_range_of((seen if len(seen) else rates)["field_mT"]),
        rates_Hz=_range_of(seen["rate_Hz"]) if len(seen) else None,
        tests=(rates_test(deviance, freedom), hazard),
        details={
            "n_walls": len(walls),
            "n_depinned": int(rates["n_depinned"].sum()),
            "deviance": deviance,
            "degrees_of_freedom": freedom,
            "constant_hazard": {
                "n_fields_tested": hazard.degrees_of_freedom,
                "p_value": hazard.p_value,
            },
            "rates": rates.astype(object).where(rates.notna(), None).to_dict("records"),
        },
    )


def _range_of(values: "pd.Series[float]") -> Range:
    return float(values.min()), float(values.max())


def _require_each_wall_once(walls: pd.DataFrame, path: str | Path) -> None:
    again = walls[walls.duplicated(["seed", "replica"])]
    if len(again):
        raise InputError(
            f"replica {again['replica'].iloc[0]} of seed {again['seed'].iloc[0]} occurs twice",
            path=path,
            where="column replica",
            remedy="give each table once, and each wall its own replica",
        )
    times = walls[walls["depinned"] == 1].groupby(["field_mT", "survived_ns"]).size()
    if len(times) >= MANY_TIMES and (times % 2 == 0).all():
        raise InputError(
            f"each of {len(times)} times occurs twice, as of another replica or seed",
            path=path,
            where="column survived_ns",
            remedy="give each wall once",
        )


def _require_fields(n_fields: int, n_parameters: int, path: str | Path) -> None:
    if n_fields < n_parameters:
        raise InputError(
            f"walls depinned at {counted(n_fields, 'field')}, which cannot determine "
            f"{n_parameters} parameters",
            path=path,
            where="column depinned",
            remedy=f"add fields or longer windows, until walls depin at {n_parameters} fields",
        )


def _require_below(lowest_mT: float, critical_mT: float) -> None:
    if lowest_mT >= critical_mT:
        raise InputError(
            f"walls were followed from {lowest_mT:g} mT on, and at {critical_mT:g} mT none stays",
            where="--critical-mT",
            remedy="give the field of static depinning of the same wire",
        )


def _require_rates_of_a_magnet(rates: pd.DataFrame, path: str | Path) -> None:
    fast = rates[rates["low_Hz"] > FREE_ATTEMPT_HZ[1]]
    if len(fast):
        raise InputError(
            f"a rate of {fast['rate_Hz'].iloc[0]:.2g} Hz at {fast['field_mT'].iloc[0]:g} mT, "
            "above the attempt frequency of any magnet",
            path=path,
            where="column survived_ns",
            remedy="give the times in ns",
        )
