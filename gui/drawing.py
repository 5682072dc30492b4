"""Drawings of the best-known networks: SVG files whose colours are the theme's, by name."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgRenderer

from gui.theme import FOLDER, Theme

DRAWINGS = FOLDER / "gallery"
CLASSES = ("A", "B")
"""Points of two classes in a drawing."""
_NAME = re.compile(r"\$([A-Za-z]+[0-9]?)")


class Drawing:
    """A drawing that is coloured anew where the theme has changed."""

    def __init__(self, path: Path) -> None:
        self._text = path.read_text(encoding="utf-8")
        self._theme: Theme | None = None
        self._renderer = QSvgRenderer()

    def paint(self, painter: QPainter, theme: Theme, room: QRectF) -> None:
        """Draw it into the middle of the room, in its proportions."""
        if theme is not self._theme:
            self._theme = theme
            self._renderer.load(QByteArray(colored(self._text, theme).encode()))
        size = QSize(self._renderer.defaultSize())
        scale = min(room.width() / size.width(), room.height() / size.height())
        fitted = QRectF(0, 0, size.width() * scale, size.height() * scale)
        fitted.moveCenter(room.center())
        self._renderer.render(painter, fitted)


def drawing_of(name: str, folder: Path = DRAWINGS) -> Drawing | None:
    """The drawing of the template of this name; None where there is none."""
    path = folder / f"{name}.svg"
    return Drawing(path) if path.is_file() else None


def colored(text: str, theme: Theme) -> str:
    """The SVG with $names as colours: categories of layers, the two classes A and B, tokens; else KeyError."""
    return _NAME.sub(lambda found: _color(theme, found[1]), text)


def _color(theme: Theme, name: str) -> str:
    if name in CLASSES:
        return theme.class_color(CLASSES.index(name)).name()
    return theme.category(name).name() if name[0].isupper() else theme.hex(name)
