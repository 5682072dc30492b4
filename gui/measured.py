"""Hands what a run measures to canvas and inspector: gradients, losses and times, a few times a second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.trail import prefix
from gui.canvas.canvas import Canvas
from gui.card_health import card_health
from gui.inspector import Inspector
from gui.session import Editor
from gui.throttle import Throttle

if TYPE_CHECKING:
    from core.telemetry.health import Health
    from core.telemetry.record import RunRecord
    from gui.training.feed import Feed

HEALTH_MILLISECONDS = 250
"""Canvas and inspector show gradients at most four times a second."""
LOSS_POINTS = 160
"""Of the small curve on a loss's card."""


class Measured(QObject):
    """Follows the feed of one document; loads numpy only with the first rows."""

    def __init__(self, editor: Editor, canvas: Canvas, inspector: Inspector) -> None:
        super().__init__(canvas)
        self._editor, self._canvas, self._inspector = editor, canvas, inspector
        self._feed: Feed | None = None
        self.marks: Mapping[str, str] = {}
        """By the path of a step, "vanishing" or "exploding" where the Doctor says so of its gradient."""
        self._moment: int | None = None
        """The step that is shown; None: the newest."""
        self._health = Throttle(self.show, HEALTH_MILLISECONDS, self)

    def follow(self, feed: Feed) -> None:
        """Show what comes of this feed."""
        self._feed = feed
        feed.changed.connect(self._health.ask)
        feed.started.connect(lambda _record: self._canvas.clear_health())

    def show_marks(self, marks: Mapping[str, str]) -> None:
        """Mark the cards of these steps."""
        if marks != self.marks:
            self.marks = marks
            self.show()

    def show_moment(self, step: int | None) -> None:
        """Show what was measured after this step in place of what comes; None: what comes."""
        self._moment = step
        self.show()

    def show_anew(self) -> None:
        """Another graph is shown; its cards take the readings of this very instance."""
        self._canvas.clear_health()
        self.show()

    def close(self) -> None:
        """Show no more."""
        self._health.cancel()

    def show(self) -> None:
        """Show what has been measured so far."""
        record = self._feed.record if self._feed is not None else None
        if self._feed is None or record is None:
            return
        health = self._shown(self._feed, record)
        marks = self._node_marks()
        self._canvas.set_health({node: card_health(found, marks.get(node, "")) for node, found in health.items()})
        self._inspector.show_health(health)
        self._show_timings(record)
        self._show_losses(record)

    def _shown(self, feed: Feed, record: RunRecord) -> Mapping[str, Health]:
        """By node of the graph that is shown: inside a block, of the instance that was opened."""
        if not self._editor.trail:
            return feed.health(self._moment)
        from core.telemetry.health import health_within

        named = health_within(record, prefix(self._editor.project, self._editor.trail), self._moment)
        nodes = self._editor.graph.nodes.values()
        return {node.id: named[node.name] for node in nodes if node.name in named}

    def _node_marks(self) -> dict[str, str]:
        """The marks by node of the graph that is shown."""
        if not self.marks:
            return {}
        found = {self._editor.shown_node(path): mark for path, mark in self.marks.items()}
        found.pop("", None)
        return found

    def _show_timings(self, record: RunRecord) -> None:
        from core.telemetry.timing import timing

        editor = self._editor
        self._inspector.show_timings(timing(record, prefix(editor.project, editor.trail) if editor.trail else ""))

    def _show_losses(self, record: RunRecord) -> None:
        nodes = {step.path: step.node for step in self._editor.reading.plan.losses}
        for path, column in record.losses(tuple(nodes)).items():
            nearest = column.nearest(self._moment) if self._moment is not None else None
            end = len(column) if nearest is None else nearest + 1
            values = column.values(max(end - LOSS_POINTS, 0), end).tolist()
            if values:
                self._canvas.set_loss(nodes[path], values[-1], values)
