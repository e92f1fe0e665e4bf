"""Finite-temperature micromagnetic simulations of a domain wall depinning from a notch."""
