"""A device and new counts of it: the curve that they show, and the device refitted."""
