"""Cards that go to their new places by themselves: all together, eased, and at once there when anything happens."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPointF, QVariantAnimation

from gui.canvas.view import View

MILLISECONDS = 260
MOST = 400
"""Cards that glide; more of them, whose wires would be laid anew in every frame, jump."""
_ENDS = frozenset((QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress, QEvent.Type.Wheel, QEvent.Type.Hide))


class Glide(QObject):
    """Shows cards on their way to where the project has them; the project itself has changed before."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._view, self._scene = view, view.stage.scene
        self._ways: dict[str, tuple[QPointF, QPointF]] = {}
        self._motion = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=MILLISECONDS)
        self._motion.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._motion.valueChanged.connect(self._show)
        self._motion.finished.connect(self.finish)

    @property
    def under_way(self) -> bool:
        """Whether cards are moving."""
        return bool(self._ways)

    def begin(self, before: Mapping[str, QPointF]) -> None:
        """Let cards come from these places; with reduced motion they are where they belong already."""
        self.finish()
        cards = self._scene.nodes
        ways = {key: (at, cards[key].pos()) for key, at in before.items() if key in cards and cards[key].pos() != at}
        if not ways or len(ways) > MOST or not self._view.animated or not self._view.isVisible():
            return
        self._ways = ways
        for source in (self._view, self._view.viewport()):
            source.installEventFilter(self)
        self._show(0.0)
        self._motion.start()

    def finish(self) -> None:
        """Put every card exactly where the project has it."""
        if not self._ways:
            return
        ways, self._ways = self._ways, {}
        self._motion.stop()
        for source in (self._view, self._view.viewport()):
            source.removeEventFilter(self)
        self._scene.place({key: end for key, (_start, end) in ways.items() if key in self._scene.nodes}, settled=True)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if event.type() in _ENDS:
            self.finish()
        return False

    def _show(self, share: float) -> None:
        if self._ways:
            self._scene.place({key: start + (end - start) * share for key, (start, end) in self._ways.items()})
