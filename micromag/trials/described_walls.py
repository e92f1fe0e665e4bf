"""Relaxed walls with the document that describes them."""

from pathlib import Path
from typing import Any

from dwsynapse.io.files import sha256, write_json
from dwsynapse.study import SimulatedDevice
from micromag.trials.relaxed_walls import relaxed_walls, write_walls
from micromag.trials.simulate import setup


def relax_and_describe(
    device: SimulatedDevice, out: Path, described: Path, provenance: dict[str, Any]
) -> None:
    """Relax the walls of a device; write them and what they are.

    Parameters
    ----------
    device
        The wire and its wall.
    out
        The walls (OVF).
    described
        Their document (JSON).
    provenance
        What they are made from.

    Raises
    ------
    InputError
        As of `micromag.trials.relaxed_walls.relaxed_walls`.
    """
    walls, positions_nm = relaxed_walls(device)
    write_walls(out, device, walls)
    distances_nm = device.release_distances_nm
    drawn = {"release_distances_nm": distances_nm} if len(distances_nm) > 1 else {}
    content = {
        "variants": [" ".join(variant) for variant in device.wall.variants],
        **drawn,
        "wall_position_nm": positions_nm,
        "wall_sha256": sha256(out),
        "setup": setup(device),
        "provenance": provenance,
    }
    write_json(described, "wall", 1, content)
