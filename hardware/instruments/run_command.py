"""The command that runs a program on a bench."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dwsynapse.io.command_options import (
    Device,
    ImagesFile,
    ProgramFile,
    Seed,
    block,
    out_folder,
)
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, read_json, require_output, sha256
from dwsynapse.io.limits import DEFAULT_SEED

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from hardware.instruments.bench import Bench
    from hardware.program import Program

LOG_FILE, MANIFEST_FILE, SESSION_FILE = (
    "inference_log.parquet",
    "manifest.json",
    "inference_log.session",
)
VIRTUAL = "virtual"


def run(
    program: ProgramFile,
    device: Device,
    images: ImagesFile,
    config: Annotated[Path, block("hardware")],
    out: Annotated[Path, out_folder("inference_log.parquet, manifest.json")],
    bench: Annotated[
        str,
        typer.Option(
            metavar="virtual|visa:FILE|replay:LOG",
            help="The virtual laboratory, instruments by VISA (YAML), or a recorded log",
        ),
    ] = VIRTUAL,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Run a program on a bench: inference_log.parquet and manifest.json.

    Each image is stored when it is read; an interrupted session goes on with the same command.

    Example: python -m hardware run --bench visa:my-bench.yaml --program program.csv
    --device device.json --images images.npz --config hardware.yaml --out my-run
    """
    from dwsynapse.study import Hardware, read_block
    from hardware.instruments.session import run_session
    from hardware.instruments.virtual_laboratory import accuracy_by_reads
    from hardware.log import write_log
    from hardware.manifest import Manifest
    from hardware.program import Program
    from hardware.programming.shown_images import shown_images

    kind, _, given = bench.partition(":")
    inputs = [program, device, images, *([Path(given)] if given else [])]
    for name in (LOG_FILE, MANIFEST_FILE, SESSION_FILE):
        require_output(out / name, *inputs, config)
    _require_no_measured_log(out)
    settings: Hardware = read_block(config, Hardware)
    loaded = Program.read(program, device)
    pixels, labels = shown_images(images, loaded, settings)
    if bench == VIRTUAL:
        from fitting.device import DeviceModel
        from hardware.instruments.virtual_laboratory import VirtualBench

        # The sinusoid is the program's, whatever the config says now.
        of_program = settings.model_copy(update={"field_sinusoid": loaded.schedule.sinusoid})
        instrument: Bench = VirtualBench(DeviceModel.read(device), of_program, seed)
    elif kind == "replay" and given:
        from hardware.instruments.replay import Replay

        instrument = Replay.of(Path(given), program, loaded, pixels)
    elif kind == "visa" and given:
        from hardware.instruments.visa.visa_bench import VisaBench

        _require_fixed_reads(loaded, program)
        instrument = VisaBench.read(Path(given))
    else:
        raise InputError(
            f"{bench!r} is no bench",
            where="--bench",
            remedy="give virtual, visa:FILE.yaml or replay:LOG",
        )
    origin = provenance("hardware", config=config, seed=seed, inputs=inputs)
    identity = _identity(loaded, pixels, instrument, bench, origin)
    log = run_session(instrument, loaded, pixels, out / SESSION_FILE, identity)
    accuracy = accuracy_by_reads(loaded, log, labels)
    write_log(out / LOG_FILE, log)
    manifest = Manifest(
        laboratory=instrument.laboratory,
        synthetic=instrument.synthetic,
        program_sha256=sha256(program),
        log_sha256=sha256(out / LOG_FILE),
        # The last reads may be missing, in part or by early exit: stated for all or not at all.
        accuracy=tuple(map(float, accuracy)) if _has_all(loaded, len(accuracy)) else None,
        instrument=instrument.instrument(),
        provenance=origin,
        order="time" if _in_time(log) else "unordered",
        program_content_sha256=loaded.content_sha256,
    )
    manifest.write(out / MANIFEST_FILE)
    (out / SESSION_FILE).unlink()


def _require_fixed_reads(program: "Program", path: Path) -> None:
    """Refuse a program whose reads depend on outcomes, for a bench that does not decide by them."""
    if program.early_exit:
        raise InputError(
            "early exit is not run by VISA: every read of the program would be made",
            path=path,
            where="early_exit",
            remedy="make the program with hardware.early_exit: null",
        )
    if program.hidden_biases:
        raise InputError(
            "hidden layers are not run by VISA, where no outcome decides which synapses are read",
            path=path,
            where="hidden_biases",
            remedy="run it on a bench of your own (hardware.schedule.layer_operations), or give a "
            "network of one layer",
        )


def _has_all(program: "Program", reads: int) -> bool:
    return reads == program.reads and program.early_exit is None


def _in_time(log: "pd.DataFrame") -> bool:
    """Return whether the rows are in the order of time; a clock may be set, a replay sorted."""
    return "timestamp_s" not in log or bool(log["timestamp_s"].is_monotonic_increasing)


def _identity(
    program: "Program",
    pixels: "NDArray[np.uint8]",
    instrument: "Bench",
    bench: str,
    origin: dict[str, Any],
) -> dict[str, Any]:
    """Return what must be the same for a session to go on.

    A simulated one must be the same in everything that its numbers depend on. On a bench settings
    may be corrected in between.
    """
    import hashlib

    same = {
        "program": program.fingerprint,
        "content": program.content_sha256,
        "order": program.schedule.content(),
        "images": hashlib.sha256(pixels.tobytes()).hexdigest(),
        "laboratory": instrument.laboratory,
        "synthetic": instrument.synthetic,
    }
    if bench == VIRTUAL:
        same |= {"instrument": instrument.instrument(), "seed": origin["seed"]}
        same |= {"code": origin["code"]}
        same |= {"inputs": list(origin["inputs"].values())}
    return same


def _require_no_measured_log(out: Path) -> None:
    """Refuse to replace what was measured: it may have taken days."""
    if not (out / MANIFEST_FILE).exists():
        return
    content = read_json(out / MANIFEST_FILE, "manifest", 1)
    if content.get("synthetic") is not True:
        raise InputError(
            "the manifest of a log that was measured",
            path=out / MANIFEST_FILE,
            remedy="choose another --out, or move what is there",
        )
