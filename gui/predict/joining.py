"""Joins the panel to the room of one document: its run, its weights, its line to the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.engines import Seat
from gui.predict.panel import PredictPanel
from gui.theme import Themes
from gui.training.feed import Feed

if TYPE_CHECKING:
    from gui.workspace import Workspace


def tried_out(themes: Themes, work: Workspace, feed: Feed) -> PredictPanel:
    """The panel in which the room's network is tried out; it lives as long as the room's other widgets."""
    panel = PredictPanel(themes, work.editor, work.line, work.run)
    panel.network.weights_file = work.looking.file
    panel.network.has_run = work.bodies.peeking.has_run
    panel.train_asked.connect(work.run.toggle)
    work.travel.fresh.connect(panel.grown)
    if isinstance(work.line, Seat):
        work.line.moved.connect(panel.moved)
    return panel
