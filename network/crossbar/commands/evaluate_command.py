"""The command that tests trained crossbars."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_options import ImagesFile, Models, ResponseFile, out_folder
from dwsynapse.io.files import provenance, require_outputs, write_json

FILES = ("crossbar-accuracy.json", "crossbar-accuracy.svg", "crossbar-confusion.svg")


def evaluate_crossbar_command(
    models: Models,
    response: ResponseFile,
    images: ImagesFile,
    out: Annotated[Path, out_folder(", ".join(FILES))],
) -> None:
    """Test trained crossbars on all test images.

    Reads are without noise: the response says what pulses do, not how well a level is read.
    """
    require_outputs(out, FILES, *models, response, images)
    from network.accuracy import require_same_origin
    from network.crossbar.commands.crossbar_accuracy import (
        KIND,
        VERSION,
        accuracy_content,
        as_lines,
        found_classes,
        require_images,
    )
    from network.crossbar.commands.crossbar_figures import plot_accuracy, plot_confusion
    from network.crossbar.model import trained_crossbar
    from network.images.grey_images import GreyImages

    trained = [trained_crossbar.read(path, response) for path in models]
    require_same_origin(models, trained)
    data = GreyImages.read(images)
    require_images(trained, data)
    found = [found_classes(each, data) for each in trained]
    content = accuracy_content(trained, found, data)
    origin = provenance("network", inputs=[*models, response, images])
    write_json(out / "crossbar-accuracy.json", KIND, VERSION, {**content, "provenance": origin})
    plot_accuracy(out / "crossbar-accuracy.svg", content)
    plot_confusion(out / "crossbar-confusion.svg", content)
    typer.echo(as_lines(content))
