"""What is there first: the Qt application, and the window's frame, painted before anything else is loaded."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QPixmapCache
from PySide6.QtWidgets import QApplication

from gui.fonts import load_fonts
from gui.main_window import MainWindow
from gui.preferences import Preferences
from gui.theme import Themes

PICTURES = 96 * 1024
"""Kilobytes that the kept pictures of cards may hold together; those drawn least recently go first."""


def application(arguments: Sequence[str]) -> QApplication:
    """The one Qt application, with its style and fonts."""
    made = QApplication(list(arguments))
    made.setApplicationName("Chainrule")
    made.setOrganizationName("chainrule")
    made.setStyle("Fusion")
    qInstallMessageHandler(_told_by_qt)
    load_fonts()
    QPixmapCache.setCacheLimit(PICTURES)
    return made


def first_window(preferences: Preferences, themes: Themes | None = None) -> MainWindow:
    """The frame of a window in the user's look, where the last one stood; it is not shown yet.

    A further window takes the `themes` of the first.
    """
    window = MainWindow(themes if themes is not None else Themes(preferences.theme, preferences.scale))
    geometry = preferences.layout("window")
    if not geometry.isEmpty():
        window.restoreGeometry(geometry)
    return window


def _told_by_qt(kind: QtMsgType, _context: object, text: str) -> None:
    """Qt's own words go to standard error, but not those about a platform that has no window manager."""
    if kind != QtMsgType.QtDebugMsg and "propagateSizeHints" not in text:
        print(text, file=sys.stderr)  # noqa: T201  # there is no log before the window
