"""The gesture that makes a frame or note larger or smaller at its edges."""

from __future__ import annotations

from types import MappingProxyType

from PySide6.QtCore import QPointF, QRectF, Qt

from core.annotating import reshaped
from core.annotations import LEAST
from gui.canvas.annotations import Grip, plain
from gui.canvas.geometry import snapped
from gui.canvas.stage import Stage

_GRIPS = MappingProxyType(
    {
        (1, 0): Qt.CursorShape.SizeHorCursor,
        (-1, 0): Qt.CursorShape.SizeHorCursor,
        (0, 1): Qt.CursorShape.SizeVerCursor,
        (0, -1): Qt.CursorShape.SizeVerCursor,
        (1, 1): Qt.CursorShape.SizeFDiagCursor,
        (-1, -1): Qt.CursorShape.SizeFDiagCursor,
        (1, -1): Qt.CursorShape.SizeBDiagCursor,
        (-1, 1): Qt.CursorShape.SizeBDiagCursor,
    }
)
"""By the edges of a frame or note that would move: left or top is -1, right or bottom 1."""


class Resize:
    """Moves the edges that were taken hold of; the others stay."""

    def __init__(self, stage: Stage, grip: Grip, start: QPointF) -> None:
        self._stage, self._grip, self._start = stage, grip, start
        self._home = QRectF(stage.scene.annotations.items[grip.key].rect)

    def move(self, at: QPointF) -> None:
        """Lead the edges along."""
        self._stage.scene.annotations.place({self._grip.key: self._rect(at)})
        self._stage.scene.touch()

    def end(self, at: QPointF) -> None:
        """Keep that size."""
        item = self._stage.scene.annotations.items[self._grip.key].annotation
        rect = plain(self._rect(at))
        self.cancel()
        self._stage.edit(f"Resize {item.noun}", reshaped(self._stage.project, {item.id: rect}))

    def cancel(self) -> None:
        """Let it be as large as it was."""
        self._stage.scene.annotations.place({self._grip.key: self._home})
        self._stage.scene.touch()

    def _rect(self, at: QPointF) -> QRectF:
        way, home, grip = at - self._start, self._home, self._grip
        edges = [home.left(), home.top(), home.right(), home.bottom()]
        for index, (side, by) in enumerate(((grip.across, way.x()), (grip.down, way.y()))):
            moving, least = index + (2 if side > 0 else 0), LEAST[index]
            wanted = snapped(edges[moving] + by, self._stage.snaps)
            if side > 0:
                edges[moving] = max(wanted, edges[index] + least)
            elif side < 0:
                edges[moving] = min(wanted, edges[index + 2] - least)
        return QRectF(QPointF(edges[0], edges[1]), QPointF(edges[2], edges[3]))


def cursor(grip: Grip | None) -> Qt.CursorShape | None:
    """The pointer's shape over these edges; None where nothing would be made larger."""
    return _GRIPS.get((grip.across, grip.down)) if grip is not None else None
