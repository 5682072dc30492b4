import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from gui.monitors.gradients import GradientMonitor
from gui.monitors.layer_curves import colors
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows
from tests.gui.monitors.conftest import colors_at, picture


def train(feed, layers=3, count=200, levels=None):
    """Layer l's gradient norm is about 10^levels[l]."""
    begun = started(layers=layers)
    rows = random_rows(count, len(begun.step_columns))
    noise = np.random.default_rng(0).standard_normal((count, layers)) * 0.05
    rows[:, 4::3] = 10 ** (np.array(levels if levels is not None else np.linspace(-3, -1, layers)) + noise)
    samples = random_rows(count // 5, len(begun.sample_columns))
    feed.take([begun, step_rows(1, rows), sample_rows(np.arange(1, count + 1, 5), samples)])
    QApplication.processEvents()
    return rows, samples


def test_each_layer_has_a_line_of_its_own_values(shown, feed):
    monitor = shown(GradientMonitor)
    rows, _ = train(feed)
    plot = monitor.curves
    assert [layer.row.path for layer in plot.layers] == ["fc1", "fc2", "fc3"]
    for number, layer in enumerate(plot.layers):
        _, expected = feed.record.column("gradient", layer.row.path).smooth(0, 200, round(plot.area().width()), 0.9)
        np.testing.assert_allclose(layer.y, expected, rtol=1e-12)
        np.testing.assert_array_equal(plot.envelope.low[:, number], rows[:, 4 + 3 * number])


def test_outputs_and_update_ratio_are_a_click_away(shown, feed, qtbot):
    monitor = shown(GradientMonitor)
    rows, samples = train(feed)
    qtbot.mouseClick(monitor.modes.button("Outputs"), Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert [layer.row.path for layer in monitor.curves.layers] == ["fc1", "fc2", "fc3"]
    places = monitor.curves.places
    np.testing.assert_array_equal(monitor.curves.envelope.high[:, places], samples[:, [0, 2, 4]])
    qtbot.mouseClick(monitor.modes.button("Update ratio"), Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    np.testing.assert_allclose(monitor.curves.envelope.low[:, 1], rows[:, 9] / rows[:, 8], rtol=1e-6)


def test_lines_are_drawn_where_their_values_are(shown, feed):
    monitor = shown(GradientMonitor)
    train(feed, levels=[-3, -2, -1])
    image = picture(monitor.curves)
    plot = monitor.curves
    for layer in plot.layers:
        for place in (20, 90, 150):
            x, y = plot.steps().pixel(layer.x[place]), float(plot.values().pixels(layer.y[place]))
            near = [colors_at(image, x, y + dy) for dy in (-1, 0, 1)]
            wanted = np.array(layer.color.getRgb()[:3])
            assert min(np.abs(np.array(color) - wanted).max() for color in near) < 60


def test_every_steps_values_are_drawn_around_their_own_line(shown, feed):
    monitor = shown(GradientMonitor)
    rows, _ = train(feed, levels=[-4, -2, 0])
    plot = monitor.curves
    for number, layer in enumerate(plot.layers):
        y = plot.values().pixels(rows[:, 4 + 3 * number])
        assert layer.raw[:, 1].min() == pytest.approx(y.min(), abs=0.5)
        assert (layer.raw[:, 1] + layer.raw[:, 3]).max() == pytest.approx(y.max(), abs=1.0)


def test_labels_stand_fifteen_pixels_apart_in_the_order_of_the_lines(shown, feed):
    monitor = shown(GradientMonitor)
    train(feed, layers=5, levels=[-2.0, -2.01, -1.99, -1.98, 0])
    labels = [layer.label for layer in sorted(monitor.curves.layers, key=lambda layer: layer.end)]
    assert (np.diff(labels) >= 15 - 1e-6).all()


def test_more_labels_than_there_is_room_for_are_thinned_out(shown, feed):
    monitor = shown(GradientMonitor)
    train(feed, layers=60)
    labels = [layer.label for layer in monitor.curves.layers if np.isfinite(layer.label)]
    area = monitor.curves.area()
    assert 5 < len(labels) <= area.height() / 15 + 1
    assert area.top() <= min(labels) <= max(labels) <= area.bottom()
    assert np.isfinite([monitor.curves.layers[0].label, monitor.curves.layers[-1].label]).all()


def test_six_layers_have_colours_of_their_own_and_more_a_ramp(themes):
    theme = themes.current
    assert colors(theme, 6) == [theme.series(index) for index in range(6)]
    assert colors(theme, 7) == theme.depth_ramp(7)


def test_a_click_on_a_line_or_its_label_names_the_node(shown, feed, qtbot):
    monitor = shown(GradientMonitor)
    train(feed, levels=[-4, -2, 0])
    plot, clicked = monitor.curves, []
    monitor.node_clicked.connect(lambda node, step: clicked.append((node, step)))
    layer = plot.layers[1]
    label = QPointF(plot.area().right() + 25, layer.label).toPoint()
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=label)
    line = QPointF(plot.steps().pixel(100), float(plot.values().pixels(layer.y[99]))).toPoint()
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=line)
    assert [node for node, _ in clicked] == ["node-fc2", "node-fc2"]
    assert clicked[1][1] == pytest.approx(100, abs=1)
    between = QPoint(line.x(), (line.y() + int(plot.values().pixel(-4))) // 2)
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=between)
    assert len(clicked) == 2


def test_the_readout_gives_the_norms_at_the_step_largest_first(shown, feed, qtbot, cursor):
    monitor = shown(GradientMonitor)
    rows, _ = train(feed, levels=[-4, -2, 0])
    read = monitor.curves.reading(120)
    assert [line.name for line in read] == ["step", "fc3", "fc2", "fc1"]
    assert read[0].value == "120"
    values = [float(line.value.replace("−", "-")) for line in read[1:]]
    np.testing.assert_allclose(values, rows[119, [10, 7, 4]], rtol=0.05)


def test_the_vanishing_zone_is_drawn_below_its_mark(shown, feed, themes):
    monitor = shown(GradientMonitor)
    train(feed, layers=2, levels=[-9, -2])
    plot, image = monitor.curves, picture(monitor.curves)
    x, y = plot.area().center().x() + 20, plot.values().pixel(-6)
    panel = themes.current.color("panel").getRgb()[:3]
    assert colors_at(image, x, y - 9) in (panel, themes.current.color("line1").getRgb()[:3])
    assert colors_at(image, x, y + 9) != panel


def test_gradients_of_exactly_zero_and_nan_do_not_break_it(shown, feed):
    monitor = shown(GradientMonitor)
    begun = started(layers=2)
    rows = random_rows(50, len(begun.step_columns))
    rows[:, 4], rows[10:20, 7] = 0.0, np.nan
    feed.take([begun, step_rows(1, rows)])
    picture(monitor)
    assert monitor.curves.layers[0].y.max() == 0.0
    assert np.isnan(monitor.curves.layers[1].y[10:20]).all()


def test_a_selected_node_has_the_stronger_line(shown, feed):
    monitor = shown(GradientMonitor)
    train(feed, levels=[-4, -2, 0])
    before = picture(monitor.curves)
    monitor.set_selected(frozenset({"node-fc2"}))
    assert picture(monitor.curves) != before


def test_without_measurements_it_says_so(shown, feed):
    monitor = shown(GradientMonitor)
    picture(monitor)
    begun = started(layers=0)
    feed.take([begun, step_rows(1, random_rows(10, len(begun.step_columns)))])
    picture(monitor)
    assert monitor.curves.layers == []


def test_a_long_run_seen_for_the_first_time_is_taken_in_part_by_part(shown, feed, qtbot):
    begun = started(layers=20)
    rows = random_rows(20_000, len(begun.step_columns))
    feed.take([begun, step_rows(1, rows)])
    monitor = shown(GradientMonitor)
    monitor.modes.choose("Update ratio")  # a quotient, of which nothing is summed up with the rows
    picture(monitor.curves)
    assert monitor.curves.gathering
    assert monitor.curves.layers == []
    qtbot.waitUntil(lambda: len(monitor.curves.layers) == 20, timeout=5000)
    assert not monitor.curves.gathering
    _, expected = feed.record.columns("update_ratio").smooth(0, 20_000, round(monitor.curves.area().width()), 0.9)
    np.testing.assert_array_equal(monitor.curves.layers[7].y, expected[:, 7])


def test_what_is_drawn_stays_while_many_new_rows_are_taken_in(shown, feed, qtbot):
    begun = started(layers=20)
    rows = random_rows(20_000, len(begun.step_columns))
    feed.take([begun, step_rows(1, rows[:500])])
    monitor = shown(GradientMonitor)
    monitor.modes.choose("Update ratio")
    picture(monitor.curves)
    before = monitor.curves.layers[3].y
    feed.take([step_rows(501, rows[500:])])
    picture(monitor.curves)
    assert not monitor.curves.gathering
    np.testing.assert_array_equal(monitor.curves.layers[3].y, before)
    qtbot.waitUntil(lambda: monitor.curves.layers[3].x[-1] > 19_000, timeout=5000)


def test_very_many_lines_are_one_picture_that_has_each_where_its_values_are(shown, feed, themes):
    monitor = shown(GradientMonitor, width=600)
    begun = started(layers=60)
    rows = random_rows(300, len(begun.step_columns))
    levels = 10 ** np.linspace(-5.5, 0.5, 60)
    rows[:, 4::3] = levels * 10 ** (0.01 * np.random.default_rng(1).standard_normal((300, 60)))
    rows[100:140, 4 + 3 * 30] = np.nan
    feed.take([begun, step_rows(1, rows)])
    plot, image = monitor.curves, picture(monitor.curves)
    assert not plot._woven.isNull()
    assert all(not layer.drawn for layer in plot.layers)
    tints = colors(themes.current, 60)
    steps, values = plot.steps(), plot.values()
    for number in (0, 29, 59):
        layer = plot.layers[number]
        for place in (40, 180, 260):
            x, y = steps.pixel(layer.x[place // 2]), float(values.pixels(layer.y[place // 2]))
            found = [colors_at(image, round(x), y + down) for down in (-1, 0, 1)]
            assert tints[number].getRgb()[:3] in found, (number, place)
    gap = (steps.pixel(120), float(values.pixels(levels[30])))
    ground = [colors_at(image, gap[0], gap[1] + down) for down in (-1, 0, 1)]
    assert tints[30].getRgb()[:3] not in ground
    monitor.set_selected(frozenset({"node-fc30"}))
    picture(plot)
    assert [layer.row.path for layer in plot.layers if layer.drawn] == ["fc30"]
