"""What is compiled: tables, pulses on a row of pairs, and an epoch of a network."""
