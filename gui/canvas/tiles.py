"""The graph as blocks and lines, kept in squares of the scene: what changes makes only its own square anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from gui.canvas.geometry import RectIndex
from gui.canvas.wiring import wire_key

if TYPE_CHECKING:
    from gui.canvas.scene import Scene

SIDE = 2048.0
"""Of a square, in scene units: some hundred cards."""
Square = tuple[int, int]
Paths = dict[int, QPainterPath]
"""By colour."""


class Tile:
    """What has its middle in one square."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.bounds = QRectF()
        """What holds all of it, or more: it does not shrink before it is drawn anew."""
        self.paths: Paths | None = None
        """None until it is drawn again."""


class Home(NamedTuple):
    """Where something was when it was last looked at."""

    square: Square
    rect: QRectF


class Layer:
    """All that is in one index of rectangles, square by square; it learns from the index what has changed."""

    def __init__(self, index: RectIndex, add: Callable[[str, QRectF, Paths], None]) -> None:
        """`add` adds one of them to the path of its colour."""
        self._index, self._add = index, add
        self._changed = index.watched()
        self.tiles: dict[Square, Tile] = {}
        self._homes: dict[str, Home] = {}

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
                tile = self.tiles.setdefault(square, Tile())
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
        """By colour, what lies in this part of the scene."""
        for tile in self.tiles.values():
            if tile.bounds.intersects(area):
                yield from (tile.paths if tile.paths is not None else self._made(tile)).items()

    def _made(self, tile: Tile) -> Mapping[int, QPainterPath]:
        paths: Paths = {}
        bounds = QRectF()
        for key in tile.keys:
            rect = self._index.rects[key]
            self._add(key, rect, paths)
            bounds = bounds.united(rect)
        tile.paths, tile.bounds = paths, bounds
        return paths


class Tiles:
    """Cards and wires of one scene as they look from far away."""

    def __init__(self, near: Scene) -> None:
        self._near = near
        self.cards, self.wires = Layer(near.cards, self._add_card), Layer(near.wires, self._add_wire)
        self._watched: list[list[QRectF]] = []

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

    def _add_card(self, key: str, rect: QRectF, paths: Paths) -> None:
        paths.setdefault(self._near.nodes[key].far_ink.rgb(), QPainterPath()).addRect(rect)

    def _add_wire(self, name: str, _rect: QRectF, paths: Paths) -> None:
        wire = self._near.edges[wire_key(name)]
        paths.setdefault(wire.far_ink.rgb(), QPainterPath()).addPath(wire.route.path)


def _square(rect: QRectF) -> Square:
    middle = rect.center()
    return int(middle.x() // SIDE), int(middle.y() // SIDE)
