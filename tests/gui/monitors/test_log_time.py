"""Logarithmic time in the monitors of curves: positions are read back from what is drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from core.engine.messages import Progress
from gui.monitors import axes
from gui.monitors.gradients import GradientMonitor
from gui.monitors.heatmap import HeatmapMonitor
from gui.monitors.loss import LossMonitor
from gui.monitors.metrics import MetricMonitor
from gui.monitors.network import NetworkMonitor
from gui.monitors.schedule import ScheduleMonitor
from gui.monitors.timings import TimingMonitor
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows, validated
from tests.gui.monitors.conftest import picture, pixels, point_at

KINDS = (LossMonitor, MetricMonitor, GradientMonitor, NetworkMonitor, ScheduleMonitor, TimingMonitor, HeatmapMonitor)
COUNT = 50_000
JUMPS = (5, 80, 3000)
"""Steps after which a value is another."""


def levels(count: int, *values: float) -> np.ndarray:
    """A value up to each jump, and one behind the last."""
    return np.asarray(values, np.float32)[np.searchsorted(JUMPS, np.arange(count))]


def place(plot, step: float, end: float = COUNT) -> float:
    """Where a step is to stand: by the logarithm of one more than the steps before."""
    area = plot.area()
    return area.left() + math.log1p(step) / math.log1p(end) * area.width()


def middles(image: np.ndarray, color: np.ndarray, area) -> np.ndarray:
    """Of each column of pixels of the area, the middle of the pixels in a colour; NaN where there is none."""
    columns = range(math.ceil(area.left()), math.floor(area.right()))
    near = np.abs(image.astype(int) - color).max(axis=2) < 40
    inside = near[math.ceil(area.top()) : math.floor(area.bottom())]
    rows = (np.flatnonzero(inside[:, column]) for column in columns)
    return np.array([row.mean() + area.top() if len(row) else np.nan for row in rows])


def jumps_in(image: np.ndarray, color: np.ndarray, area) -> list[float]:
    """The pixels at which a line goes from one level to another."""
    drawn = middles(image, color, area)
    known = np.flatnonzero(np.isfinite(drawn))
    there = known[1:][np.abs(np.diff(drawn[known])) > 8]
    groups = np.split(there, np.flatnonzero(np.diff(there) > 6) + 1)
    return [float(group.mean()) + math.ceil(area.left()) for group in groups]


def color(themes, token: str) -> np.ndarray:
    return np.array(themes.current.color(token).getRgb()[:3])


def rows_of(count: int, **columns: np.ndarray) -> np.ndarray:
    begun = started()
    rows = np.full((count, len(begun.step_columns)), 0.5, np.float32)
    for name, values in columns.items():
        rows[:, begun.step_columns.index(name)] = values
    return rows


def test_the_loss_stands_where_its_logarithm_says(shown, feed, themes):
    monitor = shown(LossMonitor, 700, 360)
    monitor.slider.setValue(0)
    monitor.log_time.trigger()
    feed.take([started(), step_rows(1, rows_of(COUNT, loss=levels(COUNT, 8.0, 2.0, 0.5, 0.1)))])
    plot = monitor.curves
    image = pixels(picture(plot))
    found = jumps_in(image, color(themes, "train"), plot.area())
    assert found == pytest.approx([place(plot, jump + 0.5) for jump in JUMPS], abs=14)
    assert found[1:] == pytest.approx([place(plot, jump + 0.5) for jump in JUMPS[1:]], abs=3)
    assert len(plot.smooth.x) < 2.2 * plot.area().width()


def test_every_step_is_drawn_from_the_first_to_the_last_without_a_gap(shown, feed):
    monitor = shown(LossMonitor, 700, 360)
    monitor.log_time.trigger()
    losses = (2 + np.random.default_rng(0).uniform(-1, 1, COUNT)).astype(np.float32)
    feed.take([started(), step_rows(1, rows_of(COUNT, loss=losses))])
    plot = monitor.curves
    picture(plot)
    raw = plot.raw
    assert raw.low.min() == losses.min()
    assert raw.high.max() == losses.max()
    np.testing.assert_array_equal(raw.low[:40], losses[:40])
    image = raw.picture.image
    alpha = np.array([[image.pixelColor(x, y).alpha() for x in range(image.width())] for y in range(image.height())])
    left = math.floor(plot._curve_room().left())
    first, last = math.ceil(place(plot, 1)) - left, math.floor(place(plot, COUNT)) - left
    assert (alpha[:, first:last] > 0).any(axis=0).all()


@pytest.mark.parametrize("layers", [3, 30])
def test_gradients_of_few_and_many_layers_stand_where_their_logarithm_says(shown, feed, layers):
    monitor = shown(GradientMonitor, 800, 500)
    monitor.log_time.trigger()
    begun = started(layers)
    rows = np.full((COUNT, len(begun.step_columns)), 0.5, np.float32)
    for place_, name in enumerate(begun.step_columns):
        if name.startswith("gradient:"):
            rows[:, place_] = levels(COUNT, 1.0, 1e-2, 1e-4, 1e-6) * np.float32(1 + 0.001 * place_)
    feed.take([begun, step_rows(1, rows)])
    plot = monitor.curves
    image = pixels(picture(plot))
    layer = plot.layers[-1]
    drawn = middles(image, np.array(layer.color.getRgb()[:3]), plot.area())
    values, left = plot.values(), math.ceil(plot.area().left())
    for step, value in ((3, 1.0), (78, 1e-2), (2000, 1e-4), (40_000, 1e-6)):
        assert drawn[round(place(plot, step)) - left] == pytest.approx(float(values.pixels(value)), abs=4), step


def test_the_learning_rate_and_its_plan_stand_where_their_logarithm_says(shown, feed, themes):
    monitor = shown(ScheduleMonitor, 700, 360)
    monitor.log_time.trigger()
    feed.take([started(), step_rows(1, rows_of(COUNT, learning_rate=levels(COUNT, 0.1, 0.07, 0.04, 0.01)))])
    plot = monitor.curve
    found = jumps_in(pixels(picture(plot)), color(themes, "train"), plot.area())
    assert found == pytest.approx([place(plot, jump + 0.5) for jump in JUMPS], abs=14)
    assert found[1:] == pytest.approx([place(plot, jump + 0.5) for jump in JUMPS[1:]], abs=3)


def test_metrics_stand_where_their_logarithm_says(shown, feed, themes):
    monitor = shown(MetricMonitor, 700, 360)
    monitor.log_time.trigger()
    points = [validated(step, 0.5) for step in (100, 1000, 10_000, COUNT)]
    for point, accuracy in zip(points, (0.2, 0.4, 0.6, 0.8), strict=True):
        point.metrics = {"accuracy": accuracy}
    feed.take([started(), step_rows(1, rows_of(COUNT, metric=np.full(COUNT, 0.1))), *points])
    plot = monitor.metrics
    drawn = middles(pixels(picture(plot)), color(themes, "val"), plot.area())
    values, left = plot.values(), math.ceil(plot.area().left())
    for step, value in ((1000, 0.4), (10_000, 0.6)):
        assert drawn[round(place(plot, step)) - left] == pytest.approx(float(values.pixels(value)), abs=3)
    halfway = round((place(plot, 1000) + place(plot, 10_000)) / 2) - left
    assert drawn[halfway] == pytest.approx(float(values.pixels(0.5)), abs=3)


def test_throughput_stands_where_its_logarithm_says_and_layers_have_no_time(shown, feed, themes):
    monitor = shown(TimingMonitor, 700, 360)
    assert not monitor.log_time.isEnabled()
    monitor.modes.choose("Throughput")
    assert monitor.log_time.isEnabled()
    monitor.log_time.trigger()
    told = [
        Progress(state="training", step=step, epoch=0, samples_per_second=speed)
        for step, speed in ((10, 50.0), (1000, 100.0), (COUNT, 300.0))
    ]
    feed.take([started(), step_rows(1, rows_of(COUNT)), *told])
    plot = monitor.times
    drawn = middles(pixels(picture(plot)), color(themes, "train"), plot.area())
    at = round(place(plot, 1000)) - math.ceil(plot.area().left())
    assert drawn[at] == pytest.approx(float(plot.values().pixels(100.0)), abs=3)


@pytest.mark.parametrize("kind", [LossMonitor, GradientMonitor, ScheduleMonitor])
def test_ticks_are_powers_of_ten_at_their_steps(shown, feed, themes, kind):
    monitor = shown(kind, 700, 360)
    monitor.log_time.trigger()
    feed.take([started(), step_rows(1, rows_of(COUNT))])
    plot = monitor.plot
    image = pixels(picture(plot))
    marks = axes.step_ticks(plot.steps(), min(int(plot.area().width() / plot.theme.px(70)), 7))
    assert [mark.label for mark in marks] == ["1", "10", "100", "1,000", "10,000"]
    line = color(themes, "line2")
    below = image[round(plot.area().bottom()) + 3]
    for mark in marks:
        assert (below[round(place(plot, mark.value))] == line).all(), mark.label


def test_the_cursor_is_at_the_same_step_in_all_monitors(shown, feed, cursor):
    loss, gradients, heat = shown(LossMonitor, 700, 360), shown(GradientMonitor, 600, 300), shown(HeatmapMonitor)
    loss.log_time.trigger()
    begun = started()
    samples = np.arange(1, COUNT, 50)
    feed.take(
        [
            begun,
            step_rows(1, rows_of(COUNT)),
            sample_rows(samples, random_rows(len(samples), len(begun.sample_columns))),
        ]
    )
    QApplication.processEvents()
    point_at(loss.plot, QPointF(place(loss.plot, 200), 100))
    assert cursor.step == pytest.approx(200, rel=0.01)
    for monitor in (gradients, heat):
        area = monitor.plot.area()
        assert monitor.plot.steps().pixel(cursor.step) == pytest.approx(area.left() + area.width() * 200 / COUNT, abs=1)
    assert loss.plot.reading(cursor.step)[0].value == f"{round(cursor.step)}"


def test_arrows_go_on_by_a_hundredth_of_the_width(shown, feed, cursor):
    monitor = shown(LossMonitor, 700, 360)
    monitor.log_time.trigger()
    feed.take([started(), step_rows(1, rows_of(COUNT))])
    QApplication.processEvents()
    plot = monitor.plot
    cursor.move(1000)
    for key, sign in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Left, -1)):
        before = plot.steps().pixel(cursor.step)
        event = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        plot.keyPressEvent(event)
        went = plot.steps().pixel(cursor.step) - before
        assert went == pytest.approx(sign * plot.area().width() / 100, rel=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_the_choice_is_kept(shown, kind):
    monitor, other = shown(kind), shown(kind)
    assert monitor.state()["log_time"] == ""
    if kind is TimingMonitor:
        monitor.modes.choose("Throughput")
    monitor.log_time.trigger()
    assert monitor.plot.log_time
    assert monitor.log_time in monitor.header.menu.actions()
    other.restore(monitor.state())
    assert other.plot.log_time
    other.restore({})
    assert not other.plot.log_time
