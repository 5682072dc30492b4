"""The class of every pixel, laid over the picture, beside the right one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from core.prediction.meanings import class_names, two_names
from gui.covers import SHADE, cover_of
from gui.numbers import percent
from gui.pixels import image_of
from gui.predict.bars import Bar, Bars
from gui.subject import Output
from gui.theme import Theme, Themes
from gui.widgets import column, label, row


class Overlay(QWidget):
    """A picture with its classes over it; the first class is the ground and has no colour."""

    def __init__(self, themes: Themes, name: str) -> None:
        super().__init__()
        self._themes = themes
        self.classes: NDArray[np.int64] | None = None
        """(H, W): the class of every pixel."""
        self.shade = SHADE
        self._ground = QImage()
        self._cover: QImage | None = None
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._restyle)

    def show_classes(self, picture: NDArray[Any] | None, classes: NDArray[np.int64]) -> None:
        """Show the classes of these pixels over the picture (C, H, W), where there is one of their size."""
        fits = picture is not None and picture.shape[1:] == classes.shape
        self._ground = image_of(picture) if picture is not None and fits else QImage()
        self.classes, self._cover = classes, None
        self.update()

    def use_shade(self, shade: float) -> None:
        """Lay the classes over it more or less strongly."""
        self.shade, self._cover = shade, None
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        side = self._themes.current.px(128)
        if self.classes is None:
            return QSize(side, side)
        tall, wide = self.classes.shape
        return QSize(round(side * wide / max(tall, wide)), round(side * tall / max(tall, wide)))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme, painter = self._themes.current, QPainter(self)
        if self.classes is None:
            return
        tall, wide = self.classes.shape
        scale = min(self.width() / wide, self.height() / tall)
        place = QRectF(0, 0, round(wide * scale), round(tall * scale))
        painter.fillRect(place, theme.color("inset"))
        if not self._ground.isNull():
            painter.drawImage(place, self._ground)
        painter.drawImage(place, self.cover())
        painter.setPen(theme.color("line2"))
        painter.drawRect(place.adjusted(0, 0, -1, -1))

    def cover(self) -> QImage:
        """The classes as colours, see-through as the shade says."""
        if self._cover is None:
            assert self.classes is not None  # painted only then
            self._cover = cover_of(self._themes.current, self.classes, self.shade)
        return self._cover

    def _restyle(self, _theme: Theme) -> None:
        self._cover = None
        self.updateGeometry()
        self.update()


class MaskAnswer(QWidget):
    """The mask that came out beside the right one, how much of the picture each class takes, and how well it fits."""

    def __init__(self, themes: Themes, output: Output) -> None:
        super().__init__()
        self._output = output
        self.ground: NDArray[Any] | None = None
        """The picture (C, H, W) over which it is laid."""
        self.said = Overlay(themes, f"{output.name}, over the picture")
        self.right = Overlay(themes, "What is right, over the picture")
        self.bars = Bars(themes, f"{output.name}, share of the picture", 1.0)
        self.fit = label("", "caption2")
        self.shade = QSlider(Qt.Orientation.Horizontal)
        self.shade.setRange(0, 100)
        self.shade.setValue(round(100 * SHADE))
        self.shade.setAccessibleName("How strongly the classes lie over the picture")
        self.shade.setToolTip(self.shade.accessibleName())
        self.shade.setFixedWidth(themes.current.px(72))
        self.shade.valueChanged.connect(self._use_shade)
        self._wanted = QWidget()
        self._wanted.setProperty("role", "clear")
        self._wanted.setLayout(column(label("right", "caption"), self.right, None, spacing=4))
        pair = row(spacing=8)
        pair.addLayout(column(label("comes out", "caption"), self.said, None, spacing=4))
        pair.addWidget(self._wanted)
        pair.addStretch(1)
        layout = column(spacing=6)
        layout.addLayout(pair)
        layout.addLayout(row(self.shade, self.fit, None))
        layout.addWidget(self.bars)
        self.setLayout(layout)

    def show_answer(self, values: NDArray[Any], truth: NDArray[Any] | None) -> None:
        """Show these shares (C, H, W), or the one share (1, H, W) of a yes or no."""
        names = self._names(values)
        classes = said_classes(values)
        fits = truth is not None and truth.size == classes.size
        right = right_classes(truth, classes.shape) if truth is not None and fits else None
        self.said.show_classes(self.ground, classes)
        self._wanted.setVisible(right is not None)
        if right is not None:
            self.right.show_classes(self.ground, right)
        shares = [float((classes == at).mean()) for at in range(len(names))]
        overlaps = overlap(classes, right, len(names)) if right is not None else [None] * len(names)
        self.bars.show_bars([_bar(*one) for one in zip(names, shares, overlaps, strict=True)])
        known = [one for one in overlaps if one is not None]
        mean = f"mean IoU {percent(sum(known) / len(known))}" if known else ""
        self.fit.setText(mean)

    def _names(self, values: NDArray[Any]) -> list[str]:
        meaning = self._output.meaning
        return list(two_names(meaning)) if len(values) == 1 else class_names(meaning, len(values))

    def _use_shade(self, hundredths: int) -> None:
        for overlay in (self.said, self.right):
            overlay.use_shade(hundredths / 100)


def said_classes(values: NDArray[Any]) -> NDArray[np.int64]:
    """The likeliest class of each pixel (H, W), of shares (C, H, W) or of one share (1, H, W)."""
    found: NDArray[np.int64] = (values[0] > 0.5).astype(np.int64) if len(values) == 1 else values.argmax(0)
    return found


def right_classes(truth: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """The right class of each pixel, of class numbers or of shares from 0 to 1."""
    flat = truth.reshape(shape)
    return flat.astype(np.int64) if flat.dtype.kind in "iu" else (flat > 0.5).astype(np.int64)


def overlap(said: NDArray[np.int64], right: NDArray[np.int64], count: int) -> list[float | None]:
    """By class the pixels that both have, of those that either has; None where neither has one."""
    found: list[float | None] = []
    for at in range(count):
        both, either = ((said == at) & (right == at)).sum(), ((said == at) | (right == at)).sum()
        found.append(float(both / either) if either else None)
    return found


def _bar(name: str, share: float, fit: float | None) -> Bar:
    return Bar(name, share, percent(share) if fit is None else f"{percent(share)}  IoU {fit:.2f}")
