"""Passing counts, from simulated trials and from laboratories' tables."""
