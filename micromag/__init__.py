"""Finite-temperature micromagnetic simulations of a domain wall depinning from a notch."""

import hashlib
from pathlib import Path

import numba


def _keep_kernels_of_other_sources_apart() -> None:
    """Let numba keep compiled kernels in a folder of these very sources.

    Numba compiles a kernel anew when its own file changes, but not when a file does whose functions
    it calls: after an update, old and new physics would be mixed.
    """
    folder = Path(__file__).parent
    sources = b"".join(path.read_bytes() for path in sorted(folder.rglob("*.py")))
    parent = Path(getattr(numba.config, "CACHE_DIR", "") or folder / "__pycache__")
    name = f"kernels-{hashlib.sha256(sources).hexdigest()[:12]}"
    setattr(numba.config, "CACHE_DIR", str(parent / name))  # noqa: B010 - not declared by numba


_keep_kernels_of_other_sources_apart()
