"""Learning rules, and the trainers that apply them."""
