"""Points put into wires and taken out of them: by a double click, or by a stroke across many."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainterPath

from core import reroutes
from core.graph import Edge, InputKey
from core.project import Position, Project
from core.reroutes import Point
from gui.canvas.scene import Scene
from gui.canvas.stage import Stage

_STEP = 4.0
"""Screen pixels between two points of a stroke."""


def toggle(stage: Stage, at: QPointF, reach: float) -> bool:
    """Take out the point here, else put one into the wire here and select it; says whether there was either."""
    scene = stage.scene
    point = scene.points.at(at, point_reach(reach), stage.scale)
    key = scene.edge_at(at, reach) if point is None else None
    if point is not None:
        stage.edit(f"Straighten {_named(stage, (point.edge,))}", reroutes.removed(stage.project, (point,)))
    elif key is not None:
        edge = scene.graph.edges[key]
        project, made = _with_point(stage.project, scene, edge, at)
        stage.edit(f"Lead {_named(stage, (edge,))} through a point", project)
        scene.select((), (), (), (made,))
    return point is not None or key is not None


def add_to(stage: Stage) -> None:
    """Put a point into the middle of the selected wires, else of those between or out of the selected cards."""
    scene, project = stage.scene, stage.project
    edges = [scene.graph.edges[key] for key in scene.selected_edges] or _at_selection(scene)
    if not edges:
        stage.message.emit("A point goes into a wire. Select a wire, or a layer from which one leads.")
        return
    made: list[Point] = []
    for edge in edges:
        project, point = _with_point(project, scene, edge, scene.edges[edge.key].route.path.pointAtPercent(0.5))
        made.append(point)
    stage.edit(f"Lead {_named(stage, edges)} through a point", project)
    scene.select((), (), (), made)


def point_reach(reach: float) -> float:
    """How near one has to come to a point: it is thicker than its wire."""
    return 1.5 * reach


class AddPoints:
    """Draws a stroke over the canvas and leads every wire through the place where it is crossed."""

    def __init__(self, stage: Stage, start: QPointF) -> None:
        self._stage = stage
        self._last = start
        self._stroke = QPainterPath(start)
        self._crossed: dict[InputKey, QPointF] = {}

    def move(self, at: QPointF) -> None:
        """Draw on, and light the wires that are crossed on the way."""
        way = QLineF(self._last, at)
        if way.length() * self._stage.scale < _STEP:
            return
        self._cross(way)
        self._last = at
        self._stroke.lineTo(at)
        self._stage.trace.show_stroke(QPainterPath(self._stroke), "accent")

    def end(self, at: QPointF) -> None:
        """Put the points in, and select them."""
        self._cross(QLineF(self._last, at))
        crossed, scene, project = dict(self._crossed), self._stage.scene, self._stage.project
        self._clear()
        made: list[Point] = []
        for key, place in crossed.items():
            project, point = _with_point(project, scene, scene.graph.edges[key], place)
            made.append(point)
        if made:
            edges = [point.edge for point in made]
            self._stage.edit(f"Lead {_named(self._stage, edges)} through a point", project)
            scene.select((), (), (), made)

    def cancel(self) -> None:
        """Leave the wires as they are."""
        self._clear()

    def _cross(self, way: QLineF) -> None:
        scene = self._stage.scene
        area = QRectF(way.p1(), way.p2()).normalized().adjusted(-1, -1, 1, 1)
        for key in scene.wires.touching(area):
            place = scene.edges[key].crossing(way) if key not in self._crossed else None
            if place is not None:
                self._crossed[key] = place
                scene.edges[key].show_target(True)

    def _clear(self) -> None:
        for key in self._crossed:
            if key in self._stage.scene.edges:
                self._stage.scene.edges[key].show_target(False)
        self._crossed = {}
        self._stage.trace.clear()


def _with_point(project: Project, scene: Scene, edge: Edge, at: QPointF) -> tuple[Project, Point]:
    """With the wire led through this place too, in the leg that is nearest to it."""
    ends = scene.wiring.ends(edge.key)
    number = reroutes.leg([_plain(place) for place in (ends.start, *ends.via, ends.end)], _plain(at))
    place = float(round(at.x())), float(round(at.y()))
    return reroutes.added(project, edge, place, number), Point(edge, number)


def _at_selection(scene: Scene) -> list[Edge]:
    edges = [scene.graph.edges[key] for key in scene.edges if key in scene.wiring.at(scene.selection)]
    inside = [edge for edge in edges if edge.source in scene.selection and edge.target in scene.selection]
    return inside or [edge for edge in edges if edge.source in scene.selection]


def _named(stage: Stage, edges: list[Edge] | tuple[Edge, ...]) -> str:
    if len(edges) > 1:
        return f"{len(edges)} wires"
    return f"the wire from {stage.name(edges[0].source)} to {stage.name(edges[0].target)}"


def _plain(at: QPointF) -> Position:
    return at.x(), at.y()
