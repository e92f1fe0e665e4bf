"""The results of all stages of a study, combined."""
