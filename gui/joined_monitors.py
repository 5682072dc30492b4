"""The monitors of a document, made and joined to its canvas and selection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.engine.reviews import Part
from gui.engines import Seat
from gui.monitors.activations import ActivationMonitor
from gui.monitors.attention import AttentionMonitor
from gui.monitors.boundary import BoundaryMonitor
from gui.monitors.confusion import Cell, ConfusionMonitor
from gui.monitors.embedding import EmbeddingMonitor
from gui.monitors.histograms import HistogramMonitor
from gui.monitors.layer_monitor import LayerMonitor
from gui.monitors.made import made
from gui.monitors.network import NetworkMonitor
from gui.monitors.panel import Monitor
from gui.monitors.predictions import Asked, PredictionMonitor
from gui.monitors.schedule import ScheduleMonitor
from gui.training.boundary_looks import BoundaryLooks
from gui.training.counting import Counting
from gui.training.layer_looks import Found, LayerLooks, Subject, of_activations, of_attention, of_embedding
from gui.training.network_looks import NetworkLooks
from gui.training.review_looks import ReviewLooks

if TYPE_CHECKING:
    from gui.theme import Themes
    from gui.training.feed import Feed
    from gui.workspace import Workspace


def joined(work: Workspace, feed: Feed, themes: Themes) -> Mapping[str, Monitor]:
    """By dock; a click on a row or line goes to its node, and the selection is marked in all that have layers."""
    monitors = made(feed, themes, work)
    for monitor in monitors.values():
        monitor.failed.connect(work.refuse)
        monitor.node_clicked.connect(lambda node, _step: work.reveal(node))
        work.editor.selected.connect(lambda nodes, shown=monitor: shown.set_selected(frozenset(nodes)))
    for name in ("network", "schedule"):
        shown = monitors[name]
        if isinstance(shown, NetworkMonitor | ScheduleMonitor):
            shown.curve.settings = lambda: work.run.trained.training if work.run.trained is not None else None
    histograms = monitors["histograms"]
    if isinstance(histograms, HistogramMonitor):
        Counting(work.line, work.run, histograms).has_run = work.bodies.peeking.has_run
    _look_at_layers(work, monitors)
    _look_at_network(work, monitors)
    return monitors


def _look_at_layers(work: Workspace, monitors: Mapping[str, Monitor]) -> None:
    """Ask the engine for what monitors of one layer show."""
    for monitor in monitors.values():
        if isinstance(monitor, EmbeddingMonitor):
            _look(work, monitor, of_embedding(monitor))
        elif isinstance(monitor, ActivationMonitor):
            _look(work, monitor, of_activations(monitor))
        elif isinstance(monitor, AttentionMonitor):
            _look(work, monitor, of_attention(monitor))


def _look_at_network(work: Workspace, monitors: Mapping[str, Monitor]) -> None:
    """Ask the engine for what monitors of the whole network show."""
    looks: list[NetworkLooks] = []
    for monitor in monitors.values():
        if isinstance(monitor, BoundaryMonitor):
            looks.append(BoundaryLooks(monitor, work.line, work.editor, work.run))
        elif isinstance(monitor, PredictionMonitor):
            looks.append(ReviewLooks(monitor, work.line, work.editor, work.run))
            monitor.sent.connect(lambda where, part, place: _send(work, where, part, place))
            _list_cells(work, monitors["confusion"], monitor)
    for one in looks:
        one.network.weights_file, one.network.has_run = work.looking.file, work.bodies.peeking.has_run
        work.travel.fresh.connect(one.grown)
        if isinstance(work.line, Seat):
            work.line.moved.connect(one.moved)


def _list_cells(work: Workspace, confusion: Monitor, predictions: PredictionMonitor) -> None:
    """Let a click on a cell of the confusion table list its samples."""

    def show(cell: Cell) -> None:
        predictions.list_cell(cell.true, cell.said)
        work.wanted.emit("predictions")

    if isinstance(confusion, ConfusionMonitor):
        confusion.table.picked.connect(show)


def _send(work: Workspace, where: Asked, part: Part, place: int) -> None:
    """Bring a sample to another panel, and that to the front."""
    if where == "walk" and work.tracing is not None:
        work.tracing.walk_sample(part, place)
        work.wanted.emit("tracing")
    elif where == "predict" and work.predict is not None:
        work.predict.show_sample(part, place)
        work.wanted.emit("predict")


def _look(work: Workspace, monitor: LayerMonitor, subject: Subject[Found]) -> None:
    looks = LayerLooks(work.line, work.editor, work.run, monitor, subject)
    looks.value, looks.has_run = work.bodies.peeking.value, work.bodies.peeking.has_run
    work.travel.fresh.connect(looks.soon)
