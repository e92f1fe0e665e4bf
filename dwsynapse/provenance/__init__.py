"""Where results come from: by which code, from which inputs, and whether they come out again."""
