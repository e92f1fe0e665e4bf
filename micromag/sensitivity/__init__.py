"""What a simulated passing curve depends on: wires that differ in one thing, in the same noise."""
