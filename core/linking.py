"""A pure plan that joins nodes by wires, each to the next as they stand: from left to right, row after row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from core import planning
from core.errors import ChainruleError, GraphError
from core.fitting import types_of
from core.graph import Edge, InputKey
from core.lowering import lower
from core.ports import input_ports, output_ports
from core.project import Position, Project
from core.settling import refusal, settled
from core.shapes import Analysis, analyse
from core.trail import Trail

_ROW = 84.0
"""Cards whose tops differ by less stand in one row."""


def linked_up(project: Project, node_ids: Iterable[str], known: Analysis, trail: Trail = ()) -> tuple[Project, int]:
    """With a wire from each of these nodes to the next where a free input takes it, and how many wires that are.

    `known` is the analysis of the project, `trail` leads to the graph in which they lie. What is wired already stays.
    Raises GraphError where there are fewer than two nodes or all are wired, else the first reason why no wire can be.
    """
    order = in_reading_order(project, node_ids)
    if len(order) < 2:
        raise GraphError("two layers or more were wanted, to join them", f"{len(order)} came", fix="Select more.")
    why: list[ChainruleError] = []
    count = 0
    for source, target in pairwise(order):
        if any(edge.source == source for edge in project.scope(planning.scope_of(project, target)).into(target)):
            continue
        edge, errors = _fitting(project, known, trail, (source, target))
        why += errors[:1] if edge is None else ()
        if edge is not None:
            project = settled(planning.connect(project, edge), target).project
            known = analyse(lower(project, known.plan), known)
            count += 1
    if not count:
        raise why[0] if why else GraphError("layers that are not wired were wanted", "all are wired in this order")
    return project, count


def in_reading_order(project: Project, node_ids: Iterable[str]) -> tuple[str, ...]:
    """The nodes row after row from the top, and in a row from left to right."""
    places = {node_id: project.positions.get(node_id, (0.0, 0.0)) for node_id in node_ids}
    return tuple(node_id for row in _rows(places) for node_id in sorted(row, key=lambda key: places[key][0]))


def _rows(places: dict[str, Position]) -> Iterator[list[str]]:
    row: list[str] = []
    for node_id in sorted(places, key=lambda key: places[key][1]):
        if row and places[node_id][1] - places[row[0]][1] >= _ROW:
            yield row
            row = []
        row.append(node_id)
    if row:
        yield row


def _fitting(
    project: Project, known: Analysis, trail: Trail, ends: tuple[str, str]
) -> tuple[Edge | None, list[ChainruleError]]:
    """The first wire between these nodes that can be, to an input that is free; why the others before it cannot."""
    source, target = ends
    graph = project.scope(planning.scope_of(project, target))
    types = types_of(project, known, trail)
    errors: list[ChainruleError] = []
    for output in output_ports(project, graph.node(source)):
        for port in input_ports(project, graph.node(target)):
            edge = Edge(source, output.name, target, port.name)
            if InputKey(target, port.name) in graph.edges and not port.variadic:
                continue
            error = refusal(project, types, edge)
            if error is None:
                return edge, errors
            errors.append(error)
    name, other = graph.node(source).name, graph.node(target).name
    full = GraphError(f"a free input of {other} and an output of {name} were wanted", "there is none", other)
    return None, errors or [full]
