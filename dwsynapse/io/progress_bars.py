"""Progress of a long computation: a bar in a terminal, an occasional line in a log."""

import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

TERMINAL_S, LOG_S = 0.5, 60.0
"""Least time between two updates where stderr is a terminal, and where it is none."""
QUICK_S = 2.0
"""As `delay` of a bar: what takes no longer needs none."""


def progress_bar(iterable: Iterable[Any] | None = None, **options: Any) -> "tqdm[Any]":
    """Return a bar of tqdm on stderr, made with its options.

    Set its further text without refreshing: the next update shows it.
    """
    interval_s = TERMINAL_S if sys.stderr.isatty() else LOG_S
    # With a miniters of 0 only time counts, for steps of any length.
    return tqdm(iterable, mininterval=interval_s, miniters=0, **options)
