"""Everything that is true without a window."""
