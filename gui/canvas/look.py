"""The canvas's colours, fonts and pictures, made once a theme, so that painting only draws."""

from __future__ import annotations

import math
from functools import cache, cached_property, lru_cache
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPixmap

from core.catalog.kind import Category
from gui.canvas.geometry import HEADER, RADIUS, Frame
from gui.canvas.stamp import can_keep
from gui.theme import Theme, mix

SHADOW_MARGIN = 10
_STEPS = 24
"""Shades between cold and warm that are told apart."""
_COLD = {"dark": "#1E1B38", "light": "#D5D3EA"}
_WIRE = {"dark": ("#46506A", "#A9BACD"), "light": ("#B3BCC9", "#46566A")}
_LIT = {"dark": "#B9C8DA", "light": "#2E3D50"}
_UNCONFIRMED = {"dark": "#5D6875", "light": "#98A3B0"}

READABLE = 9.0
"""Screen pixels of the smallest letters."""
SIZES = range(12, 20)
"""Of letters on reduced cards, in scene units."""


class Framed(Protocol):
    """A card as far as its block goes."""

    @property
    def category(self) -> Category:
        """Of its kind."""

    @property
    def frame(self) -> Frame:
        """Its measures."""


class Look:
    """One theme as the canvas needs it; its cards are drawn at 100 % text scale, the view zooms them."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.title = _sized(theme.ui(12, 600), 12)
        self.body = _sized(theme.ui(12), 12)
        self.small = _sized(theme.ui(11), 11)
        self.mono = _sized(theme.mono(11), 11)
        self.mono_bold = _sized(theme.mono(11, 600), 11)
        self._reduced = tuple((_sized(theme.ui(12, 600), size), _sized(theme.mono(11), size)) for size in SIZES)
        self.metrics = cache(QFontMetricsF)
        self.color = cache(theme.color)
        self.category = cache(theme.category)
        self.width = lru_cache(4096)(self._width)
        self.elided = lru_cache(4096)(self._elided)
        self.whole_words = lru_cache(4096)(self._whole_words)
        self._tops: dict[float, QPainterPath] = {}
        self._shadows: dict[tuple[int, int], QPixmap] = {}
        self._icons: dict[tuple[str, int, int, float], QPixmap] = {}
        self._shades: dict[tuple[str, int], QColor] = {}

    @cached_property
    def lit_wire(self) -> QColor:
        """Of the wires at a selected node."""
        return QColor(_LIT[self.theme.name])

    @cached_property
    def unconfirmed(self) -> QColor:
        """Of wires and ports whose shape is not known."""
        return QColor(_UNCONFIRMED[self.theme.name])

    def header(self, category: Category, warmth: float) -> QColor:
        """A card's header, paler the smaller the gradient."""
        return self._shade(f"header {category}", warmth)

    def fill(self, warmth: float) -> QColor:
        """A card's ground."""
        return self._shade("fill", warmth)

    def name_ink(self, warmth: float) -> QColor:
        """A card's name."""
        return self._shade("name", warmth)

    def text_ink(self, warmth: float) -> QColor:
        """A card's other texts."""
        return self._shade("text", warmth)

    def wire(self, warmth: float) -> QColor:
        """A wire that carries a gradient of this size."""
        return self._shade("wire", warmth)

    def gradient(self, value: float) -> QColor:
        """The colour of a gradient size."""
        return self.theme.gradient(math.log10(value)) if value > 0 else self.theme.gradient(-99)

    def icon(self, name: str, ink: QColor, size: int, scale: float) -> QPixmap:
        """An icon, sharp at this many screen pixels for a scene unit."""
        ratio = next((ratio for ratio in (1.0, 1.5, 2.0, 3.0, 4.0) if scale <= ratio), 6.0)
        key = (name, ink.rgba(), size, ratio)
        if key not in self._icons:
            self._icons[key] = self.theme.pixmap(name, ink, size, ratio)
        return self._icons[key]

    def draw_icon(self, painter: QPainter, at: QPointF, name: str, ink: QColor, size: int, scale: float) -> None:
        """Draw an icon with its corner here: kept pixels on a screen, lines in a file for print."""
        if can_keep(painter):
            painter.drawPixmap(at, self.icon(name, ink, size, scale))
        else:
            self.theme.paint_icon(painter, QRectF(at.x(), at.y(), size, size), name, ink)

    def draw_shadow(self, painter: QPainter, width: float, height: float) -> None:
        """Draw the soft shadow of a card of this size whose corner is at the origin; none in a file for print."""
        if can_keep(painter):
            painter.drawPixmap(QPointF(-SHADOW_MARGIN, -SHADOW_MARGIN), self.shadow(width, height))

    def draw_block(self, painter: QPainter, card: Framed, warmth: float) -> None:
        """Draw ground and header of a card, where there is no time for more."""
        rect = card.frame.rect
        painter.fillRect(rect, self.fill(warmth))
        painter.fillRect(QRectF(0, 0, rect.width(), HEADER), self.header(card.category, warmth))

    def _elided(self, text: str, font: QFont, width: float, cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> str:
        """The text, its end cut where it is too wide, or another part."""
        metrics = self.metrics(font)
        if metrics.horizontalAdvance(text) <= width:
            return text
        return metrics.elidedText(text, cut, width)

    def _whole_words(self, text: str, font: QFont, width: float) -> str:
        """As many of the first words as fit; none rather than a part of one."""
        words = text.split(" ")
        while words and self.metrics(font).horizontalAdvance(" ".join(words)) > width:
            words.pop()
        return " ".join(words)

    def reduced(self, scale: float) -> tuple[QFont, QFont]:
        """For a name and a word on a card at this zoom: as small as can be read, 8 pixels on the screen."""
        wanted = min(max(math.ceil(READABLE / scale), SIZES[0]), SIZES[-1])
        return self._reduced[wanted - SIZES[0]]

    def _width(self, text: str, font: QFont) -> float:
        """The width of a text."""
        return self.metrics(font).horizontalAdvance(text)

    def baseline(self, font: QFont, middle: float) -> float:
        """Where a line of text stands so that its capitals are centred on `middle`."""
        return middle + self.metrics(font).capHeight() / 2

    def rounded_top(self, width: float) -> QPainterPath:
        """The header of a card of this width, inside of its outline."""
        if width not in self._tops:
            self._tops[width] = _rounded_top(width)
        return self._tops[width]

    def shadow(self, width: float, height: float) -> QPixmap:
        """The soft shadow of a card of this size."""
        key = (round(width), round(height))
        if key not in self._shadows:
            self._shadows[key] = _shadow(key[0], key[1], self.theme.color("shadow"))
        return self._shadows[key]

    def _shade(self, what: str, warmth: float) -> QColor:
        step = round(warmth * _STEPS)
        key = (what, step)
        if key not in self._shades:
            self._shades[key] = self._mixed(what, step / _STEPS)
        return self._shades[key]

    def _mixed(self, what: str, share: float) -> QColor:
        color = self.theme.color
        if what == "fill":
            return mix(color("canvas"), color("raised"), 0.25 + 0.75 * share)
        if what == "name":
            return mix(color("text2"), color("text"), share)
        if what == "text":
            return mix(color("text3"), color("text2"), share)
        if what == "wire":
            cold, warm = _WIRE[self.theme.name]
            return mix(QColor(cold), QColor(warm), share)
        ground = mix(QColor(_COLD[self.theme.name]), color("raised"), share)
        full = 0.26 if self.theme.dark else 0.17
        return mix(ground, self.theme.category(what.split()[1]), 0.06 + (full - 0.06) * share)


def _sized(font: QFont, pixels: int) -> QFont:
    """The font at a size of its own: the text scale comes in by the view's zoom."""
    made = QFont(font)
    made.setPixelSize(pixels)
    return made


def _rounded_top(width: float) -> QPainterPath:
    path = QPainterPath(QPointF(1, HEADER))
    path.lineTo(1, RADIUS)
    path.quadTo(1, 1, RADIUS, 1)
    path.lineTo(width - RADIUS, 1)
    path.quadTo(width - 1, 1, width - 1, RADIUS)
    path.lineTo(width - 1, HEADER)
    path.closeSubpath()
    return path


def _shadow(width: int, height: int, ink: QColor) -> QPixmap:
    """0 2 6: rounded rectangles that grow and fade."""
    margin = SHADOW_MARGIN
    pixmap = QPixmap(width + 2 * margin, height + 2 * margin)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    card = QRectF(margin, margin + 2, width, height)
    for grow in range(6, -1, -1):
        layer = QColor(ink)
        layer.setAlphaF(ink.alphaF() * 0.04 * (7 - grow))
        painter.setBrush(layer)
        painter.drawRoundedRect(card.adjusted(-grow, -grow, grow, grow), RADIUS + grow, RADIUS + grow)
    painter.end()
    return pixmap


def centred(middle: QPointF, pixmap: QPixmap) -> QPointF:
    """Where a pixmap's corner stands so that its middle is here."""
    size = pixmap.deviceIndependentSize()
    return QPointF(middle.x() - size.width() / 2, middle.y() - size.height() / 2)
