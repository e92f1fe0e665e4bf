"""Instruments that run a device program: so far the virtual laboratory."""
