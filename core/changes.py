"""Which nodes are not any more what a run trained: by their own meaning, and by what comes to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.catalog.sources import DATASET
from core.differing import differing
from core.graph import BLOCK, Graph, Node
from core.instances import needed
from core.project import Project
from core.trail import Trail, block_of, existing


def changed_nodes(then: Project, now: Project, trail: Trail = ()) -> frozenset[str]:
    """The nodes of the graph to which the trail leads that compute something else than they did, or are new.

    A node's meaning is its kind, parameters and block, its data set, and the wires into it. Its name and its place are
    none of it, and what it is fed by counts for that node alone.
    """
    if then is now:
        return frozenset()
    graph = now.scope(block_of(now, trail))
    before = then.scope(block_of(then, trail)) if existing(then, trail) == trail else Graph()
    changed = set(_of_nodes(before, graph)) | set(_rewired(before, graph))
    if then.blocks is not now.blocks:
        changed |= {key for key, node in graph.nodes.items() if node.kind == BLOCK and _differs_inside(then, now, node)}
    if then.data is not now.data:
        changed |= {key for key, node in graph.nodes.items() if node.kind == DATASET and _other_data(then, now, node)}
    return frozenset(changed)


def stale_nodes(then: Project, now: Project, trail: Trail = ()) -> frozenset[str]:
    """The nodes whose activation is not what the network would give now: the changed ones and all behind them."""
    graph = now.scope(block_of(now, trail))
    if trail and trail[-1].node in stale_nodes(then, now, trail[:-1]):
        return frozenset(graph.nodes)
    changed = changed_nodes(then, now, trail)
    return frozenset(_behind(graph, changed)) if changed else changed


def _behind(graph: Graph, nodes: Iterable[str]) -> set[str]:
    """These nodes and all to which wires lead from them."""
    out: dict[str, list[str]] = {}
    for edge in graph.edges.values():
        out.setdefault(edge.source, []).append(edge.target)
    reached = set(nodes)
    waiting = list(reached)
    for node_id in waiting:
        fresh = [key for key in out.get(node_id, ()) if key not in reached]
        reached.update(fresh)
        waiting += fresh
    return reached


def _of_nodes(before: Graph, graph: Graph) -> Iterable[str]:
    if before.nodes is graph.nodes:
        return
    for key in differing(before.nodes, graph.nodes):
        old, new = before.nodes.get(key), graph.nodes[key]
        if old is None or old != replace(new, name=old.name):
            yield key


def _rewired(before: Graph, graph: Graph) -> Iterable[str]:
    """Where a wire ends that is new, comes from elsewhere, or is gone."""
    if before.edges is graph.edges:
        return
    yield from (key.node for key in differing(before.edges, graph.edges) if before.edges.get(key) != graph.edges[key])
    lost = (key for key in differing(graph.edges, before.edges) if key not in graph.edges)
    yield from (key.node for key in lost if key.node in graph.nodes)


def _differs_inside(then: Project, now: Project, node: Node) -> bool:
    return any(
        key not in then.blocks or then.blocks[key].graph != now.blocks[key].graph
        for key in needed(now, node.block)
        if then.blocks.get(key) is not now.blocks[key]
    )


def _other_data(then: Project, now: Project, node: Node) -> bool:
    key = str(node.param("dataset", ""))
    return then.data.get(key) != now.data.get(key)
