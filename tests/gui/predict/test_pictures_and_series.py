"""Series, masks, pictures and noise in the Predict panel: what is drawn is what numpy and torch say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.data.load import load as load_data
from core.data.settings import DatasetSettings
from core.data.sources import FieldSpec
from core.document import Document
from core.prediction.inputs import reads
from core.prediction.meanings import Meaning
from core.project import Project
from gui.app import App
from gui.pixels import image_of, is_dark_on_light, picture_of
from gui.predict.answers import PictureAnswer, SeriesAnswer
from gui.predict.choice_input import ChoiceInput
from gui.predict.masks import MaskAnswer, overlap, right_classes, said_classes
from gui.predict.picture_input import PictureInput
from gui.predict.series_input import SeriesInput
from gui.subject import Output
from gui.theme import Themes
from tests.core.training.projects import chain, node, project, wire
from tests.gui.predict.test_panel import NONE, settled, show, stop, train

RANDOM = np.random.default_rng(0)


def taken(app: App, qtbot: QtBot, made: Project) -> None:
    app.filing.take(Document(replace(made, training=replace(made.training, epochs=50))))
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)


def forecast() -> Project:
    layers = [node("flat", "Flatten"), node("fc", "Linear", out_features=6)]
    nodes = [node("data", "Dataset", dataset="data"), *layers, node("loss", "MSE")]
    edges = [wire("data.past", "flat"), *chain(["flat", "fc"])]
    edges += [wire("fc", "loss.prediction"), wire("data.next", "loss.target")]
    return project(nodes, edges, DatasetSettings("sunspots", (("horizon", 6),)))


def autoencoder() -> Project:
    layers = [node("flat", "Flatten"), node("fc", "Linear", out_features=64), node("sigmoid", "Sigmoid")]
    nodes = [node("data", "Dataset", dataset="data"), *layers, node("loss", "MSE")]
    edges = [wire("data.image", "flat"), *chain(["flat", "fc", "sigmoid"])]
    edges += [wire("sigmoid", "loss.prediction"), wire("flat", "loss.target")]
    return project(nodes, edges, DatasetSettings("digits"))


def test_a_forecast_is_drawn_behind_the_past_in_its_own_unit(app: App, qtbot: QtBot):
    taken(app, qtbot, forecast())
    shown = show(app, qtbot)
    train(app, qtbot, 30)
    settled(shown, qtbot, 30)
    given, answer = shown.page.inputs["past"], shown.page.answers["fc"]
    assert isinstance(given, SeriesInput)
    assert isinstance(answer, SeriesAnswer)
    weights, data = stop(app, qtbot), load_data(app.workspace.document.project.data["data"])
    scale, target = data.normalisation["past"], data.normalisation["next"]

    def said(past: np.ndarray) -> np.ndarray:
        x = (torch.from_numpy(past).double() - scale.offset[0]) / scale.scale[0]
        y = weights["fc.weight"].double() @ x + weights["fc.bias"].double()
        return (y * target.scale[0] + target.offset[0]).numpy()

    number = int(data.validation[0])
    past = data.fields["past"][number].double().numpy().reshape(-1) * scale.scale[0] + scale.offset[0]
    right = data.fields["next"][number].double().numpy() * target.scale[0] + target.offset[0]
    plot = given.plot
    np.testing.assert_allclose(plot.past[:, 0], past, rtol=1e-4, atol=1e-3)
    across, up = plot.scales()
    line = plot.line(plot.next, len(past))
    assert [across.number(x) for x in line[:, 0]] == pytest.approx(list(range(len(past), len(past) + 6)))
    assert [up.number(y) for y in line[:, 1]] == pytest.approx(said(past).tolist(), rel=1e-3)
    assert [up.number(y) for y in plot.line(plot.right, 0)[:, 1]] == pytest.approx(right.tolist(), rel=1e-3, abs=1e-2)
    apart = np.sqrt(np.mean((said(past) - right) ** 2))
    assert float(answer.error.text().rpartition(" ")[2]) == pytest.approx(apart, rel=1e-2)


def test_a_series_is_bent_by_mouse_and_keys(app: App, qtbot: QtBot):
    taken(app, qtbot, forecast())
    shown = show(app, qtbot)
    train(app, qtbot, 5)
    settled(shown, qtbot, 5)
    given = shown.page.inputs["past"]
    plot = given.plot
    across, up = plot.scales()
    before = given.values.copy()
    at = QPointF(across.pixel(4), up.pixel(60.0)).toPoint()
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, NONE, at)
    assert given.values[0, 4, 0] == pytest.approx(60, abs=2)
    assert shown.page.samples.words.whole == "your own"
    assert plot.right is None
    QTest.keyClick(plot, Qt.Key.Key_Right)
    QTest.keyClick(plot, Qt.Key.Key_Up)
    assert given.values[0, 5, 0] > before[0, 5, 0]
    np.testing.assert_array_equal(given.values[0, 8:], before[0, 8:])
    settled(shown, qtbot, 5)
    assert plot.next is not None
    stop(app, qtbot)


def test_an_autoencoder_gives_its_picture_beside_the_right_one_and_noise_is_laid_over_what_it_sees(
    app: App, qtbot: QtBot
):
    taken(app, qtbot, autoencoder())
    shown = show(app, qtbot)
    train(app, qtbot, 20)
    settled(shown, qtbot, 20)
    given, answer = shown.page.inputs["image"], shown.page.answers["sigmoid"]
    assert isinstance(given, PictureInput)
    assert isinstance(answer, PictureAnswer)
    clean = given.values.copy()
    given.noise.setValue(40)
    noised = given.values
    assert 0 <= noised.min() <= noised.max() <= 1
    assert np.abs(noised - clean).mean() > 0.1
    np.testing.assert_array_equal(given.seen.picture, noised[0])
    settled(shown, qtbot, 20)
    weights = stop(app, qtbot)
    x = torch.from_numpy(noised).reshape(1, 64).double()
    wanted = torch.sigmoid(x @ weights["fc.weight"].double().T + weights["fc.bias"].double()).reshape(8, 8)
    np.testing.assert_allclose(answer.shown.picture[0], wanted, rtol=1e-4)
    np.testing.assert_allclose(answer.wanted.picture, clean[0], rtol=1e-6)
    apart = float((wanted - torch.from_numpy(clean[0, 0]).double()).square().mean().sqrt())
    assert float(answer.error.text().rpartition(" ")[2]) == pytest.approx(apart, rel=1e-2)
    assert shown.page.samples.words.whole.startswith("1 of")
    # what is on the screen is that picture
    place, image = answer.shown.frame_rect(), answer.shown.grab().toImage()
    for y, x in ((1, 2), (4, 4), (6, 1)):
        at = place.topLeft() + QPointF((x + 0.5) * place.width() / 8, (y + 0.5) * place.height() / 8)
        assert image.pixelColor(at.toPoint()).red() == pytest.approx(255 * wanted[y, x].item(), abs=2)


@pytest.fixture
def mask(dressed: QApplication, qtbot: QtBot) -> MaskAnswer:
    field = FieldSpec("mask", (12, 16), "int64", "target", classes=("ground", "cat", "dog"))
    meaning = Meaning("classes", "logits", field, "data", field.classes)
    made = MaskAnswer(Themes("dark"), Output("out", meaning, (3, 12, 16)))
    qtbot.addWidget(made)
    return made


def test_a_mask_is_laid_over_the_picture_and_judged_by_its_overlap(mask: MaskAnswer):
    shares = torch.softmax(torch.from_numpy(RANDOM.normal(size=(3, 12, 16))), 0).numpy()
    right = RANDOM.integers(0, 3, (12, 16))
    mask.ground = RANDOM.random((1, 12, 16)).astype(np.float32)
    mask.show_answer(shares, right)
    said = shares.argmax(0)
    wanted = []
    for at in range(3):
        both, either = np.logical_and(said == at, right == at).sum(), np.logical_or(said == at, right == at).sum()
        wanted.append(both / either)
    assert overlap(said_classes(shares), right, 3) == pytest.approx(wanted)
    assert [bar.value for bar in mask.bars.bars] == pytest.approx([(said == at).mean() for at in range(3)])
    assert mask.bars.bars[1].text.endswith(f"IoU {wanted[1]:.2f}")
    assert mask.fit.text() == f"mean IoU {100 * np.mean(wanted):.1f} %"
    cover, theme = mask.said.cover(), Themes("dark").current
    for y, x in ((0, 0), (5, 9), (11, 15)):
        color = cover.pixelColor(x, y)
        if said[y, x] == 0:
            assert color.alpha() == 0
        else:
            assert color.name() == theme.series(int(said[y, x]) - 1).name()
            assert color.alpha() == round(255 * mask.said.shade)
    mask.shade.setValue(100)
    assert {mask.said.cover().pixelColor(x, y).alpha() for x in range(16) for y in range(12)} == {0, 255}


def test_a_mask_of_yes_or_no_needs_half_and_classes_that_neither_has_do_not_count():
    shares = np.array([[[0.2, 0.6], [0.5, 0.9]]])
    assert said_classes(shares).tolist() == [[0, 1], [0, 1]]
    assert overlap(np.zeros((2, 2), int), np.zeros((2, 2), int), 2) == [1.0, None]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_picture_is_cut_made_small_and_turned_to_grey_as_pillow_does(tmp_path, channels: int):
    levels = (RANDOM.random((48, 72, 4 if channels == 4 else 3)) * 255).astype(np.uint8)
    whole = Image.fromarray(levels, "RGBA" if channels == 4 else "RGB")
    whole.save(tmp_path / "a.png")
    found = picture_of(QImage(str(tmp_path / "a.png")), channels, 12, 12)
    middle = levels[:, 12:60]
    if channels == 1:
        middle = np.asarray(whole.convert("L"))[:, 12:60, None]
    wanted = middle.reshape(12, 4, 12, 4, -1).mean((1, 3)).transpose(2, 0, 1) / 255
    np.testing.assert_allclose(found, wanted, atol=1.5 / 255)
    back = image_of(found)
    assert (back.width(), back.height()) == (12, 12)
    color = back.pixelColor(3, 5)
    assert color.red() == pytest.approx(255 * found[0, 5, 3], abs=1)


def test_light_corners_are_paper():
    sheet = np.ones((1, 28, 28), np.float32)
    sheet[0, 10:18, 10:18] = 0
    assert is_dark_on_light(sheet)
    assert not is_dark_on_light(1 - sheet)


def test_soft_masks_and_class_numbers_are_both_right_classes():
    assert right_classes(np.array([[[0.2, 0.9]]], np.float32), (1, 2)).tolist() == [[0, 1]]
    assert right_classes(np.array([[3, 0]]), (1, 2)).tolist() == [[3, 0]]


def test_a_class_that_is_read_is_chosen_by_its_name(dressed: QApplication, qtbot: QtBot):
    spec = FieldSpec("island", (), "int64", "input", classes=("Biscoe", "Dream", "Torgersen"))
    assert reads(spec) == "choice"
    made = ChoiceInput(Themes(), spec)
    qtbot.addWidget(made)
    made.show_sample(np.array([2]))
    assert (made.choice.currentText(), made.values.tolist()) == ("Torgersen", [2])
    with qtbot.waitSignal(made.changed):
        QTest.keyClick(made.choice, Qt.Key.Key_Up)
    assert made.values.tolist() == [1]
