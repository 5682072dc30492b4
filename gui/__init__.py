"""The window: what is drawn and touched."""
