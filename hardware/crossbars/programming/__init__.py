"""Programs of crossbars, and the virtual bench that runs them."""
