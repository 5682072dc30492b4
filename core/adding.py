"""Pure plans that add a layer and wire it at once: after a node, at the end of a wire, with its target."""

from __future__ import annotations

from core import planning
from core.catalog import KINDS
from core.catalog.kind import Inputs, LayerKind, TensorType
from core.errors import GraphError
from core.fitting import Candidate, Types
from core.graph import Edge, InputKey, Parameters
from core.ports import input_ports, output_ports
from core.project import Position, Project
from core.rewiring import Output, wires_of
from core.settling import refusal
from core.shapes import shapes_of
from core.spacing import CARD_WIDTH, COLUMN_GAP
from core.targets import target_edges

_HEIGHT = 92.0
_ROW = 168.0
_USUAL = ("Add", "Concat", "Multiply")
Added = tuple[Project, tuple[str, ...]]


def add_after(project: Project, types: Types, kind: str, source: str, params: Parameters = ()) -> tuple[Project, str]:
    """With a new node right of this one and wired to it where a port fits, and its id.

    Raises KindError or DataError for what does not exist.
    """
    block = planning.scope_of(project, source)
    place = free_place(project, beside(project, source), block)
    project, node_id = planning.add(project, kind, place, block, params)
    for output in output_ports(project, project.scope(block).node(source)):
        grown = wired(project, types, source, output.name, node_id)
        if grown is not project:
            return with_target(grown, types, node_id), node_id
    return project, node_id


def add_behind_each(project: Project, kind: str, sources: tuple[str, ...], params: Parameters = ()) -> Added:
    """With a new node behind each of these, in all the wires that leave it, and their ids.

    What has no wire yet gets one to its new node. Raises KindError, or GraphError or ShapeError where one does not fit.
    """
    made: list[str] = []
    for source in sources:
        project, node_id = _behind(project, kind, source, params)
        made.append(node_id)
    return project, tuple(made)


def _behind(project: Project, kind: str, source: str, params: Parameters) -> tuple[Project, str]:
    block = planning.scope_of(project, source)
    graph = project.scope(block)
    output = next(iter(output_ports(project, graph.node(source))), None)
    if output is None:
        raise GraphError("a layer with an output was wanted", "it has none", graph.node(source).name)
    leaving = wires_of(graph, Output(source, output.name))
    if leaving:
        project, node_id = planning.insert(project, kind, leaving[0].key, params)
    else:
        place = free_place(project, beside(project, source), block)
        project, node_id = planning.add(project, kind, place, block, params)
        entry = next(iter(input_ports(project, project.scope(block).node(node_id))), None)
        if entry is None:
            raise GraphError("a layer with an input was wanted", f"{kind} has none")
        project = planning.connect(project, Edge(source, output.name, node_id, entry.name))
    given = output_ports(project, project.scope(block).node(node_id))
    moved = [edge._replace(source=node_id, output=given[0].name) for edge in leaving[1:]]
    return project.with_scope(project.scope(block).connect_all(moved), block), node_id


def joiners(one: TensorType | None, other: TensorType | None) -> tuple[Candidate, ...]:
    """The kinds that make one tensor of these two, those that fit them; the usual ones of a skip connection first."""
    found = [item for kind in KINDS.values() if (item := _joiner(kind, one, other)) is not None]
    usual = [item for name in _USUAL for item in found if item.kind.name == name]
    return (*usual, *(item for item in found if not item.likely))


def _joiner(kind: LayerKind, one: TensorType | None, other: TensorType | None) -> Candidate | None:
    """The kind, if it takes both at its first ports and nothing else has to be wired."""
    needed = [port for port in kind.inputs if not port.optional]
    variadic = bool(needed) and needed[0].variadic
    if kind.role != "layer" or kind.opaque or not kind.outputs or len(needed) != (1 if variadic else 2):
        return None
    if one is None or other is None:
        return Candidate(kind, needed[-1].name, None, kind.name in _USUAL)
    inputs: Inputs = {needed[0].name: (one, other)} if variadic else {needed[0].name: one, needed[1].name: other}
    shaped = shapes_of(kind, kind.example_params, inputs).shaped
    made = next(iter(shaped.outputs.values()), None) if shaped is not None else None
    return Candidate(kind, needed[-1].name, made, kind.name in _USUAL) if made is not None else None


def add_joining(
    project: Project, kind: str, at: Position, into: InputKey, other: Output, params: Parameters = ()
) -> tuple[Project, str]:
    """With a new node here in this wire, which takes the other output too, and its id.

    Raises KindError, or GraphError or ShapeError where it does not take both.
    """
    block = planning.scope_of(project, into.node)
    project, node_id = planning.add(project, kind, at, block, params)
    project = planning.splice(project, node_id, into)
    ports = input_ports(project, project.scope(block).node(node_id))
    second = next((port for port in ports[1:] if not port.optional), ports[0])
    return planning.connect(project, Edge(other.node, other.port, node_id, second.name)), node_id


def add_at_end(
    project: Project, types: Types, kind: str, at: Position, source: str, output: str, params: Parameters = ()
) -> tuple[Project, str]:
    """With a new node here, wired to this output, and its id."""
    project, node_id = planning.add(project, kind, at, planning.scope_of(project, source), params)
    return with_target(wired(project, types, source, output, node_id), types, node_id), node_id


def add_before(
    project: Project, kind: str, at: Position, target: str, port: str, params: Parameters = ()
) -> tuple[Project, str]:
    """With a new node here whose first output is wired to this input, and its id."""
    block = planning.scope_of(project, target)
    project, node_id = planning.add(project, kind, at, block, params)
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
        edge for edge in target_edges(project, block, node_id, port.name) if refusal(project, types, edge) is None
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
