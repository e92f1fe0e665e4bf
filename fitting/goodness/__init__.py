"""Whether a fit holds, and what its intervals are worth."""
