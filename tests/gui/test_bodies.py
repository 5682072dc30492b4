"""Activations on the cards of a real window with a real engine: they come with training and are what torch gives."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from safetensors.torch import load_file
from torch.nn import functional

from core import planning
from core.data.load import load as load_data
from core.document import Document
from core.engine.activations import Peek
from core.files import load
from core.grouping import group
from core.project import Project
from gui.app import App
from gui.canvas.canvas import Canvas
from gui.canvas.card_body import ABSENT, UNTRAINED, Unfolded
from gui.training.peeking import SHARE
from tests.gui.conftest import TEMPLATES

SOON = 20_000


def canvas(app: App) -> Canvas:
    assert app.workspace is not None
    return app.workspace.canvas


def node(app: App, name: str) -> str:
    found = canvas(app).scene.graph.by_name(name)
    assert found is not None
    return found.id


def show(app: App, *names: str) -> None:
    """Fold these out, at 100 % in the middle of the view."""
    nodes = [node(app, name) for name in names]
    canvas(app).select(nodes)
    app.do("activation")
    canvas(app).view.show_at(canvas(app).scene.bounds(nodes).center(), 1.0)


def unfolded(app: App, name: str) -> Unfolded:
    return canvas(app).scene.bodies.unfolded(node(app, name))


def train(app: App, qtbot: QtBot, steps: int) -> None:
    """So many steps, and then the pictures of just that state."""
    run = app.workspace.run
    goal = steps if not run.state.active else run.state.step + steps
    run.train_steps(steps)
    qtbot.waitUntil(lambda: run.state.phase == "paused" and run.state.step >= goal, timeout=SOON)


def asked(app: App, monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Filled with the paths of every question from now on."""
    found: list[set[str]] = []
    bridge = app.workspace.bodies.peeking._bridge
    ask = bridge.ask

    def listening(kind: str, body: str = "{}", *rest: object) -> int:
        if kind == "peek":
            found.append({path for path, _port in msgspec.json.decode(body, type=Peek).values})
        return ask(kind, body, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(bridge, "ask", listening)
    return found


def change(app: App, name: str, **values: object) -> None:
    project: Project = app.workspace.document.project
    changed = project.graph.nodes[node(app, name)].with_params(**values)  # type: ignore[arg-type]
    app.workspace.document.edit("Change", replace(project, graph=project.graph.replace_node(changed)))


def test_the_picture_on_the_card_is_torchs_own_forward_with_the_weights_of_the_run(lenet: App, qtbot: QtBot):
    app = lenet
    show(app, "conv1", "fc1")
    assert unfolded(app, "conv1").missing == UNTRAINED
    train(app, qtbot, 3)
    qtbot.waitUntil(lambda: unfolded(app, "conv1").activation is not None, timeout=SOON)
    app.workspace.run.stop()
    qtbot.waitUntil(lambda: not app.workspace.run.state.active, timeout=SOON)
    weights = load_file(app.workspace.run.state.weights)
    project = app.workspace.document.project
    data = load_data(next(iter(project.data.values())))
    images = data.fields["image"][data.validation[:32]]
    maps = functional.conv2d(images, weights["conv1.weight"], weights["conv1.bias"], padding=2)[0]

    def same() -> bool:
        told = unfolded(app, "conv1").activation
        return told is not None and told.high == pytest.approx(float(maps.max()), rel=1e-5)

    qtbot.waitUntil(same, timeout=SOON)
    told = unfolded(app, "conv1").activation
    shown = np.frombuffer(told.pixels, np.uint8).reshape(6, 28, 28).astype(float)
    np.testing.assert_allclose((shown - 128) / 127 * told.edge, maps, atol=told.edge / 250)
    fc1 = unfolded(app, "fc1").activation
    assert (fc1.form, fc1.count, sum(fc1.bins)) == ("histogram", 32 * 120, 32 * 120)
    assert torch.isfinite(maps).all()


def test_only_what_is_open_and_in_view_is_asked_for(lenet: App, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    app = lenet
    questions = asked(app, monkeypatch)
    train(app, qtbot, 2)
    assert questions == []
    show(app, "conv1", "fc3")
    canvas(app).view.show_at(canvas(app).scene.nodes[node(app, "conv1")].rect.center(), 4.0)
    qtbot.waitUntil(lambda: unfolded(app, "conv1").activation is not None, timeout=SOON)
    canvas(app).view.show_at(canvas(app).scene.nodes[node(app, "fc3")].rect.center(), 4.0)
    qtbot.waitUntil(lambda: unfolded(app, "fc3").activation is not None, timeout=SOON)
    assert {frozenset(one) for one in questions[-1:]} == {frozenset({"fc3"})}
    count = len(questions)
    canvas(app).view.show_at(canvas(app).scene.nodes[node(app, "conv1")].rect.center(), 4.0)
    qtbot.wait(150)
    assert len(questions) == count


def test_an_edit_marks_its_layer_and_makes_what_lies_behind_stale_until_the_next_run(lenet: App, qtbot: QtBot):
    app = lenet
    show(app, "conv1", "fc1", "fc2")
    train(app, qtbot, 2)
    qtbot.waitUntil(lambda: unfolded(app, "fc2").activation is not None, timeout=SOON)
    assert canvas(app).scene.bodies.changed == frozenset()
    change(app, "fc1", out_features=50)
    assert canvas(app).scene.bodies.changed == {node(app, "fc1")}
    qtbot.waitUntil(lambda: unfolded(app, "fc2").stale, timeout=SOON)
    assert (unfolded(app, "fc1").stale, unfolded(app, "conv1").stale) == (True, False)
    app.do("undo")
    assert canvas(app).scene.bodies.changed == frozenset()
    qtbot.waitUntil(lambda: not unfolded(app, "fc2").stale, timeout=SOON)
    app.do("redo")
    app.workspace.run.stop()
    qtbot.waitUntil(lambda: not app.workspace.run.state.active, timeout=SOON)
    assert canvas(app).scene.bodies.changed == {node(app, "fc1")}
    train(app, qtbot, 1)
    assert canvas(app).scene.bodies.changed == frozenset()
    qtbot.waitUntil(
        lambda: (
            unfolded(app, "fc1").activation is not None
            and unfolded(app, "fc1").activation.shape == [50]
            and not unfolded(app, "fc1").stale
        ),
        timeout=SOON,
    )


def test_a_renamed_layer_keeps_its_picture_and_one_that_the_run_does_not_have_says_so(lenet: App, qtbot: QtBot):
    app = lenet
    show(app, "conv1")
    train(app, qtbot, 2)
    qtbot.waitUntil(lambda: unfolded(app, "conv1").activation is not None, timeout=SOON)
    document = app.workspace.document
    document.edit("Rename", planning.rename(document.project, node(app, "conv1"), "first"))
    train(app, qtbot, 1)
    qtbot.waitUntil(lambda: unfolded(app, "first").activation is not None, timeout=SOON)
    assert not unfolded(app, "first").stale
    project, fresh = planning.add(document.project, "ReLU", (0.0, 600.0))
    document.edit("Add", project)
    canvas(app).select((fresh,))
    app.do("activation")
    canvas(app).view.show_at(canvas(app).scene.nodes[fresh].rect.center(), 1.0)
    qtbot.waitUntil(lambda: canvas(app).scene.bodies.unfolded(fresh).missing == ABSENT, timeout=SOON)
    assert fresh in canvas(app).scene.bodies.changed


def test_inside_a_block_the_cards_show_the_opened_instance(app: App, qtbot: QtBot):
    project = load(TEMPLATES / "lenet5.chain")
    names = {one.name: one.id for one in project.graph.nodes.values()}
    project, block = group(project, (names["conv2"], names["tanh2"]))
    app.filing.take(Document(project))
    work = app.workspace
    qtbot.waitUntil(lambda: work.feed is not None)
    canvas(app).select((block,))
    app.do("activation")
    canvas(app).view.show_at(canvas(app).scene.nodes[block].rect.center(), 1.0)
    train(app, qtbot, 1)
    qtbot.waitUntil(lambda: canvas(app).scene.bodies.unfolded(block).activation is not None, timeout=SOON)
    outside = canvas(app).scene.bodies.unfolded(block).activation
    canvas(app).tour.enter(block)
    inner = next(one.id for one in work.editor.graph.nodes.values() if one.kind == "Conv2d")
    canvas(app).select((inner,))
    app.do("activation")
    canvas(app).view.show_at(canvas(app).scene.nodes[inner].rect.center(), 1.0)
    qtbot.waitUntil(lambda: canvas(app).scene.bodies.unfolded(inner).activation is not None, timeout=SOON)
    name = work.document.project.graph.nodes[block].name
    assert (outside.path, canvas(app).scene.bodies.unfolded(inner).activation.path) == (
        f"{name}.tanh2",
        f"{name}.conv2",
    )


def test_looking_takes_a_hundredth_of_the_time_at_most(lenet: App, qtbot: QtBot):
    app = lenet
    peeking = app.workspace.bodies.peeking
    train(app, qtbot, 1)
    peeking.is_training, peeking.milliseconds = True, 0
    peeking._costs.extend((0.02, 0.5))
    peeking._since.start()
    peeking._timer.stop()
    peeking.soon()
    assert peeking._timer.remainingTime() == pytest.approx(0.02 / SHARE * 1000, rel=0.06)
    peeking.is_training = False
    peeking.soon()
    assert peeking._timer.remainingTime() < 100


def test_the_view_menu_says_whether_all_are_shown(lenet: App, qtbot: QtBot):
    app = lenet
    action = app.window.actions_["activations"]
    assert not action.isChecked()
    canvas(app).view.setFocus()
    QTest.keyClick(canvas(app).view, Qt.Key.Key_2)
    assert action.isChecked()
    assert len(app.workspace.document.project.bodies) == 12
    app.do("undo")
    assert not action.isChecked()
