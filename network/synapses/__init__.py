"""Layers of stochastic synapses, and the curves and wires behind them."""
