"""Reads a plot as a person does: words where they are drawn, numbers off the axes, lines by their colour."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication, QGraphicsView, QWidget

from gui.monitors import saving
from gui.monitors.drawn import Drawn
from gui.monitors.plot import Plot
from tests.gui.monitors.conftest import picture, pixels

SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
NUMBER = re.compile(r"−?[\d,]*\.?\d+(?:e−?\d+)?")
CLOSE = 48
"""How far the channels of a pixel at the edge of a line may lie from its colour."""


@dataclass(frozen=True)
class Word:
    """A piece of text as it is drawn: where its baseline begins, how wide it is, and the middle of its digits."""

    text: str
    left: float
    middle: float
    wide: float
    color: str
    is_upright: bool = False

    @property
    def center(self) -> float:
        return self.left + self.wide / 2

    @property
    def right(self) -> float:
        return self.left + self.wide


def words(plot: Drawn) -> list[Word]:
    """All text that the plot draws, in the order in which it does."""
    QApplication.processEvents()
    return _words(saving.drawing(plot))


def said(widget: QWidget) -> list[Word]:
    """All text that any widget draws."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    made = QSvgGenerator()
    made.setOutputDevice(buffer)
    made.setSize(widget.size())
    made.setViewBox(QRect(QPoint(), widget.size()))
    QApplication.processEvents()
    painter = QPainter(made)
    widget.render(painter) if isinstance(widget, QGraphicsView) else widget.render(painter, QPoint())
    painter.end()
    return _words(bytes(content.data()))


def _words(drawing: bytes) -> list[Word]:
    groups = [part for part in ElementTree.fromstring(drawing).iter() if part.tag.endswith("}g")]
    return [word for group in groups for part in group if part.tag.endswith("text") for word in _word(group, part)]


def _word(group: ElementTree.Element, part: ElementTree.Element) -> list[Word]:
    font = QFont(part.attrib["font-family"].split(","))
    font.setPixelSize(round(float(part.attrib["font-size"])))
    font.setWeight(QFont.Weight(int(part.attrib["font-weight"])))
    metrics, text = QFontMetricsF(font), "".join(part.itertext()).strip()
    x, y = float(part.attrib["x"]), float(part.attrib["y"]) - (metrics.ascent() - metrics.descent()) / 2
    a, b, c, d, e, f = (float(one) for one in group.attrib["transform"].removeprefix("matrix(").rstrip(")").split(","))
    wide = metrics.horizontalAdvance(text)
    place = a * x + c * y + e, b * x + d * y + f
    return [Word(text, *place, wide, part.attrib["fill"], bool(b))] if text else []


def number(text: str) -> float:
    """What a label says: 1,000, 0.03, −2, 3e−7, 10⁻⁶, 40 %."""
    if text.startswith("10") and text[2:] and text[2:].translate(SUPERSCRIPT) != text[2:]:
        return 10.0 ** int(text[2:].translate(SUPERSCRIPT))
    share = text.endswith("%")
    found = float(text.removesuffix("%").strip().replace(",", "").replace("−", "-"))
    return found / 100 if share else found


def is_number(text: str) -> bool:
    """Whether it is a label of an axis."""
    return bool(NUMBER.fullmatch(text.removesuffix(" %"))) or text.translate(SUPERSCRIPT) != text


@dataclass(frozen=True)
class Axis:
    """Numbers by pixel, as the labels along it say."""

    slope: float
    offset: float
    is_log: bool

    def number(self, pixel: float) -> float:
        found = self.slope * pixel + self.offset
        return 10**found if self.is_log else found

    def pixel(self, value: float) -> float:
        return ((np.log10(value) if self.is_log else value) - self.offset) / self.slope


def axis(labels: list[tuple[float, float]], known: bool | None = None) -> Axis:
    """The scale on which these numbers (number, pixel) lie; they must lie on one, to a pixel.

    Two labels lie on any scale: then it must be `known` whether it is logarithmic.
    """
    assert len(labels) >= 2, labels
    values, places = np.array(labels, np.float64).T
    for is_log in (False, True) if known is None else (known,):
        if is_log and (values <= 0).any():
            continue
        numbers = np.log10(values) if is_log else values
        slope, offset = np.polyfit(places, numbers, 1)
        if np.abs((numbers - offset) / slope - places).max() < 1.2:
            return Axis(slope, offset, is_log)
    raise AssertionError(f"these labels lie on no scale: {labels}")


class Seen:
    """A plot as it stands on the screen."""

    def __init__(self, plot: Plot, is_log: bool | None = None) -> None:
        self.area: QRectF = plot.area()
        self.image: QImage = picture(plot)
        self.found = pixels(self.image).astype(int)
        self.words = words(plot)
        self._is_log = is_log

    @property
    def values(self) -> Axis:
        """The axis at the left."""
        labels = [(number(word.text), word.middle) for word in self.beside if is_number(word.text)]
        return axis(labels, self._is_log)

    @property
    def beside(self) -> list[Word]:
        """The words left of the area."""
        return [word for word in self.words if word.right <= self.area.left()]

    @property
    def steps(self) -> Axis:
        """The axis below; its last label may be pushed inside."""
        below = [word for word in self.words if self._is_below(word) and is_number(word.text)]
        labels = [(number(word.text), word.center) for word in sorted(below, key=lambda word: word.left)]
        try:
            return axis(labels, known=False)
        except AssertionError:
            return axis(labels[:-1], known=False)

    def _is_below(self, word: Word) -> bool:
        return 0 < word.middle - self.area.bottom() < 22 and word.right > self.area.left()

    def height(self, step: float, color: QColor, close: int = CLOSE) -> float:
        """The middle of the pixels of a line of this colour at a step, in pixels; NaN where there are none."""
        column = self.found[:, round(self.steps.pixel(step) - 0.5)]
        near = np.abs(column - color.getRgb()[:3]).max(axis=1)
        top, bottom = self.area.top() - 3, self.area.bottom()
        places = np.flatnonzero(near < close)
        places = places[(places >= top) & (places < bottom)]
        return float(places.mean()) + 0.5 if len(places) else float("nan")

    def value(self, step: float, color: QColor) -> float:
        """The number that a line of this colour is read to have at a step."""
        return self.values.number(self.height(step, color))

    def count(self, color: QColor) -> int:
        """How many pixels of the area have exactly this colour."""
        area = self.area.toRect()
        part = self.found[area.top() : area.bottom(), area.left() : area.right()]
        return int((part == np.array(color.getRgb()[:3])).all(axis=2).sum())

    def says(self, text: str) -> Word:
        """The word that is drawn so; there must be exactly one."""
        (found,) = [word for word in self.words if word.text == text]
        return found
