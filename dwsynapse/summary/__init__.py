"""What the stages of a study found, put together."""
