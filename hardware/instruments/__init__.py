"""Instruments that run a device program: a virtual laboratory, VISA instruments, replays."""
