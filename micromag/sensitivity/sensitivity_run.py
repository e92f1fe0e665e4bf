"""A study of sensitivity by simulated trials, with everything kept in one folder."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import write_json
from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.study import SimulatedDevice
from dwsynapse.study.wires.changed_wire import changed_wire
from dwsynapse.study.wires.variation import Variation
from micromag.sensitivity.changes import changes
from micromag.sensitivity.paired_outcomes import paired_counts
from micromag.sensitivity.report import KIND, SENSITIVITY, VERSION, Found, content_of, rows_of
from micromag.sensitivity.sensitivity_figure import draw_sensitivity
from micromag.trials.simulate import require_runnable
from micromag.wires.elsewhere import stop_for_others
from micromag.wires.wire_folder import WireFolder

MAX_UNDECIDED = 0.1


@dataclass(frozen=True)
class SensitivityRun:
    """What the curve's dependence is found from, and where.

    Parameters
    ----------
    device
        The declared wire.
    path
        Its file, which errors name.
    fields_mT
        Fields at which all wires are simulated.
    trials
        Trials of each wire at each.
    out
        Folder of all files.
    origin
        The provenance of its results.
    seed
        Seed of everything random.
    threads
        Processor threads.
    """

    device: SimulatedDevice
    path: Path
    fields_mT: Sequence[float]
    trials: int
    out: Path
    origin: dict[str, Any]
    seed: int
    threads: int

    def run(self, variations: Sequence[Variation], plan_only: bool) -> None:
        """Simulate the wires and write the results.

        Parameters
        ----------
        variations
            What changes. What the config or the engine refuses is left out, with a line.
        plan_only
            Whether to stop where wires have to be simulated.
        """
        skipped: dict[str, str] = {}
        made = [(one, wire) for one in variations if (wire := self._wire(one, skipped))]
        declared = self._folder({})
        references = {_words(one.reference): self._folder(one.reference) for one, _ in made}
        all_of_them = [declared, *references.values(), *(folder for _, folder in made)]
        folders = list({folder.path: folder for folder in all_of_them}.values())
        if plan_only:
            stop_for_others([folder for folder in folders if _holds_a_wall(folder)])
        total = sum(folder.n_trials for folder in folders)
        tables: dict[Path, pd.DataFrame] = {}
        found = []
        with progress_bar(total=total, desc=str(self.out), unit="trial") as bar:

            def outcomes(folder: WireFolder) -> pd.DataFrame:
                if folder.path not in tables:
                    tables[folder.path] = folder.outcomes(self.threads, bar)
                return tables[folder.path]

            base = outcomes(declared)
            for one, folder in made:
                try:
                    reference = outcomes(references[_words(one.reference)])
                    found.append(self._compared(one, reference, outcomes(folder)))
                except InputError as error:
                    self._skip(one, error, skipped)
        self._write(base, found, skipped)

    def _wire(self, one: Variation, skipped: dict[str, str]) -> WireFolder | None:
        try:
            require_runnable(one.wire(self.device, self.path))
        except InputError as error:
            self._skip(one, error, skipped)
            return None
        return self._folder({**one.reference, **one.changes})

    def _folder(self, values: dict[str, Any]) -> WireFolder:
        # Equal replicas of all wires have the same noise.
        wire = changed_wire(self.device, {**values, "numerics.noise": "common"}, self.path)
        trials = dict.fromkeys(self.fields_mT, self.trials)
        return WireFolder(wire, trials, self.out / "wires", self.seed, by_field=True)

    def _compared(self, one: Variation, reference: pd.DataFrame, varied: pd.DataFrame) -> Found:
        counts = paired_counts(reference, varied, self.fields_mT)
        if not counts.sum(axis=(1, 2)).all():
            raise InputError(
                "at some field no replica was decided in both wires",
                where="--field-mT",
                remedy="lengthen protocol.window_ns",
            )
        fields = np.array(self.fields_mT)
        # Whatever else is varied, its draws are the same.
        seed = [self.seed, *_words(one.changes).encode()]
        undecided = float((~varied["outcome"].isin(("passed", "pinned"))).mean())
        label = one.label(self.device)
        return Found(label, one, counts, changes(fields, counts, seed), undecided)

    def _skip(self, one: Variation, error: InputError, skipped: dict[str, str]) -> None:
        label = one.label(self.device)
        skipped[label] = error.problem
        tqdm.write(f"left out: {label}: {error.problem}", file=sys.stderr)

    def _write(self, base: pd.DataFrame, found: Sequence[Found], skipped: dict[str, str]) -> None:
        if not found:
            remedy = "name others with --vary"
            raise InputError("no variation is left", where="--vary", remedy=remedy)
        content = content_of(base, self.fields_mT, found, skipped, self.trials, self.seed)
        for one in found:
            if one.undecided > MAX_UNDECIDED:
                share = f"{100 * one.undecided:.0f} % of the trials are undecided and left out"
                print(f"warning: {one.label}: {share}", file=sys.stderr)
            if not one.in_the_rise:
                # Jeffreys' prior puts such a centre in the middle between two fields.
                steep = "one of the wires has no field in its rise, and its centre is not known"
                print(f"warning: {one.label}: {steep}; add fields", file=sys.stderr)
        document = {**content, "provenance": self.origin}
        write_json(self.out / "sensitivity.json", KIND, VERSION, document)
        SENSITIVITY.write(self.out / "sensitivity.csv", rows_of(found), self.origin)
        draw_sensitivity(self.out / "sensitivity.svg", content)


def _holds_a_wall(folder: WireFolder) -> bool:
    try:
        folder.prepare()
    except InputError:
        return False
    return True


def _words(values: dict[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in values.items())
