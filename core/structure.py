"""What is wrong with the nodes and wires of a graph, shapes aside: circles, loose inputs, ports that are not there.

Each node is judged by itself and its wires, so after an edit only those are judged again that it touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from core.catalog import KINDS
from core.catalog.kind import PortSpec
from core.catalog.sources import DATASET, INPUT
from core.data.builtin.listing import SOURCES
from core.differing import differing
from core.errors import ChainruleError, CheckError, GraphError
from core.graph import BLOCK, Block, Edge, Graph, Node
from core.ports import dataset_fields, input_ports, output_ports, passing_port, same_fields
from core.problems import WITHOUT_DATA, Disconnect, Problem, RemoveNode, UseData
from core.project import Project
from core.unfolding import MAX_DEPTH, MAX_STEPS, Unfolding
from core.wiring import Wiring, wired


class Ports(NamedTuple):
    """Of a block: what its instances show, and whether they can be unfolded."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    unfolded: bool


class Surroundings(NamedTuple):
    """What a node's judgement depends on, beside itself and its wires."""

    project: Project
    unfolding: Unfolding
    ports: Mapping[str, Ports]
    """By block."""


class Structure(NamedTuple):
    """One graph, judged."""

    graph: Graph
    wiring: Wiring
    circles: tuple[Problem, ...]
    by_node: Mapping[str, tuple[Problem, ...]]
    """Of the nodes that have any."""

    def problems(self) -> Iterator[Problem]:
        """All of them, circles first, then node by node."""
        yield from self.circles
        for node_id in self.graph.nodes if self.by_node else ():
            yield from self.by_node.get(node_id, ())


def surroundings(project: Project, unfolding: Unfolding, before: Surroundings | None = None) -> Surroundings:
    """What the project's nodes are judged by; with that of the project before an edit, costs what the edit changes."""
    able = unfolding.blocks
    known = before.ports if before is not None else {}
    old = before.project.blocks if before is not None else {}
    ports: dict[str, Ports] = {}
    for key, block in project.blocks.items():
        kept = known[key] if block is old.get(key) else None
        ports[key] = kept if kept is not None and kept.unfolded == (key in able) else _ports(block, key in able)
    return Surroundings(project, unfolding, ports)


def structure(
    graph: Graph,
    around: Surroundings,
    before: Structure | None = None,
    around_before: Surroundings | None = None,
    wiring: Wiring | None = None,
) -> Structure:
    """The graph, judged; with what it was before an edit, costs what the edit changes."""
    if wiring is None:
        wiring = wired(graph, before.wiring if before is not None else None)
    left = frozenset(wiring.cyclic)
    circles = tuple(_circle(graph.nodes[node_id], graph, wiring, left) for node_id in _on_cycles(graph, wiring.cyclic))
    if before is None or around_before is None or not same_fields(around.project, around_before.project):
        stale = set(graph.nodes)
        by_node: dict[str, tuple[Problem, ...]] = {}
    else:
        blocks = _differing(around, around_before)
        if graph is before.graph and not blocks:
            return before
        stale = _stale(graph, wiring, before, blocks)
        by_node = {key: found for key, found in before.by_node.items() if key in graph.nodes}
    for node_id in stale & graph.nodes.keys():
        found = tuple(_of_node(graph.nodes[node_id], graph, wiring, around))
        if found:
            by_node[node_id] = found
        else:
            by_node.pop(node_id, None)
    return Structure(graph, wiring, circles, by_node)


def _stale(graph: Graph, wiring: Wiring, before: Structure, blocks: set[str]) -> set[str]:
    nodes = graph.nodes
    stale = set(differing(before.graph.nodes, nodes))
    if blocks:
        stale |= {key for key, node in nodes.items() if node.kind == BLOCK and node.block in blocks}
    for key in tuple(stale):
        stale.update(wiring.readers.get(key, ()))
    if wiring.into is not before.wiring.into:
        into, known = wiring.into, before.wiring.into
        stale.update(differing(known, into))
        stale |= known.keys() - into.keys()
    return stale


def _differing(around: Surroundings, before: Surroundings) -> set[str]:
    """The blocks that look different from outside."""
    both = around.ports.keys() | before.ports.keys()
    differing = {key for key in both if around.ports.get(key) != before.ports.get(key)}
    sizes = ((one.unfolding.fits, one.unfolding.steps > MAX_STEPS) for one in (around, before))
    return differing if len(set(sizes)) == 1 else both


def _ports(block: Block, unfolded: bool) -> Ports:
    return Ports(block.inputs(), block.outputs(), unfolded)


def _on_cycles(graph: Graph, cyclic: tuple[str, ...]) -> tuple[str, ...]:
    """Of the nodes in or behind a cycle those from which a way leads back to the rest: the cycles themselves.

    Nodes without a reader among the rest are taken away, one after another, until none is left to take.
    """
    left = set(cyclic)
    if not left:
        return ()
    sources: dict[str, list[str]] = {}
    readers = dict.fromkeys(cyclic, 0)
    for edge in graph.edges.values():
        if edge.source in left and edge.target in left:
            readers[edge.source] += 1
            sources.setdefault(edge.target, []).append(edge.source)
    ends = [node_id for node_id in cyclic if not readers[node_id]]
    while ends:
        node_id = ends.pop()
        left.discard(node_id)
        for source in sources.get(node_id, ()):
            readers[source] -= 1
            if not readers[source]:
                ends.append(source)
    return tuple(node_id for node_id in cyclic if node_id in left)


def _circle(node: Node, graph: Graph, wiring: Wiring, left: frozenset[str]) -> Problem:
    error = GraphError(
        "wires that lead forward were wanted", "they lead in a circle", node.name, "Remove a wire of the circle."
    )
    back = [edge for edge in wiring.into.get(node.id, ()) if edge.source in left]
    fixes = [Disconnect(f"Remove the wire from {graph.nodes[edge.source].name}", edge.key) for edge in back]
    return Problem("E101", "error", error, node.id, fixes=tuple(fixes) if len(fixes) == 1 else ())


def _of_node(node: Node, graph: Graph, wiring: Wiring, around: Surroundings) -> Iterator[Problem]:
    if node.kind == BLOCK:
        if node.block not in around.ports:
            yield _unknown(node, "a block of this project was wanted", node.block)
            return
        if not around.ports[node.block].unfolded:
            yield _endless(node, around)
    elif node.kind not in KINDS:
        yield _unknown(node, "a known layer kind was wanted", node.kind)
        return
    elif node.kind == DATASET and not dataset_fields(around.project, node):
        fix = "Choose a data set in the inspector."
        yield _problem("E106", node, CheckError("a data set was wanted", "none was chosen", node.name, fix))
    elif node.kind == INPUT:
        yield _without_data(node)
    wires = wiring.into.get(node.id, ())
    taken = {edge.input for edge in wires}
    inputs = input_ports(around.project, node)
    needed = {passing_port(around.project, node)} - {""} if node.bypassed else set()
    needed = needed or {port.name for port in inputs}
    for port in inputs:
        if port.name not in taken and not port.optional and port.name in needed:
            yield _loose(node, port.name)
    yield from _crowded(node, wires, inputs)
    for edge in wires:
        yield from _wrong_ports(edge, node, inputs, graph.nodes[edge.source], around.project)


def _endless(node: Node, around: Surroundings) -> Problem:
    depth = around.unfolding.depth.get(node.block)
    if depth is None:
        wanted, came = "a block that ends was wanted", "it holds itself"
        fix = "Remove it, or the block of its kind inside it."
    elif depth > MAX_DEPTH:
        wanted, came = f"blocks at most {MAX_DEPTH} deep were wanted", f"they lie {depth} deep"
        fix = "Use fewer levels."
    else:
        wanted, came = f"at most {MAX_STEPS:,} layers were wanted", "all blocks and their repetitions come to more"
        fix = "Repeat blocks less often."
    error = CheckError(wanted, came, node.name, fix)
    return Problem("E110", "error", error, node.id, fixes=(RemoveNode(f"Remove {node.name}", node.id),))


def _without_data(node: Node) -> Problem:
    params = {param.name: node.param(param.name, param.default) for param in KINDS[INPUT].params}
    shape, dtype = params["shape"], params["dtype"]
    fields = [(source, field) for source in SOURCES.values() for field in source.fields if field.role == "input"]
    fixes = tuple(
        UseData(f"Use {source.title}", node.id, source.name, field.name)
        for source, field in fields
        if (field.shape, field.dtype) == (shape, dtype)
    )
    sizes = "×".join(map(str, shape)) if isinstance(shape, tuple) else ""
    came = f"only the shape of its samples is known, {sizes or 'a number each'}"
    error = CheckError("a data set was wanted here, to train", came, node.name, "Wire a data set in its place.")
    return Problem(WITHOUT_DATA, "error", error, node.id, fixes=fixes)


def _unknown(node: Node, wanted: str, came: str) -> Problem:
    error = GraphError(wanted, f"“{came}” came", node.name, "Remove the node.")
    return Problem("E105", "error", error, node.id, fixes=(RemoveNode(f"Remove {node.name}", node.id),))


def _loose(node: Node, port: str) -> Problem:
    error = CheckError(f"a wire at “{port}” was wanted", "it is loose", node.name, f"Wire an output to {port}.")
    return _problem("E102", node, error, port)


def _crowded(node: Node, wires: Iterable[Edge], inputs: tuple[PortSpec, ...]) -> Iterator[Problem]:
    """Wires at an input that holds one, and has it."""
    single = {port.name for port in inputs if not port.variadic}
    taken: set[str] = set()
    for edge in wires:
        if edge.input in taken:
            error = GraphError(f"one wire at “{edge.input}” was wanted", "several came", node.name, "Remove one.")
            fixes = (Disconnect("Remove the wire", edge.key),)
            yield Problem("E112", "error", error, node.id, port=edge.input, edge=edge.key, fixes=fixes)
        taken |= {edge.input} & single


def _wrong_ports(
    edge: Edge, node: Node, inputs: tuple[PortSpec, ...], source: Node, project: Project
) -> Iterator[Problem]:
    """A wire whose port is not, or is no longer, there."""
    if edge.input not in [port.name for port in inputs]:
        yield _wrong_port(node, edge, "input", inputs)
    if source.kind in KINDS and (source.kind != BLOCK or source.block in project.blocks):
        outputs = output_ports(project, source)
        if edge.output not in [port.name for port in outputs]:
            yield _wrong_port(source, edge, "output", outputs)


def _wrong_port(node: Node, edge: Edge, side: str, ports: tuple[PortSpec, ...]) -> Problem:
    name = edge.input if side == "input" else edge.output
    names = ", ".join(sorted(port.name for port in ports)) or "none"
    error = GraphError(f"an {side} of {node.name} was wanted ({names})", f"“{name}” came", node.name, "Wire it anew.")
    fixes = (Disconnect("Remove the wire", edge.key),)
    return Problem("E107", "error", error, node.id, port=name, edge=edge.key, fixes=fixes)


def _problem(code: str, node: Node, error: ChainruleError, port: str = "") -> Problem:
    return Problem(code, "error", error, node.id, port=port)
