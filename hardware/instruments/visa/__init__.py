"""Instruments of a laboratory, spoken to by VISA with the command strings of a file."""
