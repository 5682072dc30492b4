"""`python -m gui [FILE]`: opens the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from gui.front import application, first_window
from gui.main_window import MainWindow
from gui.preferences import Preferences


def main(arguments: Sequence[str]) -> int:
    """Open the window with the file that is named, or on the start page; the exit code."""
    made = application(arguments[:1])
    preferences = Preferences()
    window = first_window(preferences)
    path = Path(arguments[1]) if len(arguments) > 1 else None
    window.painted.connect(lambda: _begin(window, preferences, path))
    window.show()
    return made.exec()


def _begin(window: MainWindow, preferences: Preferences, path: Path | None) -> None:
    """Bring in all the rest, now that there is a window to look at."""
    from gui.app import App
    from gui.interrupts import Interrupts

    app = App(preferences, window=window)
    app.setParent(window)  # it lives as long as the window
    Interrupts(app.leave, window)
    app.start(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
