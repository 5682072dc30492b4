"""A row of the start page: a recent file, its graph in small, its folder, age and result."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QWidget

from core.errors import FileError
from core.files import load
from core.project import Project
from gui.theme import Themes
from gui.thumbnail import Thumbnail
from gui.widgets import ElidedLabel, column, label, row


class RecentRow(QFrame):
    """A recent file: its graph in small, its name, folder and age."""

    chosen = Signal(object)

    def __init__(self, themes: Themes, path: Path) -> None:
        super().__init__()
        self._path = path
        self.setProperty("role", "recent")
        project = _readable(path)
        picture = Thumbnail(themes, project if project is not None else Project(), (46, 32))
        picture.setFixedSize(picture.sizeHint())
        names = QWidget()
        names.setLayout(
            column(
                ElidedLabel(path.stem), ElidedLabel(_folder(path), "caption", Qt.TextElideMode.ElideMiddle), spacing=0
            )
        )
        result = "" if project is None or project.weights is None else _result(project)
        right = QWidget()
        when, figure = label(age(path.stat().st_mtime), "caption"), label(result, "mono-secondary")
        for text in (when, figure):
            text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        right.setLayout(column(when, figure, spacing=0))
        layout = row(picture, spacing=8, margins=(4, 4, 6, 4))
        layout.addWidget(names, 1)
        layout.addWidget(right)
        self.setLayout(layout)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"Recent file {path.stem}")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self._path)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._path)
        else:
            super().keyPressEvent(event)


def age(seconds: float) -> str:
    """How long ago a file was written, in words."""
    passed = max(time.time() - seconds, 0.0)
    if passed < 3600:
        return f"{max(round(passed / 60), 1)} min ago"
    if passed < 24 * 3600:
        return f"{round(passed / 3600)} h ago"
    if passed < 2 * 24 * 3600:
        return "yesterday"
    return time.strftime("%d %b" if passed < 300 * 24 * 3600 else "%b %Y", time.localtime(seconds)).lstrip("0")


def _result(project: Project) -> str:
    weights = project.weights
    if weights is None:
        return ""
    if weights.validation_accuracy is not None:
        return f"{100 * weights.validation_accuracy:.1f} %"
    return f"{weights.validation_loss:.3g}" if weights.validation_loss is not None else ""


def _readable(path: Path) -> Project | None:
    try:
        return load(path)
    except FileError:
        return None  # its row says nothing of it; opening it tells why


def _folder(path: Path) -> str:
    home = Path.home()
    return f"~/{path.parent.relative_to(home)}" if path.parent.is_relative_to(home) else str(path.parent)
