"""What fits a log best that is not what its device gives."""
