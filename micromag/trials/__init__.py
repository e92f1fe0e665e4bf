"""Trials of walls at the notch: how they start, end and are kept."""

from typing import Literal

Start = Literal["pinned", "released"]
"""Where walls are that are followed: at rest at the notch, or released before it."""
