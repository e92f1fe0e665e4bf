"""What runs a device program: so far the virtual laboratory."""
