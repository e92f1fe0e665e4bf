"""Layers of stochastic synapses, and their curves and wires."""
