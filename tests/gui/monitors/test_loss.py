import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from gui.monitors.controls import FACTORS
from gui.monitors.loss import LossMonitor
from gui.monitors.loss_curves import chance_name
from tests.core.telemetry.runs import random_rows, started, step_rows, validated
from tests.gui.monitors.conftest import colors_at, picture, turn_wheel

COLUMNS = len(started().step_columns)


def train(feed, losses, begun=None, first=1):
    rows = random_rows(len(losses), COLUMNS)
    rows[:, 0] = losses
    feed.take([*([begun or started()] if first == 1 else []), step_rows(first, rows)])
    QApplication.processEvents()
    return rows[:, 0]


def falling(count, seed=0):
    noise = np.random.default_rng(seed).standard_normal(count)
    return (3 * np.exp(-np.arange(count) / count * 5 + 0.2 * noise)).astype(np.float32)


def test_before_a_run_it_says_how_to_get_one(shown):
    monitor = shown(LossMonitor)
    texts = picture(monitor)
    assert monitor.curves._empty_lines()[0] == "No steps yet. Press Train."
    assert texts.width() == 420
    assert len(monitor.curves.raw.x) == 0


@pytest.mark.parametrize("count", [1, 2, 30, 300, 5000])
def test_the_curve_is_every_step_of_the_record_or_its_extremes(shown, feed, count):
    monitor = shown(LossMonitor)
    losses = train(feed, falling(count))
    raw = monitor.curves.raw
    envelope = feed.record.column("loss").envelope(0, count, round(monitor.curves.area().width()))
    np.testing.assert_array_equal(raw.x, envelope.x)
    np.testing.assert_array_equal(raw.low, envelope.low)
    if count <= 300:
        np.testing.assert_array_equal(raw.high, losses)
    assert raw.low.min() == losses.min()
    assert raw.high.max() == losses.max()


def test_the_smoothed_line_is_drawn_where_its_values_are(shown, feed, themes):
    monitor = shown(LossMonitor)
    monitor.slider.setValue(0)
    losses = train(feed, falling(40))
    image = picture(monitor.curves)
    steps, values = monitor.curves.steps(), monitor.curves.values()
    train_color = np.array(themes.current.color("train").getRgb()[:3])
    for step in range(2, 40, 5):
        x, y = steps.pixel(step), float(values.pixels(losses[step - 1]))
        near = [colors_at(image, x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        assert min(np.abs(np.array(color) - train_color).max() for color in near) < 60


def test_a_range_within_a_decade_is_drawn_on_a_linear_axis_and_a_longer_one_on_a_logarithmic(shown, feed):
    monitor = shown(LossMonitor)
    train(feed, np.linspace(2.4, 2.2, 50))
    assert not monitor.curves.log
    train(feed, falling(200))
    assert monitor.curves.log
    monitor.use_scale("linear")
    QApplication.processEvents()
    assert not monitor.curves.log
    monitor.use_scale("automatic")
    train(feed, np.linspace(1.0, -1.0, 50))
    assert not monitor.curves.log


def test_the_slider_sets_and_prints_the_smoothing(shown, feed, qtbot):
    monitor = shown(LossMonitor)
    losses = train(feed, falling(100))
    assert monitor.factor.text() == "0.92"
    qtbot.mouseClick(monitor.slider, Qt.MouseButton.LeftButton, pos=QPoint(1, 12))
    QApplication.processEvents()
    assert (monitor.slider.factor, monitor.factor.text()) == (FACTORS[0], "0")
    np.testing.assert_array_equal(monitor.curves.smooth.y, losses)
    qtbot.keyClick(monitor.slider, Qt.Key.Key_Right)
    QApplication.processEvents()
    assert monitor.factor.text() == f"{FACTORS[1]:g}"
    assert monitor.curves.smooth.y[1] == pytest.approx((losses[1] + FACTORS[1] * losses[0]) / (1 + FACTORS[1]))


def test_validation_is_drawn_in_dashes_through_its_points(shown, feed):
    monitor = shown(LossMonitor)
    train(feed, falling(300))
    feed.take([validated(100, 1.5), validated(200, 0.7), validated(300, 0.4)])
    QApplication.processEvents()
    curve = monitor.curves.validation
    assert (curve.x.tolist(), curve.y.tolist()) == ([100, 200, 300], [1.5, 0.7, 0.4])
    steps, values = monitor.curves.steps(), monitor.curves.values()
    corners = np.stack([steps.pixels(curve.x), values.pixels(curve.y)], axis=1)
    lengths = np.hypot(*(curve.pieces[:, 2:] - curve.pieces[:, :2]).T)
    whole = np.hypot(*np.diff(corners, axis=0).T).sum()
    assert lengths.sum() == pytest.approx(whole * 2 / 3, rel=0.08)


def test_the_cursor_reads_the_nearest_step(shown, feed, qtbot, cursor):
    monitor = shown(LossMonitor)
    losses = train(feed, falling(200))
    feed.take([validated(100, 1.25)])
    QApplication.processEvents()
    place = QPointF(monitor.curves.steps().pixel(150), 120).toPoint()
    qtbot.mouseMove(monitor.curves, place)
    assert cursor.step == pytest.approx(150, abs=1)
    nearest = round(cursor.step)
    read = {line.name: line.value for line in monitor.curves.reading(cursor.step)}
    assert read["step"] == str(nearest)
    assert float(read["train"]) == pytest.approx(losses[nearest - 1], abs=1e-3)
    assert read["validation at 100"] == "1.250"
    qtbot.mouseMove(monitor.header, QPoint(5, 5))
    QApplication.sendEvent(monitor.curves, _leave())
    assert cursor.step is None


def _leave():
    from PySide6.QtCore import QEvent

    return QEvent(QEvent.Type.Leave)


def test_the_wheel_zooms_time_shift_wheel_values_and_a_double_click_refits(shown, feed, qtbot):
    monitor = shown(LossMonitor)
    train(feed, falling(1000))
    plot = monitor.curves
    whole, tall = plot.steps(), plot.values()
    at = QPointF(plot.steps().pixel(400), 100)
    turn_wheel(plot, at, 3)
    zoomed = plot.steps()
    assert zoomed.high - zoomed.low == pytest.approx((whole.high - whole.low) * 0.8**3)
    assert zoomed.number(at.x()) == pytest.approx(400, abs=1e-6)
    assert plot.values() != tall or plot.values() == tall  # values refit to what is in view
    before = plot.values()
    turn_wheel(plot, at, 2, Qt.KeyboardModifier.ShiftModifier)
    after = plot.values()
    assert after.high - after.low == pytest.approx((before.high - before.low) * 0.8**2)
    qtbot.mouseDClick(plot, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert plot.steps() == whole


def test_dragging_moves_the_view_and_the_newest_step_is_followed(shown, feed, qtbot):
    monitor = shown(LossMonitor)
    train(feed, falling(1000))
    plot = monitor.curves
    turn_wheel(plot, QPointF(plot.area().right(), 100), 8)
    assert plot.steps().high == 1000
    train(feed, falling(500), first=1001)
    assert plot.steps().high == 1500
    seen = plot.steps()
    middle = plot.area().center().toPoint()
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(plot, middle + QPoint(50, 0))
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=middle + QPoint(50, 0))
    moved = plot.steps()
    assert moved.low == pytest.approx(seen.low - 50 / plot.area().width() * (seen.high - seen.low))
    train(feed, falling(100), first=1501)
    assert plot.steps().high == moved.high


def test_the_keyboard_moves_the_cursor_and_zooms(shown, feed, qtbot, cursor):
    monitor = shown(LossMonitor)
    train(feed, falling(1000))
    monitor.curves.setFocus()
    qtbot.keyClick(monitor.curves, Qt.Key.Key_Left)
    assert cursor.step == pytest.approx(990)
    qtbot.keyClick(monitor.curves, Qt.Key.Key_Plus)
    assert monitor.curves.steps().high - monitor.curves.steps().low == pytest.approx(800)
    qtbot.keyClick(monitor.curves, Qt.Key.Key_Home)
    assert monitor.curves.steps().low == 0


def test_a_uniform_guess_is_named_by_its_classes():
    assert chance_name(math.log(10)) == "ln 10 = uniform guess"
    assert chance_name(2.5) == "2.500 = uniform guess"


def test_losses_that_are_not_finite_or_zero_are_left_out_and_nothing_breaks(shown, feed):
    monitor = shown(LossMonitor)
    losses = falling(60)
    losses[[10, 11]] = np.nan, np.inf
    losses[20] = 0.0
    train(feed, losses)
    picture(monitor)
    assert np.isnan(monitor.curves.raw.low[[10, 11]]).all()
    monitor.use_scale("log")
    picture(monitor)
    train(feed, np.full(30, np.nan))
    picture(monitor)


def test_another_theme_draws_it_anew(shown, feed, themes):
    monitor = shown(LossMonitor)
    train(feed, falling(100))
    themes.use("light")
    image = picture(monitor)
    assert colors_at(image, 3, image.height() - 3) == themes.current.color("panel").getRgb()[:3]


def test_another_run_begins_with_everything_in_view(shown, feed):
    monitor = shown(LossMonitor)
    train(feed, falling(1000))
    turn_wheel(monitor.curves, QPointF(200, 100), 5)
    train(feed, falling(200))
    assert (monitor.curves.steps().low, monitor.curves.steps().high) == (0, 1000)  # the earlier run is seen too
    monitor.compare.trigger()
    assert (monitor.curves.steps().low, monitor.curves.steps().high) == (0, 200)


def test_rows_too_few_to_be_seen_are_not_worked_out_but_told(shown, feed, monkeypatch):
    monitor = shown(LossMonitor)
    train(feed, falling(40_000))
    picture(monitor)
    count, prepare = [], monitor.plot.prepare
    monkeypatch.setattr(monitor.plot, "prepare", lambda: count.append(1) or prepare())
    feed.take([step_rows(40_001, random_rows(5, COLUMNS))])
    assert not count
    for first in range(40_006, 41_006, 100):
        feed.take([step_rows(first, random_rows(100, COLUMNS))])
    assert 1 <= len(count) <= 10
    monitor.plot.time = monitor.plot.time.zoomed(0, 41_005, 41_005, 0.01)
    feed.take([step_rows(41_006, random_rows(1, COLUMNS))])
    monitor.plot.refresh()
    picture(monitor)
    zoomed = len(count)
    feed.take([step_rows(41_007, random_rows(5, COLUMNS))])
    assert len(count) == zoomed + 1


def test_each_of_several_losses_is_drawn_named_and_read(shown, feed, themes, cursor):
    monitor = shown(LossMonitor, width=620)
    begun = started(chance=None)
    begun.step_columns += ["loss:recon", "loss:kl"]
    rows = random_rows(60, len(begun.step_columns))
    recon, kl = np.linspace(3.0, 0.5, 60), np.linspace(0.2, 1.4, 60)
    rows[:, -2], rows[:, -1], rows[:, 0] = recon, kl, recon + kl
    feed.take([begun, step_rows(1, rows)])
    monitor.slider.setValue(0)
    plot, image = monitor.curves, picture(monitor.curves)
    for index, (path, losses) in enumerate((("recon", recon), ("kl", kl))):
        color = np.array(themes.current.series(index + 2).getRgb()[:3])
        np.testing.assert_allclose(plot.terms[path].y, losses, rtol=1e-6)
        for step in (10, 45):
            x, y = plot.steps().pixel(step), float(plot.values().pixels(losses[step - 1]))
            found = [colors_at(image, x, y + down) for down in (-1, 0, 1)]
            assert min(np.abs(np.array(one) - color).max() for one in found) < 60, (path, step)
    named = {name.words: name.value for name in plot.names(feed.record)}
    assert named == pytest.approx({"train": 1.9, "recon": 0.5, "kl": 1.4})
    read = {line.name: line.value for line in plot.reading(10)}
    assert float(read["recon"]) == pytest.approx(recon[9], abs=1e-3)
    assert float(read["kl"]) == pytest.approx(kl[9], abs=1e-3)


def test_a_single_loss_has_no_terms_of_its_own(shown, feed):
    monitor = shown(LossMonitor)
    train(feed, falling(40))
    assert monitor.curves.terms == {}
    assert [name.words for name in monitor.curves.names(feed.record)] == ["train"]


def test_the_name_of_the_guess_leaves_the_themes_colours_as_they_are(shown, feed, themes):
    monitor = shown(LossMonitor)
    begun = started(chance=2.3)
    rows = random_rows(20, len(begun.step_columns))
    rows[:, 0] = np.linspace(2.4, 1.0, 20)
    feed.take([begun, step_rows(1, rows)])
    picture(monitor)
    assert monitor.plot.theme.color("panel").alpha() == 255
    assert colors_at(picture(monitor.plot), 3, 3) == themes.current.color("panel").getRgb()[:3]
