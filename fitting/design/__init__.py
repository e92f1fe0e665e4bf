"""Where the next trials tell most about the curve."""
