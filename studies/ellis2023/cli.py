"""The command that reproduces the paper's network figures."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_line import Commands
from dwsynapse.io.command_options import (
    Device,
    ImagesFile,
    Models,
    Threads,
    out_folder,
    several,
)
from dwsynapse.io.files import provenance, require_output, write_json

app = Commands()


@app.command()
def figures(
    models: Models,
    device: Device,
    images: ImagesFile,
    out: Annotated[Path, out_folder("paper.json, fig1d.svg and the other figures")],
    laboratory: Annotated[
        list[Path] | None,
        several(
            help="verification.json of a program of these models, for Fig. 4(a, b)",
            metavar="FILE",
        ),
    ] = None,
    threads: Threads = 1,
) -> None:
    """Reproduce the network figures of Ellis et al. 2023, and test the paper's claims."""
    from fitting.device import DeviceModel
    from network import trained_model
    from network.accuracy import require_same_origin
    from network.images.prepared_images import Images
    from studies.claims_of_papers import as_lines
    from studies.ellis2023.all_figures import make
    from studies.ellis2023.fig4ab_accuracy import laboratory_points
    from studies.ellis2023.figure_inputs import Material, require_networks

    require_output(out / "paper.json", *models, device, images, *(laboratory or []))
    trained = [trained_model.read(path, device) for path in models]
    require_same_origin(models, trained)
    require_networks(models, trained)
    data = Images.read(images, trained[0].n_in)
    model_of = DeviceModel.read(device)
    model_of.require_field("the figures of Ellis et al. 2023 are")
    material = Material(model_of, tuple(trained), data)
    points = laboratory_points(laboratory or [], device, models)
    content = make(material, points, out, threads)
    inputs = [*models, device, images, *(laboratory or [])]
    content["provenance"] = provenance("studies", seed=trained[0].seed, inputs=inputs)
    write_json(out / "paper.json", "paper", 1, content)
    typer.echo("\n".join(as_lines(content["claims"])))
