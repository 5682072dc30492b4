"""How the nodes of a graph hang together: who reads whom, and the running order; kept up with edits."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from itertools import compress
from typing import NamedTuple, TypeVar

from core.differing import copied, differing
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
    astray: bool
    """Whether there are wires with an end at no node; they are in none of the tables."""
    changed: frozenset[str] = frozenset()
    """The nodes in which wires end that differ from those before."""


def wired(graph: Graph, before: Wiring | None = None) -> Wiring:
    """The graph's wiring; with that of the graph before an edit, costs what the edit changes."""
    ids = tuple(graph.nodes)
    if before is None or before.astray:
        return _whole(graph, ids)
    if graph.edges is before.edges and ids == before.ids:
        return before._replace(changed=frozenset())
    old, new = copied(before.edges), copied(graph.edges)
    added = [new[key] for key in differing(old, new)]
    removed = [old[edge.key] for edge in added if edge.key in old]
    if len(old) + len(added) - len(removed) > len(new):
        removed += [old[key] for key in old.keys() - new.keys()]
    into, readers = dict(before.into), dict(before.readers)
    for edge in removed:
        _take(into, edge.target, edge)
        _take(readers, edge.source, edge.target)
    for edge in added:
        into[edge.target] = tuple(sorted((*into.get(edge.target, ()), edge), key=_place))
        readers[edge.source] = (*readers.get(edge.source, ()), edge.target)
    if not (into.keys() <= graph.nodes.keys() and readers.keys() <= graph.nodes.keys()):
        return _whole(graph, ids)
    changed = frozenset(edge.target for edge in (*added, *removed))
    return Wiring(graph.edges, ids, into, readers, *_ordered(ids, into, readers), False, changed)


def running_order(graph: Graph) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Node ids so that every wire goes forward, ties in the file's order; and those in or behind a cycle."""
    wiring = wired(graph)
    return wiring.order, wiring.cyclic


def _whole(graph: Graph, ids: tuple[str, ...]) -> Wiring:
    into, readers, astray = _grouped(graph)
    return Wiring(graph.edges, ids, into, readers, *_ordered(ids, into, readers), astray, frozenset(into))


Key = TypeVar("Key")
Item = TypeVar("Item")


def _take(table: dict[Key, tuple[Item, ...]], key: Key, item: Item) -> None:
    """Take the item out once."""
    items = list(table[key])
    items.remove(item)
    if items:
        table[key] = tuple(items)
    else:
        del table[key]


def _grouped(graph: Graph) -> tuple[dict[str, tuple[Edge, ...]], dict[str, tuple[str, ...]], bool]:
    """The wires by target, the targets by source, and whether wires are left over."""
    into: dict[str, list[Edge]] = {}
    readers: dict[str, list[str]] = {}
    nodes = copied(graph.nodes)
    astray = False
    for edge in graph.edges.values():
        source, _output, target, _port, _order = edge
        if source in nodes and target in nodes:
            into.setdefault(target, []).append(edge)
            readers.setdefault(source, []).append(target)
        else:
            astray = True
    sorted_into = {
        key: tuple(found) if len(found) == 1 else tuple(sorted(found, key=_place)) for key, found in into.items()
    }
    return sorted_into, {key: tuple(found) for key, found in readers.items()}, astray


def _place(edge: Edge) -> tuple[str, int]:
    return edge.input, edge.order


def _ordered(
    ids: tuple[str, ...], into: Mapping[str, tuple[Edge, ...]], readers: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    place = dict(zip(ids, range(len(ids)), strict=True))
    several = compress(into, map((1).__lt__, map(len, into.values())))
    waiting = {node_id: len(into[node_id]) for node_id in several}
    ready = sorted(map(place.__getitem__, place.keys() - into.keys()))
    ordered: list[str] = []
    append, following_of = ordered.append, readers.get
    while ready:
        node_id = ids[heapq.heappop(ready)]
        append(node_id)
        following = following_of(node_id, ())
        if not ready:  # a chain: nothing else can come next
            while len(following) == 1 and (after := following[0]) not in waiting:
                append(after)
                following = following_of(after, ())
        for reader in following:
            if reader in waiting:
                waiting[reader] -= 1
                if waiting[reader]:
                    continue
            heapq.heappush(ready, place[reader])
    if len(ordered) == len(ids):
        return tuple(ordered), ()
    done = set(ordered)
    return tuple(ordered), tuple([node_id for node_id in ids if node_id not in done])
