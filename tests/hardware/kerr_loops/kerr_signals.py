"""Kerr signals and files of them for the tests."""

import numpy as np

POINTS = 400
FIELD_MT = np.linspace(-10, 10, POINTS)
APART = 5


def staircase(*steps, noise=0.0, seed=0):
    """Return a signal with steps, pairs of the first point after each and its size."""
    point = np.arange(POINTS)
    signal = sum(size * (point >= at) for at, size in steps) + np.zeros(POINTS)
    return signal + noise * np.random.default_rng(seed).standard_normal(POINTS)


def write_csv(path, signal, field=FIELD_MT, header="field_mT,signal", more=""):
    """Write one loop as text; `more` follows in each row."""
    rows = [f"{h:.6f},{s:.6f}{more}" for h, s in zip(field, signal, strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path
