"""The small plots of the Predict panel, read back from what is drawn and held against plain torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.data.arrays import natural_fields
from core.data.load import load as load_data
from core.data.settings import DatasetSettings
from core.data.sources import FieldSpec
from core.document import Document
from core.engine.predictions import Column
from core.prediction.meanings import Meaning
from core.project import Project
from gui.app import App
from gui.boundary.colors import said_colors, sample_color
from gui.boundary.plane import COUNT
from gui.predict.answers import SignAnswer
from gui.predict.curve import Curve, CurveInput
from gui.predict.hardest import hardest
from gui.predict.panel import PredictPanel
from gui.predict.plane import Plane, PlaneInput
from gui.subject import Output
from gui.theme import Themes
from tests.core.training.projects import node, project, wire
from tests.gui.conftest import opened
from tests.gui.predict.test_panel import LEFT, NONE, SOON, settled, show, stop, train


def plane(shown: PredictPanel) -> PlaneInput:
    (given,) = shown.page.inputs.values()
    assert isinstance(given, PlaneInput)
    return given


def score(app: App, weights: dict[str, torch.Tensor], places: np.ndarray) -> np.ndarray:
    """What the one linear layer of the project says at natural places (N, K)."""
    made: Project = app.workspace.run.trained
    (settings,) = made.data.values()
    step = next(one for one in app.workspace.editor.reading.plan.steps if one.kind.name == "Linear")
    (value,) = step.values()
    scale = load_data(settings).normalisation[value.port]
    scaled = (torch.from_numpy(places).double() - torch.tensor(scale.offset)) / torch.tensor(scale.scale)
    weight, bias = weights[f"{step.path}.weight"].double(), weights[f"{step.path}.bias"].double()
    return (scaled @ weight.T + bias).numpy()[:, 0]


def test_the_plane_of_an_svm_shows_its_line_its_margins_and_its_support_vectors(app: App, qtbot: QtBot):
    opened(app, qtbot, "svm")
    shown = show(app, qtbot)
    train(app, qtbot, 120)
    settled(shown, qtbot, 120)
    given = plane(shown)
    drawn = given.plane
    weights = stop(app, qtbot)
    across, up = drawn.scales()

    def back(pieces: np.ndarray) -> np.ndarray:
        """Pixels as natural places."""
        ends = pieces.reshape(-1, 2)
        return np.array([[across.number(x), up.number(y)] for x, y in ends])

    for level in (0.0, -1.0, 1.0):
        places = back(drawn.drawn.boundaries(drawn.ground(), level))
        assert len(places) > 20
        assert score(app, weights, places) == pytest.approx(np.full(len(places), level), abs=0.01)
    (settings,) = app.workspace.document.project.data.values()
    data, natural = load_data(settings), natural_fields(settings)
    signs = natural["sign"].reshape(-1)[data.train.numpy()]
    touching = signs * score(app, weights, natural["point"][data.train.numpy()]) <= 1.0001
    assert int(drawn.drawn.vectors.sum()) == int(touching.sum()) > 0
    assert given.counted.text().startswith(f"{int(touching.sum())} of the training samples")
    np.testing.assert_array_equal(drawn.drawn.vectors[: len(data.train)], touching)
    assert not drawn.drawn.vectors[len(data.train) :].any()
    # the dots stand where the samples are
    pixels = drawn.pixels(drawn.drawn.samples)[: len(data.train)]
    wanted = natural["point"][data.train.numpy()]
    np.testing.assert_allclose([across.number(x) for x in pixels[:, 0]], wanted[:, 0], atol=1e-4)
    np.testing.assert_allclose([up.number(y) for y in pixels[:, 1]], wanted[:, 1], atol=1e-4)
    assert drawn.drawn.kinds[: len(data.train)].tolist() == (signs > 0).astype(int).tolist()


def test_a_pixel_of_the_plane_has_the_colour_of_what_torch_says_there(app: App, qtbot: QtBot):
    opened(app, qtbot, "logistic-regression")
    shown = show(app, qtbot)
    train(app, qtbot, 60)
    settled(shown, qtbot, 60)
    given, theme = plane(shown), app.themes.current
    drawn, weights = given.plane, stop(app, qtbot)
    drawn.drawn.samples, drawn.drawn.kinds = np.empty((0, 2)), np.empty(0, int)
    drawn.drawn.held, drawn.drawn.vectors = np.empty(0, bool), np.empty(0, bool)
    drawn.move_to(drawn.spans()[0][0], drawn.spans()[1][0])
    image = drawn.grab().toImage()
    across, up = drawn.scales()
    checked = 0
    for x in np.linspace(*drawn.spans()[0], 9)[1:-1]:
        for y in np.linspace(*drawn.spans()[1], 9)[1:-1]:
            said = 1 / (1 + np.exp(-score(app, weights, np.array([[x, y]]))))
            if abs(said[0] - 0.5) < 0.1:
                continue  # the line may lie there
            wanted = said_colors(theme, drawn.drawn.output, said.reshape(1, 1, 1), False)[0, 0]
            found = image.pixelColor(round(across.pixel(x)), round(up.pixel(y)))
            assert [found.red(), found.green(), found.blue()] == pytest.approx(wanted.tolist(), abs=9)
            checked += 1
    assert checked > 25


def test_a_click_and_an_arrow_move_the_place_that_is_judged(app: App, qtbot: QtBot):
    opened(app, qtbot, "svm")
    shown = show(app, qtbot)
    train(app, qtbot, 30)
    settled(shown, qtbot, 30)
    drawn = plane(shown).plane
    across, up = drawn.scales()
    at = QPointF(across.pixel(1.0), up.pixel(-0.5)).toPoint()
    QTest.mouseClick(drawn, LEFT, NONE, at)
    assert (drawn.place.x(), drawn.place.y()) == pytest.approx((1.0, -0.5), abs=0.03)
    before, (left, right) = drawn.place.x(), drawn.spans()[0]
    QTest.keyClick(drawn, Qt.Key.Key_Right)
    assert drawn.place.x() == pytest.approx(before + 0.01 * (right - left))
    assert shown.page.samples.words.whole == "your own"
    settled(shown, qtbot, 30)
    (answer,) = shown.page.answers.values()
    assert isinstance(answer, SignAnswer)
    wanted = score(app, stop(app, qtbot), np.array([[drawn.place.x(), drawn.place.y()]]))[0]
    said = float(answer.score.text().removeprefix("score ").replace("−", "-"))
    assert said == pytest.approx(wanted, rel=1e-3, abs=1e-3)


def test_three_classes_have_their_own_colours_and_lines_between_them(dressed: QApplication, qtbot: QtBot):
    columns = [Column(low=0.0, high=1.0, middle=0.5)] * 2
    output = Output("fc", Meaning("classes", "logits", classes=("a", "b", "c")), (3,))
    drawn = Plane(Themes("light"), FieldSpec("point", (2,), "float32", "input", columns=("x", "y")), columns, output)
    qtbot.addWidget(drawn)
    drawn.resize(300, 300)
    y, x = np.indices((COUNT, COUNT)) / (COUNT - 1)
    shares = np.stack([np.where(x < 0.5, 0.9, 0.05), np.where((x >= 0.5) & (y < 0.5), 0.9, 0.05)], axis=2)
    drawn.drawn.show_values(np.concatenate([shares, 1 - shares.sum(2, keepdims=True)], axis=2))
    image = drawn.drawn.image(drawn.theme.theme)
    high = COUNT - 3
    assert len({image.pixel(x, y) for x, y in ((2, 2), (high, 2), (high, high))}) == 3
    (left, right), _up = drawn.spans()
    ends = drawn.drawn.boundaries(drawn.ground()).reshape(-1, 2)
    across, _scale = drawn.scales()
    places = (np.array([across.number(one) for one in ends[:, 0]]) - left) / (right - left)
    assert ((np.abs(places - 0.5) < 0.02) | (places > 0.5)).all()


def line(field: str, loss: str, into: str, target: str) -> Project:
    nodes = [node("data", "Dataset", dataset="data"), node("fc", "Linear", out_features=1), node("loss", loss)]
    edges = [wire(f"data.{field}", "fc"), wire("fc", f"loss.{into}"), wire(f"data.{target}", "loss.target")]
    return project(nodes, edges, DatasetSettings("diabetes"), epochs=50)


def test_the_curve_of_one_number_is_torchs_line_through_the_samples(app: App, qtbot: QtBot):
    app.filing.take(Document(line("bmi", "MSE", "prediction", "target")))
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    shown = show(app, qtbot)
    train(app, qtbot, 40)
    settled(shown, qtbot, 40)
    (given,) = shown.page.inputs.values()
    assert isinstance(given, CurveInput)
    curve, weights = given.curve, stop(app, qtbot)
    (settings,) = app.workspace.document.project.data.values()
    data = load_data(settings)
    target = data.normalisation["target"]
    across, up = curve.scales()
    pixels = curve.drawn.curve(0, curve.ground())[::20]
    places = np.array([[across.number(x)] for x in pixels[:, 0]])
    wanted = score(app, weights, places) * target.scale[0] + target.offset[0]
    assert [up.number(y) for y in pixels[:, 1]] == pytest.approx(wanted.tolist(), rel=1e-4)
    natural, numbers = natural_fields(settings), torch.cat([data.train, data.validation]).numpy()
    np.testing.assert_allclose(curve.drawn.samples[:, 0], natural["bmi"][numbers, 0], rtol=1e-4)
    np.testing.assert_allclose(curve.drawn.samples[:, 1], natural["target"][numbers, 0], rtol=1e-4)
    assert int(curve.drawn.held.sum()) == len(data.validation)
    # and the line is really painted there
    image, accent = curve.grab().toImage(), curve.drawn.ink(curve.theme, 0)
    x, y = curve.drawn.curve(0, curve.ground())[60]
    around = [image.pixelColor(round(x), round(y) + dy) for dy in (-1, 0, 1)]
    assert any(abs(one.red() - accent.red()) + abs(one.blue() - accent.blue()) < 60 for one in around)


def test_the_bars_of_a_linear_model_are_its_weights(app: App, qtbot: QtBot):
    opened(app, qtbot, "linear-regression")
    shown = show(app, qtbot)
    train(app, qtbot, 40)
    settled(shown, qtbot, 40)
    bars = shown.page.coefficients
    assert bars is not None
    weights = stop(app, qtbot)
    weight = weights["fc.weight"][0]
    assert [bar.value for bar in bars.bars.bars] == pytest.approx(weight.tolist())
    assert [bar.name for bar in bars.bars.bars][:3] == ["age", "sex", "bmi"]
    assert bars.intercept.text() == f"intercept {weights['fc.bias'].item():+.3g}".replace("-", "−")
    left, right = bars.bars._room()
    zero, full = bars.bars._zero(left, right)
    largest = float(weight.abs().max())
    for place, value in enumerate(weight.tolist()):
        rect = bars.bars.bar_rect(place)
        assert rect.width() == pytest.approx(abs(value) / largest * full)
        assert (rect.left() if value > 0 else rect.right()) == pytest.approx(zero)


def test_a_deep_network_has_no_coefficients(app: App, qtbot: QtBot):
    opened(app, qtbot, "spiral")
    shown = show(app, qtbot)
    train(app, qtbot, 2)
    settled(shown, qtbot, 2)
    assert shown.page.coefficients is None
    assert plane(shown).counted.isHidden()
    plane(shown).looks._buttons["discrete"].click()
    colors = {
        plane(shown).plane.drawn.image(app.themes.current).pixel(x, y) for x in range(COUNT) for y in range(0, COUNT, 9)
    }
    assert len(colors) <= 2
    stop(app, qtbot)


def test_the_least_certain_samples_are_listed_as_torch_judges_them_and_a_click_shows_one(app: App, qtbot: QtBot):
    opened(app, qtbot, "svm")
    shown = show(app, qtbot)
    train(app, qtbot, 60)
    settled(shown, qtbot, 60)
    given = plane(shown)
    listed = given.hardest
    QTest.mouseClick(listed, LEFT, NONE, listed.bar_rect(2).center().toPoint())
    chosen = listed.samples[2].place
    qtbot.waitUntil(lambda: shown.page.samples.place == chosen, timeout=SOON)
    weights = stop(app, qtbot)
    (settings,) = app.workspace.document.project.data.values()
    held, natural = load_data(settings).validation.numpy(), natural_fields(settings)
    scores = score(app, weights, natural["point"][held])
    order = np.argsort(np.abs(scores), kind="stable")[: len(listed.samples)]
    assert [one.place for one in listed.samples] == order.tolist()
    assert [one.text for one in listed.samples] == [f"{scores[at]:+.2f}".replace("-", "−") for at in order]
    assert [one.said for one in listed.samples] == (scores[order] > 0).astype(int).tolist()
    assert [one.right for one in listed.samples] == (natural["sign"].reshape(-1)[held][order] > 0).astype(int).tolist()
    place = given.plane.place
    assert (place.x(), place.y()) == pytest.approx(natural["point"][held[chosen]].tolist(), abs=1e-4)
    QTest.keyClick(listed, Qt.Key.Key_Up)
    with qtbot.waitSignal(listed.picked) as picked:
        QTest.keyClick(listed, Qt.Key.Key_Return)
    assert picked.args == [listed.samples[1].place]


def test_of_three_classes_the_two_likeliest_decide_how_certain_it_is():
    output = Output("fc", Meaning("classes", "logits", classes=("a", "b", "c")), (3,))
    said = np.array([[0.4, 0.35, 0.25], [0.9, 0.05, 0.05], [0.1, 0.6, 0.3], [0.34, 0.33, 0.33]])
    held = np.array([False, True, True, True])
    found = hardest(output, np.zeros((4, 2)), np.array([0, 0, 2, 1]), held, said)
    assert [(one.place, one.said, one.right, one.text) for one in found] == [
        (2, 0, 1, "0.340"),
        (1, 1, 2, "0.600"),
        (0, 0, 0, "0.900"),
    ]


def test_the_curve_of_a_probability_has_the_whole_of_it_for_its_axis(dressed: QApplication, qtbot: QtBot):
    output = Output("fc", Meaning("probabilities", "logits", classes=("ham", "spam")), (1,))
    spec = FieldSpec("signs", (1,), "float32", "input", columns=("!",))
    curve = Curve(Themes("dark"), spec, Column(low=0.0, high=4.0, middle=1.0), output)
    qtbot.addWidget(curve)
    curve.resize(300, 280)
    places = curve.drawn.places()
    share = torch.sigmoid(torch.from_numpy(places) * 3 - 5).numpy()
    curve.drawn.show_values(share[:, None])
    curve.drawn.samples, curve.drawn.held = np.array([[0.5, 0.0], [3.0, 1.0]]), np.array([False, True])
    _across, up = curve.scales()
    assert (up.low, up.high) == (-0.04, 1.04)
    assert [up.number(y) for y in curve.drawn.curve(0, curve.ground())[::40, 1]] == pytest.approx(share[::40].tolist())
    assert curve.drawn.said_at(5 / 3) == pytest.approx(0.5, abs=1e-3)
    assert [curve.drawn.kind(right) for right in curve.drawn.samples[:, 1]] == [0, 1]
    image = curve.grab().toImage()
    x, y = curve.pixels(curve.drawn.samples)[0]
    assert image.pixelColor(round(x), round(y)).name() == sample_color(Themes("dark").current, 0, output).name()
