"""Inference logs as laboratories keep them, read into one compact table and checked."""
