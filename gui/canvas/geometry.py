"""Sizes of cards and the places of their ports; pure, in scene units (pixels at 100 %)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product
from types import MappingProxyType
from typing import Generic, TypeVar

from PySide6.QtCore import QPointF, QRectF

from core.graph import InputKey

WIDTH = 146.0
HEADER = 26.0
BODY = 42.0
STRIP = 24.0
RADIUS = 6.0
INSET = 11.0
"""From the card's edge to its texts."""
PORT_RADIUS = 5.0
PORT_HIT = 12.0
"""Of a port and around a wire, in screen pixels at every zoom."""
GRID = 24.0
DIM = 0.5
"""Opacity of what lies beside the path that is lit."""
FULL, HEADER_ONLY = 0.7, 0.35
"""From which zoom a card shows everything, and from which its header; below, all cards are one picture.

The design says 60 % for the former; its 11 px texts fall under the 8 px that it asks for too at 70 %.
"""
_SINGLE_Y = 47.0
_FIRST_Y = 38.0
_BELOW_Y = 78.0
"""The first of several ports that stand below the texts."""
_PITCH = 22.0
_PREVIEW_GAP = 4.0
_PREVIEW_TOP = 24.0
ACTIVATION = 76.0
"""By how much a card is taller that shows its layer's last activation."""
_ACTIVATION_GAP = 5.0


def snapped(value: float, wanted: bool = True) -> float:
    """The nearest line of the grid, or the value itself in whole units where no snapping is wanted."""
    return round(value / GRID) * GRID if wanted else float(round(value))


@dataclass(frozen=True, slots=True)
class Frame:
    """The measures of one card: its size, its ports' heights, and where its preview stands."""

    body: float = BODY
    width: float = WIDTH
    inputs: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    outputs: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    preview: tuple[float, float, float, float] | None = None
    """x, y, width and height."""
    foot: float = STRIP
    """Height of the health strip; 0 for a card without one."""
    activation: QRectF | None = None
    """Where the layer's last activation is drawn, its caption included."""
    collapsed: bool = False
    """Whether the card is its header alone."""

    @property
    def height(self) -> float:
        """Header, body and strip."""
        return HEADER + self.body + self.foot

    @property
    def strip(self) -> QRectF:
        """The health strip."""
        return QRectF(0, HEADER + self.body, self.width, self.foot)

    @property
    def rect(self) -> QRectF:
        """The whole card, its corner at the origin."""
        return QRectF(0, 0, self.width, self.height)

    def input_at(self, port: str) -> QPointF:
        """The middle of an input port; of an unknown one that of the card's edge."""
        return QPointF(0, self.inputs.get(port, self._edge))

    def output_at(self, port: str) -> QPointF:
        """The middle of an output port; of an unknown one that of the card's edge."""
        return QPointF(self.width, self.outputs.get(port, self._edge))

    @property
    def _edge(self) -> float:
        return HEADER / 2 if self.collapsed else _SINGLE_Y


def frame(inputs: Sequence[str], outputs: Sequence[str], preview: tuple[int, int] | None = None) -> Frame:
    """The card of a node with these ports; with a preview the last output stands in the strip."""
    if preview is not None and outputs:
        return _with_preview(outputs, preview)
    return _plain(tuple(inputs), tuple(outputs))


@lru_cache(256)
def _plain(inputs: tuple[str, ...], outputs: tuple[str, ...]) -> Frame:
    """The same for all cards with ports of these names."""
    rows = max(len(inputs), len(outputs))
    body = max(BODY, rows * _PITCH - 2)
    return Frame(body, WIDTH, MappingProxyType(_heights(inputs)), MappingProxyType(_heights(outputs)))


def frame_below(inputs: Sequence[str], outputs: Sequence[str], width: float) -> Frame:
    """The card of a node whose ports stand below its two lines of text."""
    rows = max(len(inputs), len(outputs))
    entries, leaving = (MappingProxyType(_heights(ports, _BELOW_Y)) for ports in (inputs, outputs))
    return Frame(BODY + rows * _PITCH, width, entries, leaving)


def collapsed(frame: Frame, inputs: Sequence[str], outputs: Sequence[str]) -> Frame:
    """The header of that card alone, its ports shared out over the edges."""
    entries, leaving = (
        MappingProxyType({port: HEADER * (place + 1) / (len(ports) + 1) for place, port in enumerate(ports)})
        for ports in (inputs, outputs)
    )
    return Frame(0.0, frame.width, entries, leaving, foot=0.0, collapsed=True)


def unfolded(frame: Frame) -> Frame:
    """That card with room for an activation above its strip."""
    place = QRectF(INSET, HEADER + frame.body, frame.width - 2 * INSET, ACTIVATION - _ACTIVATION_GAP)
    return replace(frame, body=frame.body + ACTIVATION, activation=place)


def folded(frame: Frame) -> Frame:
    """That card without it again."""
    return replace(frame, body=frame.body - ACTIVATION, activation=None)


def _heights(ports: Sequence[str], first: float = _FIRST_Y) -> dict[str, float]:
    if len(ports) == 1:
        return {ports[0]: _SINGLE_Y}
    return {port: first + index * _PITCH for index, port in enumerate(ports)}


def _with_preview(outputs: Sequence[str], size: tuple[int, int]) -> Frame:
    """The picture keeps its proportions, as wide as the texts, at most as high as wide."""
    inner = WIDTH - 2 * INSET
    width, height = size
    share = min(inner / width, 96 / height)
    shown = (width * share, height * share)
    listed = outputs[:-1] if len(outputs) > 1 else outputs
    top = HEADER + _PREVIEW_TOP + (len(listed) - 1) * _PITCH
    places = {port: _FIRST_Y + 1 + index * _PITCH for index, port in enumerate(listed)}
    body = top + shown[1] + _PREVIEW_GAP - HEADER
    if len(outputs) > 1:
        places[outputs[-1]] = HEADER + body + STRIP / 2
    picture = (INSET + (inner - shown[0]) / 2, top, *shown)
    return Frame(round(body), WIDTH, MappingProxyType({}), MappingProxyType(places), picture)


Key = TypeVar("Key", str, InputKey)


class RectIndex(Generic[Key]):
    """Rectangles by id, found by where they are."""

    _CELL = 256

    def __init__(self) -> None:
        self.rects: dict[Key, QRectF] = {}
        self._cells: defaultdict[tuple[int, int], set[Key]] = defaultdict(set)
        self._bounds: QRectF | None = QRectF()
        self._watched: list[set[Key]] = []

    def twin(self) -> RectIndex[Key]:
        """Another one that holds the same now; nobody watches it yet."""
        made = RectIndex[Key]()
        made.rects = self.rects.copy()
        made._cells.update((cell, keys.copy()) for cell, keys in self._cells.items() if keys)
        made._bounds = self._bounds
        return made

    def watched(self) -> set[Key]:
        """A set that every id joins from now on whose rectangle comes, goes or changes; its owner empties it."""
        made = set(self.rects)
        self._watched.append(made)
        return made

    def mark(self, key: Key) -> None:
        """Let those who watch know that what has this rectangle looks otherwise."""
        for watched in self._watched:
            watched.add(key)

    def put(self, key: Key, rect: QRectF) -> None:
        """Add or move a rectangle."""
        if key in self.rects:
            self.remove(key)
        self.mark(key)
        self.rects[key] = rect
        bounds = self._bounds
        if bounds is not None and not bounds.contains(rect):
            self._bounds = bounds.united(rect)
        for cell in self._covered(rect):
            self._cells[cell].add(key)

    def remove(self, key: Key) -> None:
        """Forget a rectangle; an unknown one is no error."""
        rect = self.rects.pop(key, None)
        if rect is None:
            return
        self.mark(key)
        for cell in self._covered(rect):
            self._cells[cell].discard(key)
        if self._bounds is not None and not self._bounds.adjusted(1, 1, -1, -1).contains(rect):
            self._bounds = None

    def touching(self, area: QRectF) -> list[Key]:
        """The ids of those that touch the area, in the order of their ids."""
        return sorted(self.among(area))

    def among(self, area: QRectF) -> Iterator[Key]:
        """The same in any order."""
        if area.width() * area.height() > len(self.rects) * self._CELL**2:
            return (key for key, rect in self.rects.items() if rect.intersects(area))
        found: set[Key] = set().union(*(self._cells.get(cell, ()) for cell in self._covered(area)))
        return (key for key in found if self.rects[key].intersects(area))

    def near(self, area: QRectF) -> list[QRectF]:
        """The rectangles that touch the area."""
        return [self.rects[key] for key in self.touching(area)]

    def bounds(self, keys: Iterable[Key] | None = None) -> QRectF:
        """What holds all of them, or those of these ids."""
        if keys is not None:
            return _union(self.rects[key] for key in keys if key in self.rects)
        if self._bounds is None:
            self._bounds = _union(self.rects.values())
        return QRectF(self._bounds)

    def _covered(self, rect: QRectF) -> Iterable[tuple[int, int]]:
        size = self._CELL
        left, top, right, bottom = (int(at // size) for at in rect.getCoords())  # type: ignore[attr-defined]  # PySide's own
        if left == right and top == bottom:
            return ((left, top),)
        return product(range(left, right + 1), range(top, bottom + 1))


def _union(rects: Iterable[QRectF]) -> QRectF:
    total = QRectF()
    for rect in rects:
        total = total.united(rect)
    return total
