"""The declared sample: a wire, its wall, its disorder and its ends."""
