"""From a notched magnetic wire to a verified network: what all rooms stand on."""
