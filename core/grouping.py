"""Pure plans for blocks: fold a selection into one and back, repeat, link, part, rename, and clear away."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from core.annotating import put
from core.catalog import KINDS
from core.catalog.sources import DATASET
from core.collapsing import shown_alike
from core.errors import GraphError, ParameterError
from core.graph import (
    BLOCK,
    BLOCK_INPUT,
    BLOCK_OUTPUT,
    MAX_NAME,
    Block,
    Edge,
    Graph,
    InputKey,
    Node,
    free_name,
    is_valid_name,
)
from core.instances import PORTS, free_title, instances, linked, unused, with_block, with_label, without_blocks
from core.layout import CARD, COLUMN_GAP, STACK_GAP, arrange
from core.planning import leads_to, new_ids
from core.ports import input_ports, output_ports
from core.project import Position, Project
from core.reroutes import taken_over
from core.retraining import retrained
from core.unfolding import MAX_REPEAT
from core.wiring import running_order

_WIDE = 1600.0
"""Of what lies in a block that was folded out of several rows."""


class _Way(NamedTuple):
    """A way through the wall of a block: its port's name, where it begins and where it ends."""

    name: str
    source: tuple[str, str]
    """Node and output; empty for an input that nothing feeds yet."""
    targets: tuple[InputKey, ...] = ()


def group(project: Project, node_ids: Iterable[str], scope: str = "") -> tuple[Project, str]:
    """With these nodes folded into a new block, and the id of the node that stands for it.

    Its ports are the wires that cross its wall, and the loose ends of what is inside. Raises GraphError where nothing
    can be folded, a wire would leave the block and come back, or weights are shared across its wall.
    """
    graph = project.scope(scope)
    chosen = _chosen(graph, node_ids)
    _check_whole(graph, chosen)
    _check_links(graph, chosen)
    inner = Graph(
        MappingProxyType({key: node for key, node in graph.nodes.items() if key in chosen}),
        MappingProxyType({k: edge for k, edge in graph.edges.items() if edge.source in chosen and k.node in chosen}),
    )
    into, out_of = _ways_in(project, graph, chosen), _ways_out(project, graph, chosen)
    fresh = new_ids(project)
    names = {node.name for node in inner.nodes.values()}
    into, out_of = _named(into, names), _named(out_of, names)
    entries = [Node(next(fresh), BLOCK_INPUT, way.name) for way in into]
    exits = [Node(next(fresh), BLOCK_OUTPUT, way.name) for way in out_of]
    block_id = free_name("block", project.blocks)
    made = Block(block_id, f"Block {block_id.removeprefix('block')}", _walled(inner, entries, exits, into, out_of))
    node = Node(next(fresh), BLOCK, free_name("block", _names_without(graph, chosen)), block=block_id)
    places = {**(arrange(graph) if chosen - project.positions.keys() else {}), **project.positions}
    folded = with_block(project, made).with_scope(_folded(graph, chosen, node, into, out_of), scope)
    folded = folded.with_positions(_places(places, inner, node, entries, exits, into, out_of))
    project = taken_over(folded, project, {key: key for key in chosen})
    renamed = {graph.nodes[key].name: (f"{node.name}.{graph.nodes[key].name}",) for key in chosen}
    return (project if scope else retrained(project, renamed)), node.id


def set_repeat(project: Project, node_id: str, scope: str, repeat: int) -> Project:
    """With the block stacked so often, and all that share its weights too; raises ParameterError or GraphError."""
    graph = project.scope(scope)
    node = _instance(graph, node_id)
    if not 1 <= repeat <= MAX_REPEAT:
        fix = "Set repeat to 1 or more."
        raise ParameterError(f"repeat wants a whole number from 1 to {MAX_REPEAT:,}", f"{repeat} came", node.name, fix)
    block = project.blocks[node.block]
    if repeat > 1 and not (block.inputs() and block.outputs()):
        raise GraphError(
            "a block with an input and an output was wanted, to stack it",
            f"{block.name} has {len(block.inputs())} inputs and {len(block.outputs())} outputs",
            node.name,
            "Open it and add the port.",
        )
    for other in linked(graph, node):
        graph = graph.replace_node(replace(other, repeat=repeat))
    return project.with_scope(graph, scope)


def link(project: Project, node_id: str, scope: str, other_id: str) -> Project:
    """With this instance using the weights of another one of the same block in the same graph; raises GraphError."""
    project = unlink(project, node_id, scope)
    graph = project.scope(scope)
    node, other = _instance(graph, node_id), _instance(graph, other_id)
    if node.block != other.block or node.id == other.id:
        raise GraphError(
            "another instance of the same block was wanted, to share its weights",
            f"{other.name} is {'the same node' if node.id == other.id else 'of another block'}",
            node.name,
            "Choose one of the same block.",
        )
    project, label = with_label(project, scope, other)
    shared = replace(node, link=label, repeat=other.repeat)
    return project.with_scope(project.scope(scope).replace_node(shared), scope)


def unlink(project: Project, node_id: str, scope: str) -> Project:
    """With weights of its own for this instance; one that would be linked with none stands alone too."""
    graph = project.scope(scope)
    node = _instance(graph, node_id)
    if not node.link:
        return project
    members = linked(graph, node)
    for member in members if len(members) <= 2 else (node,):
        graph = graph.replace_node(replace(member, link=""))
    return project.with_scope(graph, scope)


def part(project: Project, node_id: str, scope: str) -> Project:
    """With a block of its own for this instance: edits of the others no longer reach it; its weights are its own."""
    project = unlink(project, node_id, scope)
    node = _instance(project.scope(scope), node_id)
    if sum(1 for _found in instances(project, node.block)) < 2:
        return project
    old = project.blocks[node.block]
    fresh = new_ids(project)
    ids = {key: next(fresh) for key in old.graph.nodes}
    nodes = [replace(inner, id=ids[inner.id]) for inner in old.graph.nodes.values()]
    edges = [edge._replace(source=ids[edge.source], target=ids[edge.target]) for edge in old.graph.edges.values()]
    name = free_title(old.name, project)
    block = Block(free_name(old.id, project.blocks), name, Graph.of(nodes, edges))
    places = {ids[key]: project.positions[key] for key in old.graph.nodes if key in project.positions}
    project = shown_alike(taken_over(with_block(project, block).with_positions(places), project, ids), project, ids)
    notes = [item for item in project.annotations.values() if item.block == old.id]
    project, _made = put(project, notes, (0.0, 0.0), block.id)
    changed = project.scope(scope).replace_node(replace(node, block=block.id))
    return project.with_scope(changed, scope)


def rename_block(project: Project, block: str, name: str) -> Project:
    """With the block under another name; its instances keep theirs. Raises GraphError for an empty or taken one."""
    title = " ".join(name.split())
    if block not in project.blocks:
        raise GraphError("a block of this project was wanted", f"there is no block “{block}”")
    old = project.blocks[block]
    if len(title) > MAX_NAME:
        wanted, came = f"a name of at most {MAX_NAME} characters was wanted", f"one of {len(title):,} came"
        raise GraphError(wanted, came, old.name, "Shorten it.")
    if not title or any(other.name == title for other in project.blocks.values() if other.id != block):
        came = f"“{title}” is taken" if title else "an empty one came"
        raise GraphError("a name that no other block has was wanted", came, old.name, "Use another name.")
    return project if title == old.name else with_block(project, replace(old, name=title))


def delete_unused(project: Project) -> Project:
    """Without the blocks that nothing stands for."""
    return without_blocks(project, frozenset(unused(project)))


def anchor(places: Mapping[str, Position], node_ids: Iterable[str]) -> Position:
    """The place of the card nearest to the middle of these: where a block stands for them, and is never in the way."""
    found = [places.get(key, (0.0, 0.0)) for key in node_ids]
    x = (min(x for x, _y in found) + max(x for x, _y in found)) / 2
    y = (min(y for _x, y in found) + max(y for _x, y in found)) / 2
    return min(found, key=lambda place: (round(math.dist(place, (x, y)), 6), place))


def _instance(graph: Graph, node_id: str) -> Node:
    node = graph.node(node_id)
    if node.kind != BLOCK:
        raise GraphError("a block was wanted", f"{node.name} is a {node.kind}", node.name, "Select a block.")
    return node


def _chosen(graph: Graph, node_ids: Iterable[str]) -> frozenset[str]:
    """Of the nodes those that can be folded: the ports of a block stay in its wall."""
    chosen = frozenset(key for key in node_ids if graph.node(key).kind not in PORTS)
    if not chosen:
        raise GraphError("layers to fold into a block were wanted", "none are selected", fix="Select some first.")
    return chosen


def _check_whole(graph: Graph, chosen: frozenset[str]) -> None:
    """No way may leave the selection and come back: the block would feed itself."""
    behind = {edge.target for edge in graph.edges.values() if edge.source in chosen} - chosen
    before = {edge.source for edge in graph.edges.values() if edge.target in chosen} - chosen
    for node_id in (key for key in graph.nodes if key in behind):
        if any(leads_to(graph, node_id, goal) for goal in before):
            name = graph.nodes[node_id].name
            raise GraphError(
                "layers that no wire leaves and comes back to were wanted",
                f"a wire leads out to {name} and back in",
                name,
                f"Select {name} too.",
            )


def _check_links(graph: Graph, chosen: frozenset[str]) -> None:
    for node in (graph.nodes[key] for key in graph.nodes if key in chosen):
        outside = next((other for other in linked(graph, node) if other.id not in chosen), None)
        if outside is not None:
            raise GraphError(
                "layers that share weights among themselves were wanted",
                f"{node.name} shares them with {outside.name}, which is not selected",
                node.name,
                f"Select {outside.name} too, or give {node.name} weights of its own.",
            )


def _in_order(graph: Graph, chosen: frozenset[str]) -> list[Node]:
    order, cyclic = running_order(graph)
    return [graph.nodes[key] for key in (*order, *cyclic) if key in chosen]


def _ways_in(project: Project, graph: Graph, chosen: frozenset[str]) -> list[_Way]:
    """What feeds the selection, each output once; then its inputs that are loose."""
    ways: dict[tuple[str, str], _Way] = {}
    loose: list[_Way] = []
    for node in _in_order(graph, chosen):
        wires = list(graph.into(node.id))
        for port in input_ports(project, node):
            here = sorted((edge for edge in wires if edge.input == port.name), key=lambda edge: edge.order)
            for edge in here:
                source = (edge.source, edge.output)
                if edge.source not in chosen:
                    known = ways.get(source, _Way(_entry_name(graph.nodes[edge.source], edge), source))
                    ways[source] = known._replace(targets=(*known.targets, edge.key))
            if not here and not port.optional:
                loose.append(_Way(_plain(port.name, "input"), ("", ""), (InputKey(node.id, port.name),)))
    return [*ways.values(), *loose]


def _ways_out(project: Project, graph: Graph, chosen: frozenset[str]) -> list[_Way]:
    """What the rest reads of the selection, each output once; then the ends that nothing reads yet."""
    ways: dict[tuple[str, str], _Way] = {}
    loose: list[_Way] = []
    for node in _in_order(graph, chosen):
        wires = list(graph.out_of(node.id))
        for port in output_ports(project, node):
            source = (node.id, port.name)
            ends = tuple(edge.key for edge in wires if edge.output == port.name and edge.target not in chosen)
            if ends:
                ways[source] = _Way(_plain(port.name, "output"), source, ends)
        for port in () if wires or not _ends(node) else output_ports(project, node)[:1]:
            loose.append(_Way(_plain(port.name, "output"), (node.id, port.name)))
    return [*ways.values(), *loose]


def _ends(node: Node) -> bool:
    """Whether an output of this node that nothing reads is worth a port."""
    kind = KINDS.get(node.kind)
    return node.kind == BLOCK or (kind is not None and kind.role == "layer")


def _entry_name(source: Node, edge: Edge) -> str:
    """A data field by its name, an outer port by its own, else what the layer calls it: query, label."""
    if source.kind == DATASET:
        return _plain(edge.output, "input")
    if source.kind == BLOCK_INPUT:
        return source.name
    return _plain(edge.input, "input")


def _plain(port: str, general: str) -> str:
    """The port's name where it says something; one letter, or the other side's general word, does not."""
    return port if is_valid_name(port) and len(port) > 1 and port not in ("input", "output") else general


def _named(ways: list[_Way], taken: set[str]) -> list[_Way]:
    """The ways with names that are new among these; several of one name are counted."""
    words = [way.name for way in ways]
    named = []
    for way in ways:
        alone = words.count(way.name) == 1 and way.name not in taken
        name = way.name if alone else free_name(way.name, taken)
        taken.add(name)
        named.append(way._replace(name=name))
    return named


def _names_without(graph: Graph, gone: frozenset[str]) -> list[str]:
    return [node.name for node in graph.nodes.values() if node.id not in gone]


def _walled(inner: Graph, entries: list[Node], exits: list[Node], into: list[_Way], out_of: list[_Way]) -> Graph:
    """The inside with its ports, inputs first."""
    nodes = {node.id: node for node in (*entries, *inner.nodes.values(), *exits)}
    edges = [Edge(node.id, "output", *key) for node, way in zip(entries, into, strict=True) for key in way.targets]
    edges += inner.edges.values()
    edges += [Edge(*way.source, node.id, "input") for node, way in zip(exits, out_of, strict=True)]
    return Graph(MappingProxyType(nodes), MappingProxyType({edge.key: edge for edge in edges}))


def _folded(graph: Graph, chosen: frozenset[str], node: Node, into: list[_Way], out_of: list[_Way]) -> Graph:
    """The graph with the node in the place of the first that was folded."""
    nodes: dict[str, Node] = {}
    for key, known in graph.nodes.items():
        if key not in chosen:
            nodes[key] = known
        elif node.id not in nodes:
            nodes[node.id] = node
    replaced = {key: Edge(node.id, way.name, *key) for way in out_of for key in way.targets}
    edges = [replaced.get(key, edge) for key, edge in graph.edges.items() if key.node not in chosen]
    edges += [Edge(*way.source, node.id, way.name) for way in into if way.source[0]]
    return Graph(MappingProxyType(nodes), MappingProxyType({edge.key: edge for edge in edges}))


def _places(
    places: Mapping[str, Position],
    inner: Graph,
    node: Node,
    entries: list[Node],
    exits: list[Node],
    into: list[_Way],
    out_of: list[_Way],
) -> dict[str, Position]:
    """The block amid what it holds; inside, the ports left and right of it."""
    chosen = inner.nodes.keys()
    made = {key: places[key] for key in chosen}
    at = anchor(places, chosen)
    if any(made[edge.target][0] <= made[edge.source][0] for edge in inner.edges.values()):
        made = arrange(inner, width=_WIDE)
    pitch = CARD[0] + COLUMN_GAP
    left = min(made[key][0] for key in chosen) - pitch
    right = max(made[key][0] for key in chosen) + pitch
    ports = _column(entries, left, [min(made[key.node][1] for key in way.targets) for way in into])
    ports |= _column(exits, right, [made[way.source[0]][1] for way in out_of])
    return {**made, **ports, node.id: at}


def _column(nodes: list[Node], x: float, wanted: list[float]) -> dict[str, Position]:
    """Each as high as what it is wired to, below one another."""
    made: dict[str, Position] = {}
    lowest = float("-inf")
    for node, y in sorted(zip(nodes, wanted, strict=True), key=lambda item: item[1]):
        top = max(y, lowest)
        made[node.id] = (x, top)
        lowest = top + CARD[1] + STACK_GAP
    return made
