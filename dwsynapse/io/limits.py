"""Limits of input numbers, outside which a value is an error of unit or of typing; and the seed."""

MAX_NUMBER = 1e200
"""In size: no measured number is larger, and products of larger ones overflow."""
MAX_FIELD_MT = 1e4
"""10 T, more than any anisotropy field along a wire."""
MIN_STEP_MT = 1e-4
"""Of the fields that a magnet sets: no power supply resolves less."""
MAX_WINDOW_NS = 1e6
"""A millisecond, far more than can be simulated."""
MAX_TRIALS = 1_000_000
"""Trials of one field, or of one round."""
MAX_SEED = 2**32 - 1
"""Of seeds and of replica numbers, which together are the key of the noise."""
DEFAULT_SEED = 2023
"""Of a study, and of every command and function that is given none."""
MAX_THREADS = 1024
"""Processor threads."""
MAX_READS = 1_000_000
"""Reads of one synapse."""
MAX_IMAGES = 60_000
"""Images of MNIST and Fashion-MNIST."""
MAX_LOG_ROWS = 1_000_000_000
"""Reads of one run on the device, each a row of its log: tens of GB."""
