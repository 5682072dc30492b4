"""How the nodes of a graph hang together: who reads whom, and the running order; kept up with edits."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from core.graph import Edge, Graph, InputKey


class Wiring(NamedTuple):
    """A graph's wires by node, and its running order."""

    edges: Mapping[InputKey, Edge]
    ids: tuple[str, ...]
    """The nodes in the file's order."""
    into: Mapping[str, tuple[Edge, ...]]
    """By node the wires into it, by port and order; a node without any is left out."""
    readers: Mapping[str, tuple[str, ...]]
    """By node those its wires lead to, once a wire, in no order."""
    order: tuple[str, ...]
    """Node ids so that every wire goes forward, ties in the file's order."""
    cyclic: tuple[str, ...]
    """The ids of nodes in or behind a cycle."""
    changed: frozenset[str] = frozenset()
    """The nodes in which wires end that differ from those before."""


def wired(graph: Graph, before: Wiring | None = None) -> Wiring:
    """The graph's wiring; with that of the graph before an edit, costs what the edit changes."""
    same = before is not None and (graph.edges is before.edges or _same(graph.edges, before.edges))
    ids = tuple(graph.nodes)
    if before is not None and same and ids == before.ids:
        return before._replace(edges=graph.edges, changed=frozenset())
    if before is None:
        into, readers = _grouped(graph, graph.edges.values())
        return Wiring(graph.edges, ids, into, readers, *_ordered(ids, into, readers))
    changed = _changed(graph, ids, before)
    touched = {end for edge in changed for end in (edge.source, edge.target)}
    known = [edge for edge in graph.edges.values() if edge.target in touched or edge.source in touched]
    fresh_into, fresh_readers = _grouped(graph, known)
    into = {key: edges for key, edges in before.into.items() if key not in touched}
    into.update((key, edges) for key, edges in fresh_into.items() if key in touched)
    readers = {key: targets for key, targets in before.readers.items() if key not in touched}
    readers.update((key, targets) for key, targets in fresh_readers.items() if key in touched)
    return Wiring(
        graph.edges, ids, into, readers, *_ordered(ids, into, readers), frozenset(edge.target for edge in changed)
    )


def _same(edges: Mapping[InputKey, Edge], before: Mapping[InputKey, Edge]) -> bool:
    return len(edges) == len(before) and all(before.get(key) == edge for key, edge in edges.items())


def _changed(graph: Graph, ids: tuple[str, ...], before: Wiring) -> list[Edge]:
    """The wires that are in one of the two alone, or that end at a node that is."""
    edges = graph.edges
    changed = [edge for key, edge in edges.items() if before.edges.get(key) is not edge]
    changed += [edge for key, edge in before.edges.items() if edges.get(key) is not edge]
    fresh = set(ids).symmetric_difference(before.ids) if ids != before.ids else ()
    if fresh:
        changed += [edge for edge in edges.values() if edge.source in fresh or edge.target in fresh]
    return changed


def _grouped(graph: Graph, edges: Iterable[Edge]) -> tuple[dict[str, tuple[Edge, ...]], dict[str, tuple[str, ...]]]:
    """The wires by target, and the targets by source; a wire that ends at no node is none."""
    into: dict[str, list[Edge]] = {}
    readers: dict[str, list[str]] = {}
    nodes = graph.nodes
    for edge in edges:
        source, _output, target, _port, _order = edge
        if source in nodes and target in nodes:
            into.setdefault(target, []).append(edge)
            readers.setdefault(source, []).append(target)
    ordered = {
        key: tuple(found) if len(found) == 1 else tuple(sorted(found, key=_place)) for key, found in into.items()
    }
    return ordered, {key: tuple(found) for key, found in readers.items()}


def _place(edge: Edge) -> tuple[str, int]:
    return edge.input, edge.order


def _ordered(
    ids: tuple[str, ...], into: Mapping[str, tuple[Edge, ...]], readers: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    place = {node_id: index for index, node_id in enumerate(ids)}
    waiting = {node_id: len(edges) for node_id, edges in into.items()}
    ready = [index for index, node_id in enumerate(ids) if node_id not in waiting]
    ordered: list[str] = []
    while ready:
        node_id = ids[heapq.heappop(ready)]
        ordered.append(node_id)
        for reader in readers.get(node_id, ()):
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, place[reader])
    done = set(ordered) if len(ordered) < len(ids) else ids
    return tuple(ordered), tuple([node_id for node_id in ids if node_id not in done]) if done is not ids else ()
