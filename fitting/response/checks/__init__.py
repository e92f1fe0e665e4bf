"""Tests of a response against what an ideal synapse does, by simulated trains."""
