"""The measured counts that a wire is to explain, or a curve that it should have."""

from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import Field

from dwsynapse.drives import FIELD
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, sha256
from dwsynapse.io.json_shapes import Shape
from dwsynapse.io.limits import MAX_FIELD_MT, MIN_STEP_MT
from dwsynapse.io.notes import note_once
from dwsynapse.io.result_shapes import FittedParameter
from dwsynapse.io.tables.falling_counts import falls
from dwsynapse.study.devices.sources import PublishedParameters
from dwsynapse.study.reading import read_block, validated
from micromag.calibration.wanted_curve import LOG_ODDS, WALLS, counts_of_curve
from micromag.wires.measured_counts import OF_FIELD, read_measured_counts

WANTED = "a table of passing counts with field_mT, n_trials, n_passed, or a device.json"
YAML = (".yaml", ".yml")
PARAMETERS = "floor", "h0_mT", "delta_per_mT"
AS_WANTED = "give the curve as in {floor: 0, h0_mT: 7, delta_per_mT: 2}"


class ParametersShape(Shape):
    """``device.json``, as far as a published curve needs it."""

    parameters: dict[str, FittedParameter] = Field(default_factory=dict)


def counts_file(target: Path) -> Path:
    """Return the file that says what is to be explained.

    It is the target itself, unless that is the model of a device which has counts: these are where
    they were when it was made, or next to it.

    Raises
    ------
    InputError
        If a device model is driven by another quantity than a field, or its counts are missing.
    """
    if target.suffix.lower() != ".json":
        return target
    content = read_json(target, "device", 1)
    if (drive := content.get("drive", FIELD.name)) != FIELD.name:
        raise InputError(f"a device driven by a {drive}", path=target, remedy=OF_FIELD)
    inputs = _inputs(content)
    for place in (target.parent / "counts.csv", *map(Path, inputs)):
        if place.is_file() and sha256(place) in inputs.values():
            if nuisances := content.get("nuisances"):
                left_out = f"{', '.join(nuisances)} of its fit left out"
                note_once(target, f"{left_out}: counts are taken as seen, and as binomial")
            return place
    if content.get("source") == "published":
        return target
    raise InputError(
        "its counts are no longer there",
        path=target,
        remedy="give the table of counts (CSV) as --target",
    )


def _inputs(content: dict[str, Any]) -> dict[str, str]:
    provenance = content.get("provenance")
    inputs = provenance.get("inputs") if isinstance(provenance, dict) else None
    return inputs if isinstance(inputs, dict) else {}


def _published(path: Path) -> PublishedParameters:
    parameters = read_json(path, "device", 1, ParametersShape, AS_WANTED).get("parameters", {})
    found = {name: parameters.get(name, {}).get("value") for name in PARAMETERS}
    return validated(PublishedParameters, found, path, remedy=AS_WANTED)


def _curve(curve: PublishedParameters, path: Path) -> pd.DataFrame:
    counts = counts_of_curve(curve)
    step_mT, highest_mT = (LOG_ODDS[1] - LOG_ODDS[0]) / curve.delta_per_mT, counts["field_mT"].max()
    if highest_mT > MAX_FIELD_MT or step_mT < MIN_STEP_MT:
        where = "delta_per_mT"
        problem = f"it rises over fields {step_mT:.3g} mT apart, up to {highest_mT:.6g} mT"
    elif (counts["n_passed"] == counts["n_trials"]).all():
        where, problem = "floor", f"every one of {WALLS} walls passes, whatever the field"
    else:
        return counts
    raise InputError(problem, path=path, where=where, remedy=AS_WANTED)


def read_target(path: Path) -> pd.DataFrame:
    """Read measured counts, one row per field, in the order of the fields.

    A curve that is wanted (YAML: floor, h0_mT, delta_per_mT) or published (device.json) counts as
    if some walls had been counted (`micromag.calibration.wanted_curve`).

    Returns
    -------
    DataFrame
        Columns field_mT, n_trials, n_passed.

    Raises
    ------
    InputError
        If it is no such table, is against another quantity than a field, has one field only, or
        fields in another unit.
    """
    counts = _read(path)
    if (highest_mT := counts["field_mT"].max()) < FIELD.negligible:
        raise InputError(
            f"fields up to {highest_mT:g} mT, less than the Earth's: is the unit another one?",
            path=path,
            remedy="give fields in mT",
        )
    return counts


def _read(path: Path) -> pd.DataFrame:
    if path.suffix.lower() in YAML:
        return _curve(read_block(path, PublishedParameters, AS_WANTED), path)
    if path.suffix.lower() == ".json":
        return _curve(_published(path), path)
    counts = read_measured_counts(path, WANTED)
    if len(counts) < 2:
        raise InputError(
            "counts at one field only",
            path=path,
            where="column field_mT",
            remedy="give counts at two fields or more",
        )
    passed, trials = counts["n_passed"].sum(), counts["n_trials"].sum()
    if passed in (0, trials):
        raise InputError(
            f"{'no' if passed == 0 else 'every'} wall passed, which many wires explain",
            path=path,
            where="column n_passed",
            remedy="give counts at fields where some walls pass and some stay",
        )
    if falls(*(counts[c].to_numpy(float) for c in counts.columns)):
        raise InputError(
            "passing falls with the field",
            path=path,
            where="column n_passed",
            remedy="where pinned walls are counted give n_trials less these; where passing rises "
            "first, give counts at those fields only",
        )
    return counts
