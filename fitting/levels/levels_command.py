"""The command that sets a wire's curves beside the curve it was calibrated to."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dwsynapse.io.command_options import Device, Seed, limited, out_folder, several
from dwsynapse.io.files import provenance, read_json, require_outputs, write_json
from dwsynapse.io.json_shapes import Shape
from dwsynapse.io.limits import DEFAULT_SEED
from fitting.command_options import Calibration

if TYPE_CHECKING:
    from fitting.levels.level import Level

KIND, VERSION = "levels", 1


class BoundsShape(Shape):
    """A value with its bounds; None: not known."""

    value: float | None
    low: float | None
    high: float | None


class PredictionShape(Shape):
    """What levels take from ``prediction.json`` of `fitting extrapolate`."""

    median_field_mT: BoundsShape


def levels(
    calibration: Calibration,
    device: Device,
    out: Annotated[Path, out_folder("levels.json, levels.svg")],
    dwell: Annotated[
        list[Path] | None,
        several("--dwell", help="prediction.json of its laboratory dwell", metavar="FILE"),
    ] = None,
    calibrated: Annotated[
        Path | None,
        typer.Option(
            help="device.json of the calibrated wire", show_default="the calibration's trials"
        ),
    ] = None,
    within_mt: Annotated[
        float, typer.Option("--within-mT", callback=limited(0), help="Centres that agree")
    ] = 0.3,
    within_share: Annotated[
        float, typer.Option(callback=limited(0, 0.9), help="Steepnesses that agree")
    ] = 0.3,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Compare a wire's curves of nanoseconds, laboratory dwell and calibration with their target.

    Each gets a verdict: agrees, differs or open, by the intervals of centre and steepness; a
    prediction that is not credible at its centre has none.
    """
    from fitting.device.field_device import read_field_device
    from fitting.levels.calibration_file import read_calibration
    from fitting.levels.level import Level
    from fitting.levels.levels_figure import draw_levels

    dwells = [Path(path) for path in dwell or []]
    require_outputs(out, ("levels.json", "levels.svg"), device, calibration, calibrated, *dwells)
    content = read_calibration(calibration)
    wire = read_field_device(device, "--device", with_draws=True)
    counts = content["measured"]
    target = Level.of_device("target", _fitted(counts, "measurement", seed, calibration))
    if calibrated is None:
        best = _fitted(content["best_wire"]["simulated"], "simulation", seed, calibration)
    else:
        best = read_field_device(calibrated, "--calibrated", with_draws=True)
    found = [
        Level.of_device("nanoseconds", wire),
        *(_predicted(path) for path in dwells),
        Level.of_device("calibrated", best),
    ]
    rows = [level.beside(target, within_mt, within_share) for level in found]
    inputs = [device, calibration, *([calibrated] if calibrated else []), *dwells]
    origin = provenance("fitting", seed=seed, inputs=inputs)
    write_json(
        out / "levels.json",
        KIND,
        VERSION,
        {
            "device": wire.name,
            "within_mT": within_mt,
            "within_share": within_share,
            "target": {"h0_mT": target.centre_mT[0], "delta_per_mT": target.steepness_per_mT[0]},
            "explained": content["verdict"],
            "levels": rows,
            "provenance": origin,
        },
    )
    draw_levels(out / "levels.svg", wire.name, counts, found, [row["verdict"] for row in rows])
    for row in rows:
        typer.echo(f"{row['level']}: {row['verdict']}")


def _predicted(path: Path) -> "Level":
    """Return the level of a prediction, whose table is beside its numbers."""
    from dwsynapse.io.contracts import PREDICTION
    from fitting.levels.level import Level

    median = read_json(path, "prediction", 1, PredictionShape)["median_field_mT"]
    bounds = median["value"], median["low"], median["high"]
    name = f"laboratory dwell, from {path.parent.name}"
    return Level.of_prediction(name, PREDICTION.read(path.with_suffix(".csv")), bounds)


def _fitted(counts: list[dict[str, Any]], source: Any, seed: int, path: Path) -> Any:
    import pandas as pd

    from dwsynapse.study.fitting import Fitting
    from fitting.make_device import device_from_counts

    table = pd.DataFrame(counts)[["field_mT", "n_trials", "n_passed"]]
    table = table.astype({"n_trials": int, "n_passed": int})
    settings = Fitting(simulations=99)
    return device_from_counts(table, settings, name="wire", source=source, seed=seed, path=path)
