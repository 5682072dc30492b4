"""Training from the window: buttons, live learning rate, the end of a run, and the death of the engine."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from safetensors.numpy import save_file

from core.document import Document
from core.engine.messages import Failed, Finished, Progress, Started, StepRows, Train, Validated
from core.files import file_hash, load
from core.runs.layout import CHECKPOINT
from core.training.optimizers import Optimizer
from gui.app import App
from gui.engine_bridge import EngineBridge
from gui.preferences import Preferences
from gui.training.checkpoints import checkpoint_step
from gui.training.control import RunControl
from gui.training.run import RunState
from gui.training.transport import clock_text, optimizer_text, rate_text
from tests.gui.conftest import TEMPLATES, opened

LONG = 60_000


@pytest.fixture
def iris(app: App, qtbot) -> App:
    """Iris with three epochs."""
    opened(app, qtbot, "iris")
    project = app.filing.document.project
    app.filing.document.edit("Set epochs", replace(project, training=replace(project.training, epochs=3)))
    return app


def started(total: int = 100) -> Started:
    return Started(
        run="r",
        weights=[],
        outputs=[],
        step_columns=["loss"],
        sample_columns=[],
        epochs=10,
        steps_per_epoch=10,
        total_steps=total,
        metric="accuracy",
    )


def test_a_run_goes_to_its_end_and_its_weights_belong_to_the_document(iris: App, qtbot, tmp_path: Path):
    run = iris.workspace.run
    QTest.mouseClick(iris.window.transport.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: run.state.phase == "finished", timeout=LONG)
    assert run.state.step == run.state.total == iris.workspace.feed.record.last_step
    assert iris.window.transport.epoch.text() == "3 / 3"
    weights = iris.filing.document.project.weights
    assert weights.sha256 == file_hash(Path(run.state.weights))
    assert weights.validation_accuracy == pytest.approx(run.state.metric)
    iris.filing.choose = lambda _purpose, _start: tmp_path / "mine.chain"
    assert iris.filing.save()
    assert file_hash(tmp_path / "mine.safetensors") == load(tmp_path / "mine.chain").weights.sha256


def test_one_step_from_standing_is_one_step(iris: App, qtbot):
    run = iris.workspace.run
    for count in (1, 2):
        QTest.mouseClick(iris.window.transport.step, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda wanted=count: run.state.phase == "paused" and run.state.step == wanted, timeout=LONG)
    assert iris.workspace.feed.record.last_step == 2


def test_one_epoch_stands_still_at_its_end(iris: App, qtbot):
    run = iris.workspace.run
    iris.do("epoch")
    qtbot.waitUntil(lambda: run.state.phase == "paused" and run.state.step > 0, timeout=LONG)
    assert run.state.step == run.state.total / 3


def test_what_watching_costs_stands_at_the_speed(iris: App):
    transport = iris.window.transport
    state = RunState().after(
        [started(), Progress(state="training", step=3, epoch=0, samples_per_second=512.0, watching=0.0234)]
    )
    transport.show_state(state)
    assert [one for one in transport.findChildren(QLabel) if "2.3 %" in one.toolTip()] == [shown_speed(transport)]


def shown_speed(transport: QWidget) -> QLabel:
    """The label that tells samples a second, below its caption."""
    return next(one for one in transport.findChildren(QLabel) if one.text() == rate_text(512.0))


def test_the_learning_rate_typed_while_running_is_the_runs_and_the_documents(iris: App, qtbot):
    run = iris.workspace.run
    run.step()
    qtbot.waitUntil(lambda: run.state.phase == "paused", timeout=LONG)
    rate = iris.window.transport.rate
    rate.setFocus()
    rate.selectAll()
    QTest.keyClicks(rate, "0.0125")
    QTest.keyClick(rate, Qt.Key.Key_Return)
    assert iris.filing.document.project.training.phases[0].optimizer.learning_rate == 0.0125
    run.step()
    qtbot.waitUntil(lambda: run.state.step == 2 and run.state.phase == "paused", timeout=LONG)
    assert iris.workspace.feed.record.column("learning_rate").latest() == pytest.approx(0.0125)


@pytest.mark.parametrize("text", ["", "fast", "-1", "1e9", "nan"])
def test_a_learning_rate_that_cannot_be_is_marked_and_not_taken(iris: App, text: str):
    before = iris.filing.document.project
    rate = iris.window.transport.rate
    rate.setFocus()
    rate.selectAll()
    QTest.keyClick(rate, Qt.Key.Key_Delete)
    QTest.keyClicks(rate, text)
    QTest.keyClick(rate, Qt.Key.Key_Return)
    assert iris.filing.document.project is before
    assert rate.property("state") == "error"
    assert "Learning rate wants" in rate.toolTip()


def test_editing_the_graph_during_a_run_is_allowed_and_its_weights_are_then_not_taken(iris: App, qtbot):
    run = iris.workspace.run
    run.step()
    qtbot.waitUntil(lambda: run.state.phase == "paused", timeout=LONG)
    work = iris.workspace
    linear = next(node for node in work.document.project.graph.nodes.values() if node.kind == "Linear")
    work.editor.replace_node("Set", linear.with_params(out_features=5))
    run.stop()
    qtbot.waitUntil(lambda: run.state.phase == "stopped", timeout=LONG)
    assert work.document.project.weights is None
    assert any("changed during the run" in entry.text for entry in iris.log.entries)


def test_a_failed_run_says_what_happened_where_and_offers_the_node(iris: App, qtbot):
    work = iris.workspace
    optimizer = replace(work.document.project.training.phases[0].optimizer, name="SGD", learning_rate=1e6)
    work.editor.set_optimizer(optimizer, "Set learning rate")
    work.run.train()
    qtbot.waitUntil(lambda: work.run.state.phase in ("failed", "finished"), timeout=LONG)
    assert work.run.state.phase == "failed"
    assert work.message.isVisible()
    assert work.message.words.startswith("Training ended at step")
    bad = work.run.state.failure.step
    losses = work.feed.record.column("loss").values().tolist()
    assert len(losses) == bad - 1
    offers = {button.text(): button for button in work.message.findChildren(QPushButton)}
    QTest.mouseClick(offers[f"Look at step {bad - 1:,}"], Qt.MouseButton.LeftButton)
    assert work.travel.step == bad - 1
    qtbot.waitUntil(lambda: work.travel.bar.weights.whole == "weights of this step", timeout=LONG)
    QTest.mouseClick(offers[f"Stand at step {bad - 1:,}, before it"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: work.run.state.phase == "paused" and work.run.state.step == bad - 1, timeout=LONG)
    assert work.feed.record.column("loss").values().tolist() == losses
    work.run.step()
    qtbot.waitUntil(lambda: work.run.state.phase == "failed", timeout=LONG)
    assert work.run.state.failure.step == bad


def test_the_state_follows_the_engines_events():
    state = RunState("starting").after([started(), StepRows(first=1, count=7, data=b"")])
    assert (state.phase, state.step, state.total) == ("training", 7, 100)
    state = state.after(
        [Progress(state="paused", step=9, epoch=0, seconds_left=4.0), Validated(step=9, epoch=1, loss=0.5, metric=0.25)]
    )
    assert (state.phase, state.step, state.metric) == ("paused", 9, 0.25)
    state = state.after([Finished(state="stopped", step=9, epoch=0, seconds=1.0)])
    assert (state.phase, state.active, state.metric) == ("stopped", False, 0.25)


def test_what_a_run_of_another_document_says_is_not_taken_for_this_ones(dressed, qtbot):
    from gui.session import Editor

    sent: list[object] = []
    bridge = EngineBridge()
    bridge.send = sent.append  # type: ignore[method-assign]
    editor = Editor(Document(load(TEMPLATES / "iris.chain")))
    control = RunControl(bridge, editor)
    heard: list[object] = []
    control.events.connect(heard.extend)
    bridge.came.emit([StepRows(first=1, count=1, data=b"")])
    control.train()
    bridge.came.emit([StepRows(first=9, count=1, data=b""), Finished(state="stopped", step=9, epoch=0, seconds=1.0)])
    assert control.state.phase == "starting"
    assert heard == []
    bridge.came.emit([started(), StepRows(first=1, count=1, data=b"")])
    assert control.state.phase == "training"
    assert len(heard) == 2
    editor.close()


def test_before_a_run_goes_on_in_its_folder_it_is_said_from_which_step(dressed, tmp_path: Path):
    from gui.session import Editor

    told: list[object] = []
    bridge = EngineBridge()
    bridge.send = told.append  # type: ignore[method-assign]
    control = RunControl(bridge, Editor(Document(load(TEMPLATES / "iris.chain"))), tmp_path)
    control.resuming.connect(told.append)
    place = tmp_path / "run" / CHECKPOINT
    place.parent.mkdir()
    save_file({"weights/w": np.zeros(1)}, place, {"checkpoint": '{"step": 30}'})
    assert checkpoint_step(place) == 30
    control.train(resume=place)
    step, request = told
    assert step == 30
    assert isinstance(request, Train)
    assert control.folder == place.parent


@pytest.mark.slow
def test_the_engines_death_is_told_and_the_run_goes_on_from_its_checkpoint(
    dressed, qtbot, preferences: Preferences, tmp_path: Path
):
    app = App(preferences, EngineBridge(1), tmp_path / "recovery", tmp_path / "runs")
    app.filing.ask_save = lambda _name: "discard"
    qtbot.addWidget(app.window)
    app.start()
    project = load(TEMPLATES / "lenet5.chain")
    app.filing.take(Document(project))
    qtbot.waitUntil(lambda: app.bridge.is_ready and app.workspace.feed is not None, timeout=LONG)
    work = app.workspace
    work.run.train()
    qtbot.waitUntil(lambda: checkpoint_step(work.run.checkpoint or tmp_path) is not None, timeout=LONG)
    first = app.bridge.pid
    os.kill(first, signal.SIGKILL)
    qtbot.waitUntil(work.message.isVisible, timeout=5000)
    drawn = work.feed.record.last_step
    assert app.window.isVisible()
    assert work.document.project == project
    assert "signal 9" in work.message.words
    assert work.message.height() < 100 < work.canvas.height()
    words = [work.message._buttons.itemAt(index).widget().text() for index in range(2)]
    assert words[0].startswith("Resume from step")
    assert words[1] == "Train again"
    qtbot.waitUntil(lambda: app.bridge.is_ready and app.bridge.pid != first, timeout=LONG)
    QTest.mouseClick(work.message._buttons.itemAt(0).widget(), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: work.feed.record.last_step > drawn, timeout=LONG)
    work.run.stop()
    qtbot.waitUntil(lambda: not work.run.state.active, timeout=LONG)
    app.window.close()


def test_numbers_are_written_as_people_read_them():
    assert rate_text(21_400.0) == "21.4k"
    assert rate_text(960.0) == "960"
    assert clock_text(9.2) == "00:09"
    assert clock_text(3750) == "1:02:30"
    assert optimizer_text(Optimizer("Momentum", momentum=0.9)) == "SGD · m 0.9"


def test_a_failure_before_the_start_is_this_documents():
    from core.engine.messages import Problem

    state = RunState("starting").after([Failed(problem=Problem("a loss was wanted"))])
    assert state.phase == "failed"
    assert state.failure.problem.wanted == "a loss was wanted"
