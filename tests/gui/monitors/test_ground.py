"""What stands below the cursor is drawn once while only the cursor moves, and is what it would be if drawn anew."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from core.engine.messages import Validated
from gui.monitors import saving
from gui.monitors.gradients import GradientMonitor
from gui.monitors.heatmap import HeatmapMonitor
from gui.monitors.loss import LossMonitor
from gui.monitors.metrics import MetricMonitor
from gui.monitors.schedule import ScheduleMonitor
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows
from tests.gui.monitors.conftest import picture, pixels, point_at, turn_wheel
from tests.gui.monitors.seen import Seen

KINDS = [LossMonitor, GradientMonitor, HeatmapMonitor, MetricMonitor, ScheduleMonitor]


@pytest.fixture
def rows(feed):
    begun = started(layers=3)
    begun.validation_samples, begun.metric = 20, "accuracy"
    samples = random_rows(300, len(begun.sample_columns))
    feed.take([begun, step_rows(1, random_rows(300, len(begun.step_columns)))])
    feed.take(
        [Validated(step=step, epoch=1, loss=1.2, task="classes", metrics={"accuracy": 0.6}) for step in (90, 180)]
    )
    feed.take([sample_rows(np.arange(1, 301), samples)])


def counted(plot, monkeypatch):
    """How often its ground is drawn from now on."""
    calls, paint = [], plot.paint
    monkeypatch.setattr(plot, "paint", lambda painter: (calls.append(1), paint(painter)))
    return calls


@pytest.mark.parametrize("kind", KINDS)
def test_a_moving_cursor_draws_the_ground_once_and_leaves_every_pixel_what_it_is(
    shown, feed, rows, cursor, themes, kind, monkeypatch
):
    monitor = shown(kind, 620, 400)
    plot = monitor.plot
    for look in ("light", "dark"):
        themes.use(look)
        picture(plot)
        calls = counted(plot, monkeypatch)
        for step in (40, 90, 140, 200):
            cursor.move(step)
            moved = pixels(picture(plot))
        assert len(calls) <= 1
        point_at(plot, QPointF(plot.steps().pixel(170), plot.area().center().y()))
        pointed = pixels(picture(plot))
        assert len(calls) <= 1
        plot.refresh()
        np.testing.assert_array_equal(pointed, pixels(picture(plot)))
        assert (pointed != moved).any()
        cursor.move(None)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_else_changes_is_drawn_anew(shown, feed, rows, cursor, themes, kind, monkeypatch):
    monitor = shown(kind, 620, 400)
    plot = monitor.plot

    def settled():
        for step in (20, 60, 100):
            cursor.move(step)
            picture(plot)

    changes = [
        lambda: themes.use("light"),
        lambda: monitor.resize(600, 380),
        lambda: turn_wheel(plot, plot.area().center(), 3),
        lambda: cursor.pick(150),
        monitor.log_time.trigger,
        lambda: feed.take([step_rows(301, random_rows(60, 13, seed=9))]),
        lambda: monitor.set_selected(frozenset({"n0"})),
    ]
    for change in changes:
        settled()
        calls = counted(plot, monkeypatch)
        change()
        QApplication.processEvents()
        found = pixels(picture(plot))
        assert calls or change is changes[-1]  # not all monitors mark what is selected
        plot.refresh()
        np.testing.assert_array_equal(found, pixels(picture(plot)))


def test_a_file_has_its_lines_and_its_own_sharpness_while_the_cursor_moves(shown, feed, rows, cursor):
    monitor = shown(LossMonitor, 620, 400)
    fresh = saving.drawing(monitor.plot), pixels(saving.picture(monitor.plot))
    for step in (40, 90, 140):
        cursor.move(step)
        picture(monitor.plot)
    cursor.move(None)
    seen = Seen(monitor.plot)
    assert saving.drawing(monitor.plot) == fresh[0]
    np.testing.assert_array_equal(pixels(saving.picture(monitor.plot)), fresh[1])
    assert seen.words
