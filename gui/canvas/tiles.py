"""The graph as blocks and lines, kept in squares of the scene: what changes makes only its own square anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from gui.canvas.wiring import wire_key

if TYPE_CHECKING:
    from gui.canvas.scene import Scene

SIDE = 2048.0
"""Of a square, in scene units: some hundred cards."""
Square = tuple[int, int]


class Tile:
    """The cards and wires whose middles lie in one square, as a path for each colour."""

    def __init__(self) -> None:
        self.cards: set[str] = set()
        self.wires: set[str] = set()
        self.blocks: dict[int, QPainterPath] = {}
        self.lines: dict[int, QPainterPath] = {}
        self.wrong: list[str] = []
        """The cards that have an error."""
        self.bounds = QRectF()
        self.is_stale = True


class Tiles:
    """All squares of one scene; they learn from the scene's index of rectangles what has changed."""

    def __init__(self, near: Scene) -> None:
        self._near = near
        self._tiles: dict[Square, Tile] = {}
        self._homes: dict[tuple[bool, str], Square] = {}
        self._cards, self._wires = near.cards.watched(), near.wires.watched()
        self._watched: list[list[QRectF]] = []

    def watched(self) -> list[QRectF]:
        """A list to which `take` adds where something has to be drawn anew; its owner empties it."""
        made: list[QRectF] = []
        self._watched.append(made)
        return made

    def clear(self) -> None:
        """Make everything anew: the colours have changed."""
        for tile in self._tiles.values():
            tile.is_stale = True

    def take(self) -> None:
        """Take in what has changed, and let those who watch know where."""
        touched: set[Square] = set()
        for is_wire, keys in ((True, self._wires), (False, self._cards)):
            for key in keys:
                touched.update(self._put(is_wire, key))
            keys.clear()
        stale = [tile for tile in map(self._tiles.get, touched) if tile is not None]
        before = [tile.bounds for tile in stale]
        for square in touched:
            if not (self._tiles[square].cards or self._tiles[square].wires):
                del self._tiles[square]
        for tile in stale:
            self._make(tile)
        areas = [old.united(tile.bounds) for old, tile in zip(before, stale, strict=True)]
        for watched in self._watched:
            watched.extend(areas)

    def paint_lines(self, painter: QPainter, area: QRectF) -> None:
        """Draw the wires in this part of the scene."""
        for tile in self._in(area):
            for rgb, path in tile.lines.items():
                pen = QPen(QColor.fromRgb(rgb), 1)
                pen.setCosmetic(True)
                painter.strokePath(path, pen)

    def paint_blocks(self, painter: QPainter, area: QRectF) -> None:
        """Draw the cards in this part of the scene."""
        for tile in self._in(area):
            for rgb, path in tile.blocks.items():
                painter.fillPath(path, QColor.fromRgb(rgb))

    def wrong(self) -> list[str]:
        """The cards that have an error."""
        return [key for tile in self._tiles.values() for key in tile.wrong]

    def _in(self, area: QRectF) -> Iterator[Tile]:
        for tile in self._tiles.values():
            if tile.is_stale:
                self._make(tile)
            if tile.bounds.intersects(area):
                yield tile

    def _put(self, is_wire: bool, key: str) -> Iterable[Square]:
        """Let the card or wire be in the square where it is now; the squares that have changed."""
        rect = (self._near.wires if is_wire else self._near.cards).rects.get(key)
        home = self._homes.pop((is_wire, key), None)
        if home is not None:
            (self._tiles[home].wires if is_wire else self._tiles[home].cards).discard(key)
            yield home
        if rect is not None:
            middle = rect.center()
            square = (int(middle.x() // SIDE), int(middle.y() // SIDE))
            tile = self._tiles.setdefault(square, Tile())
            (tile.wires if is_wire else tile.cards).add(key)
            self._homes[is_wire, key] = square
            yield square

    def _make(self, tile: Tile) -> None:
        tile.is_stale = False
        tile.blocks, tile.lines = {}, {}
        tile.wrong = [key for key in tile.cards if self._near.nodes[key].card.errors]
        near, bounds = self._near, QRectF()
        for key in tile.cards:
            rect = near.cards.rects[key]
            tile.blocks.setdefault(near.nodes[key].far_ink.rgb(), QPainterPath()).addRect(rect)
            bounds = bounds.united(rect)
        for name in tile.wires:
            wire = near.edges[wire_key(name)]
            tile.lines.setdefault(wire.far_ink.rgb(), QPainterPath()).addPath(wire.route.path)
            bounds = bounds.united(near.wires.rects[name])
        tile.bounds = bounds
