"""What laboratories write for the outcome of a trial."""

OUTCOME_WORDS = {
    **dict.fromkeys(("passed", "pass", "1", "1.0", "true", "yes", "y"), "passed"),
    **dict.fromkeys(("pinned", "pin", "stopped", "0", "0.0", "false", "no", "n"), "pinned"),
}
"""passed and pinned by words in lower case."""
