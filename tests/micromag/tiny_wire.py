"""A tiny wire whose trials take a second, for tests of everything around the engine."""

import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.study import Notch, Numerics, Protocol, SimulatedDevice, Wire
from dwsynapse.study.reading import read_block
from micromag.trials.lockstep.scheduler import run_trials

TINY = SimulatedDevice(
    wire=Wire(length_nm=320, width_nm=40, notch=Notch(centre_nm=160, opening_nm=24)),
    protocol=Protocol(
        release_distance_nm=80,
        passed_beyond_nm=50,
        notch_zone_nm=40,
        window_ns=0.6,
        pinned_after_ns=0.15,
    ),
    numerics=Numerics(time_step_fs=500),
)


def run(problem, released, trials, device=TINY, **options):
    """Return verdict and last position of every trial, by replica."""
    results = []
    run_trials(device, problem, released, trials, on_result=results.append, **options)
    return {r.trial.replica: (r.verdict, r.wall_position_nm) for r in results}


def assert_refused_in_one_line(folder, block, key, says):
    """Assert that a device with this block (YAML) is refused in one line that names the key.

    What is said names the keys itself where the trouble is between several: `key` is empty then.
    """
    (folder / "d.yaml").write_text(f"source: simulation\n{block}\n")
    with pytest.raises(InputError) as error:
        read_block(folder / "d.yaml", SimulatedDevice)
    assert (f"d.yaml: {key}: " if key else "d.yaml: ") in str(error.value)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
