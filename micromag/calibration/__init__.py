"""From measured counts back to the wire: the posterior of geometry and material."""
