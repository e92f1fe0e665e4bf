"""Every reader of files, a good file for each, and what it may make of a damaged one."""

import dataclasses
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from pydantic import BaseModel

from dwsynapse.drives import DRIVES, Drive
from dwsynapse.io.contracts import BARRIERS, COUNTS, PLAN, PREDICTION, PULSES, SURVIVAL, TRIALS
from dwsynapse.io.detection_errors import DetectionErrors
from dwsynapse.io.files import sha256, write_json
from dwsynapse.io.track_geometry import TrackGeometry
from dwsynapse.study import SimulatedDevice
from dwsynapse.study.crossbar import Crossbar
from dwsynapse.study.reading import block_text, read_block, read_study
from dwsynapse.summary.study_numbers import summarise
from dwsynapse.summary.study_page import to_html
from fitting.counts.laboratory_tables import read_counts
from fitting.device import DeviceModel
from fitting.response.inputs.crosssim_tables import read_crosssim, write_crosssim
from fitting.response.inputs.measured_trains import read_train
from fitting.response.response_table import ResponseTable
from hardware.kerr_loops.reading.loop_files import read_loops
from hardware.log import log_table
from hardware.logs.contract import UNDECIDED
from hardware.manifest import Manifest
from hardware.program import Program
from micromag.engine.problem import Problem
from micromag.sample.wire import declare
from micromag.trials.relaxed_walls import check_walls, read_walls, relaxed_walls, write_walls
from micromag.trials.simulate import setup
from network import trained_model
from network.crossbar.model import trained_crossbar
from network.crossbar.model.crossbar_layers import CrossbarLayer
from network.crossbar.model.crossbar_record import CrossbarRecord, ResponseOrigin
from network.images.prepared_images import Images
from tests.fitting.response.small_tables import linear_table
from tests.fitting.response.small_trains import TRACK, track_pulses
from tests.hardware.logs.mutated_inputs import WRITERS, Inputs
from tests.hardware.small_task import DEVICE
from tests.micromag.tiny_wire import TINY
from tests.network.test_trained_model import SWAP, make_network


@dataclass
class Reader:
    """A reader and the files of a good call, of which one is damaged.

    Parameters
    ----------
    target
        Name of the file that is damaged.
    read
        A call of the reader, given the folder with the files.
    agree
        Lets checksums agree with what was damaged, so that checks behind them are reached.
    says
        Whether the result says what the file says, given its content and the result.
    """

    target: str
    read: Callable[[Path], Any]
    agree: Callable[[Path], None] = lambda folder: None
    says: Callable[[bytes, Any], bool] = lambda content, result: True


def numbers_in(thing: Any) -> set[float]:
    """Return all finite numbers in a result or a document, but not truth values."""
    # A drive is one of few that are known, by its name.
    if isinstance(thing, bool | np.bool_ | str | bytes | Drive) or thing is None:
        return set()
    if isinstance(thing, int | float | np.number):
        return {float(thing)} if abs(thing) < 1e300 and math.isfinite(thing) else set()
    if isinstance(thing, np.ndarray):
        return numbers_in(thing.ravel().tolist())
    if isinstance(thing, BaseModel):
        return numbers_in(thing.model_dump())
    if dataclasses.is_dataclass(thing):
        return numbers_in([getattr(thing, f.name) for f in dataclasses.fields(thing)])
    if isinstance(thing, dict):
        return numbers_in(list(thing.values()))
    if isinstance(thing, list | tuple | set):
        return set().union(*map(numbers_in, thing))
    return set()


def says_its_numbers(content: bytes, result: Any) -> bool:
    """Return whether every number of a result is in the JSON document, as Python reads it."""
    return numbers_in(result) <= numbers_in(json.loads(content)) | {0.0}  # a lapse that is none


SEPARATORS = (r"[,;\t]|\s+", r"[,;\t]", r"[;\t]")
"""Signs between cells: where blanks separate thousands, and where commas are decimal, too."""


def _values_of(cell: str) -> set[float]:
    """Return what a cell may mean, whatever its decimal sign."""
    cell = cell.strip().strip('"').strip()
    texts = {cell, cell.replace(",", "."), re.sub("[' ,\u00a0]", "", cell)}
    texts |= {re.sub("[dD]", "e", text) for text in texts}
    texts |= {text.translate({0x2212: "-", 0x2013: "-"}) for text in texts}
    values = set()
    for text in texts:
        try:
            values.add(float(text))
        except ValueError:
            continue
    return values


def _is_in(number: float, cells: list[set[float]]) -> bool:
    # Logs keep fields measured with 32 bits.
    return any(math.isclose(number, value, rel_tol=1e-6) for cell in cells for value in cell)


def says_its_rows(content: bytes, table: pd.DataFrame) -> bool:
    """Return whether each row of a table has the numbers of a row of the text, in its order."""
    for encoding in (
        ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    ):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    rows = [
        [_values_of(cell) for sign in SEPARATORS for cell in re.split(sign, line)]
        for line in text.splitlines()
    ]
    numbers = table.select_dtypes("number")
    left = iter(rows)
    for row in numbers.itertuples(index=False):
        wanted = [float(x) for x in row if math.isfinite(x)]
        if not any(all(_is_in(x, cells) for x in wanted) for cells in left):
            return False
    return True


def _table(kind, frame):
    def build(folder):
        kind.write(folder / "table.csv", frame, {})
        return Reader("table.csv", lambda f: kind.read(f / "table.csv"), says=says_its_rows)

    return build


def _laboratory_counts(folder):
    (folder / "lab.csv").write_text("field_mT,n,k\n3,50,0\n4,50,2\n5,50,22\n6,50,45\n7,50,50\n")
    return Reader("lab.csv", lambda f: read_counts(f / "lab.csv"), says=_says_its_counts)


def _response(folder):
    linear_table(n_bins=4, n_probabilities=5).write(folder / "response.npz", {})
    return Reader("response.npz", lambda f: ResponseTable.read(f / "response.npz"))


def _crosssim(folder):
    write_crosssim(folder, linear_table(n_bins=4, n_probabilities=5))
    up = "dG_increasing.txt"
    return Reader(up, lambda f: read_crosssim(f / up)[0])


def _pulse_train(folder):
    up = np.linspace(1, 5, 9)
    train = pd.DataFrame({"pulse": np.arange(18), "conductance_uS": [*up, *up[::-1]]})
    train.to_csv(folder / "train.csv", index=False)
    return Reader("train.csv", lambda f: read_train(f / "train.csv"))


def _track(folder):
    TRACK.write(folder / "track.json", {})
    return Reader(
        "track.json", lambda f: TrackGeometry.read(f / "track.json"), says=says_its_numbers
    )


def _device_against_current(folder):
    device = dataclasses.replace(DEVICE, drive=DRIVES["current"], nucleation_field_mT=None)
    device.write(folder / "device.json")
    return Reader(
        "device.json", lambda f: DeviceModel.read(f / "device.json"), says=says_its_numbers
    )


def _says_its_counts(content: bytes, counts: pd.DataFrame) -> bool:
    """Compare with what a plain reader finds, where the table is still a plain one."""
    try:
        rows = [line.split(",") for line in content.decode("ascii").split("\n") if line]
        if rows[0] != ["field_mT", "n", "k"]:
            return True
        plain = [tuple(map(float, row)) for row in rows[1:]]
    except (UnicodeDecodeError, ValueError, IndexError):
        return True
    if any(len(row) != 3 for row in plain) or b"_" in content.split(b"\n", 1)[1]:
        return True
    frame = pd.DataFrame(plain, columns=["field_mT", "n_trials", "n_passed"])
    names = list(frame)
    ours, theirs = (t[names].groupby("field_mT").sum() for t in (counts, frame))
    return bool(np.allclose(ours.reset_index(), theirs.reset_index(), rtol=1e-12))


def _hardware(target, read, says=lambda content, result: True):
    def build(folder):
        inputs = Inputs(folder)
        inputs.agree()
        _PROGRAMS[folder.name] = Program.read(folder / "program.csv")
        return Reader(target, read, lambda f: _agree(f), says)

    return build


_PROGRAMS: dict[str, Program] = {}


def _agree(folder: Path) -> None:
    inputs = Inputs.__new__(Inputs)
    inputs.folder, inputs.log_name = folder, "log.csv"
    inputs.agree()


def _manifest(folder):
    return Manifest.read(folder / "manifest.json", folder / "program.csv", folder / "log.csv", 4)


def _log(writer):
    def build(folder):
        log = Inputs(folder).log
        log = log[log["image"] == 0].iloc[:300]
        WRITERS[writer](folder / writer, log)
        says = _says_its_reads if writer == "log.csv" else lambda content, result: True
        return Reader(writer, lambda f: log_table(f / writer), says=says)

    return build


def _says_its_reads(content: bytes, log: pd.DataFrame) -> bool:
    """Compare without undecided reads, whose outcome is no number in the text."""
    decided = log["outcome"] != UNDECIDED
    return says_its_rows(content, log.assign(outcome=log["outcome"].where(decided)))


def _detection(folder):
    document = {"format": "dwsynapse-detection", "format_version": 1}
    rates = {"false_pass": {"k": 3, "n": 120}, "false_pin": {"k": 1, "n": 130}}
    (folder / "detection.json").write_text(json.dumps(document | rates))
    return Reader(
        "detection.json",
        lambda f: DetectionErrors.read(f / "detection.json"),
        says=says_its_numbers,
    )


def _trained(target):
    def build(folder):
        device = folder / "device.json"
        Inputs(folder)
        networks = (make_network("stochastic", 8), make_network("mixed-sums", 1, 2 * SWAP))
        model = trained_model.TrainedModel("toy", sha256(device), 1, 2023, networks, {})
        trained_model.write(folder / "model0.json", model)

        agree = _agreeing("model0")
        return Reader(target, lambda f: trained_model.read(f / "model0.json"), agree)

    return build


def _agreeing(stem):
    """Return what writes the checksum of damaged arrays into the JSON file next to them."""

    def agree(f):
        try:
            path = f / f"{stem}.json"
            document = json.loads(path.read_text())
            document["arrays"]["sha256"] = sha256(f / f"{stem}.safetensors")
            path.write_text(json.dumps(document))
        except (ValueError, TypeError, KeyError, RecursionError):
            pass

    return agree


def _crossbar(target):
    def build(folder):
        config = Crossbar(hidden=(2,), levels=5, devices=2)
        shapes = (3, 2), (3, 3)
        layers = []
        for shape in shapes:
            x = np.arange(2 * shape[0] * shape[1]).reshape(1, 2, *shape).astype(np.float32) % 5 / 4
            weights = (x[0, 0] - x[0, 1]).astype(np.float32)
            layers.append(CrossbarLayer(weights, 1.25, x, (x > 0.5).astype(np.uint8)))
        made = trained_crossbar.TrainedCrossbar(
            ResponseOrigin("toy", "0" * 64, "1" * 64, "simulated pulses"),
            *(0, 7, config, tuple(layers), np.array([1e-5, 2e-5]), np.array([3e-5, 5e-5])),
            CrossbarRecord(0.01, 2, 40, (0.5, 0.75), (0.5, 0.7), None, (20.0, 10.0)),
        )
        trained_crossbar.write(folder / "model0.json", made)
        agree = _agreeing("model0")
        return Reader(target, lambda f: trained_crossbar.read(f / "model0.json"), agree)

    return build


def _images(folder):
    Inputs(folder)
    return Reader("images.npz", lambda f: Images.read(f / "images.npz"))


def _study(folder):
    study = {
        "seed": 7,
        "devices": {
            "a-wire": {"source": "simulation", "wire": {"length_nm": 900, "width_nm": 80}},
            "lab": {"source": "measurement", "counts": "lab.csv", "columns": {"n_trials": "N"}},
        },
        "fitting": {"confidence": 0.9, "form": "logistic"},
        "hardware": {"compare_with": "lab", "reads": 4, "images": 100},
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    return Reader("study.yaml", lambda f: read_study(f / "study.yaml"))


def _block(folder):
    (folder / "device.yaml").write_text(block_text(TINY))
    return Reader(
        "device.yaml", lambda f: read_block(f / "device.yaml", SimulatedDevice), says=_says
    )


def _says(content: bytes, device: SimulatedDevice) -> bool:
    """Return whether what differs from the defaults is what the YAML says."""
    given = numbers_in(yaml.safe_load(content)) | numbers_in(SimulatedDevice())
    return numbers_in(device) <= given


def _loops(kind):
    def build(folder):
        rng = np.random.default_rng(0)
        field = np.concatenate([np.linspace(-10, 10, 40), np.linspace(10, -10, 40)])
        signals = np.tanh(field) + 0.05 * rng.standard_normal((2, 80))
        if kind == "csv":
            frame = pd.DataFrame({"field_mT": field, "signal": signals[0], "field_set_mT": 4.6})
            frame.to_csv(folder / "loops.csv", index=False)
        elif kind == "npz":
            arrays = {"field_mT": np.stack([field, field]), "signal": signals}
            np.savez_compressed(folder / "loops.npz", **arrays, field_set_mT=np.array([4.6, 5]))
        else:
            import h5py

            with h5py.File(folder / "loops.h5", "w") as file:
                file["field_mT"], file["signal"] = np.stack([field, field]), signals
                file["field_set_mT"] = np.array([4.6, 5])
        return Reader(f"loops.{kind}", lambda f: read_loops(f / f"loops.{kind}"))

    return build


def _wall(target):
    def build(folder):
        config, wall = folder / "device.yaml", folder / "wall.omf"
        config.write_text(block_text(TINY))
        problem = Problem.of(declare(TINY))
        write_walls(wall, TINY, relaxed_walls(TINY)[0])

        def agree(f):
            if target == "wall.omf":
                describe(f)

        def describe(f):
            content = {
                "wall_sha256": sha256(f / "wall.omf"),
                "setup": setup(TINY),
                "provenance": {"config_sha256": sha256(f / "device.yaml")},
            }
            write_json(f / "wall.json", "wall", 1, content)

        describe(folder)

        def read(f):
            check_walls(f / "wall.omf", f / "device.yaml")
            return read_walls(f / "wall.omf", TINY, problem)

        return Reader(target, read, agree)

    return build


TEST = {
    "test": "difference in h0_mT",
    "p_value": 0.5,
    "p_value_holm": 1.0,
    "effect_size": 0.25,
    "effect_meaning": "difference (mT)",
    "n": 3,
    "verdict": "same",
    "details": {"low": -0.5, "high": None, "within": "1 mT"},
}
SUMMARISED = {
    "accuracy": {
        "device": "paper",
        "accuracy": [
            {
                "rule": "stochastic",
                "reads_train": 1,
                "reads_test": 1,
                "mean": 0.9,
                "sd": None,
                "n_models": 1,
                "low": None,
                "high": None,
            }
        ],
    },
    "plan": {"device": "paper", "wanted": 0.9, "choices": {"fixed": None}},
    "comparison": {
        "device": "paper",
        "reference": "b",
        "tests": [TEST],
    },
    "wall": {
        "wall_sha256": "0" * 64,
        "setup": setup(TINY),
        "provenance": {"config_sha256": "0" * 64},
    },
    "speed": {
        "engine": "embedded",
        "backend": "embedded",
        "threads": 1,
        "simulated_ns": 12.5,
        "started_s": 1.0,
        "ended_s": 3.0,
    },
    "crossbar-accuracy": {
        "device": "a-track",
        "source": "simulated pulses",
        "settings": {
            **{"hidden": [3], "update": "whole", "levels": 5, "register_bits": None},
            "dataset": "mnist",
        },
        "test_images": 100,
        "accuracy": {
            **{"mean": 0.9, "sd": None, "low": 0.8, "high": 0.95, "n_models": 1},
            "interval": "Wilson, over test images",
        },
    },
    "crossbar-plan": {
        "device": "a-track",
        "inference": {"energy_J": 1e-9, "time_s": 1e-8},
        "training": {"epochs": 2, "energy_J": 1e-6, "time_s": {"at once": 0.1, "row by row": 1.0}},
    },
    "verification": {
        "device": "paper",
        "laboratory": "lab",
        "synthetic": True,
        "network": {"rule": "stochastic", "reads_train": 1},
        "verdict": {"verdict": "consistent", "alarm": False, "why": "x"},
        "tests": [TEST | {"verdict": "consistent", "simulations": 99}],
        "accuracy": [{"reads_test": 1, "accuracy": 0.9}],
        "provenance": {"inputs": {}},
    },
}


def _summary(kind):
    def build(folder):
        Inputs(folder)
        files = [folder / "device.json"]
        for name, content in SUMMARISED.items():
            path = folder / ("trials-1.speed.json" if name == "speed" else f"{name}.json")
            document = {"format": f"dwsynapse-{name}", "format_version": 1, **content}
            path.write_text(json.dumps(document))
            files.append(path)
        names = [path.name for path in files]
        target = next(name for name in names if kind in name)
        return Reader(target, lambda f: to_html(summarise([f / name for name in names])[0]))

    return build


FIELDS = [3.0, 4.5, 5.25, 6.0]
READERS = {
    "plan": _table(
        PLAN,
        pd.DataFrame({"field_mT": FIELDS, "n_trials": 10, "first_replica": [0, 10, 20, 30]}),
    ),
    "trials": _table(
        TRIALS,
        pd.DataFrame(
            {
                "field_mT": FIELDS,
                "replica": range(4),
                "seed": 2023,
                "outcome": ["passed", "pinned", "undecided", "failed"],
                "decided_at_ns": [0.5, 0.25, None, None],
                "wall_position_nm": [10.5, 20.25, 30.0, None],
                "engine": "embedded",
                "failure": [None, None, None, "x"],
            }
        ),
    ),
    "counts": _table(
        COUNTS,
        pd.DataFrame({"field_mT": FIELDS, "n_trials": 20, "n_passed": [0, 5, 15, 20]}),
    ),
    "survival": _table(
        SURVIVAL,
        pd.DataFrame(
            {
                "field_mT": FIELDS,
                "replica": range(4),
                "seed": 1,
                "survived_ns": [0.5, 1.5, 2.0, 0.125],
                "depinned": [0, 1, 1, 0],
                "engine": "embedded",
                "start": "pinned",
            }
        ),
    ),
    "barriers": _table(
        BARRIERS,
        pd.DataFrame(
            {"field_mT": FIELDS, "barrier_J": [4e-20, 2e-20, 1e-21, 0], "temperature_K": 300.0}
        ),
    ),
    "prediction": _table(
        PREDICTION,
        pd.DataFrame(
            {
                "field_mT": FIELDS,
                "probability": [0.0, 0.25, 0.5, 1],
                "low": 0.0,
                "high": 1.0,
                "rate_Hz": 1e9,
                "barrier_kT": 2.5,
                "credible": 1,
                "reason": None,
            }
        ),
    ),
    "laboratory counts": _laboratory_counts,
    "pulses": _table(PULSES, track_pulses(0, replicas=1)),
    "track": _track,
    "response": _response,
    "tables of CrossSim": _crosssim,
    "pulse train": _pulse_train,
    "device": _hardware(
        "device.json", lambda f: DeviceModel.read(f / "device.json"), says_its_numbers
    ),
    "device against current": _device_against_current,
    "program": _hardware(
        "program.csv",
        lambda f: Program.read(f / "program.csv", f / "device.json"),
    ),
    "biases": _hardware(
        "program.json",
        lambda f: Program.read(f / "program.csv", f / "device.json"),
        lambda content, program: (
            numbers_in([program.biases, program.model]) <= numbers_in(json.loads(content))
        ),
    ),
    "manifest": _hardware(
        "manifest.json",
        _manifest,
        lambda content, manifest: numbers_in(manifest) <= numbers_in(json.loads(content)),
    ),
    **{f"log {name}": _log(name) for name in WRITERS if name != "own.parquet"},
    "detection errors": _detection,
    "network": _trained("model0.json"),
    "arrays of a network": _trained("model0.safetensors"),
    "crossbar": _crossbar("model0.json"),
    "arrays of a crossbar": _crossbar("model0.safetensors"),
    "images": _images,
    "study": _study,
    "device block": _block,
    **{f"loops {kind}": _loops(kind) for kind in ("csv", "npz", "h5")},
    "wall": _wall("wall.omf"),
    "wall header": _wall("wall.json"),
    **{f"summary {kind}": _summary(kind) for kind in ("device", *SUMMARISED)},
}
"""By name: a function that fills a folder with good files and returns the reader of them."""
