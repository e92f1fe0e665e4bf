"""The embedded engine: from declared terms to fields and motion."""
