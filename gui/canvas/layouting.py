"""Automatic layout from menu and keys: of the whole graph, of what is selected, or of what leads to or from a card."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from core import planning
from core.paths import before, behind
from core.project import Position
from core.relayout import arrange_again, arrange_part
from core.reroutes import straightened
from gui.canvas.annotating import Annotating
from gui.canvas.glide import Glide
from gui.canvas.splicing import sizes
from gui.canvas.stage import Stage


class Layouting:
    """The commands of one canvas that put cards in order; each is one edit, and the cards glide there."""

    def __init__(self, stage: Stage, annotating: Annotating, glide: Glide, fit: Callable[[], None]) -> None:
        self._stage, self._scene = stage, stage.scene
        self._annotating, self._glide, self._fit = annotating, glide, fit

    def arrange(self, aspect: float) -> None:
        """Put the selected cards in order where there are several, else all of them, in view of this shape."""
        chosen = self._scene.selection
        if 1 < len(chosen) < len(self._scene.nodes):
            places = arrange_part(self._scene.graph, chosen, self._places(), sizes(self._scene))
            self._move(f"Auto layout of {len(chosen)} layers", places, whole=False)
        else:
            places = arrange_again(self._scene.graph, self._places(), sizes(self._scene), aspect)
            self._move("Auto layout", places, whole=True)

    def arrange_before(self) -> None:
        """Put what leads to the selected card in order left of it."""
        self._arrange_from(before, "Lay out what leads to")

    def arrange_behind(self) -> None:
        """Put what the selected card leads to in order right of it."""
        self._arrange_from(behind, "Lay out what follows")

    def _arrange_from(self, found: Callable[..., Collection[str]], words: str) -> None:
        if not self._scene.selection:
            return
        held = self._scene.selection[-1]
        nodes = found(self._scene.graph, held)
        places = arrange_part(self._scene.graph, nodes, self._places(), sizes(self._scene), held)
        self._move(f"{words} {self._stage.name(held)}", places, whole=False)

    def _places(self) -> dict[str, Position]:
        return {key: (item.x(), item.y()) for key, item in self._scene.nodes.items()}

    def _move(self, label: str, places: Mapping[str, Position], whole: bool) -> None:
        self._glide.finish()
        project, known = self._stage.project, self._scene.nodes
        came_from = {key: known[key].pos() for key in places}
        moved = planning.move(straightened(project, places), places)
        if whole:
            moved = self._annotating.refitted(moved, places)
        self._stage.edit(label, moved)
        if whole:
            self._fit()
        self._glide.begin(came_from)
