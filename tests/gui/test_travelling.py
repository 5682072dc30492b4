"""Looking back: canvas, loss and cursor show the step that is held, read from the record, while the run goes on."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.app import App
from gui.workspace import Workspace
from tests.gui.conftest import opened

SOON = 20_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def trained(app: App, qtbot: QtBot) -> Workspace:
    """A run of 40 steps that stands still."""
    opened(app, qtbot, "mlp12-sigmoid")
    work = app.workspace
    work.run.train_steps(40)
    qtbot.waitUntil(lambda: work.run.state.phase == "paused" and work.run.state.step == 40, timeout=SOON)
    qtbot.waitUntil(lambda: work.feed.record is not None and work.feed.record.last_step == 40, timeout=SOON)
    return work


def shown(work: Workspace, name: str) -> float:
    """The gradient on a layer's card."""
    node = next(node for node in work.document.project.graph.nodes.values() if node.name == name)
    health = work.canvas.scene.nodes[node.id].health
    assert health is not None
    return health.value


def measured(work: Workspace, name: str, step: int) -> float:
    """What the record holds of it at a step."""
    column = work.feed.record.column("output", name)
    place = list(column.steps()).index(step)
    return float(column.values()[place])


def test_the_canvas_shows_the_step_that_is_looked_back_at_and_then_the_newest_again(
    trained: Workspace, app: App, qtbot: QtBot
):
    app.do("travel")
    assert trained.travel.bar.isVisible()
    trained.travel.bar.slider.setValue(5)
    qtbot.waitUntil(lambda: shown(trained, "fc3") == measured(trained, "fc3", 5))
    loss = trained.feed.record.column("loss")
    assert trained.travel.bar.words.text() == f"Step 5 of 40, loss {float(loss.values()[4]):.4g}"
    assert trained.monitors["loss"].plot.crosshair.step == 5
    QTest.keyClick(trained.travel.bar, Qt.Key.Key_Right)
    assert trained.travel.step == 6
    qtbot.waitUntil(lambda: shown(trained, "fc3") == measured(trained, "fc3", 6))
    QTest.keyClick(trained.travel.bar, Qt.Key.Key_Left)
    QTest.keyClick(trained.travel.bar, Qt.Key.Key_Left)
    assert trained.travel.step == 4
    QTest.keyClick(trained.travel.bar, Qt.Key.Key_Escape)
    assert not trained.travel.bar.isVisible()
    newest = trained.feed.record.column("output", "fc3").values()[-1]
    qtbot.waitUntil(lambda: shown(trained, "fc3") == float(newest))
    assert trained.monitors["loss"].plot.crosshair.step is None


def test_a_click_on_the_heatmap_goes_to_the_layer_and_the_step(trained: Workspace, qtbot: QtBot):
    plot = trained.monitors["heatmap"].plot
    qtbot.waitUntil(lambda: plot.isVisible() and plot.row_at(plot.area().center()) is not None)
    area, row = plot.area(), 2
    height = area.height() / len(plot.rows)
    at = QPoint(math.floor(plot.steps().pixel(12.5)), math.floor(area.top() + (row + 0.5) * height))
    QTest.mouseClick(plot, LEFT, pos=at)
    name = plot.rows[row].path
    assert [trained.editor.node(node).name for node in trained.canvas.selection()] == [name]
    assert trained.travel.step in (12, 13)
    assert trained.travel.bar.words.text().startswith(f"Step {trained.travel.step} of 40")


def test_the_run_goes_on_while_one_looks_back_and_a_new_run_ends_it(trained: Workspace, app: App, qtbot: QtBot):
    app.do("travel")
    trained.travel.bar.slider.setValue(7)
    trained.run.train_steps(5)
    qtbot.waitUntil(lambda: trained.travel.bar.words.text().startswith("Step 7 of 45"), timeout=SOON)
    qtbot.waitUntil(lambda: shown(trained, "fc3") == measured(trained, "fc3", 7))
    trained.run.rewind()
    qtbot.waitUntil(lambda: trained.travel.step is None, timeout=SOON)
    assert not trained.travel.bar.isVisible()
    trained.run.stop()
    qtbot.waitUntil(lambda: not trained.run.state.active, timeout=SOON)
