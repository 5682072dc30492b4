"""Room for what goes into a wire: the cards beside it move aside."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.annotating import reshaped
from core.annotations import Rect, around
from core.graph import Edge
from core.project import Position, Project
from core.reroutes import carried

CARD_WIDTH = 146
COLUMN_GAP = 70
"""Between two cards of a row, in scene units."""
_CARD_HEIGHT = 92
_ROW = 84
"""Cards whose tops differ by less stand in one row."""
_NEAR = 24
"""Cards nearer to one another than this have no room for a wire."""


def between(project: Project, edge: Edge, block: str) -> tuple[Project, Position]:
    """With the target's side of the row moved on where the gap is too narrow, and the place in the gap."""
    left = project.positions.get(edge.source, (0.0, 0.0))
    right = project.positions.get(edge.target, left)
    start, pitch = left[0] + CARD_WIDTH, CARD_WIDTH + COLUMN_GAP
    same_row = abs(right[1] - left[1]) < _ROW
    if same_row and right[0] - start >= CARD_WIDTH + 2 * 44:
        return project, ((start + right[0] - CARD_WIDTH) / 2, left[1])
    edge_x = left[0] + CARD_WIDTH / 2
    moved = {
        key: (x + pitch, y)
        for key in project.scope(block).nodes
        if (x := project.positions.get(key, left)[0]) > edge_x
        and abs((y := project.positions.get(key, left)[1]) - left[1]) < _ROW
    }
    return _moved(project, moved), (left[0] + pitch, left[1])


def aside(
    project: Project, node_ids: Collection[str], block: str, sizes: Mapping[str, tuple[float, float]] | None = None
) -> Project:
    """With room around nodes that have come to stand among others; the same project where nothing is too near.

    They clear what is left of them in their row; what is right of them moves on, as far as the gaps behind it do not
    take that up. Frames grow with what they hold.
    """
    rects = _rects(project, block, sizes or {})
    new = _around([rects[key] for key in node_ids if key in rects])
    row = {key: rect for key, rect in rects.items() if key not in node_ids and _beside(rect, new)}
    middle = new[0] + new[2] / 2
    before = [rect for rect in row.values() if rect[0] + rect[2] / 2 < middle]
    push = _need(max((rect[0] + rect[2] for rect in before), default=float("-inf")), new[0])
    after = sorted((rect[0], key) for key, rect in row.items() if rect[0] + rect[2] / 2 >= middle)
    moved = {key: (rects[key][0] + push, rects[key][1]) for key in node_ids if key in rects} if push else {}
    reach = new[0] + new[2] + push
    by = _need(reach, after[0][0]) if after else 0.0
    for left, key in after:
        by = max(by - max(left - reach - COLUMN_GAP, 0.0), 0.0) if (left, key) != after[0] else by
        if not by:
            break
        moved[key] = (left + by, rects[key][1])
        reach = max(reach, left + rects[key][2])
    return _framed(_moved(project, moved), rects, node_ids, block)


def _framed(project: Project, before: Mapping[str, Rect], node_ids: Collection[str], block: str) -> Project:
    """With every frame so large that it still holds what it held, and the new nodes if it held all around them."""
    edges = project.scope(block).edges.values()
    touching = [edge for edge in edges if edge.source in node_ids or edge.target in node_ids]
    around_them = {end for edge in touching for end in (edge.source, edge.target)} - set(node_ids)
    grown: dict[str, Rect] = {}
    for key, frame in project.annotations.items():
        held = {node for node, rect in before.items() if node not in node_ids and frame.holds(rect)}
        held |= set(node_ids) if frame.block == block and around_them and around_them <= held else set()
        rects: list[Rect] = [(*project.positions[node], *before[node][2:]) for node in held if node in before]
        if frame.block == block and not all(map(frame.holds, rects)):
            grown[key] = _around([frame.rect, around(rects)])
    return reshaped(project, grown) if grown else project


def _need(reach: float, left: float) -> float:
    """How far a card that begins at `left` has to go to stand clear of what ends at `reach`."""
    return reach + COLUMN_GAP - left if left - reach < _NEAR else 0.0


def _rects(project: Project, block: str, sizes: Mapping[str, tuple[float, float]]) -> dict[str, Rect]:
    return {
        key: (*project.positions[key], *sizes.get(key, (CARD_WIDTH, _CARD_HEIGHT)))
        for key in project.scope(block).nodes
        if key in project.positions
    }


def _around(rects: Collection[Rect]) -> Rect:
    left, top = min(rect[0] for rect in rects), min(rect[1] for rect in rects)
    right, bottom = max(rect[0] + rect[2] for rect in rects), max(rect[1] + rect[3] for rect in rects)
    return left, top, right - left, bottom - top


def _beside(rect: Rect, other: Rect) -> bool:
    """Whether they stand at one height."""
    return rect[1] < other[1] + other[3] and other[1] < rect[1] + rect[3]


def _moved(project: Project, positions: Mapping[str, Position]) -> Project:
    return carried(project, positions).with_positions(positions) if positions else project
