"""The points through which the wires of a scene are led: where each stands now, and which are selected."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPolygonF

from core.graph import Edge, InputKey
from core.project import Project
from core.reroutes import Point
from gui.canvas.edge_item import DISC, EdgeItem
from gui.canvas.geometry import HEADER_ONLY


class Points:
    """The points of one scene; each wire's item holds its own."""

    def __init__(self, edges: Mapping[InputKey, EdgeItem]) -> None:
        self._edges = edges
        self._led: set[Edge] = set()
        self.selection: tuple[Point, ...] = ()

    def twin(self, edges: Mapping[InputKey, EdgeItem]) -> Points:
        """The same of the twins of these wires; none of them is selected."""
        made = Points(edges)
        made._led = self._led.copy()
        return made

    def follow(self, project: Project) -> set[str]:
        """Let every point stand where the project says; the nodes whose wires have to be laid anew."""
        touched: set[str] = set()
        for edge in self._led | project.reroutes.keys():
            item, places = self._edges.get(edge.key), project.reroutes.get(edge, ())
            via = tuple(QPointF(*place) for place in places)
            if item is not None and item.edge == edge and item.via != via:
                item.via = via
                touched |= {edge.source, edge.target}
        self._led = {edge for edge in project.reroutes if self._item(edge) is not None}
        return touched

    def place(self, places: Mapping[Point, QPointF]) -> set[str]:
        """Let these stand elsewhere, as while they are dragged; the nodes whose wires have to be laid anew."""
        for edge, number in places:
            item = self._edges[edge.key]
            item.via = (*item.via[:number], places[Point(edge, number)], *item.via[number + 1 :])
        return {end for point in places for end in (point.edge.source, point.edge.target)}

    def place_of(self, point: Point) -> QPointF:
        """Where this one stands now."""
        return self._edges[point.edge.key].via[point.number]

    def select(self, points: Iterable[Point]) -> bool:
        """Select these and nothing else; says whether that differs."""
        wanted = tuple(point for point in dict.fromkeys(points) if self._is_there(point))
        before, self.selection = self.selection, wanted
        for edge in {point.edge for point in (*before, *wanted)}:
            item = self._item(edge)
            if item is not None:
                item.marked = frozenset(point.number for point in wanted if point.edge == edge)
                item.update()
        return wanted != before

    def at(self, place: QPointF, radius: float, scale: float) -> Point | None:
        """The nearest one within the radius, where one sees them."""
        if scale < HEADER_ONLY:
            return None
        found = ((_distance(at, place), point) for point, at in self._all())
        near = min(found, default=None)
        return near[1] if near is not None and near[0] <= radius else None

    def inside(self, box: QRectF, scale: float) -> tuple[Point, ...]:
        """Those in this box, where one sees them."""
        return tuple(point for point, at in self._all() if scale >= HEADER_ONLY and box.contains(at))

    def between(self, node_ids: Collection[str]) -> tuple[Point, ...]:
        """Those of the wires both of whose ends are at these nodes."""
        return tuple(p for p, _at in self._all() if p.edge.source in node_ids and p.edge.target in node_ids)

    def bounds(self) -> QRectF:
        """What holds all of them, as the discs that they are."""
        places = [at for _point, at in self._all()]
        return QPolygonF(places).boundingRect().adjusted(-DISC, -DISC, DISC, DISC) if places else QRectF()

    def _all(self) -> Iterator[tuple[Point, QPointF]]:
        for edge in self._led:
            item = self._item(edge)
            for number, at in enumerate(item.via if item is not None else ()):
                yield Point(edge, number), at

    def _item(self, edge: Edge) -> EdgeItem | None:
        item = self._edges.get(edge.key)
        return item if item is not None and item.edge == edge else None

    def _is_there(self, point: Point) -> bool:
        item = self._item(point.edge)
        return item is not None and point.number < len(item.via)


def _distance(one: QPointF, other: QPointF) -> float:
    way = one - other
    return float((way.x() ** 2 + way.y() ** 2) ** 0.5)
