"""Tests of the classes that a log gives to images."""
