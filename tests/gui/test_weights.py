"""The inspector's pictures of weights: they come with training, follow the selection, and show what torch holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from safetensors.numpy import load_file

from core.engine.portraits import Portrait
from gui.app import App
from gui.inspector_node import NodePage
from gui.inspector_weights import ACROSS, GAP, Histogram, Kernels
from gui.numbers import duration
from gui.shades import diverging
from gui.theme import NAMES, Themes

SOON = 20_000


def page(app: App) -> NodePage:
    assert app.workspace is not None
    found = app.workspace.inspector.page
    assert isinstance(found, NodePage)
    return found


def select(app: App, name: str) -> NodePage:
    assert app.workspace is not None
    node = app.workspace.editor.graph.by_name(name)
    assert node is not None
    app.workspace.canvas.select((node.id,))
    return page(app)


def seen(app: App) -> Portrait | None:
    return page(app).histogram._portrait


def test_weights_appear_with_training_and_are_those_of_the_saved_file(lenet: App, qtbot: QtBot, tmp_path: Path):
    app = lenet
    assert app.workspace is not None
    assert select(app, "conv2").weights.isHidden()
    app.workspace.run.train_steps(3)
    qtbot.waitUntil(lambda: not page(app).weights.isHidden(), timeout=SOON)
    assert not page(app).kernels.isHidden()
    app.workspace.run.stop()
    qtbot.waitUntil(lambda: not app.workspace.run.state.active, timeout=SOON)
    app.workspace.looking.look()
    values = load_file(app.workspace.run.state.weights)["conv2.weight"].ravel()
    qtbot.waitUntil(lambda: seen(app).mean == pytest.approx(values.mean(), rel=1e-5, abs=1e-9), timeout=SOON)
    assert seen(app).edge == pytest.approx(np.abs(values).max())
    assert sum(seen(app).bins) == values.size == 16 * 6 * 25


def test_another_layer_and_another_channel_are_asked_for(lenet: App, qtbot: QtBot):
    app = lenet
    assert app.workspace is not None
    select(app, "conv2")
    app.workspace.run.train_steps(2)
    qtbot.waitUntil(lambda: not page(app).kernels.isHidden(), timeout=SOON)
    before = seen(app).pixels
    choice = page(app).kernel_box.choice
    assert choice._words.text() == "input channel 0 of 6"
    QTest.mouseClick(choice._more, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: seen(app).pixels != before, timeout=SOON)
    assert choice._words.text() == "input channel 1 of 6"
    select(app, "fc3")
    qtbot.waitUntil(lambda: not page(app).weights.isHidden() and seen(app).count == 840, timeout=SOON)
    assert page(app).kernels.isHidden()
    select(app, "tanh1")
    assert page(app).weights.isHidden()


def test_a_file_with_weights_shows_them_without_training(lenet: App, qtbot: QtBot, tmp_path: Path):
    app = lenet
    assert app.workspace is not None
    app.workspace.run.train_steps(2)
    qtbot.waitUntil(lambda: app.workspace.run.state.phase == "paused", timeout=SOON)
    app.workspace.run.stop()
    qtbot.waitUntil(lambda: app.filing.fresh_weights is not None, timeout=SOON)
    app.filing.choose = lambda _purpose, _start: tmp_path / "trained.chain"
    assert app.filing.save_as()
    app.filing.open(tmp_path / "trained.chain")
    select(app, "fc1")
    qtbot.waitUntil(lambda: not page(app).weights.isHidden(), timeout=SOON)
    values = load_file(tmp_path / "trained.safetensors")["fc1.weight"]
    assert seen(app).mean == pytest.approx(values.mean(), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("theme", NAMES)
def test_kernels_are_painted_in_the_two_colours_around_the_middle(dressed, qtbot: QtBot, theme: str):
    themes = Themes(theme)
    shown = Kernels(themes)
    qtbot.addWidget(shown)
    numbers = {"count": 4, "mean": 0.0, "deviation": 1.0, "edge": 1.0, "bins": [4]}
    pixels = bytes([1, 128, 255])
    shown.show_portrait(Portrait(**numbers, kernels=1, channels=1, height=1, width=3, pixels=pixels))
    shown.resize(3 * 80 * ACROSS + 7 * GAP, shown.heightForWidth(3 * 80 * ACROSS))
    image = shown.grab().toImage()
    colors = [image.pixelColor(40 + 80 * index, 10) for index in range(3)]
    wanted = [themes.current.class_color(0), themes.current.class_middle, themes.current.class_color(1)]
    assert [color.name() for color in colors] == [color.name() for color in wanted]
    assert [QColor(color).name() for color in (diverging(themes.current)[1], diverging(themes.current)[255])] == [
        wanted[0].name(),
        wanted[2].name(),
    ]


def test_the_histogram_is_as_tall_as_it_counts_and_says_so(dressed, qtbot: QtBot):
    themes = Themes("dark")
    shown = Histogram(themes, "Linear")
    qtbot.addWidget(shown)
    shown.show_portrait(Portrait(count=30, mean=-0.25, deviation=0.5, edge=2.0, bins=[0, 20, 10, 0]))
    shown.resize(400, 62)
    image = shown.grab().toImage()
    ink = themes.current.category("Linear").name()

    def tall(x: int) -> int:
        return sum(image.pixelColor(x, y).name() == ink for y in range(image.height()))

    heights = [tall(50 + 100 * index) for index in range(4)]
    assert heights[0] == heights[3] == 0
    assert heights[1] == pytest.approx(2 * heights[2], abs=1)
    assert "30 weights, mean −0.25, deviation 0.5, from −2 to 2" in shown.accessibleName()


def test_the_time_of_a_layer_comes_with_training(lenet: App, qtbot: QtBot):
    app = lenet
    assert app.workspace is not None
    assert select(app, "fc1").time.isHidden()
    app.workspace.run.train_steps(5)
    qtbot.waitUntil(lambda: page(app).time.note.whole == "median of 5", timeout=SOON)
    record = app.workspace.feed.record
    forward, backward = (np.median(record.column(name, "fc1").values()) for name in ("forward", "backward"))
    assert 0 < forward < 1
    assert (
        page(app).times.accessibleName() == f"Time per step: forward {duration(forward)}, backward {duration(backward)}"
    )


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.3e-5, "23 µs"), (1.8e-4, "0.18 ms"), (0.0123, "12.30 ms"), (1.5, "1.50 s")]
)
def test_a_time_has_the_unit_that_suits_it(seconds: float, text: str):
    assert duration(seconds) == text
