"""The canvas with the docks around it, and the presets that put them in their places."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from types import MappingProxyType
from typing import Literal

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QTabWidget, QWidget

from gui.corners import CORNERS, Corner
from gui.docks import Dock, DockGroups
from gui.palette import RAIL, Rail
from gui.palette import WIDTH as PALETTE_WIDTH
from gui.theme import Theme, Themes
from gui.widgets import column, frame

Preset = Literal["build", "train", "diagnose"]
TITLES = MappingProxyType(
    {
        "palette": "Layers",
        "inspector": "Inspector",
        "doctor": "Doctor",
        "predict": "Predict",
        "tracing": "Step through",
        "loss": "Loss",
        "metrics": "Metrics",
        "confusion": "Confusion",
        "gradients": "Gradients",
        "heatmap": "Gradient heatmap",
        "network": "Whole network",
        "schedule": "Learning rate",
        "timings": "Timings",
        "histograms": "Histograms",
        "activations": "Activations",
        "embedding": "Embedding",
        "attention": "Attention",
        "predictions": "Predictions",
        "boundary": "Decision boundary",
        "problems": "Problems",
        "source": "Generated code",
        "log": "Log",
    }
)
"""The docks by name."""
SHORT = MappingProxyType({"network": "Network", "heatmap": "Heatmap", "boundary": "Boundary", "source": "Code"})
"""On tabs that have little room."""
MONITORS = ("loss", "gradients", "heatmap")
RIGHT = ("inspector", "doctor", "predict", "tracing")
BESIDE_LOSS = ("metrics", "confusion")
"""Behind the loss, as tabs."""
ON_REQUEST = (
    *("network", "schedule", "timings", "histograms", "activations", "embedding", "attention", "predictions"),
    "boundary",
)
"""Monitors that are not shown before they are asked for; then behind the heatmap."""
BELOW = ("problems", "loss", *BESIDE_LOSS, "gradients", "heatmap", *ON_REQUEST, "source", "log")
NARROW = 1280
"""Under this width the palette turns into the rail."""
VERSION = 11
"""Of the kept layout; another one is not restored."""
INSPECTOR_WIDTH, DOCTOR_WIDTH, MONITORS_HEIGHT, TABS_HEIGHT = 300, 352, 284, 216
_WIDTHS, _LEAST = (393, 407, 481), (262, 336, 258)
"""How the three monitors share the width below the canvas."""


class Workbench(QMainWindow):
    """Central canvas and docks around it; the widgets in them change with the document, the docks stay."""

    narrowed = Signal(bool)
    """The palette has turned into the rail, or back."""

    def __init__(self, themes: Themes, rail: Rail) -> None:
        super().__init__()
        self.setWindowFlags(Qt.WindowType.Widget)
        self._themes = themes
        self.preset: Preset = "train"
        self.is_narrow = False
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self._middle = QStackedWidget()
        self.canvas_frame = frame("window", column(self._middle, spacing=4))
        self.setCentralWidget(self.canvas_frame)
        self._corners = [Corner(themes, self.canvas_frame, place) for place in CORNERS]
        self.docks = {name: Dock(themes, name, title, self, SHORT.get(name, "")) for name, title in TITLES.items()}
        self._palettes = QStackedWidget()
        self._rail = rail
        self._palettes.addWidget(rail)
        self._palette: QWidget = rail
        self.docks["palette"].set_panel(self._palettes)
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.docks["palette"])
        for name in RIGHT:
            self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.docks[name])
        order = ("palette", *RIGHT, *BELOW)
        self._groups = DockGroups(self, tuple(self.docks[name] for name in order))
        themes.changed.connect(self._restyle)
        self.use_preset("train")

    def show_canvas(self, page: QWidget) -> None:
        """Show this in the middle; what was there is hidden, and its owner's to give up."""
        if self._middle.indexOf(page) < 0:
            self._middle.addWidget(page)
        self._middle.setCurrentWidget(page)
        for corner in self._corners:
            corner.raise_()

    def show_palette(self, palette: QWidget) -> None:
        """Show this list of layers in the left dock, where there is room for it; likewise."""
        if self._palettes.indexOf(palette) < 0:
            self._palettes.addWidget(palette)
        self._palette = palette
        self._fit_palette()

    def show_nothing(self) -> None:
        """Have no document to show."""
        self._palette = self._rail
        for name in (*RIGHT, *BELOW[:-1]):
            self.docks[name].wait()

    def use_preset(self, preset: Preset) -> None:
        """Put every dock in its place.

        To build: problems and more in tabs; to train: three monitors side by side; to diagnose: the Doctor beside.
        """
        self.preset = preset
        below = [self.docks[name] for name in BELOW]
        for dock in below:
            self.removeDockWidget(dock)
        for name, area in (
            ("palette", Qt.DockWidgetArea.LeftDockWidgetArea),
            *((name, Qt.DockWidgetArea.RightDockWidgetArea) for name in RIGHT),
        ):
            dock = self.docks[name]
            dock.setFloating(False)
            self.addDockWidget(area, dock)
            dock.show()
        for before, name in itertools.pairwise(RIGHT):
            self.tabifyDockWidget(self.docks[before], self.docks[name])
        for name in RIGHT[2:] if preset == "diagnose" else ():
            self.docks[name].hide()
        self.docks["doctor" if preset == "diagnose" else RIGHT[0]].raise_()
        if preset == "build":
            self._stack(below)
        else:
            self._spread()
        self._fit_palette()
        self.fit_docks()
        self._groups.refresh()

    def fit_docks(self) -> None:
        """Give every dock of the preset the size of the design."""
        theme = self._themes.current
        horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        side = [self.docks["palette"], self.docks["inspector"]]
        width = RAIL if self.has_rail else PALETTE_WIDTH
        self.resizeDocks(side, [theme.px(width), theme.px(self._right_width)], horizontal)
        share = min(1.0, max(self.height(), 1) / theme.px(885))
        if self.preset == "build":
            self.resizeDocks([self.docks["problems"]], [round(theme.px(TABS_HEIGHT) * share)], vertical)
        else:
            docks = [self.docks[name] for name in MONITORS]
            self.resizeDocks(docks, [round(theme.px(MONITORS_HEIGHT) * share)] * 3, vertical)
            self.resizeDocks(docks, self._monitor_widths(), horizontal)

    def _monitor_widths(self) -> list[int]:
        """What each head needs, and of the rest the design's shares."""
        theme = self._themes.current
        beside = self._right_width + (RAIL if self.has_rail else 0)
        least = [theme.px(width) for width in _LEAST]
        spare = max(self.width() - theme.px(beside) - sum(least) - 12, 0)
        total = sum(_WIDTHS) - sum(_LEAST)
        return [
            low + round(spare * (wide - narrow) / total)
            for low, wide, narrow in zip(least, _WIDTHS, _LEAST, strict=True)
        ]

    @property
    def has_rail(self) -> bool:
        """Whether the palette is the rail: the window is narrow, or the room is the Doctor's."""
        return self.is_narrow or self.preset == "diagnose"

    @property
    def _right_width(self) -> int:
        return DOCTOR_WIDTH if self.preset == "diagnose" else INSPECTOR_WIDTH

    def open_doctor(self) -> None:
        """Bring the Doctor to the front, as wide as it needs to be, and give it the keyboard."""
        dock, wide = self.docks["doctor"], self._themes.current.px(DOCTOR_WIDTH)
        dock.take_focus()
        if dock.width() < wide and not dock.isFloating():
            self.resizeDocks([dock], [wide], Qt.Orientation.Horizontal)

    def reveal(self, name: str) -> None:
        """Bring a dock before the others of its group."""
        self.docks[name].reveal()

    def state(self) -> QByteArray:
        """Where the docks are, for the next start."""
        return self.saveState(VERSION)

    def restore(self, state: QByteArray) -> bool:
        """Put the docks where they were; whether that was known."""
        restored = not state.isEmpty() and self.restoreState(state, VERSION)
        if restored:
            self._fit_palette()
            self._groups.refresh()
        return restored

    def focus_order(self) -> Sequence[Dock | None]:
        """The docks that F6 goes through; None stands for the canvas."""
        names = ("palette", None, *RIGHT, *BELOW)
        order = [self.docks[name] if name else None for name in names]
        return [dock for dock in order if dock is None or (dock.isVisible() and not dock.visibleRegion().isEmpty())]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        narrow = self.width() + 8 < self._themes.current.px(NARROW)
        if narrow != self.is_narrow:
            self.is_narrow = narrow
            self._fit_palette()
            self.narrowed.emit(narrow)

    def _fit_palette(self) -> None:
        theme = self._themes.current
        dock = self.docks["palette"]
        room = Qt.DockWidgetArea.LeftDockWidgetArea
        rail = self.has_rail
        corner = room if rail or self.preset == "build" else Qt.DockWidgetArea.BottomDockWidgetArea
        self.setCorner(Qt.Corner.BottomLeftCorner, corner)
        dock.set_headless(rail)
        dock.setMinimumWidth(theme.px(RAIL if rail else 180))
        dock.setMaximumWidth(theme.px(RAIL if rail else 420))
        self._palettes.setCurrentWidget(self._rail if rail else self._palette)

    def _stack(self, docks: Sequence[Dock]) -> None:
        first = docks[0]
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, first)
        for before, dock in itertools.pairwise(docks):
            self.tabifyDockWidget(before, dock)
        for dock in docks:
            dock.setFloating(False)
            dock.setVisible(dock.objectName() not in ON_REQUEST)
        first.raise_()

    def _spread(self) -> None:
        loss, gradients, heatmap = (self.docks[name] for name in MONITORS)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, loss)
        self.splitDockWidget(loss, gradients, Qt.Orientation.Horizontal)
        self.splitDockWidget(gradients, heatmap, Qt.Orientation.Horizontal)
        for name in BESIDE_LOSS:
            self.tabifyDockWidget(loss, self.docks[name])
            self.docks[name].setFloating(False)
            self.docks[name].show()
        before = heatmap
        for name in (*ON_REQUEST, "problems", "source", "log"):
            self.tabifyDockWidget(before, self.docks[name])
            before = self.docks[name]
            before.hide()
        for dock in (loss, gradients, heatmap):
            dock.setFloating(False)
            dock.show()
        loss.raise_()

    def _restyle(self, _theme: Theme) -> None:
        self._fit_palette()
        self.fit_docks()
