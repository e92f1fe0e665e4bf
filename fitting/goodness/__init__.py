"""Whether a fit describes the counts, and how good its intervals are."""
