"""The command that predicts a passing curve at laboratory times."""

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dwsynapse.io.command_options import (
    Seed,
    confidence_option,
    digits,
    limited,
    out_folder,
    several,
)
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_outputs, write_json
from dwsynapse.io.limits import DEFAULT_SEED, MAX_FIELD_MT
from fitting.lifetime.extrapolation_limits import Limits

if TYPE_CHECKING:
    from fitting.lifetime.fitted_law import LawFit
    from fitting.lifetime.prediction import Exposure

Range = tuple[float, float]

KIND, VERSION = "prediction", 1
# From the fastest electronics to the age of the universe, with a margin; attempts from far below to
# far above any magnet's, but no number that was meant in GHz. Powers of these do not overflow.
DWELLS_S, SWEEPS_MT_PER_S, ATTEMPTS_HZ = (1e-15, 1e18), (1e-18, 1e18), (1e6, 1e20)
RANGES = {
    "--attempt-Hz": (ATTEMPTS_HZ, "Hz", "1e9:1e10"),
    "--critical-mT": ((1e-3, MAX_FIELD_MT), "mT", "14.3:14.4"),
}


def extrapolate(
    out: Annotated[Path, out_folder("prediction.json, prediction.csv, prediction.svg")],
    survival: Annotated[
        list[Path] | None,
        several(help="Survival times of pinned walls (CSV)", metavar="FILE"),
    ] = None,
    barriers: Annotated[
        list[Path] | None, several(help="Energy barriers (CSV)", metavar="FILE")
    ] = None,
    dwell_s: Annotated[float | None, typer.Option(help="Time at the notch, constant field")] = None,
    sweep_mt_per_s: Annotated[
        float | None, typer.Option("--sweep-mT-per-s", help="Rate of a field that rises from 0")
    ] = None,
    exponent: Annotated[float, typer.Option(help="Exponent of the law: 1.5 or 2")] = 1.5,
    attempt_hz: Annotated[
        str | None,
        typer.Option(
            "--attempt-Hz",
            help="Attempt frequency LOW:HIGH or one number; 1e9:1e10, but free for survival times "
            "without --critical-mT",
        ),
    ] = None,
    critical_mt: Annotated[
        str | None,
        typer.Option(
            "--critical-mT",
            help="Field of static depinning LOW:HIGH or one number (`micromag depinning`), for "
            "survival times; free",
        ),
    ] = None,
    arrival_share: Annotated[
        float, typer.Option(callback=limited(0, 0.999), help="Share of walls that pass on arrival")
    ] = 0.0,
    arrival: Annotated[
        Path | None,
        typer.Option(help="device.json of nanoseconds, whose curve is that share, field by field"),
    ] = None,
    beside: Annotated[
        Path | None, typer.Option(help="device.json whose curve is drawn beside the prediction")
    ] = None,
    confidence: Annotated[float, confidence_option()] = 0.95,
    seed: Seed = DEFAULT_SEED,
    draws: Annotated[int, typer.Option(min=50, max=20000, help="Draws for the band")] = 400,
    most_decades: Annotated[
        float,
        typer.Option(callback=limited(0), help="Rates further from any observed are not credible"),
    ] = Limits.decades,
    widest_band: Annotated[
        float,
        typer.Option(
            callback=limited(0, 1), help="A band that the law makes wider is not credible"
        ),
    ] = Limits.band,
) -> None:
    """Predict a passing curve at laboratory times from survival times or barriers."""
    from dwsynapse.io.contracts import PREDICTION
    from fitting.device.field_device import read_field_device
    from fitting.lifetime.prediction import content, predict
    from fitting.lifetime.prediction_figure import plot_prediction

    files = (f"prediction.{end}" for end in ("json", "csv", "svg"))
    tables = [*(survival or []), *(barriers or [])]
    require_outputs(out, files, beside, arrival, *tables)
    exposure = _exposure(dwell_s, sweep_mt_per_s, arrival_share, arrival)
    options: Any = {"exponent": _exponent(exponent), "draws": draws, "seed": seed}
    options["attempt_Hz"] = _range(attempt_hz, "--attempt-Hz")
    fit = _fitted(survival, barriers, _range(critical_mt, "--critical-mT"), confidence, options)
    other = read_field_device(beside, "--beside") if beside else exposure.arrival
    prediction = predict(fit, exposure, confidence, Limits(most_decades, widest_band))
    inputs = [*tables, *(path for path in (beside, arrival) if path)]
    origin = provenance("fitting", seed=seed, inputs=inputs)
    found: dict[str, Any] = {"device": other.name if other else None}
    found |= content(fit, exposure, prediction, confidence)
    write_json(out / "prediction.json", KIND, VERSION, {**found, "provenance": origin})
    PREDICTION.write(out / "prediction.csv", prediction, origin)
    plot_prediction(out / "prediction.svg", fit, exposure, prediction, confidence, other)
    typer.echo(f"Tests of the law: {'; '.join(test.text() for test in fit.tests)}.")
    typer.echo(found["verdict"])
    share = found["credible_share_of_rise"]
    if share is not None:
        typer.echo(f"Of the rise itself, from 5 to 95 % passing, {share:.0%} is credible.")


def _exposure(
    dwell_s: float | None, sweep_mT_per_s: float | None, floor: float, arrival: Path | None
) -> "Exposure":
    """Return how long walls are at the notch, and how many pass on arrival."""
    from fitting.device.field_device import read_field_device
    from fitting.lifetime.prediction import Exposure

    _require_one("--dwell-s or --sweep-mT-per-s", dwell_s, sweep_mT_per_s)
    _require_within(DWELLS_S, "s", dwell_s, "--dwell-s")
    _require_within(SWEEPS_MT_PER_S, "mT/s", sweep_mT_per_s, "--sweep-mT-per-s")
    if arrival is None:
        return Exposure(dwell_s, sweep_mT_per_s, floor)
    if floor or dwell_s is None:
        raise InputError(
            "is for a dwell, and instead of --arrival-share",
            where="--arrival",
            remedy="give --dwell-s, and one of the two",
        )
    device = read_field_device(arrival, "--arrival", with_draws=True)
    return Exposure(dwell_s, arrival=device)


def _fitted(
    survival: list[Path] | None,
    barriers: list[Path] | None,
    critical_mT: Range | None,
    confidence: float,
    options: dict[str, Any],
) -> "LawFit":
    """Return the law fitted to tables of survival times, or else to those of barriers."""
    import pandas as pd

    from dwsynapse.io.contracts import BARRIERS, SURVIVAL
    from dwsynapse.provenance.same_sample import require_one_sample
    from fitting.lifetime.barrier_fit import fit_barriers
    from fitting.lifetime.survival_fit import fit_survival

    _require_one("--survival or --barriers", survival or None, barriers or None)
    if barriers and critical_mT:
        raise InputError(
            "is for survival times: barriers have it in them",
            where="--critical-mT",
            remedy="leave it out",
        )
    tables = [*(survival or []), *(barriers or [])]
    require_one_sample(tables)
    contract = BARRIERS if barriers else SURVIVAL
    rows = pd.concat([contract.read(path) for path in tables], ignore_index=True)
    options = {**options, "path": tables[-1]}
    if barriers:
        return fit_barriers(rows, **options)
    return fit_survival(rows, critical_mT=critical_mT, confidence=confidence, **options)


def _exponent(exponent: float) -> float:
    if exponent not in (1.5, 2):
        raise InputError(
            f"{exponent:g} is not an exponent of the law",
            where="--exponent",
            remedy="give 1.5 or 2",
        )
    return exponent


def _require_one(names: str, first: object, second: object) -> None:
    if (first is None) == (second is None):
        raise InputError("needs exactly one of the two", where=names, remedy="give one")


def _require_within(limits: Range, unit: str, value: float | None, where: str) -> None:
    low, high = limits
    if value is not None and not isfinite(value):
        raise InputError("must be a finite number", where=where, remedy=f"give {unit}, as in 1e-3")
    if value is not None and not low <= value <= high:
        raise InputError(
            f"{value:g} {unit} is not within {low:g} to {high:g}",
            where=where,
            remedy=f"give {unit}, as in 1e-3",
        )


def _range(text: str | None, option: str) -> Range | None:
    if text is None:
        return None
    (least, most), unit, example = RANGES[option]
    try:
        low, *rest = (float(digits(part)) for part in text.split(":"))
        high = rest[0] if rest else low
        if len(rest) < 2 and least <= low <= high <= most:
            return low, high
    except ValueError:
        pass
    raise InputError(
        f"{text!r} is not a range within {least:g} to {most:g} {unit}",
        where=option,
        remedy=f"give such as {example}",
    )
