"""What a project's tab says, in words and as a small mark."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPen, QPixmap

from gui.theme import Theme
from gui.training.run import Phase

SIZE = 14
_STEPS = 40
"""In how many parts the ring of a run is filled: it is drawn anew only for another part."""


class TabState(NamedTuple):
    """A project as its tab knows it."""

    name: str
    path: str
    """Its file; "" where it has none."""
    is_modified: bool
    phase: Phase
    """idle, or that of a run under way."""
    share: float
    """Of the run that is done."""

    @property
    def words(self) -> str:
        """All of it, as a screen reader says it."""
        said = [self.name]
        if self.is_modified:
            said.append("edited")
        if self.phase != "idle":
            said.append(f"{self.phase} {self.share:.0%}" if self.share else self.phase)
        return ", ".join(said)

    @property
    def tooltip(self) -> str:
        """Where it is kept, and how it stands."""
        lines = [self.path or "In no file yet"]
        if self.is_modified:
            lines.append("Edited since it was saved" if self.path else "Not saved")
        if self.phase != "idle":
            lines.append(f"{self.phase.capitalize()}, {self.share:.0%} done")
        return "\n".join(lines)

    @property
    def mark(self) -> tuple[bool, Phase, int]:
        """What the mark depends on."""
        return self.is_modified, self.phase, round(min(self.share, 1.0) * _STEPS)


def mark_icon(theme: Theme, state: TabState) -> QIcon:
    """A dot for what is edited, a ring that fills while it trains, with bars while it is paused; else a file."""
    if not state.is_modified and state.phase == "idle":
        return theme.icon("file", "text3", SIZE)
    screen = QGuiApplication.primaryScreen()
    ratio = screen.devicePixelRatio() if screen is not None else 1.0
    side = theme.px(SIZE)
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    room = QRectF(0, 0, side, side)
    if state.phase == "idle":
        _dot(painter, theme, room, 0.23)
    else:
        _ring(painter, theme, room, state)
    painter.end()
    icon = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected, QIcon.Mode.Active):
        icon.addPixmap(pixmap, mode)
    return icon


def _dot(painter: QPainter, theme: Theme, room: QRectF, share: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("text2"))
    painter.drawEllipse(room.center(), room.width() * share, room.width() * share)


def _ring(painter: QPainter, theme: Theme, room: QRectF, state: TabState) -> None:
    width = max(room.width() / 7, 1.5)
    ring = room.adjusted(width, width, -width, -width)
    painter.setPen(QPen(theme.color("line3"), width))
    painter.drawEllipse(ring)
    ink = theme.color("ok" if state.phase == "training" else "warn")
    painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawArc(ring, 90 * 16, -round(360 * 16 * min(state.share, 1.0)))
    if state.phase == "paused":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        bar = QRectF(0, 0, room.width() * 0.1, room.height() * 0.32)
        for side in (-1, 1):
            bar.moveCenter(room.center())
            painter.drawRect(bar.translated(side * room.width() * 0.11, 0))
    elif state.is_modified:
        _dot(painter, theme, room, 0.14)
