"""Figures of a response."""
