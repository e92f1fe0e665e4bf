"""Two devices compared, by their counts or by their curves."""
