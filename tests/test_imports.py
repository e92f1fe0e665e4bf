"""Imports go one way, those inside functions included: each room builds on those before it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULE = r"[a-z_]\w*(\.\w+)+"
ROOMS = ("dwsynapse", "micromag", "fitting", "network", "hardware", "studies", "benchmarks")
DEVICE_MODEL = (
    "fitting.device",
    "fitting.field_grid",
    "fitting.response.device_spread",
    "fitting.response.junction",
    "fitting.response.response_table",
)
ALLOWED = {
    "dwsynapse": (),
    "micromag": ("dwsynapse",),
    "fitting": ("dwsynapse",),
    "network": ("dwsynapse", *DEVICE_MODEL),
    "hardware": (
        "dwsynapse",
        *DEVICE_MODEL,
        "network.trained_model",
        "network.crossbar.model.trained_crossbar",
    ),
    "studies": ("dwsynapse", "micromag", "fitting", "network", "hardware"),
    "benchmarks": ("dwsynapse", "micromag", "fitting", "network", "hardware", "studies"),
}
"""What each room may import besides itself; everything else passes through files."""
EXCEPTIONS = {
    # `import dwsynapse as dw` leads into all rooms, which are imported at their first use.
    "dwsynapse/__init__.py": (
        "fitting.device",
        "fitting.response.junction",
        "fitting.response.response_table",
        "hardware.instruments.virtual_laboratory",
        "micromag.calculator",
        "network.images.prepared_images",
        "network.images.grey_images",
        "network.synapses.layer",
    ),
    "dwsynapse/front_door/simulation.py": ("micromag",),
    "dwsynapse/front_door/fitting.py": ("fitting",),
    "dwsynapse/front_door/responses.py": ("fitting",),
    "dwsynapse/front_door/crossbars.py": ("network", "fitting.response"),
    "dwsynapse/front_door/networks.py": ("network", "fitting.device"),
    "dwsynapse/front_door/hardware.py": ("hardware", "network", "fitting"),
    "dwsynapse/front_door/measurements.py": ("hardware", "fitting"),
    "dwsynapse/front_door/same_device.py": (
        "fitting.device",
        "network.trained_model",
        "hardware.program",
    ),
    # The one command hands over to the rooms, by the names of their modules.
    "dwsynapse/cli.py": (
        "micromag.cli",
        "fitting.cli",
        "network.cli",
        "hardware.cli",
        "studies.ellis2023.cli",
        "studies.liu2021.cli",
    ),
    # Reads images.npz, a file that passes between the rooms.
    "hardware/programming/shown_images.py": ("network.images.prepared_images",),
    # Refits a device to a log, whose reads are counts, or to new counts.
    "hardware/recalibration/recalibrate_command.py": (
        "fitting.counts.laboratory_tables",
        "network.images.prepared_images",
    ),
    "hardware/recalibration/recalibrated.py": (
        "fitting.comparison.new_counts.reads_needed",
        "fitting.comparison.new_counts.refitted_device",
    ),
    # Reads two device models and their counts, and fitting holds what compares them.
    "hardware/compare_command.py": ("fitting.comparison", "fitting.counts.laboratory_tables"),
    # What reads cost, in time and energy, is one file of the network room.
    "hardware/programming/bench_estimate.py": ("network.cost.inference_cost",),
    "hardware/programming/program_command.py": (
        "network.cost.inference_cost",
        "network.images.prepared_images",
    ),
    "hardware/logs/manifest_command.py": ("network.images.prepared_images",),
    # Wires that differ, as in training for them.
    "hardware/instruments/laboratory_faults.py": ("network.synapses.wire_variation",),
    # Proofs show images to devices that are drawn, with wires that differ.
    "hardware/proof/prove_command.py": ("network.images.prepared_images",),
    "hardware/proof/virtual_run.py": (
        "network.images.prepared_images",
        "network.synapses.wire_variation",
        "fitting.forms",
    ),
    # Wilson's interval, as figures of counts have it.
    "hardware/verification/accuracy_figure.py": ("fitting.inference.distributions",),
    "hardware/verification/verification_figure.py": ("fitting.inference.distributions",),
    # The test that ends the reading of an image, as plans reckon with it.
    "hardware/early_reading.py": ("network.cost.early_exit",),
    # How many pulses a response was made of is in response.json, next to it.
    "hardware/crossbars/verification/response_pulses.py": (
        "fitting.response.binned_updates",
        "fitting.response.response_content",
    ),
    # Groups of conductance, as in the tests of a response.
    "hardware/crossbars/verification/step_tests.py": ("fitting.response.checks.response_tests",),
    # Reads images.npz, a file that passes between the rooms.
    "hardware/verification/verify_command.py": ("network.images.prepared_images",),
    "hardware/verification/class_tests/classification.py": ("network.images.prepared_images",),
    "hardware/verification/log_verification.py": ("network.images.prepared_images",),
    # Fits the curve of a log, whose reads are counts.
    "hardware/verification/curve_scores.py": (
        "fitting.comparison.new_counts.new_curve",
        "fitting.comparison.new_counts.wire_spread",
    ),
    "hardware/verification/log_tests/same_curve.py": ("fitting.comparison.new_counts.new_curve",),
    "hardware/verification/nuisances.py": (
        "fitting.comparison.new_counts.new_curve",
        "fitting.comparison.new_counts.wire_spread",
    ),
}
"""What single files import for the sake of their commands."""


def imported(path):
    """Return the modules that a file imports: with ``from a import b``, both a and a.b.

    What names a module in a string is imported by that name.
    """
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and re.fullmatch(MODULE, str(node.value)):
            file = ROOT / f"{str(node.value).replace('.', '/')}.py"
            found |= {node.value} if file.exists() else set()
    return {name for name in found if name.split(".")[0] in ROOMS}


def within(name, modules):
    return any(f"{name}.".startswith(f"{module}.") for module in modules)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_stands_on(room):
    wrong = []
    for path in sorted((ROOT / room).rglob("*.py")):
        file = str(path.relative_to(ROOT))
        allowed = (room, *ALLOWED[room], *EXCEPTIONS.get(file, ()))
        wrong += [f"{file}: {name}" for name in imported(path) if not within(name, allowed)]
    assert not wrong


@pytest.mark.parametrize("file", EXCEPTIONS)
def test_no_exception_outlives_its_need(file):
    names = imported(ROOT / file)
    for module in EXCEPTIONS[file]:
        assert any(within(name, (module,)) for name in names), module


def test_the_ground_floor_builds_on_its_files():
    """Errors, files and tables know nothing of studies; studies know nothing of summaries."""
    for wing, forbidden in (
        ("io", ("dwsynapse.study", "dwsynapse.summary", "dwsynapse.verdicts")),
        ("study", ("dwsynapse.summary", "dwsynapse.verdicts")),
    ):
        for path in (ROOT / "dwsynapse" / wing).rglob("*.py"):
            assert not [name for name in imported(path) if within(name, forbidden)], path


@pytest.mark.parametrize("folder", ["config", "workflow"])
def test_what_shadows_snakemakes_names_is_no_package(folder):
    assert not list((ROOT / folder).rglob("*.py"))
