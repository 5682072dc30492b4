"""A run that stands still goes on with an edited project, or is rewound, in the window and with a real engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from core.runs.reading import read
from gui.training.going_on import GoingOnDialog, place_text
from tests.gui.conftest import opened

LONG = 30_000


@pytest.fixture
def iris(app, qtbot):
    return opened(app, qtbot, "iris")


def paused(app, qtbot, steps: int = 30):
    """The room, its run standing still after so many steps."""
    work = app.workspace
    work.run.train_steps(steps)
    qtbot.waitUntil(lambda: work.run.state.phase == "paused" and work.run.state.step == steps, timeout=LONG)
    return work


def widen(work, by: int = 3) -> str:
    """Give the first Linear more outputs; its name."""
    nodes = work.document.project.graph.nodes.values()
    linear = next(node for node in nodes if node.kind == "Linear")
    width = dict(linear.params)["out_features"]
    work.editor.replace_node("Set out_features", linear.with_params(out_features=width + by))
    return linear.name


def asked(app, qtbot) -> GoingOnDialog:
    app.window.actions_["train"].trigger()
    qtbot.waitUntil(lambda: app.window.findChild(GoingOnDialog) is not None)
    dialog = app.window.findChild(GoingOnDialog)
    qtbot.waitUntil(lambda: not dialog.asking.is_busy, timeout=LONG)
    QApplication.processEvents()
    return dialog


def rows(dialog) -> dict[str, tuple[str, str]]:
    """By name the title of its group and what is said of it."""
    found = {}
    for place in range(dialog.list.topLevelItemCount()):
        head = dialog.list.topLevelItem(place)
        for index in range(head.childCount()):
            found[head.child(index).text(0)] = (head.text(0).split()[0], head.child(index).text(1))
    return found


def stopped(work, qtbot) -> None:
    work.run.stop()
    qtbot.waitUntil(lambda: not work.run.state.active, timeout=LONG)


def test_an_edited_run_goes_on_after_the_list_of_what_is_kept(iris, qtbot):
    work = paused(iris, qtbot)
    record, folder = work.feed.record, work.run.checkpoint.parent
    name = widen(work)
    dialog = asked(iris, qtbot)
    found = rows(dialog)
    assert found[f"{name}.weight"][0] == "New"
    assert "and is" in found[f"{name}.weight"][1]
    kept = [one for one, (state, _why) in found.items() if state == "Kept"]
    assert kept
    assert "goes on at step 30" in dialog.place.text()
    assert work.run.state.phase == "paused"  # nothing has happened yet
    qtbot.mouseClick(dialog.edited, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: work.run.state.phase == "training" and work.run.state.step > 30, timeout=LONG)
    assert work.feed.record is not record
    assert work.feed.record.first_step == 30
    assert work.feed.earlier is record
    assert work.run.trained is work.document.project
    stopped(work, qtbot)
    assert work.run.checkpoint.parent != folder
    assert len(read(folder).steps) == 30
    curve = work.monitors["loss"].curves
    curve.prepare()
    assert curve.extent()[0] == 0
    assert len(curve.earlier[0].x) > 0


def test_it_may_go_on_as_it_was_or_stay_where_it_stands(iris, qtbot):
    work = paused(iris, qtbot)
    record = work.feed.record
    widen(work)
    dialog = asked(iris, qtbot)
    qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert (work.run.state.phase, work.run.state.step) == ("paused", 30)
    dialog = asked(iris, qtbot)
    qtbot.mouseClick(dialog.as_it_was, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: work.run.state.step > 30, timeout=LONG)
    assert work.feed.record is record
    stopped(work, qtbot)


def test_without_a_change_it_goes_on_at_once_and_a_learning_rate_is_none(iris, qtbot):
    work = paused(iris, qtbot)
    optimizer = work.document.project.training.phases[0].optimizer
    work.editor.set_optimizer(replace(optimizer, learning_rate=0.001), "Set learning rate")
    assert not work.run.has_changed
    iris.window.actions_["train"].trigger()
    qtbot.waitUntil(lambda: work.run.state.step > 30, timeout=LONG)
    assert iris.window.findChild(GoingOnDialog) is None
    stopped(work, qtbot)


def test_a_graph_with_errors_can_only_go_on_as_it_was(iris, qtbot):
    work = paused(iris, qtbot)
    loss = next(node for node in work.document.project.graph.nodes.values() if "Entropy" in node.kind)
    work.canvas.select((loss.id,))
    work.canvas.delete_selection()
    work.run.toggle()
    qtbot.waitUntil(lambda: iris.window.findChild(GoingOnDialog) is not None)
    dialog = iris.window.findChild(GoingOnDialog)
    assert not dialog.edited.isEnabled()
    assert dialog.message.isVisible()
    dialog.close()
    stopped(work, qtbot)


def test_a_rewound_run_begins_with_the_same_weights_and_the_earlier_curve_stays(iris, qtbot, tmp_path: Path):
    work = paused(iris, qtbot)
    stopped(work, qtbot)
    first = work.feed.record
    origin = work.run.origin
    optimizer = work.document.project.training.phases[0].optimizer
    work.editor.set_optimizer(replace(optimizer, learning_rate=optimizer.learning_rate / 10), "Set learning rate")
    assert iris.window.actions_["rewind"].isEnabled()
    iris.window.actions_["rewind"].trigger()
    qtbot.waitUntil(lambda: work.feed.record is not first and work.run.state.step > 20, timeout=LONG)
    stopped(work, qtbot)
    losses = [record.column("loss").values(0, 20) for record in (first, work.feed.record)]
    assert losses[0][0] == losses[1][0]  # the same weights and the same first batch
    assert not np.array_equal(losses[0], losses[1])
    assert work.feed.earlier is first
    assert work.run.origin is origin
    curves = work.monitors["loss"].curves
    curves.prepare()
    steps = curves.steps()
    wanted = first.column("loss").smooth(steps.low, steps.high, curves._pixels(), curves.factor)
    np.testing.assert_array_equal(curves.earlier[0].y, wanted[1])
    work.monitors["loss"].compare.trigger()
    curves.prepare()
    assert len(curves.earlier[0].x) == 0


def test_where_it_goes_on_is_said_for_other_batches_and_optimizers(iris):
    project = iris.workspace.document.project
    training = project.training
    (phase,) = training.phases
    assert "step 1,234" in place_text(project, project, 1234)
    other = replace(project, training=replace(training, batch_size=training.batch_size + 1))
    assert "begins its epoch again" in place_text(project, other, 10)
    changed = replace(phase, optimizer=replace(phase.optimizer, name="RAdam"))
    other = replace(project, training=replace(training, phases=(changed,)))
    assert "without memory" in place_text(project, other, 10)
