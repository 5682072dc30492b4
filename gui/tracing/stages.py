"""All steps of a walk as a list: how far their outputs spread, and how much gradient comes back to each."""

from __future__ import annotations

import math
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.engine.traces import Stage
from core.walk import Direction, Walk, gradient
from gui.numbers import plain
from gui.theme import Theme, Themes

ROW, THICK = 22, 10
"""Pixels of a line, and of its bar."""
LEAST, MOST = -10.0, 1.0
"""The decades that a bar reaches over."""


class Line(NamedTuple):
    """One step as it is drawn."""

    name: str
    value: float | None
    """What the bar shows; None where the walk has not come to it, or nothing comes back."""
    text: str


class Stages(QWidget):
    """A line for each step, in running order; a press goes to it."""

    picked = Signal(str)
    """The path of a step."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._walk: Walk | None = None
        self._is_back = False
        """Whether the bars are gradients, and have their colours."""
        self.lines: tuple[Line, ...] = ()
        self.current = -1
        """The line of the step where the walk stands."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        themes.changed.connect(self._restyle)

    def show_walk(self, walk: Walk, place: int) -> None:
        """Show what was passed until this stop."""
        self._walk = walk
        stages, moment = walk.traced.stages, walk.moments[place]
        self._is_back = moment.direction == "backward"
        passed = {(one.direction, one.stage.path) for one in walk.moments[: place + 1]}
        grown = len(stages) != len(self.lines)
        self.lines = tuple(_line(stage, moment.direction, passed) for stage in stages)
        self.current = stages.index(moment.stage)
        what = "gradient" if moment.direction == "backward" else "spread"
        told = ", ".join(f"{line.name} {line.text}" for line in self.lines if line.value is not None)
        self.setAccessibleName(f"Steps and their {what}: {told}")
        if grown:
            self.updateGeometry()
        self.update()

    def row_rect(self, index: int) -> QRectF:
        """Where a line is drawn, in pixels."""
        tall = self._themes.current.px(ROW)
        return QRectF(0, index * tall, self.width(), tall)

    def bar_rect(self, index: int) -> QRectF:
        """Where the bar of a line is drawn; it has no width where it shows nothing."""
        value, (left, right) = self.lines[index].value, self._room()
        share = 0.0 if value is None else _share(value)
        thick = self._themes.current.px(THICK)
        middle = self.row_rect(index).center().y()
        return QRectF(left, middle - thick / 2, (right - left) * share, thick)

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(self._themes.current.px(220), self._themes.current.px(ROW) * max(len(self.lines), 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        index = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and self._walk is not None and index is not None:
            self.picked.emit(self._walk.traced.stages[index].path)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        index = self._at(event.position())
        if index is not None:
            QToolTip.showText(event.globalPosition().toPoint(), self.lines[index].name, self)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        painter = QPainter(self)
        theme = self._themes.current
        for index, line in enumerate(self.lines):
            self._paint_line(painter, theme, index, line)

    def _paint_line(self, painter: QPainter, theme: Theme, index: int, line: Line) -> None:
        room, (left, right) = self.row_rect(index), self._room()
        if index == self.current:
            painter.fillRect(room, theme.color("hover"))
            painter.fillRect(QRectF(0, room.top(), theme.px(2), room.height()), theme.color("accent"))
        painter.setPen(theme.color("text" if index == self.current else "text2"))
        painter.setFont(theme.ui(12, 600 if index == self.current else 400))
        wide = left - theme.px(14)
        name = painter.fontMetrics().elidedText(line.name, Qt.TextElideMode.ElideMiddle, round(wide))
        painter.drawText(QRectF(theme.px(8), room.top(), wide, room.height()), Qt.AlignmentFlag.AlignVCenter, name)
        bar = self.bar_rect(index)
        painter.fillRect(QRectF(left, bar.top(), right - left, bar.height()), theme.color("inset"))
        if line.value is not None:
            ink = theme.gradient(_log10(line.value)) if self._is_back else theme.color("accent")
            painter.fillRect(bar, ink)
        painter.setFont(theme.mono(11))
        text = QRectF(right, room.top(), self.width() - right - theme.px(8), room.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, line.text)

    def _room(self) -> tuple[float, float]:
        """From where to where bars may reach."""
        theme = self._themes.current
        names = QFontMetricsF(theme.ui(12, 600))
        widest = max((names.horizontalAdvance(line.name) for line in self.lines), default=0.0) + theme.px(18)
        left = min(widest, self.width() * 0.42)
        return left, max(self.width() - theme.px(72), left + 4)

    def _at(self, point: QPointF) -> int | None:
        index = int(point.y() // self._themes.current.px(ROW))
        return index if 0 <= index < len(self.lines) else None

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


def _line(stage: Stage, direction: Direction, passed: set[tuple[Direction, str]]) -> Line:
    value: float | None = None
    if (direction, stage.path) in passed:
        value = gradient(stage) if direction == "backward" else _spread(stage)
    return Line(stage.path, value, plain(value, 3) if value is not None else "")


def _spread(stage: Stage) -> float | None:
    return stage.outputs[0].spread.deviation if stage.outputs else None


def _log10(value: float) -> float:
    return math.log10(value) if value > 0 else -math.inf


def _share(value: float) -> float:
    """How far a bar reaches: by decades, for both ways alike."""
    if not math.isfinite(value):
        return 1.0
    return min(max((_log10(value) - LEAST) / (MOST - LEAST), 0.0), 1.0)
