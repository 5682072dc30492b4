"""Cards brought up to date with an analysis: those in view at once, the rest of many in pauses right after."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gui.canvas.affected import affected
from gui.canvas.known import Known
from gui.slices import Slices
from gui.throttle import FRAME

if TYPE_CHECKING:
    from gui.canvas.scene import Scene

MANY, AT_ONCE = 64, 16
"""Where an analysis changes more cards than the first, those out of view follow in pauses, so many at a time."""


class CatchingUp(QObject):
    """Knows which cards of one scene do not say yet what the last analysis found."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._scene = scene
        self._behind: set[str] = set()
        self._later: Slices[None] = Slices(self._go_on, lambda _nothing: None, self)

    @property
    def busy(self) -> bool:
        """Whether cards are behind."""
        return self._later.busy

    @property
    def unsure(self) -> set[str]:
        """The nodes whose cards were made anew since the last analysis."""
        return self._scene.mirror.unsure

    def leave(self) -> None:
        """Another mirror may be shown soon: what is behind in this one is noted in it."""
        self.unsure.update(self._behind)

    def arrive(self) -> None:
        """Another mirror is shown: what was behind in it follows soon."""
        self._later.cancel()
        self._behind = set(self.unsure)
        if self._behind:
            self._later.ask(FRAME)

    def follow(self, before: Known | None, after: Known | None) -> None:
        """Another analysis has come."""
        scene = self._scene
        found = affected(before, after) if before is not None and after is not None else None
        wanted = set(scene.nodes) if found is None else self._looked_at(found)
        if before is not None and len(wanted) > MANY:
            self._behind |= wanted
            wanted &= self._in_view()
            self._later.ask(FRAME)
        self._behind -= wanted
        scene.refresh(wanted)
        self.unsure.clear()

    def cancel(self) -> None:
        """Let them be behind: the scene is given up."""
        self._later.cancel()

    def flush(self) -> None:
        """Let every card say it now."""
        if self.busy:
            self._later.flush()

    def _go_on(self) -> Generator[None, None, None]:
        while self._behind:
            part = [self._behind.pop() for _index in range(min(AT_ONCE, len(self._behind)))]
            self._scene.refresh(part)
            self.unsure.difference_update(part)
            yield
        self._scene.touch()

    def _in_view(self) -> set[str]:
        """The cards that are to be seen."""
        scene = self._scene
        areas = [view.mapToScene(view.viewport().rect()).boundingRect() for view in scene.views()]
        return {node_id for area in areas for node_id in scene.cards.touching(area)}

    def _looked_at(self, found: set[str]) -> set[str]:
        """These nodes, what reads them, blocks, and those of which no analysis has told yet."""
        scene = self._scene
        edges = scene.edges
        readers = {edges[key].edge.target for key in scene.wiring.at(found) if edges[key].edge.source in found}
        blocks = {node_id for node_id, item in scene.nodes.items() if item.brief.role == "structure"}
        return found | readers | blocks | self.unsure
