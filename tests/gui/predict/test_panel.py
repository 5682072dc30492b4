"""The Predict panel of a real window with a real engine: what it shows is plain torch's answer to what is given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from safetensors.torch import load_file, save_file
from torch.nn import functional

from core.data.load import load as load_data
from core.document import Document
from core.files import load
from core.files import save as save_project
from core.prediction.centring import FRAMINGS, framed
from core.project import Weights
from gui.app import App
from gui.numbers import percent
from gui.predict.answers import ClassAnswer, ValueAnswer
from gui.predict.panel import PredictPanel
from gui.predict.picture_input import PictureInput
from gui.predict.row_input import RowInput
from tests.gui.conftest import TEMPLATES, opened

SOON = 20_000
NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


def stored_arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as stored:
        return dict(stored)


def panel(app: App) -> PredictPanel:
    assert app.workspace is not None
    assert app.workspace.predict is not None
    return app.workspace.predict


def show(app: App, qtbot: QtBot) -> PredictPanel:
    app.do("predict")
    qtbot.waitUntil(lambda: panel(app).is_seen())
    return panel(app)


def train(app: App, qtbot: QtBot, steps: int) -> None:
    run = app.workspace.run
    run.train_steps(steps)
    qtbot.waitUntil(lambda: run.state.phase == "paused" and run.state.step >= steps, timeout=SOON)


def stop(app: App, qtbot: QtBot) -> dict[str, torch.Tensor]:
    """End the run; its weights."""
    app.workspace.run.stop()
    qtbot.waitUntil(lambda: not app.workspace.run.state.active, timeout=SOON)
    return load_file(app.workspace.run.state.weights)


def settled(shown: PredictPanel, qtbot: QtBot, step: int) -> None:
    """Wait until the newest input was answered at this step."""
    wanted = f"step {step:,} · answered"
    qtbot.waitUntil(lambda: shown.footer.text().startswith(wanted) and not shown.asking.is_waiting, timeout=SOON)


def iris(weights: dict[str, torch.Tensor], features: np.ndarray) -> torch.Tensor:
    """The template's probabilities for natural features, by hand."""
    data = load_data(load(TEMPLATES / "iris.chain").data["iris"])
    scale = data.normalisation["features"]
    scaled = (torch.from_numpy(features).double() - torch.tensor(scale.offset)) / torch.tensor(scale.scale)
    state = {name: tensor.double() for name, tensor in weights.items()}
    hidden = torch.relu(functional.linear(scaled, state["fc1.weight"], state["fc1.bias"]))
    return torch.softmax(functional.linear(hidden, state["fc2.weight"], state["fc2.bias"]), -1)


def lenet5(weights: dict[str, torch.Tensor], images: torch.Tensor) -> torch.Tensor:
    """The template's probabilities, by torch's functions alone."""
    x = images
    for name, padding in (("conv1", 2), ("conv2", 0)):
        maps = functional.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=padding)
        x = functional.avg_pool2d(torch.tanh(maps), 2)
    x = x.flatten(1)
    for name in ("fc1", "fc2"):
        x = torch.tanh(functional.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"]))
    return torch.softmax(functional.linear(x, weights["fc3.weight"], weights["fc3.bias"]), -1)


def classes(shown: PredictPanel) -> ClassAnswer:
    assert shown.page is not None
    (answer,) = shown.page.answers.values()
    assert isinstance(answer, ClassAnswer)
    return answer


def picture_input(shown: PredictPanel) -> PictureInput:
    assert shown.page is not None
    given = shown.page.inputs["image"]
    assert isinstance(given, PictureInput)
    return given


def test_before_training_the_panel_says_so_and_its_button_trains(app: App, qtbot: QtBot):
    opened(app, qtbot, "iris")
    shown = show(app, qtbot)
    qtbot.waitUntil(lambda: shown.notice.title.text() == "This network has not learnt anything yet.")
    assert shown.pages.currentWidget() is shown.notice
    qtbot.mouseClick(shown.notice.button, LEFT)
    qtbot.waitUntil(lambda: shown.page is not None and shown.footer.text() != "", timeout=SOON)
    assert shown.pages.currentWidget() is shown.view
    app.workspace.run.stop()
    qtbot.waitUntil(lambda: not app.workspace.run.state.active, timeout=SOON)


def test_an_empty_graph_has_nothing_to_predict(app: App, qtbot: QtBot):
    app.filing.new()
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    shown = show(app, qtbot)
    qtbot.waitUntil(lambda: shown.notice.title.text() == "Nothing to predict yet.")
    assert shown.notice.button.isHidden()


def test_the_bars_are_torchs_probabilities_of_the_sample_that_is_shown(app: App, qtbot: QtBot):
    opened(app, qtbot, "iris")
    shown = show(app, qtbot)
    train(app, qtbot, 30)
    settled(shown, qtbot, 30)
    qtbot.mouseClick(shown.page.samples.after, LEFT)
    qtbot.waitUntil(lambda: shown.page.samples.place == 1, timeout=SOON)
    settled(shown, qtbot, 30)
    weights, data = stop(app, qtbot), load_data(app.workspace.document.project.data["iris"])
    number = int(data.validation[1])
    natural = stored_arrays(TEMPLATES.parent / "datasets" / "iris.npz")["features"][number]
    wanted = iris(weights, natural)
    answer = classes(shown)
    bars = answer.bars.bars
    assert [bar.name for bar in bars] == ["setosa", "versicolor", "virginica"]
    assert [bar.value for bar in bars] == pytest.approx(wanted.tolist(), rel=1e-4)
    assert [bar.text for bar in bars] == [percent(float(share)) for share in wanted.float()]
    label = int(data.fields["label"][number])
    assert answer.said.text() == bars[int(wanted.argmax())].name
    assert answer.verdict.text() == ("right" if int(wanted.argmax()) == label else f"it is {bars[label].name}")
    assert [bar.mark != "" for bar in bars] == [at == label for at in range(3)]
    assert shown.page.samples.words.whole == f"2 of {len(data.validation)}"


def test_a_bar_is_as_long_on_the_screen_as_its_class_is_likely(app: App, qtbot: QtBot):
    opened(app, qtbot, "iris")
    shown = show(app, qtbot)
    train(app, qtbot, 30)
    settled(shown, qtbot, 30)
    bars = classes(shown).bars
    image = bars.grab().toImage()
    filled = [app.themes.current.color(name).rgb() for name in ("accent", "line3")]
    left, right = bars._room()
    lines = [round(bars.bar_rect(place).center().y()) for place in range(3)]
    found = [sum(image.pixel(x, y) in filled for x in range(round(left), round(right))) for y in lines]
    assert found == pytest.approx([bar.value * (right - left) for bar in bars.bars], abs=1.5)


def test_a_moved_slider_is_answered_in_natural_units(app: App, qtbot: QtBot):
    opened(app, qtbot, "iris")
    shown = show(app, qtbot)
    train(app, qtbot, 20)
    settled(shown, qtbot, 20)
    given = shown.page.inputs["features"]
    assert isinstance(given, RowInput)
    natural = stored_arrays(TEMPLATES.parent / "datasets" / "iris.npz")["features"]
    for entry, column in zip(given.entries, natural.T, strict=True):
        assert (entry.column.low, entry.column.high) == pytest.approx((column.min(), column.max()))
    entry = given.entries[2]
    entry.slider.setFocus()
    QTest.keyClick(entry.slider, Qt.Key.Key_End)
    assert entry.value == pytest.approx(float(natural[:, 2].max()))
    assert entry.field.text() == "6.9"
    assert shown.page.samples.words.whole == "your own"
    qtbot.keyClicks(given.entries[3].field, "")
    given.entries[3].field.selectAll()
    qtbot.keyClicks(given.entries[3].field, "3.25")
    assert given.values[0, 2:].tolist() == pytest.approx([6.9, 3.25])
    settled(shown, qtbot, 20)
    wanted = iris(stop(app, qtbot), given.values)[0]
    assert [bar.value for bar in classes(shown).bars.bars] == pytest.approx(wanted.tolist(), rel=1e-4)
    assert classes(shown).verdict.text() == ""


def test_a_field_that_holds_no_number_is_marked_and_changes_nothing(app: App, qtbot: QtBot):
    opened(app, qtbot, "iris")
    shown = show(app, qtbot)
    train(app, qtbot, 2)
    settled(shown, qtbot, 2)
    entry = shown.page.inputs["features"].entries[0]
    before = entry.value
    entry.field.selectAll()
    qtbot.keyClicks(entry.field, "wide")
    assert (entry.field.property("state"), entry.value) == ("error", before)
    QTest.keyClick(entry.field, Qt.Key.Key_Return)
    assert entry.field.property("state") == ""


def test_a_value_comes_in_its_own_unit_beside_the_right_one(app: App, qtbot: QtBot):
    opened(app, qtbot, "linear-regression")
    shown = show(app, qtbot)
    train(app, qtbot, 40)
    settled(shown, qtbot, 40)
    weights, data = stop(app, qtbot), load_data(app.workspace.document.project.data["diabetes"])
    scale, target = data.normalisation["features"], data.normalisation["target"]
    number = int(data.validation[0])
    stored = stored_arrays(TEMPLATES.parent / "datasets" / "diabetes.npz")
    x = (torch.from_numpy(stored["features"][number]).double() - torch.tensor(scale.offset)) / torch.tensor(scale.scale)
    wanted = (weights["fc.weight"].double() @ x + weights["fc.bias"].double()) * target.scale[0] + target.offset[0]
    (answer,) = shown.page.answers.values()
    assert isinstance(answer, ValueAnswer)
    ((name, value, error),) = answer.texts
    assert (name, float(value)) == ("progression", pytest.approx(wanted.item(), rel=1e-3))
    right = float(stored["target"].reshape(-1)[number])
    assert error.startswith(f"{right:g} is right, ")
    assert float(error.split(", ")[1].replace("−", "-")) == pytest.approx(wanted.item() - right, rel=1e-2)


def drag(widget: object, *places: tuple[float, float]) -> None:
    """A stroke over places from 0 to 1 of a square widget's sheet."""
    sheet = widget._sheet()
    corner, side = sheet.topLeft(), sheet.width()
    points = [(corner + QPointF(x * side, y * side)).toPoint() for x, y in places]
    QTest.mousePress(widget, LEFT, NONE, points[0])
    for point in points[1:]:
        QTest.mouseMove(widget, point)
    QTest.mouseRelease(widget, LEFT, NONE, points[-1])


def test_a_drawn_digit_is_framed_as_the_data_is_and_answered(lenet: App, qtbot: QtBot):
    shown = show(lenet, qtbot)
    train(lenet, qtbot, 3)
    settled(shown, qtbot, 3)
    given = picture_input(shown)
    pad = given.pad
    pad.setFocus()
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    assert pad.is_empty
    drag(pad, (0.2, 0.3), (0.5, 0.3), (0.45, 0.6), (0.4, 0.9))
    drag(pad, (0.3, 0.6), (0.6, 0.6))
    assert (pad.strokes, shown.page.samples.words.whole) == (2, "your own")
    picture = given.values[0, 0]
    assert (picture.shape, picture.max()) == ((28, 28), pytest.approx(1.0, abs=0.05))
    np.testing.assert_array_equal(picture, framed(pad._ink(), 28, FRAMINGS["mnist"]))
    np.testing.assert_array_equal(given.seen.picture[0], picture)
    settled(shown, qtbot, 3)
    wanted = lenet5(stop(lenet, qtbot), torch.from_numpy(given.values))[0]
    assert [bar.value for bar in classes(shown).bars.bars] == pytest.approx(wanted.tolist(), rel=1e-4, abs=1e-7)
    QTest.keyClick(pad, Qt.Key.Key_Backspace)
    assert pad.strokes == 1
    assert not np.array_equal(given.values[0, 0], picture)


def test_the_pad_is_drawn_on_by_keys_alone(lenet: App, qtbot: QtBot):
    shown = show(lenet, qtbot)
    train(lenet, qtbot, 1)
    settled(shown, qtbot, 1)
    pad = picture_input(shown).pad
    pad.setFocus()
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    for key in (Qt.Key.Key_Space, *[Qt.Key.Key_Down] * 6, Qt.Key.Key_Space, *[Qt.Key.Key_Right] * 3):
        QTest.keyClick(pad, key)
    assert pad.strokes == 1
    end = pad._strokes[0].points[-1]
    assert (end.x(), end.y()) == pytest.approx((0.5, 0.5 + 6 / 28))
    assert pad.picture.any()


def test_a_dropped_photograph_of_ink_on_paper_becomes_ink_on_black(lenet: App, qtbot: QtBot, tmp_path: Path):
    shown = show(lenet, qtbot)
    train(lenet, qtbot, 1)
    settled(shown, qtbot, 1)
    given = picture_input(shown)
    image = QImage(120, 80, QImage.Format.Format_RGB32)
    image.fill(QColor(230, 230, 230))
    for y in range(20, 60):
        for x in range(55, 65):
            image.setPixelColor(x, y, QColor(25, 25, 25))
    path = tmp_path / "one.png"
    assert image.save(str(path))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop = QDropEvent(QPointF(40, 40), Qt.DropAction.CopyAction, data, LEFT, NONE)
    given.dropEvent(drop)
    picture = given.values[0, 0]
    assert picture[0, 0] == pytest.approx(1 - 230 / 255, abs=1e-3)
    assert picture[14, 14] == pytest.approx(1 - 25 / 255, abs=1e-3)
    QApplication.clipboard().setImage(image)
    before = given.values.copy()
    given.pad.setFocus()
    QTest.keyClick(given.pad, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_allclose(given.values, before, atol=1e-6)
    given.ask_path = lambda: str(tmp_path / "none.png")
    given._open()
    qtbot.waitUntil(lambda: "none.png could not be read" in shown.footer.text())


def test_nothing_is_asked_while_nobody_looks_and_the_panel_catches_up_when_it_is_shown(
    app: App, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    opened(app, qtbot, "iris")
    asked: list[str] = []
    ask = app.workspace.line.ask
    monkeypatch.setattr(app.workspace.line, "ask", lambda kind, *rest: (asked.append(kind), ask(kind, *rest))[1])
    train(app, qtbot, 10)
    qtbot.wait(200)
    assert not panel(app).is_seen()
    assert set(asked) <= {"look", "peek", "facts"}  # none of them is the panel's
    shown = show(app, qtbot)
    settled(shown, qtbot, 10)
    assert {"survey", "draw", "guess"} <= set(asked)
    app.window.workbench.reveal("inspector")
    qtbot.waitUntil(lambda: not shown.is_seen())
    asked.clear()
    app.workspace.run.train_steps(10)
    qtbot.waitUntil(lambda: app.workspace.run.state.step == 20, timeout=SOON)
    qtbot.wait(150)
    assert set(asked) <= {"look", "peek"}
    app.do("predict")
    settled(shown, qtbot, 20)
    stop(app, qtbot)


def test_a_saved_network_answers_without_a_run(app: App, qtbot: QtBot, tmp_path: Path):
    opened(app, qtbot, "iris")
    train(app, qtbot, 25)
    weights = stop(app, qtbot)
    state, project = app.workspace.run.state, load(TEMPLATES / "iris.chain")
    trained = replace(project, weights=Weights(state.sha256))
    written = save_project(trained, tmp_path / "mine.chain", Path(state.weights))
    app.filing.take(Document(written, tmp_path / "mine.chain"))
    qtbot.waitUntil(lambda: app.workspace.document.path == tmp_path / "mine.chain" and app.workspace.feed is not None)
    shown = show(app, qtbot)
    qtbot.waitUntil(lambda: shown.footer.text().startswith("weights of the file"), timeout=SOON)
    qtbot.waitUntil(lambda: not shown.asking.is_waiting, timeout=SOON)
    wanted = iris(weights, shown.page.inputs["features"].values)[0]
    assert [bar.value for bar in classes(shown).bars.bars] == pytest.approx(wanted.tolist(), rel=1e-3)


def test_an_edit_of_the_graph_is_told_and_a_lost_engine_too(app: App, qtbot: QtBot):
    opened(app, qtbot, "iris")
    shown = show(app, qtbot)
    train(app, qtbot, 5)
    settled(shown, qtbot, 5)
    project = app.workspace.document.project
    node = project.graph.by_name("fc1")
    changed = project.graph.replace_node(node.with_params(out_features=9))
    app.workspace.document.edit("Change", replace(project, graph=changed))
    qtbot.waitUntil(shown.stale.isVisible)
    assert "the network that was trained" in shown.stale.text()
    app.do("undo")
    qtbot.waitUntil(shown.stale.isHidden)
    shown._lose(None)
    qtbot.waitUntil(lambda: shown.notice.title.text() == "Nobody answers.")
    assert shown.pages.currentWidget() is shown.notice
    stop(app, qtbot)


def test_another_run_of_the_same_network_keeps_what_was_drawn(lenet: App, qtbot: QtBot):
    shown = show(lenet, qtbot)
    train(lenet, qtbot, 2)
    settled(shown, qtbot, 2)
    page, given = shown.page, picture_input(shown)
    given.pad.setFocus()
    QTest.keyClick(given.pad, Qt.Key.Key_Delete)
    drag(given.pad, (0.3, 0.2), (0.3, 0.8))
    drawn = given.values.copy()
    stop(lenet, qtbot)
    train(lenet, qtbot, 1)
    settled(shown, qtbot, 1)
    assert shown.page is page
    np.testing.assert_array_equal(given.values, drawn)
    stop(lenet, qtbot)


def test_weights_that_are_another_networks_are_told_in_words(app: App, qtbot: QtBot, tmp_path: Path):
    opened(app, qtbot, "iris")
    shown = panel(app)
    save_file({"other.weight": torch.zeros(2, 2)}, tmp_path / "other.safetensors")
    shown.network.weights_file = lambda: tmp_path / "other.safetensors"
    show(app, qtbot)
    qtbot.waitUntil(lambda: shown.notice.title.text() == "The network could not answer.", timeout=SOON)
    assert "weights of this network were wanted" in shown.notice.hint.text()
    assert shown.pages.currentWidget() is shown.notice
