"""Exact random numbers of reads passed, and the outputs of neurons."""
