import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from core.engine.messages import Progress
from gui.monitors.timings import TimingMonitor, seconds_in_words
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows
from tests.gui.monitors.conftest import colors_at, picture


def measure(feed, layers=3, samples=50):
    begun = started(layers=layers, activations=False)
    begun.sample_columns += [f"{way}:{row.path}" for way in ("forward", "backward") for row in begun.outputs]
    rows = random_rows(samples, len(begun.sample_columns))
    times = np.random.default_rng(0).uniform(1e-4, 1e-3, (samples, 2 * layers)).astype(np.float32)
    rows[:, layers:] = times
    steps = np.arange(1, samples + 1)
    feed.take([begun, step_rows(1, random_rows(samples, len(begun.step_columns))), sample_rows(steps, rows)])
    QApplication.processEvents()
    return np.median(times.astype(np.float64), axis=0).reshape(2, layers)


def test_bars_are_as_long_as_the_median_times(shown, feed, themes):
    monitor = shown(TimingMonitor)
    medians = measure(feed)
    plot, image = monitor.times, picture(monitor.times)
    np.testing.assert_allclose(plot.seconds, medians)
    bars = plot.bars()
    for index, box in enumerate(plot.row_boxes()):
        line = [colors_at(image, x, box.center().y()) for x in range(plot.width())]
        for way, token in enumerate(("train", "val")):
            color = themes.current.color(token).getRgb()[:3]
            wide = medians[way, index] / bars.high * (bars.end - bars.start)
            assert line.count(color) == pytest.approx(wide, abs=2)


def test_pointing_at_a_layer_reads_both_ways_and_its_share(shown, feed):
    monitor = shown(TimingMonitor)
    medians = measure(feed)
    plot = monitor.times
    picture(plot)
    name, forward, backward, share = plot.reading_of(1)
    assert name.name == "fc2"
    assert (forward.value, backward.value) == tuple(seconds_in_words(value) for value in medians[:, 1])
    assert int(share.value.removesuffix(" %")) == round(100 * medians[:, 1].sum() / medians.sum())


def test_a_click_on_a_layer_names_its_node(shown, feed, qtbot):
    monitor, clicked = shown(TimingMonitor), []
    measure(feed)
    picture(monitor)
    monitor.node_clicked.connect(lambda node, step: clicked.append((node, step)))
    at = monitor.times.row_boxes()[2].center()
    qtbot.mouseClick(monitor.times, Qt.MouseButton.LeftButton, pos=QPointF(200, at.y()).toPoint())
    assert clicked == [("node-fc3", 50)]


def test_of_many_layers_the_slowest_are_shown_in_their_order(shown, feed):
    monitor = shown(TimingMonitor, height=200)
    medians = measure(feed, layers=60)
    plot = monitor.times
    picture(plot)
    kept = [int(row.path.removeprefix("fc")) - 1 for row in plot.layers]
    assert kept == sorted(kept)
    assert plot.hidden == 60 - len(kept) > 0
    total = medians.sum(axis=0)
    assert total[kept].min() >= np.delete(total, kept).max()


def test_the_throughput_is_what_the_engine_told(shown, feed, qtbot, themes):
    monitor = shown(TimingMonitor)
    measure(feed)
    told = [(10, 900.0), (25, 1100.0), (50, 1000.0)]
    feed.take([
        Progress(state="training", step=step, epoch=0, samples_per_second=speed) for step, speed in told
    ])  # fmt: skip
    qtbot.mouseClick(monitor.modes.button("Throughput"), Qt.MouseButton.LeftButton)
    plot, image = monitor.times, picture(monitor.times)
    assert plot.curves[0].x.tolist() == [10, 25, 50]
    color = np.array(themes.current.color("train").getRgb()[:3])
    x, y = plot.steps().pixel(25), float(plot.values().pixels(1100.0))
    near = [colors_at(image, x, y + down) for down in (-1, 0, 1)]
    assert min(np.abs(np.array(one) - color).max() for one in near) < 60
    assert {line.name: line.value for line in plot.reading(24)}["samples per second"] == "1,100"
    assert plot.sheet().text().splitlines() == ["step,samples_per_second", "10,900.0", "25,1100.0", "50,1000.0"]


def test_the_table_of_layers_is_saved(shown, feed, tmp_path):
    monitor = shown(TimingMonitor)
    medians = measure(feed)
    picture(monitor)
    monitor.save(tmp_path / "times.csv")
    names, *rows = [line.split(",") for line in (tmp_path / "times.csv").read_text().splitlines()]
    assert names == ["layer", "forward_s", "backward_s"]
    assert [row[0] for row in rows] == ["fc1", "fc2", "fc3"]
    np.testing.assert_array_equal([[float(row[1]), float(row[2])] for row in rows], medians.T)


def test_times_are_said_in_their_unit():
    assert [seconds_in_words(one) for one in (2.5, 0.0123, 1.8e-4, 5e-6)] == ["2.5 s", "12.3 ms", "0.18 ms", "5 µs"]
