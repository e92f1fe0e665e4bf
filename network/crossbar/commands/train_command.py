"""The command that trains networks on crossbars."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from dwsynapse.io.command_options import (
    ImagesFile,
    ResponseFile,
    Seed,
    Threads,
    block,
    numbers,
    out_folder,
    several,
)
from dwsynapse.io.files import provenance, require_output
from dwsynapse.io.limits import DEFAULT_SEED, MAX_SEED
from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.io.signals import requested_stop

if TYPE_CHECKING:
    from network.crossbar.crossbar_checkpoint import CrossbarCheckpoint
    from network.crossbar.train_crossbars import CrossbarTraining

SAVE_EVERY_S = 5.0
KINDS_OF_FILES = (".json", ".safetensors", ".checkpoint")


def train_crossbar_command(
    config: Annotated[Path, block("crossbar")],
    response: ResponseFile,
    images: ImagesFile,
    model_numbers: Annotated[
        list[str],
        several(help="Numbers of the models, which select their random numbers", metavar="NUMBER"),
    ],
    out: Annotated[Path, out_folder("model0.json with model0.safetensors, and so on")],
    seed: Seed = DEFAULT_SEED,
    threads: Threads = 1,
) -> None:
    """Train networks whose weights are pairs of synapses, by pulses through their response.

    Each network takes one thread. After an interruption the same command continues where it
    stopped. Models that were trained with other settings, inputs or code are not replaced.

    Example: python -m network train-crossbar --config crossbar.yaml
    --response my-track/response.npz --images grey-images.npz --model-numbers 0,1 --out my-track
    """
    from dwsynapse.study import read_block
    from dwsynapse.study.crossbar import Crossbar
    from fitting.response.response_table import ResponseTable
    from network.crossbar.crossbar_checkpoint import CrossbarCheckpoint
    from network.crossbar.model import trained_crossbar
    from network.crossbar.model.crossbar_record import ResponseOrigin
    from network.crossbar.model.export_crossbar import export
    from network.crossbar.probe import lost_updates, warning_of
    from network.crossbar.train_crossbars import CrossbarRun, CrossbarTraining, train_crossbars
    from network.images.grey_images import GreyImages
    from network.training.earlier_training import require_no_other_training

    models = numbers(model_numbers, "--model-numbers", int, 0, MAX_SEED)
    paths = [out / f"model{model}.json" for model in models]
    for path in paths:
        for suffix in KINDS_OF_FILES:
            kind = trained_crossbar.KIND if suffix == ".json" else None
            require_output(path.with_suffix(suffix), config, response, images, kind=kind)
    settings: Crossbar = read_block(config, Crossbar)
    table, data = ResponseTable.read(response), GreyImages.read(images)
    origin = provenance("network", config=config, seed=seed, inputs=[response, images])
    for model, path in zip(models, paths, strict=True):
        require_no_other_training(path, origin, model)
    trainings = [CrossbarTraining(CrossbarRun(settings, table, n, seed), data) for n in models]
    lost = [lost_updates(training) for training in trainings]
    for warning in {warning_of(*each) for each in zip(trainings, lost, strict=True)} - {None}:
        print(f"warning: {warning}", file=sys.stderr)
    checkpoints = []
    for training, path in zip(trainings, paths, strict=True):
        checkpoint = CrossbarCheckpoint.of(
            path.with_suffix(".checkpoint"), origin, training.run.model
        )
        training.progress = checkpoint.load() or training.progress
        checkpoints.append(checkpoint)
    through = ResponseOrigin.of(response, table)
    with _bar(trainings, through.name) as bar:
        train_crossbars(trainings, threads, _keeper(trainings, checkpoints, bar))
    for training, path, share in zip(trainings, paths, lost, strict=True):
        trained_crossbar.write(path, export(training, through, origin, share))
    for checkpoint in checkpoints:
        checkpoint.path.unlink(missing_ok=True)


def _bar(trainings: Sequence["CrossbarTraining"], name: str) -> Any:
    """Return the bar of all images of all epochs of all networks."""
    per_epoch = [len(training.training) for training in trainings]
    done = sum(
        n * training.progress.epoch + training.progress.images
        for n, training in zip(per_epoch, trainings, strict=True)
    )
    return progress_bar(
        desc=f"{name}, crossbar",
        total=sum(per_epoch) * trainings[0].run.config.epochs,
        initial=done,
        unit="image",
    )


def _keeper(
    trainings: Sequence["CrossbarTraining"],
    checkpoints: Sequence["CrossbarCheckpoint"],
    bar: Any,
) -> Callable[["CrossbarTraining"], None]:
    """Return what keeps the progress of each network now and then, and shows it."""
    of = {id(training): kept for training, kept in zip(trainings, checkpoints, strict=True)}
    saved_s = dict.fromkeys(of, time.monotonic())
    seen = {id(each): each.progress.images for each in trainings}

    def on_part(training: "CrossbarTraining") -> None:
        key, images = id(training), training.progress.images
        has_ended = images == 0
        bar.update((images or len(training.training)) - seen[key])
        seen[key] = images
        if has_ended:
            test = training.progress.test[-1]
            bar.set_postfix(refresh=False, test_accuracy=f"{test:.4f}")
        if has_ended or requested_stop() or time.monotonic() > saved_s[key] + SAVE_EVERY_S:
            of[key].save(training.progress)
            saved_s[key] = time.monotonic()

    return on_part
