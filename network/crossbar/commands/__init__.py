"""Commands for crossbars: train, evaluate, plan."""
