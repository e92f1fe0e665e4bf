"""Wires that differ from a declared one, each simulated once and kept."""

FIELD_STEP_MT, REPLICAS_PER_FIELD, MAX_FIELD_MT = 0.01, 10_000, 4000.0
"""Replicas that are numbered by field have so many numbers for each multiple of this step, and end
where those of 32 bits do."""
