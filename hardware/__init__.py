"""Device programs, inference logs and the verdicts on them."""
