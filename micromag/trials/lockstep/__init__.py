"""Trials run in lockstep by the embedded engine, on lanes or on a GPU."""
