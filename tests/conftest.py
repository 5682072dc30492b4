"""The house rules that every test stands under (tests/guards.py) and how Qt is drawn here."""

import os

pytest_plugins = ("tests.guards", "tests.engines", "tests.compiled")

# Before Qt is imported: no screen, and the same pixels on every machine.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_FONT_DPI", "96")
os.environ.setdefault("QT_SCALE_FACTOR", "1")
