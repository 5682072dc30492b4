"""Where blocks are used: their instances, which lies in which, and the wires at their ports."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import MappingProxyType

from core.errors import GraphError
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, RESERVED, Block, Edge, Graph, Node, free_name, is_valid_name
from core.project import Project
from core.reroutes import renamed

BLOCK_PREFIX = "block:"
"""Before a block's id, makes it something one can drop: block:encoder."""
LINKED_PREFIX = "linked:"
"""The same for an instance that shares the weights of the last one in its graph."""
PORTS = frozenset({BLOCK_INPUT, BLOCK_OUTPUT})


def scopes(project: Project) -> Iterator[tuple[str, Graph]]:
    """Every graph of the project with the block it belongs to, the main one ("") first."""
    yield "", project.graph
    for block in project.blocks.values():
        yield block.id, block.graph


def instances(project: Project, block: str) -> Iterator[tuple[str, Node]]:
    """Every node that stands for this block, with the scope it lies in."""
    for scope, graph in scopes(project):
        for node in graph.nodes.values():
            if node.kind == BLOCK and node.block == block:
                yield scope, node


def linked(graph: Graph, node: Node) -> tuple[Node, ...]:
    """All nodes of the graph that share this one's weights, itself among them."""
    if not node.link:
        return (node,)
    mine = (node.kind, node.block, node.link)
    return tuple(other for other in graph.nodes.values() if (other.kind, other.block, other.link) == mine)


def needed(project: Project, block: str) -> frozenset[str]:
    """The block itself and every block that lies in it, at whatever depth."""
    seen: set[str] = set()
    waiting = [block]
    while waiting:
        key = waiting.pop()
        if key in project.blocks and key not in seen:
            seen.add(key)
            waiting += [node.block for node in project.blocks[key].graph.nodes.values() if node.kind == BLOCK]
    return frozenset(seen)


def outline(project: Project, block: str, depth: int = 32) -> tuple[object, ...]:
    """What is in the block, whatever it and its ids are called: equal for blocks that compute the same alike."""
    found = project.blocks.get(block)
    if found is None or not depth:
        return ()
    names = {node.id: node.name for node in found.graph.nodes.values()}
    nodes = [
        (
            node.name,
            node.kind,
            node.params,
            node.link,
            node.repeat,
            node.bypassed,
            outline(project, node.block, depth - 1),
        )
        for node in found.graph.nodes.values()
    ]
    edges = found.graph.edges.values()
    wires = sorted((names[edge.source], edge.output, names[edge.target], edge.input, edge.order) for edge in edges)
    return (*nodes, *wires)


def unused(project: Project) -> tuple[str, ...]:
    """The blocks that no way from the main graph leads to."""
    if not project.blocks:
        return ()
    used: set[str] = set()
    for node in project.graph.nodes.values():
        if node.kind == BLOCK and node.block not in used:
            used |= needed(project, node.block)
    return tuple(key for key in project.blocks if key not in used)


def check_nesting(project: Project, block: str, scope: str) -> None:
    """Raise GraphError where a block would come to stand inside itself."""
    if not scope or scope not in needed(project, block):
        return
    name, outer = project.blocks[block].name, project.blocks[scope].name
    inside = "inside itself" if block == scope else f"inside {outer}, which it holds"
    raise GraphError(
        "a block that does not hold itself was wanted",
        f"{name} would stand {inside} and never end",
        outer,
        "Place it outside, or repeat it instead.",
    )


def instance(project: Project, block: str, scope: str, node_id: str, shared: bool = False) -> tuple[Project, Node]:
    """A new node that stands for the block, to be added to this scope, and the project it fits.

    With `shared` it is linked to the last instance there. Raises GraphError for a block that does not exist, that would
    hold itself, or of which there is nothing to share.
    """
    if block not in project.blocks:
        raise GraphError("a block of this project was wanted", f"there is no block “{block}”")
    check_nesting(project, block, scope)
    graph = project.scope(scope)
    node = Node(node_id, BLOCK, free_name(stem(project.blocks[block].name), _names(graph)), block=block)
    if not shared:
        return project, node
    others = [other for other in graph.nodes.values() if other.kind == BLOCK and other.block == block]
    if not others:
        name = project.blocks[block].name
        wanted = f"an instance of {name} in this graph to share weights with was wanted"
        raise GraphError(wanted, "there is none", name, "Place it with weights of its own.")
    project, label = with_label(project, scope, others[-1])
    return project, replace(node, link=label, repeat=others[-1].repeat)


def with_label(project: Project, scope: str, node: Node) -> tuple[Project, str]:
    """With a link label on this node, and the label: by it others share its weights."""
    if node.link:
        return project, node.link
    graph = project.scope(scope)
    taken = {other.link for other in graph.nodes.values() if other.link}
    label = node.name if node.name not in taken else free_name(node.name, taken)
    return project.with_scope(graph.replace_node(replace(node, link=label)), scope), label


def free_title(name: str, project: Project) -> str:
    """The name itself, or with the first number that no other block of the project has."""
    taken = {block.name for block in project.blocks.values()}
    if name not in taken:
        return name
    root = name.rstrip("0123456789").rstrip() or name
    number = 2
    while f"{root} {number}" in taken:
        number += 1
    return f"{root} {number}"


def stem(name: str) -> str:
    """What an instance of a block of this name is called: encoder_layer."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"([a-z0-9])([A-Z][a-z])", r"\1 \2", name).lower())
    made = re.sub(r"_(\d+)$", r"\1", "_".join(words))
    return made if is_valid_name(made) and made not in RESERVED else "block"


def with_block(project: Project, block: Block) -> Project:
    """With this block added, or in place of the one of the same id."""
    return replace(project, blocks=MappingProxyType({**project.blocks, block.id: block}))


def without_blocks(project: Project, gone: frozenset[str]) -> Project:
    """Without these blocks, which nothing may stand for any more, and without places and notes of what is in them."""
    if not gone:
        return project
    lost = {node_id for key in gone for node_id in project.blocks[key].graph.nodes}
    kept = {key: block for key, block in project.blocks.items() if key not in gone}
    notes = {key: item for key, item in project.annotations.items() if item.block not in gone}
    if len(notes) < len(project.annotations):
        project = replace(project, annotations=MappingProxyType(notes))
    return replace(project, blocks=MappingProxyType(kept)).without_cards(lost)


def with_port_renamed(project: Project, block: str, port: Node, name: str) -> Project:
    """With every wire at this port of the block's instances ending at its new name."""
    if port.kind == BLOCK_INPUT:
        return _rewired(
            project, block, lambda edge, ids: edge._replace(input=name) if _enters(edge, ids, port.name) else edge
        )
    return _rewired(
        project, block, lambda edge, ids: edge._replace(output=name) if _leaves(edge, ids, port.name) else edge
    )


def without_port(project: Project, block: str, port: Node) -> Project:
    """Without the wires at this port of the block's instances: the port itself is about to go."""
    ends = _enters if port.kind == BLOCK_INPUT else _leaves
    return _rewired(project, block, lambda edge, ids: None if ends(edge, ids, port.name) else edge)


def _rewired(project: Project, block: str, change: Callable[[Edge, frozenset[str]], Edge | None]) -> Project:
    if not block:
        return project
    by_scope: dict[str, set[str]] = {}
    for scope, node in instances(project, block):
        by_scope.setdefault(scope, set()).add(node.id)
    for scope, ids in by_scope.items():
        graph = project.scope(scope)
        changed = [change(edge, frozenset(ids)) for edge in graph.edges.values()]
        kept = [edge for edge in changed if edge is not None]
        if kept != list(graph.edges.values()):
            edges = MappingProxyType({edge.key: edge for edge in kept})
            wires = {old: new for old, new in zip(graph.edges.values(), changed, strict=True) if new is not None}
            project = renamed(project.with_scope(replace(graph, edges=edges), scope), wires)
    return project


def _enters(edge: Edge, ids: frozenset[str], port: str) -> bool:
    return edge.target in ids and edge.input == port


def _leaves(edge: Edge, ids: frozenset[str], port: str) -> bool:
    return edge.source in ids and edge.output == port


def _names(graph: Graph) -> Iterator[str]:
    return (node.name for node in graph.nodes.values())
