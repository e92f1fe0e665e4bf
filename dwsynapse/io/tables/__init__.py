"""Tables of text read into declared columns: every defect is told with its place."""
