"""Joins the panel to the room of one document: its run, its weights, its canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.engines import Seat
from gui.theme import Themes
from gui.tracing.panel import TracingPanel
from gui.training.feed import Feed

if TYPE_CHECKING:
    from gui.workspace import Workspace


def stepped_through(themes: Themes, work: Workspace, feed: Feed) -> TracingPanel:
    """The panel that steps through a batch of the room's network; it lives as long as the room's other widgets."""
    panel = TracingPanel(themes, work.editor, work.line, work.run)
    panel.weights_file = work.looking.file
    panel.has_run = work.bodies.peeking.has_run
    panel.stood.connect(work.reveal)
    work.travel.fresh.connect(panel.grown)
    if isinstance(work.line, Seat):
        work.line.moved.connect(panel.moved)
    return panel
