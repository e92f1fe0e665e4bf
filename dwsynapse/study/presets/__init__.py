"""Cited materials and devices."""
