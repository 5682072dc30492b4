"""What the signs of a small plot mean, in a line that wraps where there is little room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.sample_marks import draw_sample
from gui.theme import Theme, Themes

TALL, SIGN, GAP = 18, 14, 12


class Key(NamedTuple):
    """One sign and its words."""

    words: str
    color: QColor
    kind: int = 0
    """Which sign: as that of a sample of this class."""
    hollow: bool = False
    line: bool = False
    """A line instead of a sign; dashed where it is hollow."""
    ring: bool = False
    """A ring, as it is drawn around signs."""


class Legend(QWidget):
    """The keys of a plot."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.keys: tuple[Key, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        themes.changed.connect(self._restyle)

    def show_keys(self, keys: Sequence[Key]) -> None:
        """Show these."""
        self.keys = tuple(keys)
        self.setAccessibleName("Legend: " + ", ".join(key.words for key in keys))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: D102  # Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: D102  # Qt's name
        return height_of(self._themes.current, self.keys, width)

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        wide = self._themes.current.px(260)
        return QSize(wide, self.heightForWidth(wide))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        paint_keys(QPainter(self), self._themes.current, self.keys, QRectF(self.rect()))

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


def height_of(theme: Theme, keys: Sequence[Key], width: float) -> int:
    """The pixels that the lines of these keys take."""
    last = list(_placed(theme, keys, width))
    return round(last[-1][0].bottom()) if last else 0


def paint_keys(painter: QPainter, theme: Theme, keys: Sequence[Key], area: QRectF, ground: str = "panel") -> None:
    """Draw the keys from the area's upper left corner on, in as many lines as they need."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(theme.ui(11))
    for place, key in _placed(theme, keys, area.width()):
        box = place.translated(area.topLeft())
        at = QPointF(box.left() + theme.px(6), box.center().y())
        if key.line:
            half = theme.px(6)
            for begin in (-half, 1) if key.hollow else (-half, -1):
                painter.fillRect(QRectF(at.x() + begin, at.y() - 1, half if key.hollow else half + 1, 2), key.color)
        elif key.ring:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(key.color, 1.6))
            painter.drawEllipse(at, theme.px(5), theme.px(5))
        else:
            draw_sample(painter, at, key.kind, key.color, theme.color(ground), key.hollow)
        painter.setPen(theme.color("text2"))
        painter.drawText(box.adjusted(theme.px(SIGN + 2), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, key.words)


def _placed(theme: Theme, keys: Sequence[Key], width: float) -> Iterator[tuple[QRectF, Key]]:
    metrics = QFontMetrics(theme.ui(11))
    tall, x, y = theme.px(TALL), 0, 0
    for key in keys:
        wide = theme.px(SIGN + 4) + metrics.horizontalAdvance(key.words)
        if x and x + wide > width:
            x, y = 0, y + tall
        yield QRectF(x, y, wide, tall), key
        x += wide + theme.px(GAP)
