"""The held-out samples of which the network is least certain: where they lie, what is right and what is said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.boundary.plane import said_kinds
from gui.sample_marks import draw_sample
from gui.subject import Output
from gui.theme import Theme, Themes

SHOWN = 8
"""Samples that are listed."""
ROW = 20


class Hard(NamedTuple):
    """One sample."""

    place: int
    """In the held-out part."""
    where: str
    right: int
    said: int
    share: float
    """From 0, surely the first class, to 1, surely the second; of more classes, how likely the one that is said."""
    text: str


class Hardest(QWidget):
    """A line for each; a click, or the arrow keys and Enter, show the sample."""

    picked = Signal(int)
    """The place of a sample in the held-out part."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.samples: tuple[Hard, ...] = ()
        self.inks: Sequence[QColor] = ()
        """The colours of the classes' samples."""
        self._at = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Held-out samples, the least certain first: what is right, what is said; a click shows one")
        themes.changed.connect(self._restyle)

    def show_samples(self, samples: Sequence[Hard], inks: Sequence[QColor], names: Sequence[str]) -> None:
        """List these."""
        grown = len(samples) != len(self.samples)
        self.samples, self.inks = tuple(samples), inks
        self._at = min(self._at, max(len(self.samples) - 1, 0))
        told = (f"{one.where}: {names[one.right]}, said {names[one.said]} with {one.text}" for one in samples)
        self.setAccessibleName(f"Least certain held-out samples: {'; '.join(told)}")
        if grown:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(self._themes.current.px(240), self._themes.current.px(ROW) * len(self.samples))

    def bar_rect(self, index: int) -> QRectF:
        """The bar of a line, in pixels."""
        theme = self._themes.current
        left, right = self._bars()
        middle = theme.px(ROW) * (index + 0.5)
        return QRectF(left, middle - theme.px(4), (right - left) * self.samples[index].share, theme.px(8))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        painter = QPainter(self)
        for index, one in enumerate(self.samples):
            self._paint_line(painter, index, one)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        self._pick(int(event.position().y()) // self._themes.current.px(ROW))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._at = min(max(self._at + (1 if key == Qt.Key.Key_Down else -1), 0), max(len(self.samples) - 1, 0))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._pick(self._at)
        else:
            super().keyPressEvent(event)

    def _pick(self, index: int) -> None:
        if 0 <= index < len(self.samples):
            self._at = index
            self.update()
            self.picked.emit(self.samples[index].place)

    def _bars(self) -> tuple[float, float]:
        """From where to where bars may reach."""
        px = self._themes.current.px
        left = px(128)
        return left, max(self.width() - px(70), left + 4)

    def _paint_line(self, painter: QPainter, index: int, one: Hard) -> None:
        theme = self._themes.current
        tall = theme.px(ROW)
        line = QRectF(0, index * tall, self.width(), tall)
        if self.hasFocus() and index == self._at:
            painter.fillRect(line, theme.color("accentBg"))
        painter.setFont(theme.mono(11))
        painter.setPen(theme.color("text2"))
        where = painter.fontMetrics().elidedText(one.where, Qt.TextElideMode.ElideRight, theme.px(84))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, where)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x, kind in ((94, one.right), (112, one.said)):
            at = QPointF(theme.px(x), line.center().y())
            draw_sample(painter, at, kind, self.inks[kind], theme.color("panel"), False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        left, right = self._bars()
        middle = line.center().y()
        painter.fillRect(QRectF(left, middle - theme.px(4), right - left, theme.px(8)), theme.color("control"))
        painter.fillRect(self.bar_rect(index), self.inks[one.said])
        painter.fillRect(QRectF((left + right) / 2, middle - theme.px(5), 1, theme.px(10)), theme.color("text3"))
        painter.setPen(theme.color("text2"))
        value = QRectF(right, line.top(), self.width() - right - theme.px(18), tall)
        painter.drawText(value, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, one.text)
        size = theme.px(12)
        icon, ink = ("check", "ok") if one.right == one.said else ("close", "error")
        mark = theme.pixmap(icon, ink, size, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(self.width() - size, line.center().y() - size / 2), mark)

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


def hardest(
    output: Output,
    places: NDArray[np.float64],
    right: NDArray[np.int64],
    held: NDArray[np.bool_],
    said: NDArray[np.float64],
) -> list[Hard]:
    """The held-out samples of which the network is least certain, by what it says (N, ...) of all of them."""
    flat = said.reshape(len(said), -1)
    margin = output.meaning.margin or 1.0
    if output.form == "sign":
        shares = np.clip(0.5 + flat[:, 0] / (4 * margin), 0, 1)
        certain, texts = np.abs(flat[:, 0]), [f"{value:+.2f}".replace("-", "−") for value in flat[:, 0]]
    else:
        of_two = output.form == "yes or no" or flat.shape[1] == 2
        shares = flat[:, -1] if of_two else flat.max(axis=1)
        runners = np.sort(flat, axis=1)
        certain = np.abs(shares - 0.5) if of_two else runners[:, -1] - runners[:, -2]
        texts = [f"{value:.3f}" for value in shares]
    first, classes = int(np.count_nonzero(~held)), said_kinds(output, said)
    assert classes is not None  # only classes are certain or not
    order = [at for at in np.argsort(certain, kind="stable") if held[at]][:SHOWN]
    return [
        Hard(at - first, _where(places[at]), int(right[at]), int(classes[at]), float(shares[at]), texts[at])
        for at in map(int, order)
    ]


def _where(place: NDArray[np.float64]) -> str:
    return " ".join(f"{value:+.2f}" for value in place).replace("-", "−")
