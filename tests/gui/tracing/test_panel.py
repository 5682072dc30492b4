"""The panel that steps through a batch, in a real window with a real engine."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core import planning
from core.walk import gradient
from gui.app import App
from gui.numbers import plain
from gui.tracing.panel import TracingPanel
from tests.gui.conftest import opened

SOON = 20_000


def panel(app: App) -> TracingPanel:
    assert app.workspace is not None
    assert app.workspace.tracing is not None
    return app.workspace.tracing


def shown(app: App, qtbot: QtBot) -> TracingPanel:
    """The panel of a network that was not trained."""
    app.do("tracing")
    qtbot.waitUntil(lambda: panel(app).is_seen())
    qtbot.waitUntil(lambda: panel(app).walk is not None, timeout=SOON)
    return panel(app)


def press(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_walk_goes_forward_to_the_loss_and_back_and_shows_where_the_gradient_dies(app, qtbot):
    opened(app, qtbot, "mlp12-sigmoid")
    tracing = shown(app, qtbot)
    walk = tracing.walk
    assert tracing.head.text() == f"Forward  1 of {walk.turn}"
    press(tracing.buttons["on"])
    assert tracing.place == 1
    assert app.workspace.canvas.selection() == (walk.moments[1].stage.node,)
    press(tracing.buttons["turn"])
    assert (tracing.moment.stage.kind, tracing.moment.direction) == ("CrossEntropy", "backward")
    assert tracing.head.text() == f"Backward  1 of {len(walk.moments) - walk.turn}"
    QTest.keyClick(tracing, Qt.Key.Key_End)
    first = tracing.moment.stage
    assert first.path == "fc1" or not first.incoming
    by_path = {stage.path: stage for stage in walk.traced.stages}
    drawn = {line.name: index for index, line in enumerate(tracing.stages.lines)}
    long, short = (tracing.stages.bar_rect(drawn[path]).width() for path in ("fc12", "fc1"))
    # The bars are decades: eleven of them from 1e-10 to 10.
    decades = (long - short) / (tracing.stages.bar_rect(drawn["fc12"]).width() / _reach(gradient(by_path["fc12"])))
    assert decades == pytest.approx(_reach(gradient(by_path["fc12"])) - _reach(gradient(by_path["fc1"])), rel=1e-3)
    qtbot.waitUntil(lambda: tracing.stages.height() >= tracing.stages.sizeHint().height())
    seen = tracing.stages.grab().toImage()
    inside = tracing.stages.bar_rect(drawn["fc12"]).center().toPoint()
    wanted = tracing.stages._themes.current.gradient(math.log10(gradient(by_path["fc12"])))
    assert seen.pixelColor(inside).name() == wanted.name()
    assert tracing.stages.lines[drawn["fc1"]].text == plain(gradient(by_path["fc1"]), 3)


def _reach(value: float | None) -> float:
    """Decades above 1e-10."""
    assert value is not None
    return max(math.log10(value) + 10, 0.0)


def test_a_press_on_a_line_goes_there_and_tells_the_slope_of_the_sigmoid(app, qtbot):
    opened(app, qtbot, "mlp12-sigmoid")
    tracing = shown(app, qtbot)
    press(tracing.buttons["turn"])
    names = [line.name for line in tracing.stages.lines]
    sigmoid = next(
        name for name, stage in zip(names, tracing.walk.traced.stages, strict=True) if stage.kind == "Sigmoid"
    )
    place = tracing.stages.row_rect(names.index(sigmoid)).center().toPoint()
    QTest.mouseClick(tracing.stages, Qt.MouseButton.LeftButton, pos=QPoint(10, place.y()))
    assert (tracing.moment.stage.path, tracing.moment.direction) == (sigmoid, "backward")
    wire = tracing.moment.stage.incoming[0]
    assert ("Slope here", f"mean {plain(wire.slope, 3)}, at most {plain(wire.steepest, 3)}") in tracing.page.lines
    assert wire.steepest <= 0.25
    assert tracing.page.chain.text().endswith(f"= {plain(gradient(tracing.moment.stage), 3)}")


def test_a_weight_is_checked_by_differences_and_a_wrong_place_is_refused(app, qtbot):
    opened(app, qtbot, "mlp12-sigmoid")
    tracing = shown(app, qtbot)
    tracing.go(tracing.walk.place("fc12", "backward"))
    tracing.page.fold.set_open(True)
    page = tracing.page
    assert page.place.text() == "0, 0"
    page.place.selectAll()
    QTest.keyClicks(page.place, "3, 99")
    press(page.button)
    assert "A place in 10×64 is wanted" in page.verdict.text()
    page.place.selectAll()
    QTest.keyClicks(page.place, "3, 5")
    QTest.keyClick(page.place, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Autograd" in page.verdict.text(), timeout=SOON)
    assert "they agree to" in page.verdict.text()
    assert page.verdict.property("role") == "ok"


def test_the_walk_follows_an_edit_and_stays_where_it_stood(app, qtbot):
    opened(app, qtbot, "iris")
    tracing = shown(app, qtbot)
    tracing.go(tracing.walk.place("fc1", "backward"))
    before = tracing.walk
    work = app.workspace
    node = next(node for node in work.document.project.graph.nodes.values() if node.name == "fc1")
    work.document.edit("Widen", planning.set_param(work.document.project, node.id, "out_features", 24))
    qtbot.waitUntil(lambda: tracing.walk is not before and tracing.walk is not None, timeout=SOON)
    assert tracing.moment.stage.path == "fc1"
    assert tracing.moment.stage.outputs[0].shape[-1] == 24


def test_it_says_what_keeps_it_from_walking(app, qtbot):
    app.filing.new()
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    app.do("tracing")
    qtbot.waitUntil(lambda: panel(app).is_seen())
    panel(app).refresh()
    assert panel(app).notice.title.text() in ("Nothing to step through yet.", "The graph has a problem.")


def test_after_a_step_the_walk_is_that_of_the_run(app, qtbot):
    opened(app, qtbot, "iris")
    tracing = shown(app, qtbot)
    assert "before the first step" in tracing.stale.text()
    app.workspace.run.train_steps(3)
    qtbot.waitUntil(lambda: app.workspace.run.state.phase == "paused", timeout=SOON)
    qtbot.waitUntil(lambda: "after step 3" in tracing.stale.text(), timeout=SOON)
    assert tracing.walk.traced.step == 3
