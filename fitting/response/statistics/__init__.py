"""Numbers of a response with their intervals."""
