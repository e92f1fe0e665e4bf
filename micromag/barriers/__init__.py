"""Energy barriers of a wall at the notch."""
