"""The images that networks learn from."""
