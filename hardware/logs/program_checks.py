"""A log against the program that ran: every read belongs to it, and what is missing is said."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.notes import note_once
from dwsynapse.io.number_format import counted
from dwsynapse.io.tables.field_units import UNITS
from hardware.layer_inputs import layer_inputs
from hardware.logs.contract import ORDER, UNDECIDED
from hardware.logs.parquet_files import raise_of_metadata
from hardware.program import Program

# Fields in memory are 32-bit floats.
SAME_FIELD_MT = 1e-4
WRONG_UNIT = 5.0
"""Factor between fields above which another unit is likelier than a bench that is wrong."""
SOME_READS = 20
"""So many readings of a probe are not all the same."""
ROWS = 1_000_000
"""Reads that are compared with the program at once, to save memory."""
MAX_SUMS = 10_000_000
"""Sums of a neuron's reads in one pass at one image, those without any read counted."""
UNIT_NAMES = ("T", "Oe", "A/m", "kOe", "uT")
FORWARD = (
    'sort the rows by time, or declare "order": "unordered" in the manifest '
    "(--unordered of `python -m hardware manifest`)"
)


def checked_log(
    log: pd.DataFrame,
    path: str | Path,
    program: Program,
    pixels: NDArray[np.uint8] | None,
    synthetic: bool,
    ordered: bool = True,
    precision_mT: float = SAME_FIELD_MT,
) -> pd.DataFrame:
    """Check a log against the program it was made with.

    Undecided reads are dropped, rows that repeat a row exactly count once, and reads may be
    missing; a note on stderr says what each of these costs.

    Parameters
    ----------
    log
        From `hardware.log.log_table`.
    path
        Its file.
    program
        The program that ran.
    pixels
        Inputs of all images that could have been shown, shape (n_images, n_in); None where they
        are not known, and inputs are not checked.
    synthetic
        Whether the manifest calls the log synthetic. A log may say so itself, in its metadata.
    ordered
        Whether rows are in the order of time; otherwise times may run backwards.
    precision_mT
        How far fields set may be from the program's; at most half the least difference of these.

    Returns
    -------
    DataFrame
        The decided reads in the order of image, read, out, in. Its attrs have ``synthetic``,
        ``undecided`` (their number), ``repeated`` (rows), ``missing`` (reads without outcome, of
        the images shown), ``images_in_part``, ``stopped_early`` (images with fewer reads than
        others), these where the program has no early exit, and ``notes``, one for each kind of
        loss.

    Raises
    ------
    InputError
        Naming the file and the first row that is wrong, or the key of the metadata.
    """
    path = Path(path)
    if log.attrs.get("synthetic", synthetic) != synthetic:
        raise_of_metadata(path, "synthetic", log.attrs["synthetic"], synthetic)
    for start in range(0, len(log), ROWS):
        some = log.iloc[start : start + ROWS]
        _require_belonging(some, path, program, pixels)
        _require_fields(some, path, program, precision_mT)
    if ordered and "timestamp_s" in log:
        _require_forward(log, path)
    undecided = log["outcome"].to_numpy() == UNDECIDED
    decided = log[~undecided] if undecided.any() else log
    if decided.empty:
        raise InputError(
            f"all {counted(len(log), 'read')} are undecided", path=path, remedy="decide them"
        )
    _require_few_gaps(decided, path, program.fields_mT.shape[0])
    kept, n_repeated = _once(decided, path, program)
    attrs: dict[Hashable, Any] = {k: log.attrs[k] for k in ("laboratory",) if k in log.attrs}
    attrs |= {"synthetic": synthetic, "undecided": int(undecided.sum()), "repeated": n_repeated}
    notes = [_of_undecided(log, undecided, program)] if undecided.any() else []
    if n_repeated:
        notes.append(f"{counted(n_repeated, 'row')} repeated exactly: each read counts once")
    # Which reads early exit makes depends on the device model: the verification tests it.
    if not program.early_exit:
        notes += _of_missing(kept, program, pixels, attrs)
    if "field_measured_mT" not in kept:
        notes.append(
            "no field_measured_mT: the fields set count, with the spread and calibration that the "
            "manifest states; whether the bench set them cannot be tested"
        )
    if "timestamp_s" not in kept:
        notes.append("no timestamp_s: drift over time cannot be tested")
    for note in notes:
        note_once(path, note)
    kept.attrs = attrs | {"notes": notes}
    return kept


def _require_belonging(
    log: pd.DataFrame, path: Path, program: Program, pixels: NDArray[np.uint8] | None
) -> None:
    n_out, n_in = program.fields_mT.shape
    image, out, in_ = (log[name].to_numpy() for name in ("image", "out", "in"))
    layers = program.layers
    if pixels is not None:
        n_images = counted(len(pixels), "image")
        _require(log, path, "image", image < len(pixels), f"of {n_images}, from 0")
    known = (out < n_out) & (in_ < n_in)
    if len(layers) > 1 and known.all():
        known = ~np.isnan(program.fields_mT[out, in_])
    sizes = " and ".join(f"{layer.n_out} x {layer.n_in}" for layer in layers)
    _require(log, path, "out, in", known, f"the program has {sizes} synapses")
    asked = log["read"].to_numpy() < program.reads
    _require(log, path, "read", asked, f"of {counted(program.reads, 'read')}, from 0")
    if pixels is not None:
        shown = np.ones(len(log), dtype=bool)
        # Whether hidden neurons decided as they were read is tested, and no error.
        first = slice(None) if len(layers) == 1 else np.flatnonzero(in_ < program.n_in)
        shown[first] = pixels[image[first], in_[first]] == 1
        _require(log, path, "in", shown, "that input of that image is 0 and is never read")


def _require_fields(log: pd.DataFrame, path: Path, program: Program, precision_mT: float) -> None:
    # Never so far that the field may be another synapse's.
    set_somewhere_mT = program.fields_mT[~np.isnan(program.fields_mT)]
    apart_mT = np.diff(np.unique(set_somewhere_mT)).min(initial=np.inf) / 2
    precision_mT = max(SAME_FIELD_MT, min(precision_mT, apart_mT))
    set_mT = log["field_set_mT"].to_numpy()
    planned_mT = program.fields_mT[log["out"].to_numpy(), log["in"].to_numpy()]
    same = np.abs(set_mT - planned_mT) < precision_mT
    if not same.all():
        _require_unit(set_mT, planned_mT, path, "field_set_mT", "those of the program")
    problem = "the program sets another field"
    if not same.all():
        first = planned_mT[int(np.argmin(same))]
        problem += f", {first:g} mT (instrument.field_step_mT of the manifest: its precision)"
    _require(log, path, "field_set_mT", same, problem)
    if "field_measured_mT" in log:
        measured_mT = log["field_measured_mT"].to_numpy()
        _require_unit(measured_mT, planned_mT, path, "field_measured_mT", "those set")
        _require_probe(measured_mT, planned_mT, path)


def _require_unit(
    found_mT: NDArray[Any], planned_mT: NDArray[Any], path: Path, column: str, others: str
) -> None:
    """Refuse fields that are those planned in another unit."""
    positive = planned_mT > 0
    if not positive.any():
        return
    ratio = float(np.median(found_mT[positive] / planned_mT[positive]))
    if ratio == 0 or 1 / WRONG_UNIT < ratio < WRONG_UNIT:
        return
    fits = [u for u in UNIT_NAMES if abs(ratio * UNITS[u.lower()] - 1) < 0.05]
    if fits:
        raise InputError(
            f"the fields are {ratio:.3g} times {others}: is the unit {fits[0]}?",
            path=path,
            where=f"column {column}",
            remedy=f"name the column by the unit it holds, as in {column[:-3]}_{fits[0]}, or "
            f'assign it: --columns "{column[:-3]}_{fits[0]}=NAME"',
        )


def _require_probe(measured_mT: NDArray[Any], planned_mT: NDArray[Any], path: Path) -> None:
    """Refuse one reading for all fields: even of a coil that stays at one, a probe has noise."""
    read_mT = measured_mT[np.isfinite(measured_mT)]
    if len(read_mT) > SOME_READS and np.ptp(read_mT) == 0 < np.ptp(planned_mT):
        raise InputError(
            f"{read_mT[0]:g} mT in all {len(read_mT)} reads, at different fields set",
            path=path,
            where="column field_measured_mT",
            remedy="leave the column out where no probe was read",
        )


def _require_forward(log: pd.DataFrame, path: Path) -> None:
    time_s = log["timestamp_s"].to_numpy()[log["outcome"].to_numpy() != UNDECIDED]
    back = np.diff(time_s) < 0
    if back.any():
        first = int(np.argmax(back)) + 1
        row = log.index[log["outcome"].to_numpy() != UNDECIDED][first]
        more = f" (and {back.sum() - 1} more)" if back.sum() > 1 else ""
        raise InputError(
            f"time runs backwards, by {time_s[first - 1] - time_s[first]:g} s",
            path=path,
            where=f"row {row}{more}, column timestamp_s",
            remedy=FORWARD,
        )


def _require_few_gaps(log: pd.DataFrame, path: Path, n_out: int) -> None:
    """Refuse numbers of reads far beyond the reads there are: sums of all of them would not fit."""
    made = int(log["read"].max()) + 1
    n_images = np.count_nonzero(np.bincount(log["image"].to_numpy()))
    if made * n_images * n_out <= MAX_SUMS + 2 * len(log):
        return
    raise InputError(
        f"a read of number {made - 1}, where the log has {counted(len(log), 'read')} in all",
        path=path,
        where="column read",
        remedy="number the reads of each synapse at each image from 0",
    )


def _once(log: pd.DataFrame, path: Path, program: Program) -> tuple[pd.DataFrame, int]:
    """Return the reads in the order of image, read, out, in, each once, and how many were more."""
    n_out, n_in = program.fields_mT.shape
    key = log["image"].to_numpy(np.int64) * program.reads
    key += log["read"].to_numpy()
    key *= n_out
    key += log["out"].to_numpy()
    key *= n_in
    key += log["in"].to_numpy()
    if (key[1:] > key[:-1]).all():
        return log.reset_index(drop=True), 0
    rows = log.index
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
        key, rows = key[order], rows[order]
        log = log.take(order)
    again = np.flatnonzero(key[1:] == key[:-1]) + 1
    for name in log.columns:
        values = log[name].to_numpy()
        differs = values[again] != values[again - 1]
        if differs.any():
            second = int(again[np.argmax(differs)])
            raise InputError(
                f"the same read occurs twice, with another {name} "
                f"({values[second - 1]:g} and {values[second]:g})",
                path=path,
                where=f"rows {rows[second - 1]} and {rows[second]} ({_place(log, second)})",
                remedy="keep the one that counts, or number the reads from 0 to "
                f"{program.reads - 1}",
            )
    kept = np.ones(len(log), dtype=bool)
    kept[again] = False
    return log[kept].reset_index(drop=True), len(again)


def _of_undecided(log: pd.DataFrame, undecided: NDArray[np.bool_], program: Program) -> str:
    fields_mT, bins = np.unique(program.fields_mT, return_inverse=True)
    field = bins.reshape(program.fields_mT.shape)[log["out"].to_numpy(), log["in"].to_numpy()]
    reads = np.bincount(field, minlength=len(fields_mT))
    shares = np.bincount(field, undecided, len(fields_mT)) / np.maximum(reads, 1)
    worst = int(np.argmax(shares))
    return (
        f"{undecided.sum()} of {counted(len(log), 'read')} undecided and left out (most at "
        f"{fields_mT[worst]:g} mT, {100 * shares[worst]:.2g} %): if they passed more or less often "
        "than others, the curve is wrong there"
    )


def _of_missing(
    log: pd.DataFrame,
    program: Program,
    pixels: NDArray[np.uint8] | None,
    attrs: dict[Hashable, Any],
) -> list[str]:
    notes = []
    made = int(log["read"].max()) + 1
    if made < program.reads:
        notes.append(
            f"{made} of {counted(program.reads, 'read')} that the program asks for: accuracies "
            f"are those of 1 to {made}"
        )
    if pixels is None:
        return notes
    image = log["image"].to_numpy()
    shown = np.bincount(image) > 0
    images, place = np.flatnonzero(shown), np.cumsum(shown) - 1
    cells = place[image] * made + log["read"].to_numpy()
    in_pass = np.bincount(cells, minlength=len(images) * made).reshape(len(images), made)
    # Passes over the synapses up to the last that has a read: an early exit makes no others.
    passes = made - np.argmax(in_pass[:, ::-1] > 0, axis=1)
    reads = (log[name].to_numpy() for name in ("image", "out", "in", "outcome"))
    inputs = layer_inputs(program, pixels, *reads).inputs[images]
    in_a_pass = sum(
        inputs[:, layer.in_].sum(axis=1, dtype=np.int64) * layer.n_out for layer in program.layers
    )
    expected = in_a_pass * passes
    gaps = expected - in_pass.sum(axis=1)
    in_part, stopped = int((gaps > 0).sum()), int((passes < made).sum())
    attrs |= {"missing": int(gaps.sum()), "images_in_part": in_part, "stopped_early": stopped}
    of_images = counted(len(images), "image")
    if stopped:
        notes.append(
            f"{stopped} of {of_images} have fewer than {made} reads of each synapse (early exit?): "
            "accuracies of more reads are those of the others"
        )
    if in_part:
        notes.append(
            f"{attrs['missing']} of {counted(int(expected.sum()), 'read')} have no outcome, in "
            f"{in_part} of {of_images}: the sums of these lack them, and their accuracy is not "
            "that of the program"
        )
    return notes


def _require(
    log: pd.DataFrame, path: Path, column: str, good: NDArray[np.bool_], problem: str
) -> None:
    bad = ~good
    if not bad.any():
        return
    first = int(np.argmax(bad))
    more = f" and {bad.sum() - 1} more" if bad.sum() > 1 else ""
    raise InputError(
        problem,
        path=path,
        where=f"row {log.index[first]} ({_place(log, first)}): column {column}",
        remedy=f"correct that row{more}, or give the program that ran",
    )


def _place(log: pd.DataFrame, row: int) -> str:
    return ", ".join(f"{name} {log[name].iloc[row]:g}" for name in [*ORDER, "field_set_mT"])
