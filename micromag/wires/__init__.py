"""Wires that differ from a declared one, each simulated once and kept."""
