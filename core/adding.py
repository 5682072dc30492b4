"""Pure plans that add a layer and wire it at once: after a node, at the end of a wire, with its target."""

from __future__ import annotations

from core import planning
from core.catalog import KINDS
from core.catalog.sources import DATASET
from core.fitting import Types
from core.graph import Edge, InputKey
from core.ports import dataset_fields, input_ports, output_ports
from core.project import Position, Project
from core.settling import refusal
from core.spacing import CARD_WIDTH, COLUMN_GAP

_HEIGHT = 92.0
_ROW = 168.0


def add_after(project: Project, types: Types, kind: str, source: str) -> tuple[Project, str]:
    """With a new node right of this one and wired to it where a port fits, and its id.

    Raises KindError or DataError for what does not exist.
    """
    block = planning.scope_of(project, source)
    place = free_place(project, beside(project, source), block)
    project, node_id = planning.add(project, kind, place, block)
    for output in output_ports(project, project.scope(block).node(source)):
        grown = wired(project, types, source, output.name, node_id)
        if grown is not project:
            return with_target(grown, types, node_id), node_id
    return project, node_id


def add_at_end(
    project: Project, types: Types, kind: str, at: Position, source: str, output: str
) -> tuple[Project, str]:
    """With a new node here, wired to this output, and its id."""
    project, node_id = planning.add(project, kind, at, planning.scope_of(project, source))
    return with_target(wired(project, types, source, output, node_id), types, node_id), node_id


def add_before(project: Project, kind: str, at: Position, target: str, port: str) -> tuple[Project, str]:
    """With a new node here whose first output is wired to this input, and its id."""
    block = planning.scope_of(project, target)
    project, node_id = planning.add(project, kind, at, block)
    first = next(iter(output_ports(project, project.scope(block).node(node_id))), None)
    if first is None:
        return project, node_id
    return planning.connect(project, Edge(node_id, first.name, target, port)), node_id


def wired(project: Project, types: Types, source: str, output: str, target: str) -> Project:
    """With a wire to the first input of the target that takes this output; the same project where none does."""
    graph = project.scope(planning.scope_of(project, target))
    for port in input_ports(project, graph.node(target)):
        edge = Edge(source, output, target, port.name)
        if refusal(project, types, edge) is None:
            return planning.connect(project, edge)
    return project


def with_target(project: Project, types: Types, node_id: str) -> Project:
    """With a loss's loose target wired to the data, where exactly one field of it is a target that fits."""
    block = planning.scope_of(project, node_id)
    graph = project.scope(block)
    kind = KINDS.get(graph.node(node_id).kind)
    if kind is None or kind.role != "loss":
        return project
    port = kind.target_port
    if port is None or InputKey(node_id, port.name) in graph.edges:
        return project
    fitting = [
        edge for edge in _target_edges(project, block, node_id, port.name) if refusal(project, types, edge) is None
    ]
    return planning.connect(project, fitting[0]) if len(fitting) == 1 else project


def beside(project: Project, node_id: str) -> Position:
    """The place right of this node."""
    x, y = project.positions.get(node_id, (0.0, 0.0))
    return (x + CARD_WIDTH + COLUMN_GAP, y)


def free_place(project: Project, at: Position, block: str = "") -> Position:
    """This place, or the first one below it where no card stands."""
    taken = [project.positions[key] for key in project.scope(block).nodes if key in project.positions]
    x, y = at
    while any(abs(x - left) < CARD_WIDTH and abs(y - top) < _HEIGHT for left, top in taken):
        y += _ROW
    return (x, y)


def _target_edges(project: Project, block: str, node_id: str, port: str) -> list[Edge]:
    return [
        Edge(node.id, field.name, node_id, port)
        for node in project.scope(block).nodes.values()
        if node.kind == DATASET
        for field in dataset_fields(project, node)
        if field.role == "target"
    ]
