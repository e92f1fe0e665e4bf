"""Programs made: what they take on a bench, and what the grid of the fields costs."""
