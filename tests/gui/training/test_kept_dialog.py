"""The checkpoints in the window: listed while a run writes them, used, saved with the project, gone on from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from safetensors.torch import load_file

from core.files import file_hash, load
from core.training.checkpoint import read_weights
from gui.training.kept_dialog import KeptDialog
from tests.core.training.running import assert_same
from tests.gui.conftest import opened

LONG = 30_000


@pytest.fixture
def trained(app, qtbot):
    """Iris, trained for some epochs with a checkpoint each."""
    opened(app, qtbot, "iris")
    work = app.workspace
    training = work.document.project.training
    work.editor.set_training(replace(training, epochs=6, keep_epochs=2), "Set epochs")
    work.run.train()
    qtbot.waitUntil(lambda: work.run.state.phase == "finished", timeout=LONG)
    return app


def shown(app, qtbot) -> KeptDialog:
    app.window.actions_["checkpoints"].trigger()
    qtbot.waitUntil(lambda: app.window.findChild(KeptDialog) is not None)
    QApplication.processEvents()
    return app.window.findChild(KeptDialog)


def texts(dialog) -> list[str]:
    return [dialog.list.topLevelItem(place).text(0) for place in range(dialog.list.topLevelItemCount())]


def test_they_are_listed_with_the_best_marked(trained, qtbot):
    dialog = shown(trained, qtbot)
    assert texts(dialog) == ["Last", "Best", "Epoch 6", "Epoch 4", "Epoch 2"]
    assert dialog.chosen.name == "best"
    assert dialog.use.isEnabled()
    assert not dialog.on.isEnabled()  # the best are weights alone
    dialog.choose("epoch-4")
    assert dialog.on.isEnabled()
    dialog.close()


def test_the_weights_of_one_become_the_projects_and_are_saved_with_it(trained, qtbot, tmp_path: Path):
    work, held = trained.workspace, trained.projects.front.held
    before = work.document.project
    dialog = shown(trained, qtbot)
    dialog.choose("epoch-2")
    source = dialog.chosen
    qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.asking.is_busy, timeout=LONG)
    now = work.document.project.weights
    assert (now.epochs, now.validation_loss) == (2.0, source.judged["loss"])
    assert held.write(tmp_path / "mine.chain")
    assert file_hash(tmp_path / "mine.safetensors") == load(tmp_path / "mine.chain").weights.sha256 == now.sha256
    assert_same(load_file(tmp_path / "mine.safetensors"), read_weights(source.path))
    work.undo()
    work.undo()
    assert work.document.project.weights == before.weights
    assert file_hash(held.weights_file()) == before.weights.sha256
    dialog.close()


def test_the_engine_then_shows_these_weights_too(trained, qtbot, tmp_path: Path):
    from core.engine.messages import SaveWeights, WeightsSaved

    work = trained.workspace
    dialog = shown(trained, qtbot)
    dialog.choose("epoch-2")
    source = dialog.chosen.path
    qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.asking.is_busy, timeout=LONG)
    told = []
    work.line.came.connect(lambda events: told.extend(event for event in events if isinstance(event, WeightsSaved)))
    work.line.send(SaveWeights(path=str(tmp_path / "now.safetensors")))
    qtbot.waitUntil(lambda: bool(told), timeout=LONG)
    assert_same(load_file(tmp_path / "now.safetensors"), read_weights(source))
    dialog.close()


def test_a_run_goes_on_from_one_in_a_folder_of_its_own(trained, qtbot):
    work = trained.workspace
    folder, record = work.run.folder, work.feed.record
    dialog = shown(trained, qtbot)
    dialog.choose("epoch-2")
    step = dialog.chosen.step
    qtbot.mouseClick(dialog.on, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: work.run.state.phase == "finished" and work.run.folder != folder, timeout=LONG)
    assert work.feed.record.first_step == step
    assert work.feed.earlier is record
    loss = [one.column("loss").latest() for one in (record, work.feed.record)]
    assert loss[0] == loss[1]  # the exact resume


def test_while_a_run_is_under_way_they_can_only_be_looked_at(trained, qtbot):
    work = trained.workspace
    work.run.train_steps(5)
    qtbot.waitUntil(lambda: work.run.state.phase == "paused", timeout=LONG)
    dialog = shown(trained, qtbot)
    qtbot.waitUntil(lambda: texts(dialog) == ["Last"], timeout=LONG)
    assert "under way" in dialog.note.text()
    assert (dialog.use.isEnabled(), dialog.on.isEnabled()) == (False, False)
    work.run.stop()
    qtbot.waitUntil(dialog.use.isEnabled, timeout=LONG)
    dialog.close()


def test_after_the_graph_was_changed_the_weights_are_not_taken_and_why_is_said(trained, qtbot):
    work = trained.workspace
    linear = next(node for node in work.document.project.graph.nodes.values() if node.kind == "Linear")
    work.editor.replace_node("Set", linear.with_params(out_features=9))
    dialog = shown(trained, qtbot)
    assert not dialog.use.isEnabled()
    assert "graph has changed" in dialog.note.text()
    dialog.close()


def test_without_a_run_it_says_when_there_will_be_some(app, qtbot):
    opened(app, qtbot, "iris")
    dialog = shown(app, qtbot)
    assert texts(dialog) == []
    assert dialog.note.text().startswith("None yet")
    dialog.close()
