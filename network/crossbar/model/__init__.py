"""A trained crossbar: its arrays, what it learned, and its file."""
