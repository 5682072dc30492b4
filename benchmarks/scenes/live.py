"""Frames of the window while a network of 200 nodes trains for real and the strip of every card follows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt

from benchmarks.scenes.graphs import chain
from benchmarks.scenes.hand import Hand
from benchmarks.scenes.ours import Window
from benchmarks.scenes.times import Time, Times, settle

NODES = 200
WARM = 4.0
"""Seconds of training before frames count: plots are loaded, every strip has its curve."""
SECONDS = 6.0


def measured(window: Window, seconds: float) -> Iterator[tuple[str, Times]]:
    """By where one looks: the turns of the window's loop in which something was done."""
    project = chain(NODES)
    project = replace(project, training=replace(project.training, epochs=100_000))
    window.open(window.written(project))
    app = window.app
    app.do("train")
    window.until(lambda: any(item.health is not None for item in window.canvas.scene.nodes.values()))
    settle(WARM)
    for name, zoom in (("all 200 in view", 0.0), ("cards of 36 %", 0.36), ("cards of 100 %", 1.0)):
        window.canvas.fit() if not zoom else window.show(zoom)
        settle(1.0)
        yield f"at rest, {name}", _busy(settle(seconds))
        middle = window.canvas.view.viewport().rect().center()
        pan = Hand(window.canvas.view).drag(middle - QPoint(200, 0), Qt.MouseButton.MiddleButton, 150)
        yield f"panning, {name}", pan
    app.do("stop")
    settle(1.0)


def _busy(turns: list[Time]) -> Times:
    """The turns that did more than to look whether there is anything to do."""
    return Times.of([turn for turn in turns if turn.cpu > 0.2])
