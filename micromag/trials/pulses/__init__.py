"""Trials of tracks: current pulses, and the notches at which the wall rests."""
