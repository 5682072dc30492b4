"""What the pointer is over: a card or wire that is lit, and soon its path, or an edge that it would move."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, Qt

from core.graph import InputKey
from gui.canvas.edge_item import EdgeItem
from gui.canvas.node_item import NodeItem
from gui.canvas.path_light import PathLight
from gui.canvas.resizing import cursor
from gui.canvas.scene import Scene


class Hovering(QObject):
    """Follows the pointer over one scene, while no button is held."""

    def __init__(self, scene: Scene, parent: QObject) -> None:
        super().__init__(parent)
        self._scene = scene
        self._over: str | InputKey | None = None
        self._path = PathLight(scene, self)
        self.shape: Qt.CursorShape | None = None
        """The pointer's over the edges of a frame or note; None elsewhere."""

    def move(self, at: QPointF | None, reach: float, scale: float) -> bool:
        """The pointer is here in the scene, or elsewhere; says whether it has another shape now.

        `reach` is how far from a wire's line it is over the wire, `scale` the screen pixels of a unit.
        """
        scene = self._scene
        node = scene.node_at(at) if at is not None else None
        wire = scene.edge_at(at, reach) if at is not None and node is None else None
        found = node or wire
        if found != self._over or not self._is_lit(found):
            self._light(found)
        before = self.shape
        self.shape = cursor(scene.annotations.grip(at, scale)) if at is not None and found is None else None
        return self.shape is not before

    def press(self) -> None:
        """A button goes down, or a gesture is given up: no path is lit."""
        self._path.rest(None)

    def _part(self, key: str | InputKey | None) -> NodeItem | EdgeItem | None:
        scene = self._scene
        return scene.nodes.get(key) if isinstance(key, str) else scene.edges.get(key) if key is not None else None

    def _is_lit(self, key: str | InputKey | None) -> bool:
        """Whether this shows that the pointer is over it: not so where an edit made it anew under the pointer."""
        item = self._part(key)
        return item is None or item.is_hovered

    def _light(self, found: str | InputKey | None) -> None:
        """Light a card, else a wire, and let its path be lit when the pointer rests there."""
        for lit, key in ((False, self._over), (True, found)):
            item = self._part(key)
            if item is not None:
                item.is_hovered = lit
                item.update()
        self._over = found
        self._path.rest(found)
