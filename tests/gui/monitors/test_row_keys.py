"""Up and Down in plots of layers."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.app import App
from gui.monitors.row_keys import beside
from tests.gui.conftest import opened

SOON = 20_000


@pytest.mark.parametrize(
    ("selected", "way", "found"),
    [
        ("", 1, "a"),
        ("", -1, "d"),
        ("a", 1, "b"),
        ("b", 1, "d"),
        ("d", 1, ""),
        ("d", -1, "b"),
        ("b", -1, "a"),
        ("a", -1, ""),
        ("ab", 1, "d"),
        ("x", 1, "a"),
    ],
)
def test_rows_of_one_node_count_as_one(selected: str, way: int, found: str):
    assert beside(["a", "b", "b", "d"], frozenset(selected), way) == found
    assert beside([], frozenset(selected), way) == ""


def test_the_keyboard_goes_from_layer_to_layer_and_stays_in_the_plot(app: App, qtbot):
    opened(app, qtbot, "lenet5")
    work = app.workspace
    work.run.train_steps(3)
    qtbot.waitUntil(lambda: work.run.state.phase == "paused" and len(work.feed.record.samples) == 3, timeout=SOON)
    for name in ("heatmap", "gradients"):
        monitor = work.monitors[name]
        work.canvas.select(())
        monitor.plot.refresh()
        monitor.plot.grab()
        monitor.plot.setFocus()
        names = []
        for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Down):
            QTest.keyClick(monitor.plot, key)
            names += [work.editor.node(node).name for node in work.editor.selection]
        assert names == ["conv1", "conv2", "conv1", "conv2"]
        assert monitor.plot.hasFocus()
