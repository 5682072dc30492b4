"""The dialog of the loss landscape in a real window with a real engine."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.data.load import load
from core.engine.sharpness import Curve, Curved
from core.training.run import Job, Run
from core.training.sharpness import sharpness
from core.training.tracing import Tracer
from gui.app import App
from gui.landscape.dialog import LandscapeDialog
from gui.monitors import saving
from gui.numbers import plain
from tests.gui.conftest import opened

SOON = 30_000


@pytest.fixture
def asked(app: App, qtbot: QtBot) -> LandscapeDialog:
    opened(app, qtbot, "iris")
    app.do("landscape")
    qtbot.waitUntil(lambda: app.window.findChild(LandscapeDialog) is not None)
    found = app.window.findChild(LandscapeDialog)
    qtbot.waitUntil(lambda: found.plot.found is not None, timeout=SOON)
    return found


def test_it_measures_at_once_and_draws_the_least_dark_and_the_most_bright(asked: LandscapeDialog, qtbot: QtBot):
    plot = asked.plot
    assert plot.found.points == 21
    assert asked.status.text().endswith(f"loss {plain(plot.middle)} at the cross.")
    qtbot.waitUntil(lambda: plot.height() > 100)
    grid, area = plot.grid, plot.area()
    assert grid[10, 10] == plot.middle
    image = plot.grab().toImage()
    lut = plot._ink.theme.lut
    for place, wanted in ((grid.argmin(), lut[0]), (grid.argmax(), lut[-1])):
        row, column = divmod(int(place), 21)
        x, y = (start + at * area.width() / 20 for start, at in ((area.left(), column), (area.top(), row)))
        drawn = image.pixelColor(
            int(min(max(x, area.left() + 2), area.right() - 2)), int(min(y, area.bottom() - 2)) + 1
        )
        assert np.abs(np.array(drawn.getRgb()[:3]) - wanted[:3]).max() < 70  # a line of equal loss may cross it


def test_the_pointer_reads_the_loss_that_was_measured_there(asked: LandscapeDialog):
    plot = asked.plot
    along, down = plot.scales()
    place = QPoint(round(along.pixel(0.5)), round(down.pixel(-0.3)))
    assert plot.loss_at(place.toPointF()) == plot.grid[7, 15]
    QTest.mouseMove(plot, place)
    assert plot.loss_at(QPoint(0, 0).toPointF()) is None


def test_saved_numbers_are_those_that_were_measured(asked: LandscapeDialog, tmp_path: Path):
    saving.save(asked.plot, tmp_path / "plane.csv")
    with (tmp_path / "plane.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 21 * 21
    assert float(rows[220]["loss"]) == asked.plot.middle
    assert (float(rows[220]["first direction"]), float(rows[220]["second direction"])) == (0.0, 0.0)
    for ending in ("png", "svg"):
        saving.save(asked.plot, tmp_path / f"plane.{ending}")
        assert (tmp_path / f"plane.{ending}").stat().st_size > 1000


def test_below_it_stands_the_sharpness_and_what_the_learning_rate_bears(asked: LandscapeDialog, qtbot: QtBot):
    qtbot.waitUntil(lambda: asked.sharpness.text().startswith("Sharpness "), timeout=SOON)
    number = asked.sharpness.text().removeprefix("Sharpness ").rstrip(".").partition(";")[0]
    assert float(number) > 0
    project = asked._editor.project
    run = Run(Job(project, {name: load(settings) for name, settings in project.data.items()}))
    tracer = Tracer(run.network, run.job.data, run.settings)
    here = sharpness(tracer, Curve(project=""), lambda _text, _share: None)
    assert number == plain(here.sharpness)


def test_a_sharpness_that_has_not_settled_is_told_as_that(asked: LandscapeDialog, qtbot: QtBot):
    qtbot.waitUntil(lambda: asked.sharpness.text().startswith("Sharpness "), timeout=SOON)
    for residual, words in ((0.5, "Sharpness after 7 products not settled, about 3"), (0.01, "Sharpness 3")):
        found = Curved(step=1, samples=4, sharpness=3.0, residual=residual, iterations=7)
        asked.curving.answered.emit(msgspec.json.encode(found).decode())
        assert asked.sharpness.text().startswith(words)


def test_another_reach_is_measured_anew_and_escape_gives_it_up(asked: LandscapeDialog, qtbot: QtBot):
    asked.points.setCurrentText("41 × 41")
    asked.measure()
    assert asked.plot.found is None
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    assert asked.isVisible()
    assert asked.status.text() == "Cancelled."
    asked.points.setCurrentText("11 × 11")
    asked.reach.setCurrentText("2")
    asked.measure()
    qtbot.waitUntil(lambda: asked.plot.found is not None, timeout=SOON)
    assert (asked.plot.found.points, asked.plot.found.reach) == (11, 2.0)
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    assert not asked.isVisible()
