"""Readers of the files that laboratories keep loops in."""
