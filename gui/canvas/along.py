"""What keys do along the wires: select all that leads to the selection or follows it, and join what is selected."""

from __future__ import annotations

from collections.abc import Callable

from core.errors import ChainruleError
from core.graph import Graph
from core.linking import linked_up
from core.paths import before, behind
from gui.canvas.stage import Stage

Reach = Callable[[Graph, str], frozenset[str]]


def select_before(stage: Stage) -> None:
    """Add all that leads to the selected cards to the selection."""
    _select(stage, before)


def select_behind(stage: Stage) -> None:
    """Add all that the selected cards lead to to the selection."""
    _select(stage, behind)


def join(stage: Stage) -> None:
    """Draw a wire from each selected card to the next, as they stand in rows; one step of undo."""
    nodes, types = stage.scene.selection, stage.types()
    try:
        project, count = linked_up(stage.project, nodes, types.analysis, types.trail)
    except ChainruleError as error:
        stage.refuse(error, stage.scene.nodes[nodes[-1]].rect.center() if nodes else None)
        return
    stage.edit(f"Join {len(nodes)} layers", project)
    missing = len(nodes) - 1 - count
    if missing:
        stage.message.emit(
            f"{count} wire{'s' if count != 1 else ''} drawn; {missing} could not be or were there already."
        )


def _select(stage: Stage, reach: Reach) -> None:
    """The current card stays the last one, so that the keyboard goes on from it."""
    scene = stage.scene
    found = frozenset[str]().union(*(reach(scene.graph, node_id) for node_id in scene.selection))
    current = scene.selection[-1:]
    kept = scene.selection[:-1]
    scene.select((*kept, *(key for key in scene.nodes if key in found and key not in scene.selection), *current))
