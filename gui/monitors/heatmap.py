"""The heatmap of layers over the steps, with its choices."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction

from core.telemetry.heat_scales import SCALES, offered
from core.telemetry.quantities import QUANTITIES
from gui.monitors.choice import Choice
from gui.monitors.cursor import Cursor
from gui.monitors.heat_plot import HeatmapPlot
from gui.monitors.panel import Monitor, shared
from gui.theme import Themes
from gui.training.feed import Feed


class HeatmapMonitor(Monitor):
    """The heatmap with its choices: which quantity, which rows, absolute or relative, linear or logarithmic time."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.cells = HeatmapPlot(feed, themes, shared(cursor))
        super().__init__("Gradient heatmap", self.cells, feed, themes, turn=2)
        self.quantity = Choice("Quantity", lambda: {key: SCALES[key].title for key in offered(feed.record)}, themes)
        self.quantity.hold(self.cells.quantity, SCALES[self.cells.quantity].title)
        self.header.controls.addWidget(self.quantity)
        self.quantity.chosen.connect(self.choose)
        self.every_node = self._switch("All nodes", "Rows for activations and other nodes too", "all_nodes")
        self.relative = self._switch("Relative to the last layer", "Each row as a share of the last one's", "relative")
        self.profile = self._switch("Depth profile", "The value of every row at the cursor's step", "has_profile")
        self.log_time = self.offer_log_time()
        self.cells.clicked.connect(self._click)
        self.go_by_keys(self.cells, lambda: self.cells.rows, lambda: self.cells.selected)
        feed.started.connect(self._keep_to_offered)

    @property
    def sentence(self) -> str:
        """What one is looking at."""
        return SCALES[self.cells.quantity].sentence

    def set_selected(self, ids: frozenset[str]) -> None:
        """Outline the rows of these nodes."""
        self.cells.selected = frozenset(ids)
        self.cells.update()

    def set_named(self, paths: frozenset[str]) -> None:
        """Mark the rows that a finding of the Doctor names."""
        if paths != self.cells.named:
            self.cells.named = paths
            self.cells.update()

    def choose(self, quantity: str) -> None:
        """Show this quantity."""
        self.cells.quantity = quantity
        self.quantity.hold(quantity, SCALES[quantity].title)
        self.every_node.setEnabled(QUANTITIES[quantity].where != "weight")
        self.relative.setEnabled(SCALES[quantity].log)
        self.say_sentence()
        self.cells.refresh()

    def state(self) -> dict[str, str]:
        """What was chosen."""
        switches = {action.data(): "1" if action.isChecked() else "" for action in self._switches}
        return {**super().state(), "quantity": self.cells.quantity, **switches}

    def restore(self, state: dict[str, str]) -> None:
        """Choose the same again."""
        super().restore(state)
        for action in self._switches:
            if action.data() in state:
                action.setChecked(bool(state[action.data()]))
        if state.get("quantity") in SCALES:
            self.choose(state["quantity"])

    def _keep_to_offered(self, _record: object) -> None:
        if self.cells.quantity not in (known := offered(self.feed.record)) and known:
            self.choose(known[0])

    def _switch(self, title: str, tip: str, name: str) -> QAction:
        action = QAction(title, self, checkable=True, checked=bool(getattr(self.cells, name)))
        action.setToolTip(tip)
        action.setData(name)
        action.toggled.connect(lambda on: self._set(name, on))
        self.header.menu.addAction(action)
        self._switches = (*getattr(self, "_switches", ()), action)
        return action

    def _set(self, name: str, on: bool) -> None:
        setattr(self.cells, name, on)
        self.cells.refresh()

    def _click(self, place: QPointF) -> None:
        row = self.cells.row_at(place)
        if row is not None:
            step = math.floor(self.cells.steps().number(max(place.x(), self.cells.area().left()))) + 1
            self.node_clicked.emit(self.cells.rows[row].node, step)
