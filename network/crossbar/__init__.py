"""Networks on crossbars of synapses that learn by pulses through a response table."""
