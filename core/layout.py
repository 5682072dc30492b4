"""Graph to positions: layers from left to right, wrapped into rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.catalog import KINDS
from core.graph import Graph
from core.project import Position
from core.wiring import running_order

Size = tuple[float, float]
Layers = list[list[str]]
"""Node ids by column, from the sources on; each column from top to bottom."""
CARD: Size = (146.0, 92.0)
COLUMN_GAP = 70.0
ROW_PITCH = 168.0
ROW_GAP = 43.0
"""The least room between two rows, for the wires that come back."""
STACK_GAP = 32.0
"""Between cards of one layer that stand above each other."""
PORT_PITCH = 22.0
"""From one port of a card to the next."""
_MANY = 3
"""Ports that a card of the usual size has no room for."""
_COLUMNS = (5, 24)
"""Fewer columns than five are not tried: a short chain stands in one row."""
WIDTH = 1080.0
"""The width at which a chain wraps unless told: five cards."""


def arrange(
    graph: Graph, sizes: Mapping[str, Size] | None = None, width: float = WIDTH, origin: Position = (0.0, 0.0)
) -> dict[str, Position]:
    """A place for every node: layers by the longest way from a source, in rows not wider than `width`.

    Depends on the graph and the file's order alone, so that the same graph always gives the same picture.
    """
    known = sizes if sizes is not None else sizes_of(graph)
    return placed(_wrapped(layered(graph), known, width), known, origin)


def arrange_to_fit(
    graph: Graph, sizes: Mapping[str, Size] | None = None, aspect: float = 1.6, layers: Layers | None = None
) -> dict[str, Position]:
    """The same, wrapped at the number of columns that shows all cards largest in a window of this width to height."""
    best: dict[str, Position] = {}
    largest = 0.0
    known = sizes if sizes is not None else sizes_of(graph)
    layers = layers if layers is not None else layered(graph)
    for columns in range(_COLUMNS[0], _COLUMNS[1] + 1):
        places = placed(_wrapped(layers, known, columns * (CARD[0] + COLUMN_GAP) - COLUMN_GAP), known)
        large = shown(places, known, aspect)
        if large > largest * 1.02:
            best, largest = places, large
    return best


def placed(rows: Sequence[Layers], sizes: Mapping[str, Size], origin: Position = (0.0, 0.0)) -> dict[str, Position]:
    """A place for every node of these rows, one below the other."""
    places: dict[str, Position] = {}
    top = origin[1]
    for row in rows:
        tall = max((_height(layer, sizes) for layer in row), default=0.0)
        _place_row(row, sizes, (origin[0], top), places)
        top += max(ROW_PITCH, tall + ROW_GAP)
    return places


def shown(places: Mapping[str, Position], sizes: Mapping[str, Size], aspect: float) -> float:
    """How large all cards are shown in a window of this width to height, in windows' heights to a scene unit."""
    wide, tall = _extent(places, sizes)
    return min(aspect / (wide + ROW_GAP), 1 / (tall + ROW_GAP))


def sizes_of(graph: Graph) -> dict[str, Size]:
    """The cards that stand taller than others because of their many ports, as no canvas has measured them."""
    sizes: dict[str, Size] = {}
    for node in graph.nodes.values():
        kind = KINDS.get(node.kind)
        ports = max(len(kind.inputs), len(kind.outputs_with(node.params))) if kind is not None else 0
        if ports >= _MANY:
            sizes[node.id] = (CARD[0], CARD[1] + ports * PORT_PITCH)
    return sizes


def _extent(places: Mapping[str, Position], sizes: Mapping[str, Size]) -> Size:
    """How wide and tall all cards are together."""
    right = max((x + sizes.get(key, CARD)[0] for key, (x, _y) in places.items()), default=0.0)
    bottom = max((y + sizes.get(key, CARD)[1] for key, (_x, y) in places.items()), default=0.0)
    return right, bottom


def layered(graph: Graph) -> Layers:
    """Node ids by layer, each layer in the order of what feeds it, so that wires cross little."""
    order, cyclic = running_order(graph)
    depth: dict[str, int] = {}
    sources: dict[str, list[str]] = {}
    for edge in graph.edges.values():
        sources.setdefault(edge.target, []).append(edge.source)
    for node_id in (*order, *cyclic):
        depth[node_id] = max((depth.get(source, -1) + 1 for source in sources.get(node_id, ())), default=0)
    _pull_sources(graph, depth)
    layers: Layers = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node_id in (*order, *cyclic):
        layers[depth[node_id]].append(node_id)
    return _untangled([layer for layer in layers if layer], sources)


def _pull_sources(graph: Graph, depth: dict[str, int]) -> None:
    """Let a source that is first read late stand just before its reader."""
    fed = {edge.target for edge in graph.edges.values()}
    for node_id in graph.nodes:
        readers = [depth[edge.target] for edge in graph.out_of(node_id)] if node_id not in fed else []
        if readers:
            depth[node_id] = max(0, min(readers) - 1)


def _untangled(layers: Layers, sources: Mapping[str, Sequence[str]]) -> Layers:
    slot: dict[str, float] = {}
    for layer in layers:
        weights = {node_id: _mean_slot(sources.get(node_id, ()), slot) for node_id in layer}
        layer.sort(key=lambda node_id: weights[node_id])
        middle = (len(layer) - 1) / 2
        slot.update({node_id: index - middle for index, node_id in enumerate(layer)})
    return layers


def _mean_slot(sources: Sequence[str], slot: Mapping[str, float]) -> float:
    found = [slot[source] for source in sources if source in slot]
    return sum(found) / len(found) if found else 0.0


def _wrapped(layers: Layers, sizes: Mapping[str, Size], width: float) -> list[Layers]:
    rows: list[Layers] = []
    used = 0.0
    for layer in layers:
        wide = _width(layer, sizes)
        if not rows or used + COLUMN_GAP + wide > width:
            rows.append([])
            used = -COLUMN_GAP
        rows[-1].append(layer)
        used += COLUMN_GAP + wide
    return rows


def _place_row(row: Layers, sizes: Mapping[str, Size], corner: Position, places: dict[str, Position]) -> None:
    x, top = corner
    for layer in row:
        y = top
        for node_id in layer:
            places[node_id] = (x, y)
            y += sizes.get(node_id, CARD)[1] + STACK_GAP
        x += _width(layer, sizes) + COLUMN_GAP


def _width(layer: list[str], sizes: Mapping[str, Size]) -> float:
    return max(sizes.get(node_id, CARD)[0] for node_id in layer)


def _height(layer: list[str], sizes: Mapping[str, Size]) -> float:
    return sum(sizes.get(node_id, CARD)[1] + STACK_GAP for node_id in layer) - STACK_GAP
