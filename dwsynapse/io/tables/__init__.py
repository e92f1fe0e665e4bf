"""Tables of text read into declared columns: every error names its place."""
