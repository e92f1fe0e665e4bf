"""Tests of a programming log against the response of its devices."""
