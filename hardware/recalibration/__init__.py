"""A device that drifted: found in a log, refitted, and its program shifted."""
