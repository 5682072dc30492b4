"""The learning-rate finder in the window: a real test in the engine, and a rate that is one edit."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from core.training.rate_finder import STEPS
from gui.training.rate_dialog import CURRENT, FRESH, RateDialog
from gui.training.rate_plot import rate_text, two_digits
from tests.gui.conftest import opened


@pytest.fixture
def iris(app, qtbot):
    return opened(app, qtbot, "iris")


def asked(app, qtbot) -> RateDialog:
    app.window.actions_["find_rate"].trigger()
    qtbot.waitUntil(lambda: app.window.findChild(RateDialog) is not None)
    return app.window.findChild(RateDialog)


def await_test(dialog, qtbot) -> None:
    qtbot.waitUntil(lambda: not dialog.asking.is_busy, timeout=30_000)
    QApplication.processEvents()


def test_a_rate_is_found_and_used_as_one_step_of_undo(iris, qtbot):
    work = iris.workspace
    before = work.document.project
    dialog = asked(iris, qtbot)
    assert dialog.begin_with.currentText() == FRESH
    await_test(dialog, qtbot)
    curve = dialog.plot.curve
    assert curve is not None
    assert 20 < len(curve.rates) <= STEPS
    assert dialog.plot.rate == curve.suggested
    assert dialog.use.text() == f"Use {rate_text(curve.suggested)}"
    qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    found = work.document.project.training.phases[0].optimizer.learning_rate
    assert found == two_digits(curve.suggested)
    assert work.run.state.phase == "idle"
    work.undo()
    assert work.document.project is before


def test_a_click_and_the_arrows_choose_another_rate(iris, qtbot):
    dialog = asked(iris, qtbot)
    await_test(dialog, qtbot)
    plot = dialog.plot
    x = plot.rates().pixel(-3.0)
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(round(x), 80))
    assert plot.rate == pytest.approx(1e-3, rel=0.1)
    assert dialog.use.text() == f"Use {rate_text(plot.rate)}"
    before = plot.rate
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert before < plot.rate < before * 2
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert iris.workspace.document.past == ()


def test_a_test_that_is_given_up_tells_so_and_closes_at_the_second_escape(iris, qtbot):
    dialog = asked(iris, qtbot)
    dialog.asking.doing.emit("Trying the rate 0.1", 0.5)
    assert (dialog.close_.text(), dialog.bar.value()) == ("Cancel", 50)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.asking.is_busy
    assert dialog.isVisible()
    assert not dialog.use.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_it_begins_with_the_weights_of_the_run_that_stands_still_and_leaves_them(iris, qtbot):
    work = iris.workspace
    work.run.train_steps(40)
    qtbot.waitUntil(lambda: work.run.state.phase == "paused", timeout=30_000)
    dialog = asked(iris, qtbot)
    assert dialog.begin_with.currentText() == CURRENT
    await_test(dialog, qtbot)
    loss = work.feed.record.column("loss").latest()
    assert dialog.plot.curve.losses[0] == pytest.approx(loss, rel=0.5)
    assert work.run.state.phase == "paused"
    assert work.run.state.step == 40
    dialog.close()
    work.run.stop()
    qtbot.waitUntil(lambda: not work.run.state.active, timeout=30_000)


def test_what_the_engine_refuses_is_told(iris, qtbot):
    dialog = asked(iris, qtbot)
    await_test(dialog, qtbot)
    dialog.asking.ask("rates", "{}")
    await_test(dialog, qtbot)
    assert dialog.message.isVisible()
    assert not dialog.use.isEnabled()
    dialog.close()
