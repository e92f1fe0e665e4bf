"""Trials of walls at the notch: how they start, end and are kept."""
