"""Which wires and nodes lie on the ways through one place of a graph: all that leads to it and all that it leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from core.graph import Edge, Graph, InputKey


class Path(NamedTuple):
    """A part of a graph: the nodes and wires that one place depends on and that depend on it."""

    nodes: frozenset[str]
    wires: frozenset[InputKey]


def path_of_node(graph: Graph, node_id: str) -> Path:
    """The path through a node."""
    return _path(graph, node_id, node_id)


def path_of_wire(graph: Graph, key: InputKey) -> Path:
    """The path through a wire."""
    edge = graph.edges[key]
    found = _path(graph, edge.source, edge.target)
    return Path(found.nodes, found.wires | {key})


def before(graph: Graph, node_id: str) -> frozenset[str]:
    """The node and all that leads to it."""
    return _back(graph, node_id).nodes


def behind(graph: Graph, node_id: str) -> frozenset[str]:
    """The node and all that it leads to."""
    return _on(graph, node_id).nodes


def _path(graph: Graph, back_from: str, on_from: str) -> Path:
    back, on = _back(graph, back_from), _on(graph, on_from)
    return Path(back.nodes | on.nodes, back.wires | on.wires)


def _back(graph: Graph, node_id: str) -> Path:
    into: dict[str, list[Edge]] = {}
    for edge in graph.edges.values():
        into.setdefault(edge.target, []).append(edge)
    return _closure(node_id, into, lambda edge: edge.source)


def _on(graph: Graph, node_id: str) -> Path:
    out: dict[str, list[Edge]] = {}
    for edge in graph.edges.values():
        out.setdefault(edge.source, []).append(edge)
    return _closure(node_id, out, lambda edge: edge.target)


def _closure(start: str, wires: Mapping[str, Iterable[Edge]], end: Callable[[Edge], str]) -> Path:
    """All that can be reached along these wires."""
    nodes, keys, waiting = {start}, set[InputKey](), [start]
    while waiting:
        for edge in wires.get(waiting.pop(), ()):
            keys.add(edge.key)
            if end(edge) not in nodes:
                nodes.add(end(edge))
                waiting.append(end(edge))
    return Path(frozenset(nodes), frozenset(keys))
