"""Wires that differ from a declared one: single keys with other values, or with priors."""
