"""What fits where: the tensor at every port, why a wire is refused, and the kinds that can follow an output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from core.bypassing import passing
from core.catalog import KINDS
from core.catalog.kind import LayerKind, PortSpec, TensorType
from core.catalog.sources import DATASET
from core.errors import ChainruleError, ShapeError
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Edge, Graph, InputKey, Node
from core.plan import Value
from core.planning import connect, scope_of, takes
from core.ports import input_ports, output_port, passing_port
from core.project import Project
from core.shapes import Analysis, shapes_of
from core.trail import Entered, Trail, block_of, leading_to, prefix

_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Types:
    """The tensor at every output port, by node id, as far as it is known: in the graph to which `trail` leads.

    Of a node elsewhere it tells what its first instance gives.
    """

    project: Project
    analysis: Analysis
    trail: Trail = ()
    before: str = ""
    """The path's beginning in that graph."""

    def path(self, node_id: str) -> str:
        """The path under which records and shapes know the node; "" for one that does not run."""
        node = self.project.scope(block_of(self.project, self.trail)).nodes.get(node_id)
        if node is not None:
            return f"{self.before}{node.name}"
        trail = leading_to(self.project, node_id)
        if trail is None:
            return ""
        found = self.project.scope(block_of(self.project, trail)).nodes[node_id]
        return f"{prefix(self.project, trail)}{found.name}"

    def node(self, node_id: str) -> Node | None:
        """The node of the graph to which the trail leads."""
        return self.project.scope(block_of(self.project, self.trail)).nodes.get(node_id)

    def of(self, node_id: str, port: str) -> TensorType | None:
        """What leaves by this output, or None where that is unknown."""
        value = self.value(node_id, port)
        return self.analysis.types.get(value) if value is not None else None

    def value(self, node_id: str, port: str) -> Value | None:
        """What the plan calls what leaves by this output, or None where nothing does."""
        trail: Trail | None = self.trail
        node = self.project.scope(block_of(self.project, self.trail)).nodes.get(node_id)
        if node is None:
            trail = leading_to(self.project, node_id)
            if trail is None:
                return None
            node = self.project.scope(block_of(self.project, trail)).nodes[node_id]
        return self._of(trail, node, port, _DEPTH) if trail is not None else None

    def _of(self, trail: Trail, node: Node, port: str, depth: int) -> Value | None:
        if not depth:
            return None
        if node.bypassed and (entry := passing_port(self.project, node)):
            return self._passed(trail, node, port, entry, depth - 1)
        if node.kind == BLOCK:
            return self._inside(trail, node, node.repeat - 1, port, depth - 1)
        if node.kind == BLOCK_INPUT:
            return self._outside(trail, node.name, depth - 1)
        before = self.before if trail == self.trail else prefix(self.project, trail)
        return Value(f"{before}{node.name}", port)

    def _passed(self, trail: Trail, node: Node, port: str, entry: str, depth: int) -> Value | None:
        """What a bypassed node lets through; nothing by a port at which it would give something else."""
        graph = self.project.scope(block_of(self.project, trail))
        wires = [edge for edge in graph.into(node.id) if edge.input == entry]
        edge = min(wires, key=lambda wire: wire.order, default=None)
        path = f"{prefix(self.project, trail)}{node.name}"
        bypass = next((item for item in self.analysis.plan.bypassed if item.path == path), None)
        if edge is None or (bypass is not None and not passing(bypass, self.analysis).fits(port)):
            return None
        return self._of(trail, graph.nodes[edge.source], edge.output, depth)

    def _inside(self, trail: Trail, node: Node, repetition: int, port: str, depth: int) -> Value | None:
        """What one repetition of a block gives."""
        block = self.project.blocks.get(node.block)
        if block is None:
            return None
        wanted = InputKey(_named(block.graph, BLOCK_OUTPUT, port), "input")
        edge = block.graph.edges.get(wanted)
        if edge is None:
            return None
        inside = (*trail, Entered(node.id, repetition))
        return self._of(inside, block.graph.nodes[edge.source], edge.output, depth)

    def _outside(self, trail: Trail, port: str, depth: int) -> Value | None:
        """What a block's input brings: from the repetition before, or by the wire outside."""
        if not trail:
            return None
        *outer, last = trail
        graph = self.project.scope(block_of(self.project, tuple(outer)))
        node = graph.nodes[last.node]
        block = self.project.blocks[node.block]
        stacked = dict(zip(block.inputs(), block.outputs(), strict=False)) if last.repetition else {}
        if port in stacked:
            return self._inside(tuple(outer), node, last.repetition - 1, stacked[port], depth)
        edge = graph.edges.get(InputKey(node.id, port))
        return None if edge is None else self._of(tuple(outer), graph.nodes[edge.source], edge.output, depth)


def types_of(project: Project, analysis: Analysis, trail: Trail = ()) -> Types:
    """The types of this project's analysis, found by node of the graph to which the trail leads."""
    return Types(project, analysis, trail, prefix(project, trail))


def refusal(project: Project, types: Types, edge: Edge) -> ChainruleError | None:
    """Why this wire cannot be, or None where it can.

    A size set by hand that contradicts the wire is no reason: the wire may come first, a fix mends the size.
    """
    try:
        connected = connect(project, edge)
    except ChainruleError as error:
        return error
    graph = connected.scope(scope_of(connected, edge.target))
    return _shape_refusal(connected, graph, types, graph.node(edge.target))


def _shape_refusal(project: Project, graph: Graph, types: Types, node: Node) -> ChainruleError | None:
    kind = KINDS.get(node.kind)
    if kind is None or kind.role == "structure":
        return None
    inputs = _input_types(graph, types, node, input_ports(project, node))
    if inputs is None:
        return None
    result = shapes_of(kind, node.params, inputs)
    if not isinstance(result.error, ShapeError) or result.param:
        return None
    return ShapeError(result.error.wanted, result.error.came, node.name, result.error.fix)


def _input_types(
    graph: Graph, types: Types, node: Node, ports: tuple[PortSpec, ...]
) -> dict[str, TensorType | tuple[TensorType, ...]] | None:
    """What comes in, or None where a part of it is loose or unknown."""
    found: dict[str, list[TensorType]] = {}
    for edge in sorted(graph.into(node.id), key=lambda wire: wire.order):
        brought = types.of(edge.source, edge.output)
        if brought is None:
            return None
        found.setdefault(edge.input, []).append(brought)
    if any(not port.optional and port.name not in found for port in ports):
        return None
    return {
        port.name: tuple(found[port.name]) if port.variadic else found[port.name][0]
        for port in ports
        if port.name in found
    }


class Candidate(NamedTuple):
    """A kind that can be wired here: the port that is wired, and what it then gives, where that is known."""

    kind: LayerKind
    port: str
    output: TensorType | None
    likely: bool


def followers(project: Project, types: Types, source: str, output: str) -> tuple[Candidate, ...]:
    """The kinds that take this output, the likely ones first, the others in the order of the palette."""
    node = project.scope(scope_of(project, source)).node(source)
    offered = output_port(project, node, output)
    tensor = types.of(source, output)
    found = [item for kind in KINDS.values() if (item := _follower(kind, offered, tensor)) is not None]
    likely = likely_next(node.kind, tensor)
    marked = [item._replace(likely=item.kind.name in likely) for item in found]
    return tuple(sorted(marked, key=lambda item: likely.index(item.kind.name) if item.likely else len(likely)))


def leaders(accepts: PortSpec) -> tuple[Candidate, ...]:
    """The kinds whose first output this input takes."""
    return tuple(
        Candidate(kind, kind.outputs[0].name, None, False)
        for kind in KINDS.values()
        if kind.role != "structure" and kind.outputs and takes(kind.outputs[0], accepts)
    )


def _follower(kind: LayerKind, offered: PortSpec, tensor: TensorType | None) -> Candidate | None:
    if kind.role == "structure" or kind.name == DATASET:
        return None
    port = next((port for port in kind.inputs if takes(offered, port)), None)
    if port is None:
        return None
    others = any(not other.optional for other in kind.inputs if other is not port)
    if tensor is None or kind.opaque or (others and not port.variadic):
        return Candidate(kind, port.name, None, False)
    result = shapes_of(kind, (), {port.name: (tensor,) if port.variadic else tensor})
    if result.shaped is None:
        return None
    return Candidate(kind, port.name, next(iter(result.shaped.outputs.values()), None), False)


def likely_next(kind: str, tensor: TensorType | None) -> tuple[str, ...]:
    """The kinds that usually follow a layer of this kind, most usual first."""
    category = KINDS[kind].category if kind in KINDS else "Blocks"
    rank = len(tensor.shape) if tensor is not None else 0
    dims = {3: "1", 4: "2"}.get(rank, "")
    return tuple(_usual(category, dims, rank == 2))


def _usual(category: str, dims: str, row: bool) -> Iterator[str]:
    if category in ("Convolution", "Linear"):
        yield "ReLU"
        yield f"BatchNorm{dims or 1}d"
    if dims and category in ("Convolution", "Activation", "Normalization"):
        yield f"MaxPool{dims}d"
    if category == "Normalization":
        yield "ReLU"
    if category == "Recurrent":
        yield "Select"
    if dims:
        yield f"Conv{dims}d"
        yield "Flatten"
    if row or not dims:
        yield "Linear"
        yield "Dropout"
        yield "CrossEntropy"


def _named(graph: Graph, kind: str, name: str) -> str:
    return next((node.id for node in graph.nodes.values() if node.kind == kind and node.name == name), "")
