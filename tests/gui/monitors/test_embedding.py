"""The embedding in a real window with a real engine: points, colours and the sample under the pointer."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.app import App
from gui.monitors import saving
from gui.monitors.embedding import EmbeddingMonitor, EmbeddingPlot
from tests.gui.conftest import opened
from tests.gui.monitors.conftest import float_dock

SOON = 20_000


def plot(app: App) -> EmbeddingPlot:
    monitor = app.workspace.monitors["embedding"]
    assert isinstance(monitor, EmbeddingMonitor)
    return monitor.cloud


@pytest.fixture
def cloud(app: App, qtbot: QtBot) -> EmbeddingPlot:
    """The points after five steps of the iris network."""
    opened(app, qtbot, "iris")
    float_dock(app, "embedding", 420, 360)
    qtbot.waitUntil(lambda: app.workspace.monitors["embedding"].is_shown, timeout=SOON)
    assert plot(app).words == "Nothing yet."
    app.workspace.run.train_steps(5)
    qtbot.waitUntil(lambda: app.workspace.run.state.phase == "paused", timeout=SOON)
    qtbot.waitUntil(lambda: plot(app).found is not None and plot(app).found.step == 5, timeout=SOON)
    return plot(app)


def test_points_stand_where_their_components_say_in_the_colour_of_their_class(cloud: EmbeddingPlot, qtbot: QtBot):
    found = cloud.found
    assert found.classes == ["setosa", "versicolor", "virginica"]
    assert len(cloud.points) == len(found.labels) == len(found.numbers)
    assert cloud.points[:, 0].var() >= cloud.points[:, 1].var()
    image = cloud.grab().toImage()
    places = np.array([(cloud.place(index).x(), cloud.place(index).y()) for index in range(len(cloud.points))])
    away = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) + 1e9 * np.eye(len(places))
    lonely = np.flatnonzero(away.min(1) > 12)
    assert len(lonely) >= 3
    for index in lonely:
        drawn = image.pixelColor(QPoint(round(places[index, 0]), round(places[index, 1])))
        assert drawn.name() == cloud.theme.theme.series(found.labels[index]).name()
    assert places[:, 0].argsort().tolist() == cloud.points[:, 0].argsort().tolist()


def test_the_pointer_tells_the_sample_and_its_class(cloud: EmbeddingPlot):
    QTest.mouseMove(cloud, cloud.place(3).toPoint())
    index = cloud.at(cloud.place(3))
    assert cloud.points[index] == pytest.approx(cloud.points[3], abs=0.2)
    lines = cloud.reading(3)
    assert (lines[0].value, lines[1].name) == (
        f"{cloud.found.numbers[3]:,}",
        cloud.found.classes[cloud.found.labels[3]],
    )


def test_it_follows_the_selected_layer_and_the_training(cloud: EmbeddingPlot, app: App, qtbot: QtBot):
    assert cloud.layer != "fc1"
    work = app.workspace
    node = next(node for node in work.document.project.graph.nodes.values() if node.name == "fc1")
    work.canvas.select((node.id,))
    qtbot.waitUntil(lambda: cloud.layer == "fc1", timeout=SOON)
    before = cloud.points.copy()
    work.run.train_steps(20)
    qtbot.waitUntil(lambda: cloud.found is not None and cloud.found.step == 25, timeout=SOON)
    assert not np.array_equal(before, cloud.points)


def test_its_numbers_are_saved_as_they_are(cloud: EmbeddingPlot, tmp_path: Path):
    saving.save(cloud, tmp_path / "points.csv")
    with (tmp_path / "points.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [np.float32(row["first"]) for row in rows] == cloud.points[:, 0].tolist()
    assert [row["class"] for row in rows] == [cloud.found.classes[label] for label in cloud.found.labels]
