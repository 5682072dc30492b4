"""Blocks unfolded: what lies inside comes to stand in the graph around it, every repetition by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from core.annotating import put
from core.catalog import KINDS
from core.errors import GraphError
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, InputKey, Node, free_name
from core.grouping import anchor
from core.instances import PORTS, instances, linked, without_blocks
from core.layout import CARD, COLUMN_GAP, arrange
from core.planning import new_ids
from core.project import Position, Project
from core.reroutes import taken_over
from core.retraining import retrained
from core.trail import crumb

MOST = 2000
"""Layers that one block may unfold to."""

End = tuple[str, str]
"""A node and its output."""


def ungroup(project: Project, node_ids: Iterable[str], scope: str = "") -> tuple[Project, tuple[str, ...]]:
    """With these blocks unfolded, and the ids of what was in them; nodes that are no blocks stay as they are.

    A block that nothing stands for any more goes. Blocks linked with one another become layers linked with one
    another. Raises GraphError where none of the nodes is a block, or one shares weights with another that stays.
    """
    graph = project.scope(scope)
    chosen = [node for key in node_ids if (node := graph.node(key)).kind == BLOCK and node.block in project.blocks]
    if not chosen:
        raise GraphError("a block to unfold was wanted", "none is selected", fix="Select a block first.")
    for node in chosen:
        _check(project, graph, node, {other.id for other in chosen})
    found: list[str] = []
    for node in chosen:
        project, inner = _unfolded(project, scope, node)
        found += inner
    return project, tuple(found)


def _check(project: Project, graph: Graph, node: Node, chosen: set[str]) -> None:
    if node.bypassed:
        wanted, fix = "a block that runs was wanted, to unfold it", "Stop bypassing it first."
        raise GraphError(wanted, f"{node.name} is bypassed", node.name, fix)
    outside = next((other for other in linked(graph, node) if other.id not in chosen), None)
    if outside is not None:
        raise GraphError(
            "a block with weights of its own was wanted",
            f"{node.name} shares them with {outside.name}, which stays a block",
            node.name,
            f"Select {outside.name} too, or give {node.name} weights of its own.",
        )
    count = node.repeat * len(project.blocks[node.block].graph.nodes)
    if count > MOST:
        wanted = f"a block of at most {MOST:,} layers was wanted, to unfold it"
        raise GraphError(wanted, f"it has {count:,}", node.name, "Set repeat to 1 first.")


@dataclass
class _Unfolding:
    """What has come out of one block so far."""

    names: set[str]
    links: frozenset[str]
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    places: dict[str, Position] = field(default_factory=dict)
    ids: list[dict[str, str]] = field(default_factory=list)
    """By old id: the new one, for each repetition."""
    renamed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By old path: what it is called now."""


def _unfolded(project: Project, scope: str, node: Node) -> tuple[Project, list[str]]:
    graph, block = project.scope(scope), project.blocks[node.block]
    alone = sum(1 for _found in instances(project, block.id)) == 1
    fresh = new_ids(project)
    others = [other for other in graph.nodes.values() if other.id != node.id]
    out = _Unfolding({other.name for other in others}, frozenset(other.link for other in others if other.link))
    incoming: dict[str, End | None] = {edge.input: (edge.source, edge.output) for edge in graph.into(node.id)}
    results: dict[str, End | None] = {}
    inside = _inside(project, block)
    corner = _corner(project, graph, node, inside)
    pitch = max((x for x, _y in inside.values()), default=0.0) + CARD[0] + COLUMN_GAP
    for index in range(node.repeat):
        kept = alone and index == 0
        ids = {key: key if kept else next(fresh) for key in inside}
        out.ids.append(ids)
        results = _repetition(out, block, node, index, ids, incoming)
        incoming |= {name: results.get(end) for name, end in zip(block.inputs(), block.outputs(), strict=False)}
        out.places.update({ids[key]: (corner[0] + x + index * pitch, corner[1] + y) for key, (x, y) in inside.items()})
    before = project
    if alone:
        project = without_blocks(project, frozenset((block.id,)))
    project = project.with_scope(_joined(graph, node, out, results), scope)
    project = _with_room(project, scope, node, out.places)
    project = _with_notes(project, before, scope, block, out)
    for ids in out.ids:
        project = taken_over(project, before, ids)
    if not scope:
        out.renamed[node.name] = tuple(made.name for made in out.nodes)
        project = retrained(project, out.renamed)
    return project, [made.id for made in out.nodes]


def _repetition(
    out: _Unfolding, block: Block, node: Node, index: int, ids: Mapping[str, str], incoming: Mapping[str, End | None]
) -> dict[str, End | None]:
    """Add one repetition's nodes and wires; what stands at its outputs."""
    for key, inner in block.graph.nodes.items():
        if key in ids:
            name = inner.name if inner.name not in out.names else free_name(inner.name, out.names)
            out.names.add(name)
            out.renamed[f"{crumb(node, index)}.{inner.name}"] = (name,)
            out.nodes.append(replace(inner, id=ids[key], name=name, link=_link(out, node, index, inner)))
    results: dict[str, End | None] = {}
    for edge in block.graph.edges.values():
        source, target = block.graph.nodes[edge.source], block.graph.nodes[edge.target]
        begin = incoming.get(source.name) if source.kind == BLOCK_INPUT else (ids[source.id], edge.output)
        if target.kind == BLOCK_OUTPUT:
            results[target.name] = begin
        elif begin is not None:
            out.edges.append(edge._replace(source=begin[0], output=begin[1], target=ids[edge.target]))
    return results


def _link(out: _Unfolding, node: Node, index: int, inner: Node) -> str:
    """The link of an unfolded node: shared within its repetition as before, or with those of the linked blocks."""
    mark = f"{index}_" if node.repeat > 1 else ""
    if node.link:
        kind = KINDS.get(inner.kind)
        weighted = inner.kind == BLOCK or (kind is not None and bool(kind.module))
        return f"{node.link}_{mark}{inner.link or inner.name}" if weighted else ""
    if not inner.link:
        return ""
    return f"{node.name}_{mark}{inner.link}" if mark or inner.link in out.links else inner.link


def _joined(graph: Graph, node: Node, out: _Unfolding, results: Mapping[str, End | None]) -> Graph:
    """The graph with the unfolded nodes in the place of their block."""
    nodes: dict[str, Node] = {}
    for key, known in graph.nodes.items():
        nodes.update({made.id: made for made in out.nodes} if key == node.id else {key: known})
    edges: dict[InputKey, Edge] = {}
    for end, edge in graph.edges.items():
        begin = results.get(edge.output) if edge.source == node.id else (edge.source, edge.output)
        if end.node != node.id and begin is not None:
            edges[end] = edge._replace(source=begin[0], output=begin[1])
    edges.update({edge.key: edge for edge in out.edges})
    return Graph(MappingProxyType(nodes), MappingProxyType(edges))


def _with_notes(project: Project, before: Project, scope: str, block: Block, out: _Unfolding) -> Project:
    """With the frames and notes of the block around what has come out of it, once for each repetition."""
    notes = [item for item in before.annotations.values() if item.block == block.id]
    first = next((key for key in block.graph.nodes if key in out.ids[0] and key in before.positions), None)
    if first is None or not notes:
        return project
    for ids in out.ids:
        (x, y), (left, top) = project.positions[ids[first]], before.positions[first]
        project, _made = put(project, notes, (x - left, y - top), scope)
    return project


def _inside(project: Project, block: Block) -> dict[str, Position]:
    """Where the layers stand, from the corner of the rectangle around them."""
    spare = arrange(block.graph) if block.graph.nodes.keys() - project.positions.keys() else {}
    places = {
        key: project.positions.get(key, spare.get(key, (0.0, 0.0)))
        for key, inner in block.graph.nodes.items()
        if inner.kind not in PORTS
    }
    left, top = min((x for x, _y in places.values()), default=0.0), min((y for _x, y in places.values()), default=0.0)
    return {key: (x - left, y - top) for key, (x, y) in places.items()}


def _corner(project: Project, graph: Graph, node: Node, inside: Mapping[str, Position]) -> Position:
    """Where the rectangle's corner comes to stand: the card amid the others at the block's place."""
    if not inside:
        return 0.0, 0.0
    at = project.positions.get(node.id) or arrange(graph)[node.id]
    x, y = anchor(inside, inside)
    return at[0] - x, at[1] - y


def _with_room(project: Project, scope: str, node: Node, places: dict[str, Position]) -> Project:
    """The unfolded cards at their places; where they would lie on others, from the block's corner on, those moved."""
    at = project.positions.get(node.id, (0.0, 0.0))
    project = project.without_cards({node.id})
    kept = dict(project.positions)
    others = {key: kept[key] for key in project.scope(scope).nodes if key in kept and key not in places}
    if places and any(_overlap(a, b) for a in places.values() for b in others.values()):
        left, top = min(x for x, _y in places.values()), min(y for _x, y in places.values())
        places = {key: (x - left + at[0], y - top + at[1]) for key, (x, y) in places.items()}
        wide = max(x for x, _y in places.values()) - at[0]
        tall = max(y for _x, y in places.values()) - at[1]
        for key, (x, y) in others.items():
            if x > at[0] and abs(y - at[1]) < CARD[1]:
                kept[key] = (x + wide, y)
            elif y > at[1]:
                kept[key] = (x, y + tall)
    return replace(project, positions=MappingProxyType({**kept, **places}))


def _overlap(one: Position, other: Position) -> bool:
    return abs(one[0] - other[0]) < CARD[0] and abs(one[1] - other[1]) < CARD[1]
