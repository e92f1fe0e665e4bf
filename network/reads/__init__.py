"""Exact random numbers of reads passed, and what neurons put out."""
