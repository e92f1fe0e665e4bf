"""Curves fitted to counts, and how well their parameters are known."""
