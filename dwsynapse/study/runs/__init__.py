"""Runs of the workflow: which live, how long their jobs last, and what they make again."""
