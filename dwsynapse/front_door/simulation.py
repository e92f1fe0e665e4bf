"""Trials, by the micromag room."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dwsynapse.front_door.checked import checked
from dwsynapse.front_door.temporary_files import called
from dwsynapse.io.limits import DEFAULT_SEED

if TYPE_CHECKING:
    import pandas as pd

    from dwsynapse.study import SimulatedDevice


@checked
def simulate(
    device: "SimulatedDevice",
    plan: "pd.DataFrame | None" = None,
    *,
    seed: int = DEFAULT_SEED,
    threads: int = 1,
) -> "pd.DataFrame":
    """Simulate walls that reach the notch of a wire.

    Parameters
    ----------
    device
        The wire, its wall, material, temperature and protocol.
    plan
        Rows of field_mT, n_trials, first_replica; None for the first round of `device.sampling`.
    seed
        With the number of the replica it is the key of the thermal noise.
    threads
        Processor threads; the numbers do not change.

    Returns
    -------
    DataFrame
        One trial per row: field_mT, replica, seed, outcome (passed, pinned, undecided, failed),
        decided_at_ns, wall_position_nm, engine. Trials that are shipped with the device
        (`device.shipped`) are returned unchanged, without `plan`.

    Raises
    ------
    InputError
        If the wall cannot be relaxed in this wire, the plan is wrong, memory is short, or shipped
        trials are of another device.
    """
    from dwsynapse.io.contracts import PLAN, TRIALS
    from dwsynapse.io.files import provenance
    from micromag.trials.first_round import first_plan
    from micromag.trials.relaxed_walls import relaxed_walls, write_walls
    from micromag.trials.simulate import simulate as simulate_trials

    if device.shipped and plan is None:
        return _shipped(device)
    with TemporaryDirectory() as name:
        (folder := Path(name) / "simulated").mkdir()  # a bar of progress names it
        trials, planned, wall = folder / "trials.csv", folder / "plan.csv", folder / "wall.omf"
        (first_plan(device.sampling) if plan is None else plan).to_csv(planned, index=False)
        with called("the plan", planned), called("the trials", folder / "trials.done.csv"):
            PLAN.read(planned)  # refused before the wall is relaxed, which takes long
            walls, _ = relaxed_walls(device)
            write_walls(wall, device, walls)
            simulate_trials(
                device,
                wall,
                planned,
                trials,
                batch=1,
                batches=1,
                seed=seed,
                threads=threads,
                provenance=provenance("micromag", seed=seed, inputs=[wall, planned]),
            )
        return TRIALS.read(trials)


def _shipped(device: "SimulatedDevice") -> "pd.DataFrame":
    """Return the trials that are shipped with a device."""
    from dwsynapse.io.contracts import TRIALS
    from dwsynapse.study.project_files import shipped_folder
    from dwsynapse.study.reading import block_text
    from micromag.trials.shipped_trials import take_over

    with TemporaryDirectory() as folder:
        config, trials = Path(folder) / "device.yaml", Path(folder) / "trials.csv"
        config.write_text(block_text(device))
        with called("the device", config):
            take_over(config, Path(shipped_folder(str(device.shipped))), {"trials.csv": trials})
        return TRIALS.read(trials)
