"""The engine on tensors: files are named as those that they mirror."""
