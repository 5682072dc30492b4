"""What is measured of the whole network: read off the screen, off the pointer and off the saved table."""

import csv

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from core.telemetry.quantities import QUANTITIES
from core.training.settings import TrainingSettings
from gui.monitors.network import LOGARITHMIC, SHOWN, NetworkMonitor, mark_of
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows
from tests.gui.monitors.conftest import picture
from tests.gui.monitors.seen import Seen

LOOKS = ("dark", "light")
STEPS, BLOCK = 240, 80
SIZES = {
    **{"gradient_norm": (0.3, 4.0, 0.05), "clip": (1.0, 0.25, 0.5), "cosine": (0.5, -0.5, 0.25)},
    **{"alpha": (-0.9, 0.1, 0.6), "noise_scale": (20.0, 400.0, 90.0), "seconds": (0.01, 0.03, 0.002)},
    **{"memory": (2e8, 9e8, 5e8)},
}
FACTORS = {"seconds": 1e3, "memory": 2.0**-20}


def recorded(feed, quantity, spacing=1):
    """A run in which this is what it is for a third of the steps each, measured every so many steps."""
    values = np.repeat(np.array(SIZES[quantity], np.float32), BLOCK)
    begun = started()
    if quantity == "clip":
        begun.step_columns.append("clip")
    rows = random_rows(STEPS, len(begun.step_columns))
    steps = np.arange(1, STEPS + 1, spacing)
    samples = random_rows(len(steps), len(begun.sample_columns))
    if QUANTITIES[quantity].schedule == "every step":
        rows[:, begun.step_columns.index(quantity)] = values
    else:
        begun.sample_columns.append(quantity)
        samples = np.column_stack([samples, values[::spacing]])
    feed.take([begun, step_rows(1, rows), sample_rows(steps, samples)])
    QApplication.processEvents()
    return values


@pytest.mark.parametrize("quantity", SHOWN)
def test_every_quantity_is_read_off_its_axis(shown, feed, themes, quantity):
    monitor = shown(NetworkMonitor, 640, 420)
    values = recorded(feed, quantity) * FACTORS.get(quantity, 1.0)
    monitor.choose(quantity)
    assert monitor.sentence == QUANTITIES[quantity].sentence
    for look in LOOKS:
        themes.use(look)
        is_log = quantity in LOGARITHMIC
        seen = Seen(monitor.curve, is_log)
        heights = np.log10(values) if is_log else values
        for step in (BLOCK - 4, 2 * BLOCK - 4, 3 * BLOCK - 4):
            read = seen.value(step, themes.current.color("train"))
            read = np.log10(read) if is_log else read
            assert read == pytest.approx(heights[step - 1], abs=0.02 * float(np.ptp(heights))), step


def test_the_other_scale_and_a_part_of_the_run_are_read_too(shown, feed, themes):
    monitor = shown(NetworkMonitor, 640, 420)
    values = recorded(feed, "noise_scale")
    monitor.choose("noise_scale")
    monitor.log.setChecked(False)
    monitor.curve.time = monitor.curve.time.showing(0, STEPS, 100, 200)
    monitor.curve.refresh()
    seen = Seen(monitor.curve, False)
    for step in (120, 150, 180):
        assert seen.value(step, themes.current.color("train")) == pytest.approx(values[step - 1], abs=8)


def test_logarithmic_time_gives_the_first_steps_their_room(shown, feed, themes):
    monitor = shown(NetworkMonitor, 640, 420)
    values = recorded(feed, "gradient_norm")
    monitor.log_time.setChecked(True)
    picture(monitor.curve)
    plot = monitor.curve
    area, steps = plot.area(), plot.steps()
    for step in (3, 30, 200):
        right = area.left() + np.log1p(step) / np.log1p(STEPS) * area.width()
        assert steps.pixel(step) == pytest.approx(right, abs=1)
    raw = plot.curves[0]
    for step in (10, 70, 150):
        assert raw.value(step) == values[step - 1]


def test_a_single_step_that_is_far_larger_is_seen_among_very_many(shown, feed):
    monitor = shown(NetworkMonitor, 420, 300)
    begun = started()
    rows = np.ones((20_000, len(begun.step_columns)), np.float32)
    rows[12_345, begun.step_columns.index("gradient_norm")] = 500.0
    feed.take([begun, step_rows(1, rows)])
    picture(monitor.curve)
    raw = monitor.curve.curves[0]
    assert raw.y.max() == 500.0
    assert monitor.curve.values().high > np.log10(500)


def test_what_is_measured_seldom_has_a_dot_each_and_says_when(shown, feed, themes):
    monitor = shown(NetworkMonitor, 640, 420)
    values = recorded(feed, "alpha", spacing=40)
    monitor.choose("alpha")
    seen = Seen(monitor.curve)
    for step in range(1, STEPS, 40):
        read = seen.value(step, themes.current.color("train"))
        assert read == pytest.approx(values[step - 1], abs=0.05), step
    step, value = monitor.curve.reading(90)[:2]
    assert (step.value, value.value) == ("81", "0.1000")
    assert monitor.curve.curves[0].value(90) == pytest.approx(0.1)


def test_one_measurement_alone_is_seen(shown, feed, themes):
    monitor = shown(NetworkMonitor, 640, 420)
    recorded(feed, "alpha", spacing=STEPS)
    monitor.choose("alpha")
    assert np.isfinite(Seen(monitor.curve).height(1, themes.current.color("train")))


def test_what_it_is_held_against_is_drawn_and_named(shown, feed, themes):
    monitor = shown(NetworkMonitor, 640, 420)
    monitor.curve.settings = lambda: TrainingSettings(batch_size=64, accumulate=2)
    recorded(feed, "noise_scale")
    monitor.choose("noise_scale")
    seen = Seen(monitor.curve, True)
    assert seen.says("batch of 128")
    grey = themes.current.color("text3")
    levels = {round(seen.values.number(seen.height(step, grey)), -1) for step in range(20, 60) if step % 2}
    assert 130 in levels
    assert mark_of("gradient_norm", TrainingSettings()) is None
    assert mark_of("gradient_norm", TrainingSettings(clip_norm=0.5)) == ("clipped at 0.5", 0.5)


def test_the_table_has_every_digit_and_the_pointer_says_the_step(shown, feed, tmp_path):
    monitor = shown(NetworkMonitor)
    values = recorded(feed, "gradient_norm")
    picture(monitor.curve)
    monitor.save(tmp_path / "norm.csv")
    with (tmp_path / "norm.csv").open(newline="") as file:
        names, *lines = csv.reader(file)
    assert names == ["step", "gradient_norm"]
    assert [np.float32(line[1]) for line in lines] == values.tolist()
    told = {line.name: line.value for line in monitor.curve.reading(100)}
    assert (told["step"], told["gradient norm"]) == ("100", "4.000")


def test_what_is_not_there_is_said_with_its_reason(shown, feed):
    monitor = shown(NetworkMonitor)
    assert monitor.curve.NOTHING[0] == "No steps yet. Press Train."
    begun = started()
    begun.step_columns.append("clip")
    rows = random_rows(20, len(begun.step_columns))
    rows[:, -1] = np.nan
    feed.take([begun, step_rows(1, rows)])
    assert monitor.offered == ("gradient_norm", "clip")
    for quantity, words in (("clip", "This run clips no gradients."), ("alpha", "Alpha: not measured in this run.")):
        monitor.choose(quantity)
        picture(monitor.curve)
        assert monitor.curve.NOTHING[0] == words


def test_what_was_chosen_comes_back(shown, feed):
    monitor = shown(NetworkMonitor)
    monitor.choose("seconds")
    monitor.log.setChecked(True)
    other = shown(NetworkMonitor)
    other.restore(monitor.state())
    assert (other.curve.quantity, other.curve.log) == ("seconds", True)
    other.restore({"quantity": "unheard"})
    assert other.curve.quantity == "seconds"
    other.choose("cosine")
    assert not other.log.isEnabled()
    assert not other.curve.log
