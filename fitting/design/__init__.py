"""Where the next trials give most information about the curve."""
