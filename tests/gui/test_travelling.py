"""Looking back: canvas, loss and cursor show the step that is held, read from the record, while the run goes on."""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.data.load import load
from core.engine.embeddings import Embed
from core.plan import Value
from core.training.activations import Probe
from core.training.embedding import embed
from core.training.loop import start
from core.training.portrait import portrait
from core.training.run import Job, Run
from core.training.tracing import Tracer
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


def as_it_was(work: Workspace, steps: int) -> Run:
    """The run of the open project after so many steps, made once more beside it."""
    project = work.document.project
    run = start(Job(project, {name: load(settings) for name, settings in project.data.items()}))
    run.batches.begin_epoch()
    for _step in range(steps):
        run.step()
    return run


@pytest.fixture
def one_thread() -> Iterator[None]:
    """As the engine has it, whose numbers are compared."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
def test_what_follows_from_weights_is_that_of_the_step(trained: Workspace, app: App, qtbot: QtBot):
    cloud = trained.monitors["embedding"].cloud
    app.window.workbench.reveal("embedding")
    qtbot.waitUntil(lambda: cloud.found is not None and cloud.found.step == 40, timeout=SOON)
    app.do("travel")
    trained.travel.bar.slider.setValue(9)
    qtbot.waitUntil(lambda: cloud.found.step == 9, timeout=SOON)
    run = as_it_was(trained, 9)
    tracer = Tracer(run.network, run.job.data, run.settings, lambda: 9)
    assert cloud.found.points == embed(tracer, Embed(project="", path=cloud.layer)).points
    qtbot.waitUntil(lambda: trained.travel.bar.weights.whole == "weights of this step", timeout=SOON)
    fc12 = next(node.id for node in trained.document.project.graph.nodes.values() if node.name == "fc12")
    with qtbot.waitSignal(trained.looking.seen, timeout=SOON) as seen:
        trained.canvas.select((fc12,))
    assert seen.args == [fc12, portrait(run.weights(), "fc12", 0)]
    assert portrait(run.weights(), "fc12", 0) != portrait(as_it_was(trained, 40).weights(), "fc12", 0)
    QTest.keyClick(trained.travel.bar, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: cloud.found.step == 40, timeout=SOON)


@pytest.mark.usefixtures("one_thread")
def test_cards_show_what_their_layers_gave_at_that_step(trained: Workspace, app: App, qtbot: QtBot):
    fc12 = next(node.id for node in trained.document.project.graph.nodes.values() if node.name == "fc12")
    seen: dict[str, object] = {}
    trained.bodies.peeking.seen.connect(seen.update)
    trained.bodies.peeking.wanted = lambda: (fc12,)  # as if it were near enough to be seen
    app.do("travel")
    trained.travel.bar.slider.setValue(11)
    expected = Probe(as_it_was(trained, 11)).look([Value("fc12", "output")]).found[0]
    qtbot.waitUntil(lambda: seen.get(fc12) == expected, timeout=SOON)
    QTest.keyClick(trained.travel.bar, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: seen.get(fc12) not in (None, expected), timeout=SOON)


def test_a_run_goes_on_from_the_step_that_is_shown(trained: Workspace, app: App, qtbot: QtBot):
    losses = trained.feed.record.column("loss").values().tolist()
    first = trained.run.folder
    app.do("travel")
    trained.travel.bar.slider.setValue(12)
    qtbot.waitUntil(trained.travel.bar.resume.isEnabled, timeout=SOON)
    assert "to the last bit" in trained.travel.bar.resume.toolTip()
    QTest.mouseClick(trained.travel.bar.resume, LEFT)
    qtbot.waitUntil(lambda: trained.run.folder != first and trained.run.state.step > 14, timeout=SOON)
    assert not trained.travel.bar.isVisible()
    trained.run.toggle()
    qtbot.waitUntil(lambda: trained.run.state.phase == "paused", timeout=SOON)
    assert (first / "checkpoints" / "step-12.safetensors").is_file()
    assert trained.feed.record.first_step == 12
    again = trained.feed.record.column("loss").values().tolist()[: len(losses) - 12]
    assert len(again) > 2
    assert again == losses[12 : 12 + len(again)]
    trained.run.stop()
    qtbot.waitUntil(lambda: not trained.run.state.active, timeout=SOON)


def test_a_step_whose_weights_are_gone_is_told_and_ctrl_left_goes_to_one_that_is_there(
    trained: Workspace, app: App, qtbot: QtBot
):
    travel, bar = trained.travel, trained.travel.bar
    app.do("travel")
    qtbot.waitUntil(lambda: bool(travel.recalling.moments), timeout=SOON)
    told = travel.recalling.told
    travel.recalling.told = msgspec.structs.replace(told, moments=[one for one in told.moments if one.step in (8, 30)])
    travel.step = 17
    travel._show_weights()
    assert bar.weights.whole == "weights of step 8, the nearest kept"
    assert not bar.resume.isEnabled()
    assert "8" in bar.resume.toolTip()
    assert list(bar.slider.marks) == [8, 30]
    QTest.keyClick(bar, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert travel.step == 8
    QTest.keyClick(bar, Qt.Key.Key_Home)
    assert travel.step == 1
    QTest.keyClick(bar, Qt.Key.Key_End)
    assert travel.step == 40
