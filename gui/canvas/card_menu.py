"""The menu of a card: the commands of the table that change what is selected, under the right button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from gui.canvas.canvas import Canvas

_GROUPS = (
    ("bypass", "freeze", "group", "ungroup"),
    ("activation", "collapse"),
    ("cut", "copy", "duplicate"),
    ("dissolve", "delete"),
)
"""By the id of the command, a line between groups."""


class CardMenu(QMenu):
    """Opens on a card, which is selected if it was not."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        canvas.view.menu_wanted.connect(self._open)

    def _open(self, at: QPointF, place: QPoint) -> None:
        scene = self._canvas.scene
        node_id = scene.node_at(at)
        if node_id is None:
            return
        if node_id not in scene.selection:
            scene.select((node_id,))
        known = {action.objectName(): action for action in self._canvas.actions()}
        self.clear()
        for group in _GROUPS:
            self.addActions([known[name] for name in group if name in known])
            self.addSeparator()
        self.popup(place)
