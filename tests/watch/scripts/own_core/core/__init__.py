"""A package of somebody else's that is called as one of ours."""
