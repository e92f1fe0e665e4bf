"""What a response is made from: simulated pulses, measured trains, tables of CrossSim."""
