"""Tests of an inference log against the device model."""
