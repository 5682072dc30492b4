"""All monitors of one run, on one feed and with one cursor."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QObject

from gui.monitors.activations import ActivationMonitor
from gui.monitors.attention import AttentionMonitor
from gui.monitors.boundary import BoundaryMonitor
from gui.monitors.confusion import ConfusionMonitor
from gui.monitors.cursor import Cursor
from gui.monitors.embedding import EmbeddingMonitor
from gui.monitors.gradients import GradientMonitor
from gui.monitors.heatmap import HeatmapMonitor
from gui.monitors.histograms import HistogramMonitor
from gui.monitors.loss import LossMonitor
from gui.monitors.metrics import MetricMonitor
from gui.monitors.network import NetworkMonitor
from gui.monitors.panel import Monitor
from gui.monitors.predictions import PredictionMonitor
from gui.monitors.schedule import ScheduleMonitor
from gui.monitors.timings import TimingMonitor
from gui.theme import Themes
from gui.training.feed import Feed


def made(feed: Feed, themes: Themes, parent: QObject) -> Mapping[str, Monitor]:
    """The monitors by the names of their docks."""
    cursor = Cursor(parent)
    return MappingProxyType(
        {
            "loss": LossMonitor(feed, themes, cursor),
            "metrics": MetricMonitor(feed, themes, cursor),
            "confusion": ConfusionMonitor(feed, themes, cursor),
            "gradients": GradientMonitor(feed, themes, cursor),
            "heatmap": HeatmapMonitor(feed, themes, cursor),
            "network": NetworkMonitor(feed, themes, cursor),
            "schedule": ScheduleMonitor(feed, themes, cursor),
            "timings": TimingMonitor(feed, themes, cursor),
            "histograms": HistogramMonitor(feed, themes, cursor),
            "activations": ActivationMonitor(feed, themes, cursor),
            "attention": AttentionMonitor(feed, themes, cursor),
            "embedding": EmbeddingMonitor(feed, themes, cursor),
            "predictions": PredictionMonitor(feed, themes, cursor),
            "boundary": BoundaryMonitor(feed, themes, cursor),
        }
    )
