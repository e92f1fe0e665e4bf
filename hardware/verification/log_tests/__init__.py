"""One file for each test of a log."""
