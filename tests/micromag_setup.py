"""A tiny wire whose trials take a second, for tests of everything around the engine."""

from config import Notch, Numerics, Protocol, SimulatedDevice, Wire
from micromag.ensemble import run_trials

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
