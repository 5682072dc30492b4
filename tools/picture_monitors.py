"""How the window is arranged for pictures of all monitors at once: nothing but them, side by side."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt

from gui.app import App

ROWS = (
    ("loss", "gradients", "heatmap"),
    ("metrics", "confusion", "schedule", "timings"),
    ("histograms", "activations", "embedding"),
)
"""The docks, from above."""


def only_monitors(app: App) -> None:
    """Let the monitors fill the window; they are seen, and so measured, from now on."""
    bench = app.window.workbench
    for dock in bench.docks.values():
        dock.hide()
    bench.canvas_frame.hide()
    area, rows = Qt.DockWidgetArea.BottomDockWidgetArea, [[bench.docks[name] for name in row] for row in ROWS]
    firsts = [row[0] for row in rows]
    for dock in (dock for row in rows for dock in row):
        bench.removeDockWidget(dock)
    bench.addDockWidget(area, firsts[0])
    for above, below in pairwise(firsts):
        bench.splitDockWidget(above, below, Qt.Orientation.Vertical)
    for row in rows:
        for left, right in pairwise(row):
            bench.splitDockWidget(left, right, Qt.Orientation.Horizontal)
        for dock in row:
            dock.setFloating(False)
            dock.show()
        bench.resizeDocks(row, [bench.width() // len(row)] * len(row), Qt.Orientation.Horizontal)
    bench.resizeDocks(firsts, [bench.height() // len(firsts)] * len(firsts), Qt.Orientation.Vertical)
