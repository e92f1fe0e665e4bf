"""Memory and time that a computation takes: reported, or refused, before it starts."""

import math
import sys
from pathlib import Path

import psutil
from tqdm import tqdm

from dwsynapse.io.errors import InputError
from dwsynapse.study import SimulatedDevice
from micromag.engine.terms.demag.lane_fft import padded_length

# Bytes per cell, as tracemalloc counts them on wires of 8 000 to 260 000 cells in one to four
# layers: the declared system and its terms, a lane group (single precision, or the fields of one
# state in double precision), an image of a path, a wall to release with its demagnetising field.
DECLARED, LANE_GROUP, IMAGE, WALL = 350, 2000, 300, 50
# Bytes per padded cell while the demagnetising tensor is transformed.
PADDED = 290
MIN_SAID_S = 60.0


def engine_bytes(device: SimulatedDevice, groups: int = 1, images: int = 0) -> int:
    """Return the memory that the embedded engine takes at most.

    Parameters
    ----------
    device
        The wire.
    groups
        Lane groups at the same time.
    images
        Images of an energy path.
    """
    nx, ny, nz = device.wire.cells
    padded = padded_length(nx) * padded_length(ny) * (2 * nz - 1)
    walls = len(device.wall.variants) * len(device.release_distances_nm)
    per_cell = DECLARED + LANE_GROUP * groups + IMAGE * images + WALL * walls
    return nx * ny * nz * per_cell + PADDED * padded


def require_memory(n_bytes: int, device: SimulatedDevice, further: str = "") -> None:
    """Raise `InputError` if less than `n_bytes` are free.

    Parameters
    ----------
    n_bytes
        What is needed.
    device
        The wire.
    further
        Other remedies than a smaller wire, such as ``or fewer --threads``.
    """
    if n_bytes > (free := available_bytes()):
        raise InputError(
            f"{math.prod(device.wire.cells):.3g} cells need about {_size(n_bytes)} of "
            f"memory, and {_size(free)} are free",
            where="wire",
            remedy="take larger cells (wire.cell_nm), a shorter, narrower or thinner wire"
            f"{', ' * bool(further)}{further}, or a machine with more memory",
        )


def announce(what: str, longest_s: float, n_bytes: int) -> None:
    """Print on stderr what a computation of more than a minute takes."""
    if longest_s > MIN_SAID_S:
        tqdm.write(
            f"{what}: {_duration(longest_s)} at most at the speed of the first steps, about "
            f"{_size(n_bytes)} of memory",
            file=sys.stderr,
        )


def available_bytes() -> int:
    """Return the memory that is free on this machine, or in the control group of a job."""
    free = int(psutil.virtual_memory().available)
    group = Path("/proc/self/cgroup")
    if not group.is_file():
        return free
    for line in group.read_text().splitlines():
        _, kind, path = line.split(":", 2)
        if kind in ("", "memory"):
            root = Path("/sys/fs/cgroup", kind)
            folder = root / path.lstrip("/")
            inside = [p for p in (folder, *folder.parents) if p.is_relative_to(root)]
            free = min([free, *map(_left, inside)])
    return free


def _left(folder: Path) -> int:
    """Return the bytes that a control group (version 2 or 1) may still take."""
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        try:
            most, taken = (folder / limit).read_text(), int((folder / used).read_text())
            # Cached files can be freed.
            cached = (folder / "memory.stat").read_text().split("inactive_file ")[1].split()[0]
        except (OSError, IndexError):
            continue
        if most.strip() != "max":
            return int(most) - taken + int(cached)
    return sys.maxsize


def _size(n_bytes: float) -> str:
    if n_bytes < 1e9:
        return f"{n_bytes / 1e6:.0f} MB"
    return f"{n_bytes / 1e9:.{0 if n_bytes > 1e10 else 1}f} GB"


def _duration(seconds: float) -> str:
    for unit, length_s in (("days", 86400.0), ("h", 3600.0)):
        if seconds > 2 * length_s:
            return f"{seconds / length_s:.0f} {unit}"
    return f"{max(1, round(seconds / 60))} min"
