"""The decision boundary in a real window with a real engine: its colours, rings and words are plain torch's."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from torch.nn import functional

from core.data.arrays import natural_fields
from core.data.load import load as load_data
from core.document import Document
from gui.app import App
from gui.boundary.colors import said_colors
from gui.boundary.plane import COUNT, PlaneDrawing
from gui.monitors import saving
from gui.monitors.boundary import BoundaryMonitor
from gui.numbers import percent, plain
from tests.gui.conftest import opened
from tests.gui.monitors.conftest import float_dock, picture, point_at
from tests.gui.predict.test_panel import SOON, iris, stop, train
from tests.gui.predict.test_plots import line

PETAL = (2, 3)
"""Length and width, of the four numbers of an iris."""


def monitor(app: App) -> BoundaryMonitor:
    found = app.workspace.monitors["boundary"]
    assert isinstance(found, BoundaryMonitor)
    return found


def show(app: App, qtbot: QtBot) -> BoundaryMonitor:
    float_dock(app, "boundary", 460, 420)
    qtbot.waitUntil(lambda: monitor(app).is_shown, timeout=SOON)
    return monitor(app)


def settled(shown: BoundaryMonitor, qtbot: QtBot, step: int) -> PlaneDrawing:
    """The drawing once it shows this step."""
    plane = shown.plane
    qtbot.waitUntil(
        lambda: plane.step == step and plane.drawing is not None and plane.drawing.values is not None, timeout=SOON
    )
    assert isinstance(plane.drawing, PlaneDrawing)
    return plane.drawing


@pytest.fixture
def petals(app: App, qtbot: QtBot) -> BoundaryMonitor:
    """The plane of the petals after 40 steps of the iris network."""
    opened(app, qtbot, "iris")
    shown = show(app, qtbot)
    assert shown.plane.hint[0] == "This network has not learnt anything yet."
    train(app, qtbot, 40)
    settled(shown, qtbot, 40)
    for axis, column in enumerate(PETAL):
        shown.choices[axis].pick(str(column))
    qtbot.waitUntil(lambda: shown.plane.names == ("petal length", "petal width"), timeout=SOON)
    plane = shown.plane
    qtbot.waitUntil(lambda: plane.drawing is not None and plane.drawing.values is not None, timeout=SOON)
    return shown


def with_means(app: App, places: np.ndarray) -> np.ndarray:
    """Rows of four numbers with these places (N, 2) of the petals, the others at the mean of the training part."""
    settings = app.workspace.document.project.data["iris"]
    natural = natural_fields(settings)["features"]
    rows = np.repeat(natural[load_data(settings).train.numpy()].mean(0)[None], len(places), axis=0)
    rows[:, PETAL] = places
    return rows.astype(np.float32)


def off_the_lines(
    app: App, shown: BoundaryMonitor, drawing: PlaneDrawing, weights: dict[str, torch.Tensor]
) -> Iterator[tuple[QPointF, np.ndarray]]:
    """Pixels of the plane that no line between classes passes, each with what plain torch says there."""
    (left, right), (low, high) = shown.plane.spans
    across, up = shown.plane.ground().scales()
    edges = drawing.boundaries(shown.plane.ground()).reshape(-1, 2)
    for x in np.linspace(left, right, 9)[1:-1]:
        for y in np.linspace(low, high, 9)[1:-1]:
            at = QPointF(across.pixel(x), up.pixel(y))
            if np.hypot(*(edges - [at.x(), at.y()]).T).min() >= 6:
                yield at, iris(weights, with_means(app, np.array([[x, y]]))).float().numpy()


def test_colours_are_torchs_probabilities_with_the_other_numbers_at_their_means(
    petals: BoundaryMonitor, app: App, qtbot: QtBot
):
    plane, theme = petals.plane, app.themes.current
    drawing = plane.drawing
    held, wrong, samples = drawing.held, drawing.wrong, (drawing.samples, drawing.kinds, drawing.vectors)
    drawing.samples, drawing.kinds, drawing.vectors = np.empty((0, 2)), np.empty(0, int), np.empty(0, bool)
    drawing.held = drawing.wrong = np.empty(0, bool)
    image = picture(plane)
    drawing.samples, drawing.kinds, drawing.vectors = samples
    drawing.held, drawing.wrong = held, wrong
    weights = stop(app, qtbot)
    compared = 0
    for at, said in off_the_lines(app, petals, drawing, weights):
        wanted = said_colors(theme, drawing.output, said.reshape(1, 1, 3), False)[0, 0]
        color = image.pixelColor(round(at.x()), round(at.y()))
        assert np.abs(np.array([color.red(), color.green(), color.blue()], int) - wanted).max() <= 6
        compared += 1
    assert compared > 30
    settings = app.workspace.document.project.data["iris"]
    data, natural = load_data(settings), natural_fields(settings)["features"]
    numbers = torch.cat([data.train, data.validation]).numpy()
    right_ones = data.fields["label"][numbers].numpy()
    np.testing.assert_array_equal(wrong, iris(weights, natural[numbers]).argmax(1).numpy() != right_ones)
    assert 0 < wrong.sum() < len(wrong) / 2
    parts = wrong[held].sum(), held.sum(), wrong[~held].sum(), (~held).sum()
    assert "All other numbers stand at their means." in plane.accessibleDescription()
    assert plane.words == "step 40: {} of {} held-out, {} of {} training samples wrong".format(*parts)


def test_a_wrong_sample_has_a_ring_and_a_right_one_none(petals: BoundaryMonitor, app: App):
    plane = petals.plane
    drawing = plane.drawing
    image, places = picture(plane), plane.ground().pixels(drawing.samples)
    error = app.themes.current.color("error")

    def ringed(place: np.ndarray) -> int:
        angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
        around = [
            image.pixelColor(QPoint(round(place[0] + 6 * np.cos(a)), round(place[1] + 6 * np.sin(a)))) for a in angles
        ]
        return sum(abs(one.red() - error.red()) + abs(one.green() - error.green()) < 80 for one in around)

    away = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) + 1e9 * np.eye(len(places))
    far = np.where(drawing.wrong[None], away, 1e9).min(1) > 14  # no ring of another one
    lonely = far & ~drawing.wrong
    assert drawing.wrong.any()
    assert lonely.any()
    alone = drawing.wrong & (away.min(1) > 4)
    assert all(ringed(place) >= 8 for place in places[alone])
    assert all(ringed(place) <= 2 for place in places[lonely])


def test_pointer_and_arrow_keys_tell_what_is_said_at_a_place(petals: BoundaryMonitor, app: App, qtbot: QtBot):
    plane = petals.plane
    across, up = plane.ground().scales()
    (left, right), (low, high) = plane.spans
    xs, ys = np.linspace(left, right, COUNT), np.linspace(low, high, COUNT)
    at = QPointF(across.pixel(xs[20]), up.pixel(ys[30])).toPoint()
    point_at(plane, QPointF(at))
    assert plane.pointer is not None
    lines = plane.reading(QPointF(at))
    before = QPointF(plane.pointer)
    QTest.keyClick(plane, Qt.Key.Key_Right)
    assert plane.pointer.x() == pytest.approx(before.x() + 0.01 * plane.area().width())
    QTest.keyClick(plane, Qt.Key.Key_Escape)
    assert plane.pointer is None
    said = iris(stop(app, qtbot), with_means(app, np.array([[xs[20], ys[30]]])))[0]
    told = {one.name.removeprefix("says "): one.value for one in lines[-3:]}
    names = ["setosa", "versicolor", "virginica"]
    assert next(iter(told)) == names[int(said.argmax())]
    assert told == {name: percent(float(np.float32(share))) for name, share in zip(names, said.tolist(), strict=True)}


def test_an_axis_takes_what_the_other_had_where_both_would_be_one(petals: BoundaryMonitor, qtbot: QtBot):
    petals.choices[0].pick("3")
    qtbot.waitUntil(lambda: petals.plane.names == ("petal width", "petal length"), timeout=SOON)
    assert [choice.text() for choice in petals.choices] == ["petal width", "petal length"]


def test_it_follows_the_training_and_its_numbers_are_saved(
    petals: BoundaryMonitor, app: App, qtbot: QtBot, tmp_path: Path
):
    before = petals.plane.drawing.values.copy()
    app.workspace.run.train_steps(30)
    drawing = settled(petals, qtbot, 70)
    assert not np.array_equal(before, drawing.values)
    saving.save(petals.plane, tmp_path / "plane.csv")
    with (tmp_path / "plane.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == COUNT**2
    assert list(rows[0]) == ["petal length", "petal width", "setosa", "versicolor", "virginica"]
    assert [np.float32(row["setosa"]) for row in rows] == drawing.values[..., 0].reshape(-1).tolist()
    petals.save(tmp_path / "plane.svg")
    assert "petal length" in (tmp_path / "plane.svg").read_text(encoding="utf-8")


def test_the_curve_of_one_number_runs_where_torch_says(app: App, qtbot: QtBot):
    app.filing.take(Document(line("bmi", "MSE", "prediction", "target")))
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    shown = show(app, qtbot)
    train(app, qtbot, 40)
    plane = shown.plane
    qtbot.waitUntil(lambda: plane.step == 40, timeout=SOON)
    assert plane.names == ("bmi",)
    ends = [plain(float(end), 3) for end in (plane.drawing.values.min(), plane.drawing.values.max())]
    assert plane.words == f"step 40: says {ends[0]} to {ends[1]} here"
    image, weights = picture(plane), stop(app, qtbot)
    (settings,) = app.workspace.document.project.data.values()
    scale = load_data(settings).normalisation
    across, up = plane.ground().scales()
    accent = app.themes.current.color("accent")
    for x in plane.drawing.places()[10:-10:20]:
        scaled = torch.tensor([(x - scale["bmi"].offset[0]) / scale["bmi"].scale[0]], dtype=torch.float32)
        y = float(functional.linear(scaled, weights["fc.weight"], weights["fc.bias"]))
        at = across.pixel(float(x)), up.pixel(y * scale["target"].scale[0] + scale["target"].offset[0])
        around = [image.pixelColor(round(at[0]), round(at[1]) + dy) for dy in (-1, 0, 1)]
        assert any(abs(one.red() - accent.red()) + abs(one.blue() - accent.blue()) < 60 for one in around)


def test_a_network_of_pictures_has_no_plane_and_says_for_what_it_is(app: App, qtbot: QtBot):
    opened(app, qtbot, "lenet5")
    shown = show(app, qtbot)
    train(app, qtbot, 1)
    qtbot.waitUntil(lambda: shown.plane.hint[0] == "This network has no such plane.", timeout=SOON)
    assert "one row of named numbers" in shown.plane.hint[1]
    assert not any(choice.isVisible() for choice in shown.choices)


def test_plain_colours_and_the_light_theme_say_the_same(petals: BoundaryMonitor, app: App, qtbot: QtBot):
    plane, drawing = petals.plane, petals.plane.drawing
    drawing.samples, drawing.kinds, drawing.vectors = np.empty((0, 2)), np.empty(0, int), np.empty(0, bool)
    drawing.held = drawing.wrong = np.empty(0, bool)
    images = {}
    for look, plain_ones in (("light", False), ("light", True), ("dark", True)):
        app.themes.use(look)
        petals.discrete.setChecked(plain_ones)
        images[look, plain_ones] = picture(plane), app.themes.current
    weights = stop(app, qtbot)
    compared = 0
    for at, said in off_the_lines(app, petals, drawing, weights):
        for (_look, plain_ones), (image, theme) in images.items():
            wanted = said_colors(theme, drawing.output, said.reshape(1, 1, 3), plain_ones)[0, 0]
            color = image.pixelColor(round(at.x()), round(at.y()))
            assert np.abs(np.array([color.red(), color.green(), color.blue()], int) - wanted).max() <= 6
        compared += 1
    assert compared > 30
