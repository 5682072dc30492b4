"""The points through which wires are led: pure plans for them; the graph stays the same object."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from core.graph import Edge
from core.project import Position, Project

_CORNER = (0.0, 0.0)
_MIDDLE = (73.0, 47.0)
"""From a card's corner to about where its wires end, for one that no canvas has measured."""


class Point(NamedTuple):
    """One point of one wire, counted from the wire's output on."""

    edge: Edge
    number: int


def added(project: Project, edge: Edge, at: Position, index: int) -> Project:
    """With the wire led through this place too, as its point of this index."""
    points = list(project.reroutes.get(edge, ()))
    points.insert(index, at)
    return led(project, {edge: tuple(points)})


def shifted(project: Project, places: Mapping[Point, Position]) -> Project:
    """With these points in other places."""
    changed = {point.edge: list(project.reroutes[point.edge]) for point in places}
    for (edge, index), at in places.items():
        changed[edge][index] = at
    return led(project, {edge: tuple(points) for edge, points in changed.items()})


def removed(project: Project, gone: Iterable[Point]) -> Project:
    """Without these points; their wires stay."""
    points = frozenset(gone)
    changed = {
        edge: tuple(at for index, at in enumerate(project.reroutes[edge]) if Point(edge, index) not in points)
        for edge in {point.edge for point in points} & project.reroutes.keys()
    }
    return led(project, changed)


def straightened(project: Project, positions: Mapping[str, Position]) -> Project:
    """Without the points of wires whose ends come to stand otherwise to each other, when nodes go to these places."""
    known = project.positions
    ways = {key: _way(known.get(key, _CORNER), at) for key, at in positions.items()}
    apart = (e for e in project.reroutes if ways.get(e.source, _CORNER) != ways.get(e.target, _CORNER))
    return led(project, dict.fromkeys(apart, ()))


def led(project: Project, routes: Mapping[Edge, tuple[Position, ...]]) -> Project:
    """With these wires led through these points, through none where there are none."""
    changed = {edge: points for edge, points in routes.items() if project.reroutes.get(edge, ()) != points}
    if not changed:
        return project
    merged = {edge: points for edge, points in {**project.reroutes, **changed}.items() if points}
    return replace(project, reroutes=MappingProxyType(merged))


def pruned(project: Project) -> Project:
    """Without the points of wires that are not there; the same project where there are none such."""
    if not project.reroutes:
        return project
    graphs = (project.graph, *(block.graph for block in project.blocks.values()))
    gone = [edge for edge in project.reroutes if not any(graph.edges.get(edge.key) == edge for graph in graphs)]
    return led(project, dict.fromkeys(gone, ()))


def in_order(project: Project) -> Iterator[tuple[Edge, tuple[Position, ...]]]:
    """Every wire that is led through points, in the order of the file's wires."""
    if project.reroutes:
        for graph in (project.graph, *(block.graph for block in project.blocks.values())):
            yield from ((edge, project.reroutes[edge]) for edge in graph.edges.values() if edge in project.reroutes)


def among(project: Project, node_ids: Collection[str]) -> Mapping[Edge, tuple[Position, ...]]:
    """The points of the wires both of whose ends are at these nodes."""
    known = project.reroutes.items()
    return MappingProxyType(
        {edge: points for edge, points in known if edge.source in node_ids and edge.target in node_ids}
    )


def taken_over(project: Project, other: Project, ids: Mapping[str, str]) -> Project:
    """With the points of another project's wires between these nodes, which have new ids and places here.

    Points of two nodes that stand otherwise to each other than they did there are left out.
    """
    ways = {key: _way(other.positions.get(key, _CORNER), project.positions.get(ids[key], _CORNER)) for key in ids}
    made: dict[Edge, tuple[Position, ...]] = {}
    for edge, points in among(other, ids).items():
        way = ways[edge.source]
        here = edge._replace(source=ids[edge.source], target=ids[edge.target])
        made[here] = _carried(points, way) if way == ways[edge.target] else ()
    return led(project, made)


def carried(project: Project, positions: Mapping[str, Position]) -> Project:
    """With the points of wires carried along, where both ends come to new places by the same way."""
    known = project.positions if project.reroutes else {}
    ways = {key: _way(known[key], at) for key, at in positions.items() if key in known}
    together = {e: pts for e, pts in among(project, ways).items() if ways[e.source] == ways[e.target]}
    return led(project, {edge: _carried(points, ways[edge.source]) for edge, points in together.items()})


def renamed(project: Project, wires: Mapping[Edge, Edge]) -> Project:
    """With the points of these wires led over to the ones that take their places."""
    known = {old: project.reroutes[old] for old, new in wires.items() if old != new and old in project.reroutes}
    return led(project, {**dict.fromkeys(known, ()), **{wires[old]: points for old, points in known.items()}})


def parted(project: Project, edge: Edge, first: Edge, last: Edge, node_id: str) -> Project:
    """With the points of a wire into which a node goes shared out among the two that come of it."""
    points = project.reroutes.get(edge, ())
    if not points or node_id not in project.positions:
        return project
    x, y = project.positions[node_id]
    at = (x + _MIDDLE[0], y + _MIDDLE[1])
    ends = [project.positions.get(key, at) for key in (edge.source, edge.target)]
    begin, end = ((left + _MIDDLE[0], top + _MIDDLE[1]) for left, top in ends)
    index = leg((begin, *points, end), at)
    return led(project, {edge: (), first: points[:index], last: points[index:]})


def joined(project: Project, first: Edge, last: Edge, healed: Edge) -> Project:
    """With the wire that heals two others led through the points of both."""
    return led(project, {healed: (*project.reroutes.get(first, ()), *project.reroutes.get(last, ()))})


def leg(points: Iterable[Position], at: Position) -> int:
    """Which of the lines between these points, one after the other, is nearest to this place."""
    distances = [_distance(start, end, at) for start, end in pairwise(points)]
    return distances.index(min(distances))


def _distance(start: Position, end: Position, at: Position) -> float:
    """From a place to a line with two ends."""
    way, off = (end[0] - start[0], end[1] - start[1]), (at[0] - start[0], at[1] - start[1])
    length = way[0] ** 2 + way[1] ** 2
    share = min(max((off[0] * way[0] + off[1] * way[1]) / length, 0.0), 1.0) if length else 0.0
    return math.hypot(off[0] - share * way[0], off[1] - share * way[1])


def _way(start: Position, end: Position) -> Position:
    return end[0] - start[0], end[1] - start[1]


def _carried(points: tuple[Position, ...], by: Position) -> tuple[Position, ...]:
    return tuple((x + by[0], y + by[1]) for x, y in points)
