"""What every room shares: errors, files with provenance, figures, and the study's summary."""
