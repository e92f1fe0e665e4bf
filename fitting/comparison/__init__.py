"""Passing curves compared: two tables of counts, or two devices."""
