"""Damaged logs, manifests, programs, devices, images and settings, as laboratories produce them.

`python -m tests.hardware.logs.mutated_inputs 600` damages so many, runs `hardware manifest` and
`verify` on them, and prints those that end in anything but a result or one clear line.
"""

import gzip
import json
import signal
import sys
import traceback
import warnings
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import h5py
import numpy as np
import pandas as pd
from typer.main import get_command

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from hardware.cli import app
from hardware.log import write_log
from hardware.manifest import Manifest
from network.images.prepared_images import PIXELS, Images
from tests.hardware.small_task import DEVICE, laboratory_run, make_task

LIMIT_S = 120
STRANGE = ["", "nan", "inf", "-1", "1e308", "1e-320", "0x1F", "1,5", "1'000", "abc", "µ", "\0", '"']
STRANGE += [
    "10000000",
    "1000000",
    "1000000000",
    "99999999999999999999",
    "=A1",
    "#REF!",
    "5 mT",
    "½",
]
VALUES = [None, True, "", "x", -1, 0, 1.5, 1e308, 10**7, 10**30, [], {}, [[]], {"a": {"b": []}}]
NAMES = [
    "$",
    "$x$",
    r"$\frac{1}$",
    "<script>",
    "a&b",
    "{x}",
    "%s",
    "\n",
    "\x1b[31m",
    "🧲",
    "x" * 10**5,
]


class Inputs:
    """All files of a verification in a folder, that belong together."""

    def __init__(self, folder):
        self.folder = folder
        program, pixels, labels = make_task(n_in=PIXELS[0])
        self.log, _ = laboratory_run(program, DEVICE, pixels[:3], labels, seed=1)
        self.log.attrs = {}
        DEVICE.write(folder / "device.json")
        Images(pixels, labels, pixels, labels).write(folder / "images.npz")
        program.write(folder / "program.csv")
        self.edit("program.json", device_sha256=sha256(folder / "device.json"))
        (folder / "hardware.yaml").write_text("images: 3\nreads: 4\n")
        self.log.to_csv(folder / "log.csv", index=False)
        self.log_name = "log.csv"
        self.write_manifest()

    def write_manifest(self):
        log, program = self.folder / self.log_name, self.folder / "program.csv"
        Manifest("lab", False, sha256(program), sha256(log)).write(self.folder / "manifest.json")

    def edit(self, name, **keys):
        path = self.folder / name
        path.write_text(json.dumps(json.loads(path.read_text()) | keys))

    def agree(self):
        """Let checksums agree with what was changed, so that checks behind them are reached."""
        try:
            self.edit("program.json", program_sha256=sha256(self.folder / "program.csv"))
            self.edit("program.json", device_sha256=sha256(self.folder / "device.json"))
            sums = {"log": sha256(self.folder / self.log_name)}
            sums["program"] = sha256(self.folder / "program.csv")
            self.edit("manifest.json", **{f"{name}_sha256": sum_ for name, sum_ in sums.items()})
        except (ValueError, TypeError, RecursionError):
            pass  # No longer JSON of that shape: the first reader says so.


def cut(content, rng):
    return content[: rng.integers(len(content))]


def flipped(content, rng):
    changed = bytearray(content)
    for place in rng.integers(len(changed), size=rng.integers(1, 20)):
        changed[place] = rng.integers(256)
    return bytes(changed)


def without_block(content, rng):
    start, length = rng.integers(len(content)), rng.integers(1, 400)
    return content[:start] + content[start + length :]


def with_strange_cell(content, rng):
    lines = content.decode().splitlines()
    row = rng.integers(min(len(lines), 60))
    cells = lines[row].split(",")
    cells[rng.integers(len(cells))] = STRANGE[rng.integers(len(STRANGE))]
    lines[row] = ",".join(cells)
    return ("\n".join(lines) + "\n").encode()


BYTES = {
    "cut": cut,
    "flipped": flipped,
    "without a block": without_block,
    "twice": lambda content, rng: content * 2,
    "empty": lambda content, rng: b"",
    "blank": lambda content, rng: b" \n\n\t\n",
    "zeros": lambda content, rng: bytes(len(content) // 10),
    "utf-16": lambda content, rng: content.decode(errors="replace").encode("utf-16"),
    "latin": lambda content, rng: b"\xe9" + content,
    "quote": lambda content, rng: content[:200] + b'"' + content[200:],
    "one line": lambda content, rng: content.replace(b"\n", b" "),
    "semicolons": lambda content, rng: content.replace(b",", b";").replace(b".", b","),
    "header alone": lambda content, rng: content.splitlines()[0] + b"\n" if content else b"",
    "nested": lambda content, rng: b'{"a":' * 100_000,
    "brackets": lambda content, rng: b"[" * 100_000 + b"]" * 100_000,
    "picture": lambda content, rng: b"\x89PNG\r\n\x1a\n" + content,
    "markup": lambda content, rng: b"<html>" + content,
}


def scaled(log, rng):
    name = ("field_set_mT", "field_measured_mT")[rng.integers(2)]
    return log.assign(**{name: log[name] * 10.0 ** rng.integers(-6, 7)})


def with_a_value(log, rng):
    log = log.astype(object)
    name, row = log.columns[rng.integers(len(log.columns))], rng.integers(len(log))
    log.loc[row, name] = STRANGE[rng.integers(len(STRANGE))]
    return log


def constant(log, rng):
    value = [0, 1, 20, 10**6, 10**9, np.nan, np.inf, "x", None, 1e30][rng.integers(10)]
    return log.assign(**{log.columns[rng.integers(len(log.columns))]: value})


LOGS = {
    "scaled": scaled,
    "value": with_a_value,
    "constant": constant,
    "20 mT": lambda log, rng: log.assign(field_measured_mT=20.0),
    "without a column": lambda log, rng: log.drop(columns=log.columns[rng.integers(8)]),
    "two columns swapped": lambda log, rng: log.set_axis(rng.permutation(log.columns), axis=1),
    "rows missing": lambda log, rng: log.sample(frac=rng.random(), random_state=1).sort_index(),
    "one row": lambda log, rng: log.iloc[[rng.integers(len(log))]],
    "one synapse": lambda log, rng: log[(log["in"] == log["in"].iloc[0]) & (log["out"] == 0)],
    "one read": lambda log, rng: log[log["read"] == rng.integers(4)],
    "repeated": lambda log, rng: pd.concat([log.iloc[:20], log]),
    "shuffled": lambda log, rng: log.sample(frac=1, random_state=1),
    "undecided": lambda log, rng: log.assign(
        outcome=log["outcome"].astype(object).where(rng.random(len(log)) < rng.random(), "?")
    ),
    "all passed": lambda log, rng: log.assign(outcome=rng.integers(2)),
    "no field measured": lambda log, rng: log.drop(columns="field_measured_mT"),
    "no times": lambda log, rng: log.drop(columns="timestamp_s"),
    "dates": lambda log, rng: log.assign(
        timestamp_s=["2025-01-01T00:00:00", "9999-12-31T00:00:00Z", "0001-01-01 00:00:00"][
            rng.integers(3)
        ]
    ),
    "mixed dates": lambda log, rng: log.assign(
        timestamp_s=np.where(rng.random(len(log)) < 0.5, "2025-01-01T00:00:00", "17")
    ),
    "clock back": lambda log, rng: log.assign(timestamp_s=log["timestamp_s"].to_numpy()[::-1]),
    "nested": lambda log, rng: log.assign(image=[[1]] * len(log)),
    "bytes": lambda log, rng: log.assign(outcome=log["outcome"].astype(str).str.encode("ascii")),
    "whole": lambda log, rng: log,
}


def as_hdf5(path, log):
    with h5py.File(path, "w") as file:
        for name in log:
            values = log[name].to_numpy()
            text = values.dtype.kind in "OU"
            file[name] = np.array([str(v) for v in values], dtype="S40") if text else values


def as_parquet(path, log):
    plain = {n: log[n].map(str) if log[n].map(type).nunique() > 1 else log[n] for n in log}
    pd.DataFrame(plain).to_parquet(path, index=False)


WRITERS = {
    "log.csv": lambda path, log: log.to_csv(path, index=False),
    "log.csv.gz": lambda path, log: path.write_bytes(
        gzip.compress(log.to_csv(index=False).encode())
    ),
    "log.parquet": as_parquet,
    "own.parquet": lambda path, log: write_log(
        path,
        pd.DataFrame({n: log[n].astype(str) if log[n].dtype == object else log[n] for n in log}),
    ),
    "log.h5": as_hdf5,
    "log.xlsx": lambda path, log: log.iloc[:400].to_excel(path, index=False),
}


def mutate_log(inputs, rng):
    writer = [*WRITERS][rng.integers(len(WRITERS))]
    change = [*LOGS][rng.integers(len(LOGS))]
    inputs.log_name = writer
    try:
        WRITERS[writer](inputs.folder / writer, LOGS[change](inputs.log.copy(), rng))
    except (ValueError, TypeError, OSError, NotImplementedError, UnicodeError):
        WRITERS["log.csv"](inputs.folder / writer, LOGS[change](inputs.log.copy(), rng))
    damage = "none"
    if rng.random() < 0.4:
        damage = [*BYTES][rng.integers(len(BYTES))]
        damage_file(inputs.folder / writer, damage, rng)
    inputs.write_manifest()
    return f"log {writer}, {change}, {damage}"


def damage_file(path, damage, rng):
    path.write_bytes(BYTES[damage](path.read_bytes(), rng))


def mutate_text(name):
    def mutate(inputs, rng):
        damage = [*BYTES][rng.integers(len(BYTES))]
        damage_file(inputs.folder / name, damage, rng)
        return f"{name}, {damage}"

    return mutate


def mutate_cells(name):
    def mutate(inputs, rng):
        path = inputs.folder / name
        path.write_bytes(with_strange_cell(path.read_bytes(), rng))
        return f"{name}, strange cell"

    return mutate


def mutate_key(name):
    """Change one value anywhere in a JSON document."""

    def mutate(inputs, rng):
        path = inputs.folder / name
        document = json.loads(path.read_text())
        place, keys = document, []
        while isinstance(place, dict | list) and len(place):
            keys.append((place, [*(place if isinstance(place, dict) else range(len(place)))]))
            key = keys[-1][1][rng.integers(len(keys[-1][1]))]
            keys[-1] = (place, key)
            if not isinstance(place[key], dict | list) or rng.random() < 0.4:
                break
            place = place[key]
        holder, key = keys[-1]
        value = VALUES[rng.integers(len(VALUES))]
        if rng.random() < 0.15 and isinstance(holder, dict):
            del holder[key]
            value = "deleted"
        else:
            holder[key] = value
        path.write_text(json.dumps(document))
        return f"{name}, {key}: {str(value)[:20]}"

    return mutate


def mutate_manifest(inputs, rng):
    options = {
        "laboratory": NAMES,
        "accuracy": [[], [0.5], [0.5] * 4, [2] * 4, [0.1] * 10**5, "x"],
        "order": ["time", "unordered", "random", 3],
        "columns": [
            {"image": "out"},
            {"image": "image", "out": "image"},
            {"field_set_T": "field_set_mT"},
            {"field_set_Oe": "outcome"},
            {"": ""},
            {"image": {"a": 1}},
            {"x" * 10**5: "image"},
            {"timestamp_s": "field_set_mT"},
            [],
        ],
        "instrument": [
            {"field_step_mT": 1e9},
            {"field_step_mT": 10},
            {"field_noise_sd_mT": -1},
            {"field_noise_sd_mT": "0.03"},
            {"field_scale_sd": 2},
            {"field_offset_sd_mT": 1e4},
            {"a": [[[]]]},
            [],
        ],
        "synthetic": [True, None, "yes", 1],
        "provenance": [[], {"inputs": 3}, None, "x"],
        "format_version": [2, True, "1"],
    }
    key = [*options][rng.integers(len(options))]
    value = options[key][rng.integers(len(options[key]))]
    inputs.edit("manifest.json", **{key: value})
    return f"manifest, {key}: {str(value)[:30]!r}"


def mutate_program(inputs, rng):
    path = inputs.folder / "program.csv"
    frame = pd.read_csv(path, comment="#")
    name = frame.columns[rng.integers(4)]
    values = [20, 1e4, -1, 0, 10**6, 10**7, 10**9, 10**12, 1.5, np.nan, np.inf, "x", ""]
    value = values[rng.integers(len(values))]
    rows = slice(None) if rng.random() < 0.5 else int(rng.integers(len(frame)))
    frame = frame.astype(object)
    frame.loc[rows, name] = value
    if rng.random() < 0.2:
        frame = frame.drop(index=int(rng.integers(len(frame))))
    frame.to_csv(path, index=False)
    return f"program, {name}: {value}, {'all' if isinstance(rows, slice) else 'one'}"


def mutate_settings(inputs, rng):
    keys = ["images", "reads", "field_step_mT", "field_noise_sd_mT", "field_offset_sd_mT"]
    keys += ["field_scale_sd", "reads_per_s", "significance", "reads_train", "laboratory", "order"]
    values = [
        ".inf",
        "-1",
        "0",
        "1e308",
        "10000000",
        "null",
        "[]",
        "{}",
        "x",
        "yes",
        ".nan",
        "1e-6",
    ]
    key, value = keys[rng.integers(len(keys))], values[rng.integers(len(values))]
    (inputs.folder / "hardware.yaml").write_text(f"{key}: {value}\n")
    return f"settings, {key}: {value}"


def mutate_images(inputs, rng):
    path = inputs.folder / "images.npz"
    with np.load(path) as file:
        arrays = dict(file)
    name = [*arrays][rng.integers(len(arrays))]
    array = arrays[name]
    changes = {
        "10^7": lambda a: np.where(np.arange(a.size).reshape(a.shape) == 3, 10**7, a),
        "negative": lambda a: a.astype(int) - 1,
        "float": lambda a: a / 3,
        "nan": lambda a: np.full(a.shape, np.nan),
        "text": lambda a: a.astype("U3"),
        "shorter": lambda a: a[:2],
        "none": lambda a: a[:0],
        "flat": lambda a: a.ravel()[:50],
        "zero": lambda a: a * 0,
    }
    change = [*changes][rng.integers(len(changes))]
    arrays[name] = changes[change](array)
    np.savez(path, **arrays)
    return f"images, {name} {change}"


MUTATIONS = {
    "log": (mutate_log, 8),
    "log cell": (mutate_cells("log.csv"), 3),
    "log bytes": (mutate_text("log.csv"), 2),
    "manifest": (mutate_manifest, 4),
    "manifest bytes": (mutate_text("manifest.json"), 2),
    "manifest key": (mutate_key("manifest.json"), 2),
    "program": (mutate_program, 3),
    "program cell": (mutate_cells("program.csv"), 1),
    "program bytes": (mutate_text("program.csv"), 1),
    "biases": (mutate_key("program.json"), 2),
    "biases bytes": (mutate_text("program.json"), 1),
    "device": (mutate_key("device.json"), 3),
    "images": (mutate_images, 2),
    "settings": (mutate_settings, 2),
}
"""By name, and how often of all."""


def stop(*_):
    raise TimeoutError("hangs")


def run(inputs, name):
    """Run a command and return how it ended: a result, one line, or what is wrong."""
    folder, log = inputs.folder, inputs.folder / inputs.log_name
    words = ["--program", folder / "program.csv", "--log", log, "--out", folder / "out"]
    if name == "manifest":
        words += ["--laboratory-name", "lab", "--images", folder / "images.npz"]
        words += [] if log.name == "own.parquet" else ["--measured"]
    else:
        words += ["--manifest", folder / "manifest.json", "--device", folder / "device.json"]
        words += ["--images", folder / "images.npz", "--config", folder / "hardware.yaml"]
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(LIMIT_S)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            get_command(app)([name, *map(str, words)], standalone_mode=False)
        said = [w for w in caught if not issubclass(w.category, DeprecationWarning)]
        return f"WARNS {said[0].category.__name__}: {said[0].message}" if said else "a result"
    except InputError as error:
        text = str(error)
        clear = "\n" not in text and "; " in text and len(text) < 900
        return f"line: {text}" if clear else f"UNCLEAR {text[:900]}"
    except (click.ClickException, MemoryError) as error:
        return f"line: {error}"
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        last = traceback.extract_tb(error.__traceback__)[-1]
        ours = [f for f in traceback.extract_tb(error.__traceback__) if "/hardware/" in f.filename]
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
        return f"TRACEBACK {type(error).__name__}: {error!s:.200} at {last.name} ({place})"
    finally:
        signal.alarm(0)


def outcome_of(number):
    """Return what was damaged in the input of a number, and how the commands end on it."""
    rng = np.random.default_rng([7, number])
    names, weights = [*MUTATIONS], np.array([weight for _, weight in MUTATIONS.values()], float)
    kind = names[rng.choice(len(names), p=weights / weights.sum())]
    with TemporaryDirectory() as folder:
        inputs = Inputs(Path(folder))
        what = MUTATIONS[kind][0](inputs, rng)
        if rng.random() < 0.9:
            inputs.agree()
        ended = {"manifest": run(inputs, "manifest").replace(folder, "")}
        if not (kind.startswith("log") and ended["manifest"].startswith("line")):
            ended["verify"] = run(inputs, "verify").replace(folder, "")
    return what, ended


def main():
    """Print what ends in a traceback, a hang, a warning or an unclear line, and how many do not."""
    numbers = range(*map(int, sys.argv[2:4])) if len(sys.argv) > 3 else range(int(sys.argv[1]))
    counted = Counter()
    for number in numbers:
        what, ended = outcome_of(number)
        for name, end in ended.items():
            counted[f"{name}: {end.split(':')[0].split()[0]}"] += 1
            print(f"{number} {what} | {name}: {end}", flush=True)
    print(dict(counted))


if __name__ == "__main__":
    main()
