"""Kerr loops, raw signals of a focused magneto-optical magnetometer, to outcomes and counts."""
