"""Up and Down in a plot of layers: the layer before or after the selected one is selected, as by a click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent

from core.engine.messages import RowInfo
from gui.monitors.plot import Plot

_WAYS = MappingProxyType({Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1})


class RowKeys(QObject):
    """Hears the keys of a plot; what it does not know goes on to the plot."""

    chosen = Signal(str)
    """The id of the node to go to."""

    def __init__(
        self, plot: Plot, rows: Callable[[], Sequence[RowInfo]], selected: Callable[[], frozenset[str]]
    ) -> None:
        super().__init__(plot)
        self._rows, self._selected = rows, selected
        plot.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # Qt's name
        """Whether the key was one of these."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        way = _WAYS.get(Qt.Key(event.key()))
        if way is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return super().eventFilter(watched, event)
        node = beside([row.node for row in self._rows()], self._selected(), way)
        if node:
            self.chosen.emit(node)
        return True


def beside(nodes: Sequence[str], selected: frozenset[str], way: int) -> str:
    """The node after the last selected one, or before the first; the first or last of all where none is selected.

    Rows of one node, as instances of a block, count as one; behind the last there is none, and the answer is empty.
    """
    places = [place for place, node in enumerate(nodes) if node in selected]
    if not places:
        return nodes[0 if way > 0 else -1] if nodes else ""
    rest = nodes[places[-1] + 1 :] if way > 0 else nodes[: places[0]][::-1]
    return next((node for node in rest if node not in selected), "")
