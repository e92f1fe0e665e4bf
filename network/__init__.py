"""Perceptrons with stochastic synapses, trained on a fitted device."""
