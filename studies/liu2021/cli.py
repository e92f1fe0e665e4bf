"""The commands that reproduce the paper's synapses."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_line import Commands
from dwsynapse.io.command_options import Threads, out_file, out_folder
from dwsynapse.io.files import provenance, require_output, require_outputs, write_json

app = Commands()

Pulses = Annotated[
    Path | None,
    typer.Option(help="Folder with sets of pulses; default: those shipped", metavar="FOLDER"),
]


@app.command()
def figures(
    out: Annotated[Path, out_folder("paper.json, fig2a.svg and the other figures")],
    pulses: Pulses = None,
) -> None:
    """Reproduce the device figures of Liu et al. 2021, and test the paper's claims."""
    from studies.claims_of_papers import as_lines
    from studies.liu2021.all_figures import FIGURES, inputs_of, make
    from studies.liu2021.pulse_sets import SHIPPED

    folder = pulses or SHIPPED
    inputs = inputs_of(folder)
    require_outputs(out, ["paper.json", *(f"{name}.svg" for name in FIGURES)], *inputs)
    content = make(folder, out)
    content["provenance"] = provenance("studies", inputs=inputs)
    write_json(out / "paper.json", "paper-liu2021", 1, content)
    typer.echo("\n".join(as_lines(content["claims"])))


@app.command()
def responses(
    out: Annotated[Path, out_folder("response.npz, response.json in a folder for each set")],
) -> None:
    """Write our own response tables, for training: STT and SOT at 300 and 400 K."""
    from studies.liu2021.pulse_sets import RESPONSES, SHIPPED, response_of

    names = [f"{name}/{file}" for name in RESPONSES for file in ("response.npz", "response.json")]
    require_outputs(out, names)
    for name in RESPONSES:
        made = response_of(SHIPPED, name)
        made.write(out / name, provenance("studies", inputs=made.files))
        for note in [*made.notes, *made.warnings]:
            typer.echo(f"{name}: {note}")


@app.command()
def learn(
    out: Annotated[Path, out_folder("learning.json, fig5a.svg and the other figures, networks/")],
    pulses: Pulses = None,
    images_folder: Annotated[
        Path | None,
        typer.Option(
            help="Folder with the folders mnist and fashion-mnist of IDX files; default: fetched",
            metavar="FOLDER",
        ),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Train as long as the paper: ten times as long")
    ] = False,
    threads: Threads = 1,
) -> None:
    """Train the networks of Fig. 5 through published and our own responses, and test the claims.

    Networks that are trained are kept, those of --full apart: after an interruption the same
    command goes on.
    """
    from dwsynapse.io.fingerprint import fingerprint
    from network.images.downloads import obtain
    from network.images.grey_images import prepare_grey
    from studies.claims_of_papers import as_lines
    from studies.liu2021.all_figures import inputs_of
    from studies.liu2021.learning.all_learning import FIGURES, make
    from studies.liu2021.learning.conditions import FULL, SEED, SHORT
    from studies.liu2021.learning.figure_5 import FASHION, MNIST
    from studies.liu2021.learning.synapses import synapses
    from studies.liu2021.learning.train_conditions import Trainer
    from studies.liu2021.pulse_sets import SHIPPED

    folder = pulses or SHIPPED
    inputs = inputs_of(folder)
    require_outputs(out, ["learning.json", *(f"{name}.svg" for name in FIGURES)], *inputs)
    sets = {
        name: prepare_grey(obtain(name, str(images_folder / name) if images_folder else None))
        for name in (MNIST, FASHION)
    }
    tables = {name: found.table for name, found in synapses(folder).items()}
    length = FULL if full else SHORT
    code = fingerprint("network.crossbar")
    # In a folder of its own: a day of training is not replaced by a call without --full.
    kept = out / ("networks-full" if full else "networks")
    content = make(Trainer(kept, sets, tables, length, code), out, threads)
    content["provenance"] = provenance("studies", seed=SEED, inputs=inputs)
    write_json(out / "learning.json", "learning-liu2021", 1, content)
    typer.echo("\n".join(as_lines(content["claims"])))


@app.command()
def drift(out: Annotated[Path, out_file("table of positions (.csv)")]) -> None:
    """Simulate walls without a current for Fig. 2(a), on a smooth and on a notched track."""
    from studies.liu2021.drift import simulate_drift

    require_output(out)
    simulate_drift(out, provenance("studies"))


@app.command()
def trains(out: Annotated[Path, out_file("table of positions (.csv)")]) -> None:
    """Simulate trains of pulses at 0 K for Fig. 2(b), on a smooth and on a notched track."""
    from studies.liu2021.drift import simulate_trains

    require_output(out)
    simulate_trains(out, provenance("studies"))
