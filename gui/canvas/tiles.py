"""The graph as blocks and lines, kept in squares of the scene: what changes makes only its own square anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from operator import itemgetter
from typing import Generic, NamedTuple, Protocol

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from core.graph import InputKey
from gui.canvas.edge_item import EdgeItem
from gui.canvas.geometry import Key, RectIndex
from gui.canvas.node_item import NodeItem

SIDE = 2048.0
"""Of a square, in scene units: some hundred cards."""
Square = tuple[int, int]
Paths = dict[int, QPainterPath]
"""By colour."""


class Tile(Generic[Key]):
    """What has its middle in one square."""

    def __init__(self) -> None:
        self.keys: set[Key] = set()
        self.bounds = QRectF()
        """What holds all of it, or more: it does not shrink before it is drawn anew."""
        self.paths: Paths | None = None
        """None until it is drawn again."""

    def twin(self) -> Tile[Key]:
        """Another one that holds the same now."""
        made = Tile[Key]()
        made.keys, made.bounds, made.paths = self.keys.copy(), self.bounds, self.paths
        return made


class Home(NamedTuple):
    """Where something was when it was last looked at."""

    square: Square
    rect: QRectF


class Layer(Generic[Key]):
    """All that is in one index of rectangles, square by square; it learns from the index what has changed."""

    def __init__(self, index: RectIndex[Key], add: Callable[[Key, QRectF, Paths], None]) -> None:
        """`add` adds one of them to the path of its colour."""
        self._index: RectIndex[Key] = index
        self._add: Callable[[Key, QRectF, Paths], None] = add
        self._changed: set[Key] = index.watched()
        self.tiles: dict[Square, Tile[Key]] = {}
        self._homes: dict[Key, Home] = {}

    def twin(self, index: RectIndex[Key], add: Callable[[Key, QRectF, Paths], None]) -> Layer[Key]:
        """The same of the twin of its index."""
        made = Layer(index, add)
        made._changed.clear()
        made._changed.update(self._changed)
        made.tiles = {square: tile.twin() for square, tile in self.tiles.items()}
        made._homes = self._homes.copy()
        return made

    def clear(self) -> None:
        """Draw everything anew: the colours have changed."""
        for tile in self.tiles.values():
            tile.paths = None

    def take(self) -> list[QRectF]:
        """Take in what has changed; where."""
        touched: dict[Square, QRectF] = {}
        for key in self._changed:
            rect, home = self._index.rects.get(key), self._homes.pop(key, None)
            if home is not None:
                self.tiles[home.square].keys.discard(key)
                touched[home.square] = touched.get(home.square, QRectF()).united(home.rect)
            if rect is not None:
                square = _square(rect)
                self._homes[key] = Home(square, rect)
                tile = self.tiles.setdefault(square, Tile[Key]())
                tile.keys.add(key)
                tile.bounds = tile.bounds.united(rect)
                touched[square] = touched.get(square, QRectF()).united(rect)
        self._changed.clear()
        for square in touched:
            self.tiles[square].paths = None
            if not self.tiles[square].keys:
                del self.tiles[square]
        return list(touched.values())

    def paths(self, area: QRectF) -> Iterator[tuple[int, QPainterPath]]:
        """By colour, what lies in this part of the scene; always in the same order, as some of it lies over other."""
        for _square, tile in sorted(self.tiles.items(), key=itemgetter(0)):
            if tile.bounds.intersects(area):
                yield from (tile.paths if tile.paths is not None else self._made(tile)).items()

    def _made(self, tile: Tile[Key]) -> Mapping[int, QPainterPath]:
        paths: Paths = {}
        bounds = QRectF()
        for key in tile.keys:
            rect = self._index.rects[key]
            self._add(key, rect, paths)
            bounds = bounds.united(rect)
        tile.paths, tile.bounds = dict(sorted(paths.items(), key=itemgetter(0))), bounds
        return tile.paths


class Layers(NamedTuple):
    """The cards and the wires of one graph."""

    cards: Layer[str]
    wires: Layer[InputKey]

    def bounds(self) -> list[QRectF]:
        """Where there is anything."""
        return [tile.bounds for layer in self for tile in layer.tiles.values()]

    def twin(self, parts: Parts) -> Layers:
        """The same of the twins of these parts."""
        return Layers(
            self.cards.twin(parts.cards, partial(_add_card, parts.nodes)),
            self.wires.twin(parts.wires, partial(_add_wire, parts.edges)),
        )


class Parts(Protocol):
    """What is drawn, and where it is."""

    nodes: dict[str, NodeItem]
    edges: dict[InputKey, EdgeItem]
    cards: RectIndex[str]
    wires: RectIndex[InputKey]


def layers(parts: Parts) -> Layers:
    """Layers of these parts, in which nothing is drawn yet."""
    cards = Layer(parts.cards, partial(_add_card, parts.nodes))
    return Layers(cards, Layer(parts.wires, partial(_add_wire, parts.edges)))


class Tiles:
    """What a scene shows, as it looks from far away."""

    def __init__(self, shown: Layers) -> None:
        self._shown = shown
        self._watched: list[list[QRectF]] = []

    @property
    def cards(self) -> Layer[str]:
        """The cards that are shown."""
        return self._shown.cards

    @property
    def wires(self) -> Layer[InputKey]:
        """The wires that are shown."""
        return self._shown.wires

    def show(self, shown: Layers) -> None:
        """Show these in place of the others; everything has to be drawn anew."""
        before, self._shown = self._shown, shown
        for watched in self._watched:
            watched.extend((*before.bounds(), *shown.bounds()))

    def watched(self) -> list[QRectF]:
        """A list to which `take` adds where something has to be drawn anew; its owner empties it."""
        made: list[QRectF] = []
        self._watched.append(made)
        return made

    def clear(self) -> None:
        """Draw everything anew: the colours have changed."""
        self.cards.clear()
        self.wires.clear()

    def take(self) -> None:
        """Take in what has changed, and let those who watch know where."""
        areas = [*self.wires.take(), *self.cards.take()]
        for watched in self._watched:
            watched.extend(areas)

    def paint_lines(self, painter: QPainter, area: QRectF) -> None:
        """Draw the wires in this part of the scene."""
        for rgb, path in self.wires.paths(area):
            pen = QPen(QColor.fromRgb(rgb), 1)
            pen.setCosmetic(True)
            painter.strokePath(path, pen)

    def paint_blocks(self, painter: QPainter, area: QRectF) -> None:
        """Draw the cards in this part of the scene."""
        for rgb, path in self.cards.paths(area):
            painter.fillPath(path, QColor.fromRgb(rgb))


def _add_card(nodes: Mapping[str, NodeItem], key: str, rect: QRectF, paths: Paths) -> None:
    _path(paths, nodes[key].far_ink).addRect(rect)


def _add_wire(edges: Mapping[InputKey, EdgeItem], key: InputKey, _rect: QRectF, paths: Paths) -> None:
    wire = edges[key]
    _path(paths, wire.far_ink).addPath(wire.route.path)


def _path(paths: Paths, ink: QColor) -> QPainterPath:
    """That of a colour, begun where there is none yet."""
    rgb = ink.rgb()
    found = paths.get(rgb)
    if found is None:
        found = paths[rgb] = QPainterPath()
    return found


def _square(rect: QRectF) -> Square:
    middle = rect.center()
    return int(middle.x() // SIDE), int(middle.y() // SIDE)
