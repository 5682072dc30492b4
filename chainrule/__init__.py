"""The public package: its measuring and its columns on disk are those of the app."""
