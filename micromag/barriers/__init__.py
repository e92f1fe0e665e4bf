"""Energy barriers of a wall at the notch."""

IMAGES = 16
"""Images of a path of least energy."""
