"""Automatic layout of what stands somewhere already: rows and the order in them stay as far as they are still good."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Collection, Mapping
from itertools import pairwise

from core.graph import Graph
from core.layout import CARD, COLUMN_GAP, ROW_PITCH, Layers, Size, arrange_to_fit, layered, placed, shown, sizes_of
from core.project import Position

_GOOD = 0.8
"""Of the size at which a fresh layout shows the cards: where the kept rows come to less, they are broken anew."""
_FEW = 20
"""Cards of a column that are looked at to see where its row ends."""
_PITCH = CARD[0] + COLUMN_GAP
_FAR = 2 * _PITCH


def arrange_again(
    graph: Graph, before: Mapping[str, Position], sizes: Mapping[str, Size] | None = None, aspect: float = 1.6
) -> dict[str, Position]:
    """A place for every node, where it stands now being known.

    A row ends where one ended before, and cards of a column keep their order where that crosses no more wires. So a
    layer that is added moves what follows it in its row and nothing else.
    """
    if not graph.nodes:
        return {}
    known = sizes if sizes is not None else sizes_of(graph)
    layers = _in_kept_order(graph, layered(graph), before)
    fresh = arrange_to_fit(graph, known, aspect, layers)
    if graph.nodes.keys() - before.keys():
        return fresh
    kept = placed(_rows(layers, before), known)
    return kept if shown(kept, known, aspect) >= _GOOD * shown(fresh, known, aspect) else fresh


def arrange_part(
    graph: Graph,
    node_ids: Collection[str],
    before: Mapping[str, Position],
    sizes: Mapping[str, Size],
    held: str = "",
) -> dict[str, Position]:
    """A place for each of these nodes, the others staying: in one row from left to right.

    The corner of all stays where it was, or the card of the node that is held.
    """
    part = graph.remove_nodes(graph.nodes.keys() - set(node_ids))
    layers = _in_kept_order(part, layered(part), before)
    places = placed([layers], sizes)
    if not places:
        return {}
    anchor = held if held in places else ""
    at = before[anchor] if anchor else _corner([before[key] for key in places])
    was = places[anchor] if anchor else _corner(list(places.values()))
    by = (at[0] - was[0], at[1] - was[1])
    return {key: (x + by[0], y + by[1]) for key, (x, y) in places.items()}


def _in_kept_order(graph: Graph, layers: Layers, before: Mapping[str, Position]) -> Layers:
    """The layers, each in the order of where its cards stand now, unless more wires cross that way."""
    kept = [_kept(layer, before) for layer in layers]
    return kept if _crossings(graph, kept) <= _crossings(graph, layers) else layers


def _kept(layer: list[str], before: Mapping[str, Position]) -> list[str]:
    """The nodes by their height, those that stand nowhere yet behind the one that they come after."""
    made = sorted((key for key in layer if key in before), key=lambda key: before[key][1])
    for place, key in enumerate(layer):
        if key not in before:
            made.insert(made.index(layer[place - 1]) + 1 if place else 0, key)
    return made


def _crossings(graph: Graph, layers: Layers) -> int:
    """How many pairs of wires between neighbouring layers cross."""
    slot = {key: (column, place) for column, layer in enumerate(layers) for place, key in enumerate(layer)}
    wires: list[list[tuple[int, int]]] = [[] for _layer in layers]
    for edge in graph.edges.values():
        (column, start), (following, end) = slot[edge.source], slot[edge.target]
        if following == column + 1:
            wires[column].append((start, end))
    return sum(map(_inversions, wires))


def _inversions(wires: list[tuple[int, int]]) -> int:
    """Pairs of which one begins above and ends below the other."""
    count, ends = 0, list[int]()
    for _start, end in sorted(wires):
        count += len(ends) - bisect_right(ends, end)
        insort(ends, end)
    return count


def _rows(layers: Layers, before: Mapping[str, Position]) -> list[Layers]:
    """The layers in the rows in which they stand."""
    left = _left([before[key] for layer in layers for key in layer])
    line = _line(layers, before, left)
    rows: list[Layers] = [[]]
    last: Position | None = None
    for index, layer in enumerate(layers):
        if not _is_astray(line, index, left):
            if last is not None and line[index][0] < last[0] and line[index][1] > last[1]:
                rows.append([])
            last = line[index]
        rows[-1].append(layer)
    return rows


def _left(places: list[Position]) -> float:
    """Where rows begin: the leftmost place in which more than one card stands, one card alone having been put there."""
    counts = Counter(x for x, _y in places)
    return min((x for x, count in counts.items() if count > 1), default=min(counts))


def _is_astray(line: list[Position], index: int, left: float) -> bool:
    """Whether a column stands far from both of its neighbours, as a card does that was dropped there just now."""
    around = zip(line[max(index - 1, 0) : index + 1], line[max(index, 1) : index + 2], strict=False)
    steps = [_step(start, end, left) for start, end in around]
    return bool(steps) and min(steps) > _FAR


def _line(layers: Layers, before: Mapping[str, Position], left: float) -> list[Position]:
    """A place for each layer: of those of its cards the one by which the way through all layers runs most evenly."""
    costs = [[0.0] * len(_few(layers[0]))]
    came: list[list[int]] = [[0] * len(_few(layers[0]))]
    for layer, following in pairwise([_few(layer) for layer in layers]):
        ways = [[costs[-1][i] + _step(before[a], before[b], left) for i, a in enumerate(layer)] for b in following]
        came.append([way.index(min(way)) for way in ways])
        costs.append([min(way) for way in ways])
    chosen = costs[-1].index(min(costs[-1]))
    line: list[Position] = []
    for layer, back in zip(reversed(layers), reversed(came), strict=True):
        line.append(before[layer[chosen]])
        chosen = back[chosen]
    return line[::-1]


def _few(layer: list[str]) -> list[str]:
    return layer[:_FEW]


def _step(start: Position, end: Position, left: float) -> float:
    """How uneven a step between two columns is: to the right beside it, or back to where the next row begins."""
    across, down = end[0] - start[0], end[1] - start[1]
    if across > 0:
        return abs(across - _PITCH) + abs(down)
    return _PITCH + (abs(end[0] - left) + abs(down - ROW_PITCH) if down > 0 else abs(across) + abs(down))


def _corner(places: list[Position]) -> Position:
    return min(x for x, _y in places), min(y for _x, y in places)
