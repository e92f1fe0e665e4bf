"""Studies over all rooms: each folder reproduces one paper."""
