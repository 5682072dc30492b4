"""One wire on the canvas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen, QPolygonF

from core.graph import Edge
from gui.canvas.geometry import DIM, FULL, HEADER_ONLY, PORT_RADIUS
from gui.canvas.look import Look
from gui.canvas.part import Part
from gui.canvas.routing import Ends, Route, Turns, drawn
from gui.canvas.wire_styles import Style

State = Literal["tensor", "label", "unconfirmed", "error"]
_MARGIN = 14.0
ABOVE_CARDS = 5.0
DISC = 4.0
"""Radius of a point through which a wire is led."""
STRETCH = 3
"""Corners of a wire that lie in one rectangle: a curve's end and its two handles."""
_DASHES: dict[State, tuple[float, list[float]]] = {
    "tensor": (2.0, []),
    "label": (1.6, [5.0, 4.0]),
    "unconfirmed": (1.6, [2.0, 3.0]),
    "error": (2.5, [7.0, 4.0]),
}


@dataclass(frozen=True, slots=True)
class Wire:
    """What a wire shows: its state, its shape and what was wanted instead."""

    state: State = "unconfirmed"
    text: str = ""
    needs: str = ""
    full: str = ""
    """Dtype and batch shape, for the tooltip."""


_NOWHERE = Route(QPainterPath(), QPointF(), False)


class EdgeItem(Part):
    """Draws one edge along its route; the scene sets route and state."""

    marked: frozenset[int]
    """Which of its points are selected."""
    is_lit: bool
    is_selected: bool
    is_hovered: bool
    is_cut: bool
    is_on_path: bool
    is_dim: bool
    _CALM = MappingProxyType(
        {
            "_is_visible": True,
            "marked": frozenset(),
            **dict.fromkeys(("is_lit", "is_selected", "is_hovered", "is_cut", "is_on_path", "is_dim"), False),
        }
    )

    def __init__(self, edge: Edge, look: Look) -> None:
        super().__init__(height=0)
        self.edge = edge
        self.look = look
        self.wire = Wire()
        self.route = _NOWHERE
        self._laid: tuple[Ends, Turns | None, Style] | None = None
        self._turns = False
        """Whether it runs through gutters, below the curves."""
        self.is_target = False
        self.reset()

    def reset(self) -> None:
        """Be as new but for what it says and its route."""
        self.warmth: float | None = None
        self.via: tuple[QPointF, ...] = ()
        """The points through which it is led, from its output on."""
        self.calm()

    def calm(self) -> None:  # noqa: D102  # as every part
        super().calm()
        if self.is_target:
            self.is_target = False
            self._stand()

    def show_wire(self, wire: Wire) -> None:
        """Draw this state from now on."""
        if wire != self.wire:
            self.update()
            self.wire, self._bounds = wire, None
            self.update()

    def follow(self, ends: Ends, way: Turns | None, style: Style = "spline") -> bool:
        """Run along this way; says whether it ran otherwise before."""
        if self._laid == (ends, way, style):
            return False
        self.update()
        self._laid = ends, way, style
        self.route = drawn(ends, way, style)
        self._bounds = None
        self._turns = way is not None
        self._stand()
        self.update()
        return True

    @property
    def far_ink(self) -> QColor:
        """The colour of its line from far away."""
        state = self.wire.state
        return self.look.color(state if state in ("label", "error") else "wire")

    def hit(self, at: QPointF, radius: float) -> bool:
        """Whether the point lies within `radius` of the wire."""
        stroker = QPainterPathStroker()
        stroker.setWidth(2 * radius)
        return stroker.createStroke(self.route.path).contains(at)

    def crossing(self, line: QLineF) -> QPointF | None:
        """Where the line crosses the wire first, or None where it does not."""
        points = [
            polygon.at(index) for polygon in self.route.path.toSubpathPolygons() for index in range(polygon.size())
        ]
        places = (_meeting(line, QLineF(*ends)) for ends in pairwise(points))
        return next((place for place in places if place is not None), None)

    def show_cut(self, cut: bool) -> None:
        """Draw it as one that a stroke is about to cut, or not."""
        self.is_cut = cut
        self.update()

    def show_target(self, target: bool) -> None:
        """Draw it as one into which something would go, over the card that is held over it, or not."""
        self.is_target = target
        self._stand()
        self.update()

    def show_warmth(self, warmth: float | None) -> None:
        """Draw this warmth from now on; only what lies along the wire is painted anew, not all within its bounds."""
        if warmth == self.warmth:
            return
        self.warmth = warmth
        if self.wire.state != "label":
            for part in self._parts():
                self.update(part)

    def _parts(self) -> Iterator[QRectF]:
        """Rectangles that together hold the wire and its text."""
        path = self.route.path
        points = [QPointF(at.x, at.y) for at in map(path.elementAt, range(path.elementCount()))]
        for start in range(0, max(len(points) - 1, 0), STRETCH):
            box = QPolygonF(points[start : start + STRETCH + 1]).boundingRect()
            yield box.adjusted(-_MARGIN / 2, -_MARGIN / 2, _MARGIN / 2, _MARGIN / 2)
        yield self._pill()

    def _measured(self) -> QRectF:
        """What holds wire, texts and cross."""
        if self._laid is None:
            return QRectF()
        high = 2 * _MARGIN if self.wire.state == "error" else _MARGIN
        return self.route.rect.adjusted(-_MARGIN, -high, _MARGIN, high).united(self._pill())

    @property
    def overhang(self) -> float:
        """By how much what it draws may reach over its line, at most: its shape has its middle on it or above it."""
        high = 2 * _MARGIN if self.wire.state == "error" or self.route.above else _MARGIN
        return max(self._pill_width() / 2, high)

    def _pill(self) -> QRectF:
        wide = max(self._pill_width() / 2, _MARGIN)
        return QRectF(self.route.pill.x() - wide, self.route.pill.y() - _MARGIN, 2 * wide, 2 * _MARGIN)

    def paint(self, painter: QPainter, scale: float) -> None:  # noqa: D102  # as every part
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.is_dim:
            painter.setOpacity(painter.opacity() * DIM)
        ink = self.look.color("accent") if self.is_target else self._ink()
        if self.wire.state == "error" or self.is_target:
            halo = QColor(self.look.color("accent" if self.is_target else "error"))
            halo.setAlphaF(0.16 if not self.is_target else 0.38)
            painter.setPen(QPen(halo, 9, c=Qt.PenCapStyle.FlatCap))
            painter.drawPath(self.route.path)
        painter.setPen(self._pen(ink, scale))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self.route.path)
        self._paint_points(painter, ink)
        if self.is_target:
            self._paint_ends(painter)
        if self.wire.state == "error" and scale >= HEADER_ONLY:
            self._paint_cross(painter, scale)
        if scale >= FULL and not self.is_target:
            self._paint_texts(painter)

    def _ink(self) -> QColor:
        look = self.look
        if self.is_selected and not self.is_cut:
            return look.color("sel")
        if self.is_cut or self.wire.state == "error":
            return look.color("error")
        if self.wire.state == "label":
            return look.color("label")
        if self.is_lit or self.is_hovered or self.is_on_path:
            return look.lit_wire
        if self.wire.state == "unconfirmed":
            return look.unconfirmed
        return look.color("wire") if self.warmth is None else look.wire(self.warmth)

    def _pen(self, ink: QColor, scale: float) -> QPen:
        width, dashes = _DASHES["unconfirmed" if self.is_cut else self.wire.state]
        if self.wire.state == "tensor" and self.warmth is not None:
            width = 1.0 + 2.0 * self.warmth
        if self.is_selected or self.is_target:
            width = max(width, 2.5)
        pen = QPen(ink, max(width, 0.8 / scale))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dashes and scale >= HEADER_ONLY:
            pen.setDashPattern([dash / width for dash in dashes])
        return pen

    def _paint_points(self, painter: QPainter, ink: QColor) -> None:
        """A disc at each point, ringed where it is selected."""
        radius = DISC + 1 if self.is_hovered else DISC
        for number, at in enumerate(self.via):
            chosen = number in self.marked
            painter.setPen(QPen(self.look.color("sel" if chosen else "canvas"), 2 if chosen else 1.5))
            painter.setBrush(self.look.color("accent") if chosen else ink)
            painter.drawEllipse(at, radius + chosen, radius + chosen)

    def _paint_ends(self, painter: QPainter) -> None:
        """The ports between which something would go."""
        painter.setPen(QPen(self.look.color("canvas"), 2))
        painter.setBrush(self.look.color("accent"))
        for share in (0.0, 1.0):
            painter.drawEllipse(self.route.path.pointAtPercent(share), PORT_RADIUS, PORT_RADIUS)

    def _stand(self) -> None:
        """A wire that is lit lies over all cards: the one that would go into it may hide it whole."""
        self.setZValue(ABOVE_CARDS if self.is_target else -1 if self._turns else 0)

    def _paint_cross(self, painter: QPainter, scale: float) -> None:
        middle = self.route.path.pointAtPercent(0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.color("error"))
        painter.drawEllipse(middle, 9, 9)
        painter.setPen(QPen(self.look.color("canvas"), 2, c=Qt.PenCapStyle.RoundCap))
        for way in (QPointF(3, 3), QPointF(3, -3)):
            painter.drawLine(middle - way, middle + way)

    def _paint_texts(self, painter: QPainter) -> None:
        look, wire, place = self.look, self.wire, self.route.pill
        if wire.state == "error":
            self._paint_error_texts(painter)
            return
        if not wire.text:
            return
        inks = {"label": "label", "unconfirmed": "text3"}
        wide = look.width(wire.text, look.mono)
        room = QRectF(place.x() - wide / 2 - 6, place.y() - 8, wide + 12, 16)
        if self.route.above:
            room = QRectF(place.x() - wide / 2 - 1, place.y() - 6, wide + 2, 12)
        if painter.hasClipping() and not painter.clipBoundingRect().intersects(room):
            return  # of a wire that runs through what comes in, the text as a rule does not lie there
        painter.fillRect(room, look.color("canvas"))
        painter.setFont(look.mono)
        painter.setPen(look.color("text" if self.is_lit else inks.get(wire.state, "text2")))
        painter.drawText(QPointF(place.x() - wide / 2, look.baseline(look.mono, place.y())), wire.text)

    def _paint_error_texts(self, painter: QPainter) -> None:
        """What comes and what is wanted: left and right of the cross, or over and under it where the gap is narrow."""
        look, middle = self.look, self.route.path.pointAtPercent(0.5)
        needs = f"needs {self.wire.needs}" if self.wire.needs else ""
        comes_wide, needs_wide = look.width(self.wire.text, look.mono), look.width(needs, look.mono_bold)
        above = look.baseline(look.mono, middle.y() - 17)
        if self.route.above:
            comes = QPointF(middle.x() - comes_wide / 2, above)
            wants = QPointF(middle.x() - needs_wide / 2, look.baseline(look.mono, middle.y() + 18))
        else:
            comes = QPointF(middle.x() - 12 - comes_wide, above)
            wants = QPointF(middle.x() + 4, above)
        painter.setFont(look.mono)
        painter.setPen(look.color("text2"))
        painter.drawText(comes, self.wire.text)
        painter.setFont(look.mono_bold)
        painter.setPen(look.color("error"))
        painter.drawText(wants, needs)

    def _pill_width(self) -> float:
        if not self.wire.text:
            return 0.0
        wide = self.look.width(self.wire.text, self.look.mono) + 16
        return wide if self.wire.state != "error" else 2 * wide + 120


def _meeting(line: QLineF, other: QLineF) -> QPointF | None:
    """Where two lines meet between their ends; PySide tells how they do, and where."""
    met: tuple[QLineF.IntersectionType, QPointF] = line.intersects(other)
    return met[1] if met[0] == QLineF.IntersectionType.BoundedIntersection else None


def dragged(painter: QPainter, look: Look, path: QPainterPath, end: QPointF, refused: bool) -> None:
    """A wire that is being drawn: its free end is hollow, red where it is refused."""
    ink = look.color("error" if refused else "accent")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, 2.5))
    painter.drawPath(path)
    painter.setPen(QPen(ink, 2))
    painter.setBrush(look.color("canvas"))
    painter.drawEllipse(end, 5, 5)
