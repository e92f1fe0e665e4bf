"""The command that tests a programming log."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_options import ProgramFile, ResponseFile, Seed, limited, out_folder
from dwsynapse.io.files import atomic_path, provenance, require_outputs, write_json
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.io.number_format import p_value_of

FILES = tuple(f"crossbar_verification.{end}" for end in ("json", "html", "svg"))


def verify_crossbar(
    program: ProgramFile,
    response: ResponseFile,
    programming_log: Annotated[Path, typer.Option(help="Programming log (CSV or Parquet)")],
    manifest: Annotated[Path, typer.Option(help="manifest.json of the log")],
    out: Annotated[Path, out_folder(", ".join(FILES))],
    tolerance: Annotated[
        float,
        typer.Option(callback=limited(1e-3, 1.0), help="Share by which mean steps may differ"),
    ] = 0.1,
    significance: Annotated[
        float,
        typer.Option(
            callback=limited(1e-3, 0.5), help="Chance that any test fails if the response is right"
        ),
    ] = 0.01,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Test the log of a crossbar's programming against the response of its devices.

    The response.json next to the response says how many pulses it was made of, and so how well it
    is known; virtual walls move by the response itself. An inconsistent log is a result, not an
    error.
    """
    from fitting.response.response_table import ResponseTable
    from hardware.crossbars.programming.crossbar_program import CrossbarProgram
    from hardware.crossbars.programming.readings import require_quiet
    from hardware.crossbars.programming_log import ProgrammingManifest, read_log
    from hardware.crossbars.verification import crossbar_verification
    from hardware.crossbars.verification.crossbar_page import plot_steps, to_html
    from hardware.crossbars.verification.response_pulses import ResponsePulses

    inputs = [program, response, programming_log, manifest]
    require_outputs(out, FILES, *inputs)
    loaded, table = CrossbarProgram.read(program, response), ResponseTable.read(response)
    stated = ProgrammingManifest.read(manifest, program, programming_log)
    require_quiet(
        stated.read_noise_sd_S, loaded.span_S, "instrument.read_noise_sd_S", path=manifest
    )
    # Walls that move by the table itself have none of the scatter of the pulses behind it.
    known = (
        ResponsePulses(why_exact="the walls of the virtual crossbar move by this response itself")
        if stated.virtual
        else ResponsePulses.read(response, table)
    )
    verification = crossbar_verification.verify_crossbar(
        loaded,
        table,
        read_log(programming_log, loaded),
        stated,
        known,
        tolerance=tolerance,
        significance=significance,
        seed=seed,
    )
    verification["provenance"] = provenance("hardware", seed=seed, inputs=inputs)
    content, html, figure = (out / name for name in FILES)
    write_json(content, crossbar_verification.KIND, crossbar_verification.VERSION, verification)
    plot_steps(figure, verification)
    with atomic_path(html) as temporary:
        temporary.write_text(to_html(verification, figure.read_text("utf-8")), encoding="utf-8")
    for test in verification["tests"]:
        typer.echo(f"{test['test']}: {test['verdict']} ({p_value_of(test)})")
    for note in verification["notes"]:
        typer.echo(f"note: {note}", err=True)
    verdict = verification["verdict"]
    typer.echo(f"verdict: {verdict['verdict']} ({verdict['why']})")
