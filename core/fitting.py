"""What fits where: the tensor at every port, why a wire is refused, and the kinds that can follow an output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from core.catalog import KINDS
from core.catalog.kind import LayerKind, PortSpec, TensorType
from core.catalog.sources import DATASET
from core.errors import ChainruleError, ShapeError
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Edge, Graph, InputKey, Node
from core.plan import Plan, Value
from core.planning import connect, scope_of, takes
from core.ports import input_ports, output_port
from core.project import Project
from core.shapes import Analysis, shapes_of

_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Types:
    """The tensor at every output port, by node id, as far as it is known."""

    project: Project
    analysis: Analysis
    paths: Mapping[tuple[str, str], str]
    """By (shown node of the main graph, node): the path of its last instance."""
    first: Mapping[str, str]
    """By node: the path of its first instance."""

    def path(self, node_id: str) -> str:
        """The path under which records and shapes know the node; "" for one that does not run."""
        return self.paths.get((node_id, node_id)) or self.first.get(node_id, "")

    def of(self, node_id: str, port: str) -> TensorType | None:
        """What leaves by this output, or None where that is unknown."""
        return self._of(node_id, port, "", _DEPTH)

    def _of(self, node_id: str, port: str, shown: str, depth: int) -> TensorType | None:
        path = self.paths.get((shown or node_id, node_id)) or self.first.get(node_id)
        if path is not None:
            return self.analysis.types.get(Value(path, port))
        node = self.project.graph.nodes.get(node_id) or self.project.all_nodes().get(node_id)
        if node is None or not depth:
            return None
        if node.kind == BLOCK and node.block in self.project.blocks:
            inside = self.project.blocks[node.block].graph
            return self._from(inside, _named(inside, BLOCK_OUTPUT, port), "input", shown or node_id, depth - 1)
        if node.kind == BLOCK_INPUT:
            outer = self._instance(node_id, shown)
            return self._from(self.project.graph, outer, node.name, "", depth - 1)
        return None

    def _from(self, graph: Graph, node_id: str, port: str, shown: str, depth: int) -> TensorType | None:
        edge = graph.edges.get(InputKey(node_id, port))
        return self._of(edge.source, edge.output, shown, depth) if edge is not None else None

    def _instance(self, node_id: str, shown: str) -> str:
        """The block node of the main graph in which this node lies."""
        if shown:
            return shown
        block = scope_of(self.project, node_id)
        return next((node.id for node in self.project.graph.nodes.values() if block and node.block == block), "")


def types_of(project: Project, plan: Plan, analysis: Analysis) -> Types:
    """The types of this project's analysis, found by node."""
    first: dict[str, str] = {}
    paths: dict[tuple[str, str], str] = {}
    for step in plan.steps:
        first.setdefault(step.node, step.path)
        paths[step.shown, step.node] = step.path
    return Types(project, analysis, paths, first)


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
    if tensor is None or (len(kind.inputs) > 1 and not port.variadic):
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
