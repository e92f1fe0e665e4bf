"""Passing-probability curves fitted to counts, simulated or measured."""
