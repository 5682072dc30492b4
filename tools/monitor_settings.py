"""How single monitors are set for their pictures, as their own controls set them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from gui.app import App
from gui.monitors.boundary import BoundaryMonitor
from gui.monitors.gradients import GradientMonitor
from gui.monitors.heatmap import HeatmapMonitor
from gui.monitors.histograms import HistogramMonitor
from gui.monitors.panel import Monitor
from gui.monitors.plot import Plot
from gui.monitors.predictions import PredictionMonitor
from gui.monitors.schedule import ScheduleMonitor
from gui.monitors.timings import TimingMonitor
from gui.shot import wait_until

Setting = Callable[[App], object]
PATIENCE = 120.0
"""Seconds that the engine has for an answer."""


def nothing(_app: App) -> None:
    """Leave it as it is."""


def monitor(app: App, name: str) -> Monitor:
    """The monitor of this dock."""
    assert app.workspace is not None
    return app.workspace.monitors[name]


def gradients(mode: str) -> Setting:
    """The lines of these quantities."""

    def choose(app: App) -> None:
        found = monitor(app, "gradients")
        assert isinstance(found, GradientMonitor)
        found.modes.choose(mode)

    return choose


def heatmap(quantity: str = "output", seen: tuple[float, float] | None = None, *on: str) -> Setting:
    """The cells of a quantity, with these switches on, and this part of the run in view."""

    def choose(app: App) -> None:
        found = monitor(app, "heatmap")
        assert isinstance(found, HeatmapMonitor)
        found.restore({name: "1" if name in on else "" for name in ("all_nodes", "relative", "log_time")})
        found.choose(quantity)
        found.cells.time = found.cells.time.showing(*found.cells.extent(), *seen) if seen else type(found.cells.time)()
        found.cells.refresh()

    return choose


def histograms(mode: str, ridge: bool = False) -> Setting:
    """The numbers of a layer, as heat or as outlines."""

    def choose(app: App) -> None:
        found = monitor(app, "histograms")
        assert isinstance(found, HistogramMonitor)
        found.modes.choose(mode)
        found.ridge.setChecked(ridge)

    return choose


def timings(mode: str) -> Setting:
    """Layers or throughput."""

    def choose(app: App) -> None:
        found = monitor(app, "timings")
        assert isinstance(found, TimingMonitor)
        found.modes.choose(mode)

    return choose


def logarithmic(app: App) -> None:
    """The learning rate on a logarithmic scale."""
    found = monitor(app, "schedule")
    assert isinstance(found, ScheduleMonitor)
    found.log.setChecked(True)


def restored(name: str, **state: str) -> Setting:
    """A monitor with these choices."""
    return lambda app: monitor(app, name).restore(state)


def pointing(name: str, across: float, down: float) -> Callable[[App], AbstractContextManager[None]]:
    """The pointer over this share of a monitor's plot."""

    @contextmanager
    def point(app: App) -> Iterator[None]:
        plot: Plot = monitor(app, name).plot
        area = plot.area()
        at = QPointF(area.left() + across * area.width(), area.top() + down * area.height())
        none, no_key = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(QMouseEvent.Type.MouseMove, at, plot.mapToGlobal(at), none, none, no_key)
        QApplication.sendEvent(plot, event)
        yield
        plot.pointer = None
        plot.crosshair.move(None)
        plot.update()

    return point


def along(across: int, up: int) -> Setting:
    """The decision boundary over these two numbers."""

    def choose(app: App) -> None:
        found = monitor(app, "boundary")
        assert isinstance(found, BoundaryMonitor)
        for axis, column in enumerate((across, up)):
            found.choices[axis].pick(str(column))
        wait_until(lambda: found.plane.drawing is not None and found.plane.drawing.values is not None, PATIENCE)

    return choose


def reviewed(app: App) -> None:
    """All held-out samples judged, and those that are seen fetched."""
    found = monitor(app, "predictions")
    assert isinstance(found, PredictionMonitor)
    found.list.close_sample()

    def is_there() -> bool:
        told = found.list.judgement
        whole = told is not None and len(told) == told.told.size
        return whole and all(found.list.row(at) is not None for at in found.list.visible())

    wait_until(is_there, PATIENCE)


def enlarged(app: App) -> None:
    """The most wrong of them large."""
    reviewed(app)
    found = monitor(app, "predictions")
    assert isinstance(found, PredictionMonitor)
    found.list.open_sample(0)
    wait_until(lambda: found.list.large.row is not None, PATIENCE)
