"""The devices of a study: where their curves come from, and what is simulated."""
