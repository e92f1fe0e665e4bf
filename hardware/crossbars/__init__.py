"""Crossbars of multi-level synapses: programs, a virtual bench, and verification of its logs."""
