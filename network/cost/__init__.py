"""What accuracy costs: reads, time, energy, early exit, and the spread over devices."""
