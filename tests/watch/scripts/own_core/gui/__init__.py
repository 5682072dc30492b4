"""The other package of that name."""
