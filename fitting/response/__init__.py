"""How a multi-level synapse responds to pulses: changes of conductance against conductance."""
