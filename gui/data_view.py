"""What a data set looks like: pictures or points, and how many samples each class has."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.data.tokens import SPECIAL, is_spelled
from gui.data_drawing import draw_curves, draw_texts, sheet
from gui.theme import Theme, Themes

if TYPE_CHECKING:
    from core.data.preview import Preview

ACROSS, DOWN = 10, 2
"""Pictures in one row, and rows."""
PAD, SPACE = 4, 2
"""Pixels around and between them."""
LINE, LINES = 17, 10
"""Height of a line of text, and how many are shown."""
INVISIBLE = MappingProxyType({" ": "space", "\n": "new line"})
MOST, FREQUENT = 20, 12
"""So many classes are listed; of more, the most frequent ones."""


class Picture(QWidget):
    """The first samples: pictures in rows, points in the plane coloured by class, texts; or the whole of a series."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._preview: Preview | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._restyle)

    def show_preview(self, preview: Preview) -> bool:
        """Show this; whether there is anything to draw."""
        self._preview = preview
        self._fit()
        self.update()
        drawn = (preview.pictures, preview.points, preview.curves, preview.texts or None)
        return any(one is not None for one in drawn)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as two rows of pictures are, or as a plane needs."""
        if self._preview is not None and self._preview.points is not None:
            self.setFixedHeight(self._themes.current.px(168))
        elif self._preview is not None and self._preview.texts:
            self.setFixedHeight(self._themes.current.px(LINE * LINES + 8))
        elif self._preview is not None and self._preview.curves is not None:
            self.setFixedHeight(self._themes.current.px(112))
        else:
            self.setFixedHeight(2 * PAD + DOWN * (self._side() + SPACE) - SPACE)

    def _side(self) -> int:
        return max((self.width() - 2 * PAD - SPACE * (ACROSS - 1)) // ACROSS, 4)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        if self._preview is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._themes.current.color("inset"))
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        if self._preview.pictures is not None:
            self._paint_pictures(painter)
        elif self._preview.points is not None:
            self._paint_points(painter)
        elif self._preview.texts:
            theme = self._themes.current
            painter.setFont(theme.mono(11) if is_spelled(self._preview.field.classes) else theme.ui(11))
            line = self._themes.current.px(LINE)
            draw_texts(painter, QRectF(self.rect()), self._preview.texts, line, self._themes.current)
        elif self._preview.curves is not None:
            draw_curves(painter, QRectF(self.rect()), self._preview.curves, self._preview.cut, self._themes.current)

    def _paint_pictures(self, painter: QPainter) -> None:
        assert self._preview is not None
        side = self._side()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for index, image in enumerate(sheet(self._preview, ACROSS, DOWN, self._themes.current)):
            line, place = divmod(index, ACROSS)
            corner = QRect(PAD + place * (side + SPACE), PAD + line * (side + SPACE), side, side)
            painter.drawImage(corner, image)

    def _paint_points(self, painter: QPainter) -> None:
        assert self._preview is not None
        assert self._preview.points is not None
        points = self._preview.points.astype(float)
        labels = self._preview.labels
        low, high = points.min(0), points.max(0)
        scale = min(self.width() - 24, self.height() - 24) / max(float((high - low).max()), 1e-9)
        places = (points - (low + high) / 2) * scale
        middle = QPointF(self.width() / 2, self.height() / 2)
        for index, (x, y) in enumerate(places):
            kind = int(labels[index]) if labels is not None else 0
            painter.setBrush(self._themes.current.series((0, 1)[kind % 2]))
            place = middle + QPointF(float(x), -float(y))
            if kind % 2:
                painter.drawRect(QRectF(place.x() - 2, place.y() - 2, 4, 4))
            else:
                painter.drawEllipse(place, 2.2, 2.2)

    def _restyle(self, _theme: Theme) -> None:
        self._fit()
        self.update()


class Balance(QWidget):
    """A bar for each class, with its name and number of samples."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._classes: tuple[tuple[str, int], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._restyle)

    def show_classes(self, classes: Sequence[tuple[str, int]]) -> None:
        """Show these names and numbers; of very many, the most frequent."""
        self._classes = tuple(classes) if len(classes) <= MOST else _frequent(classes)
        self.setAccessibleName(", ".join(f"{name}: {count}" for name, count in self._classes))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(100, self._themes.current.px(16) * len(self._classes))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme = self._themes.current
        painter = QPainter(self)
        painter.setFont(theme.ui(11))
        tall, most = theme.px(16), max((count for _name, count in self._classes), default=1)
        widths = [painter.fontMetrics().horizontalAdvance(name) for name, _count in self._classes]
        left, right = min(max(widths, default=0) + 8, self.width() // 3), theme.px(44)
        for index, (name, count) in enumerate(self._classes):
            line = QRect(0, index * tall, self.width(), tall)
            painter.setPen(theme.color("text2"))
            shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, left - 6)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{count:,}")
            room = self.width() - left - right
            painter.fillRect(QRectF(left, line.y() + tall / 2 - 3, room * count / most, 6), theme.category("Data"))

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


def _frequent(classes: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """The most frequent of many classes, those that are no sign with their names; what only fills is no class."""
    told = [(INVISIBLE.get(name, name), count) for name, count in classes if name not in SPECIAL]
    return tuple(sorted(told, key=lambda item: -item[1])[:FREQUENT])
