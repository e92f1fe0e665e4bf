"""Existing trials that a run of the workflow would simulate again, reported before it starts."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path

import yaml

from dwsynapse.io.files import provenance_in
from dwsynapse.io.fingerprint import fingerprint
from dwsynapse.io.number_format import counted
from dwsynapse.study.devices.numerics import FIRST_ROUND, LATER_ROUNDS
from dwsynapse.study.reading import flat

SAMPLING = FIRST_ROUND | LATER_ROUNDS


def simulated_again(
    name: str, tables: Collection[Path], blocks: dict[Path, str], seed: int, batches: int
) -> str | None:
    """Return one line on the trials of a device that are simulated again, and why.

    Parameters
    ----------
    name
        The device.
    tables
        Tables of trials to be made; existing ones are made again.
    blocks
        Config blocks that they depend on: the file as the last run left it, and its new text.
    seed
        The study's seed.
    batches
        Tables of a round.

    Returns
    -------
    str or None
        None where there is no trial, or all of them are reused in tables that are split in
        another way.
    """
    # A table without provenance is not ours, and its reader says so.
    there = {path: made for path in tables if (made := provenance_in(path))}
    if not there:
        return None
    why = [change for path, text in blocks.items() for change in _changes(path, text)]
    made = next(iter(there.values()))
    for what, before, now in (
        ("seed", made["seed"], seed),
        ("the code of micromag", made.get("code", made["code_version"]), fingerprint("micromag")),
    ):
        if before != now:
            why.append(f"{what} went from {before} to {now}")
    if not why:
        return None
    made_of = Counter(path.parent for path in tables)
    n_trials = sum(-(-_n_trials(folder) * n // batches) for folder, n in made_of.items())
    are = "is" if n_trials == 1 else "are"
    line = f"note: {name}: up to {counted(n_trials, 'trial')} {are} simulated again: "
    line += "; ".join(why)
    if any(key in change for key in FIRST_ROUND for change in why):
        line += "; to add to existing trials, raise sampling.rounds instead"
    return line


def _n_trials(folder: Path) -> int:
    """Count the trials of a round, each once: its tables may be of another split than those now."""
    rows = [
        line.split(",")
        for path in folder.glob("trials-*.csv")
        if not path.name.endswith(".done.csv")
        for line in path.read_text("utf-8").splitlines()[3:]
    ]
    return len({(field_mT, replica) for field_mT, replica, *_ in rows})


def _changes(path: Path, text: str) -> list[str]:
    before = flat(yaml.safe_load(path.read_text("utf-8"))) if path.is_file() else {}
    now = flat(yaml.safe_load(text))
    return [
        f"{'sampling.' * (key in SAMPLING)}{key} went from {before[key]} to {value}"
        for key, value in now.items()
        if before.get(key, value) != value
    ]
