"""The cases, a file a family."""
