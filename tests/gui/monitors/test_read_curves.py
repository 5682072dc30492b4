"""Curves read off the screen as a person does: by the labels of the axes and the colour of the line."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from core.engine.messages import Progress, Validated
from core.training.schedules import Schedule, rate_factor
from core.training.settings import TrainingSettings
from gui.monitors.controls import FACTORS
from gui.monitors.gradients import MODES, GradientMonitor
from gui.monitors.layer_curves import colors
from gui.monitors.loss import LossMonitor
from gui.monitors.loss_plot import PALE, RAW
from gui.monitors.metrics import MetricMonitor
from gui.monitors.schedule import ScheduleMonitor
from gui.monitors.timings import TimingMonitor
from gui.theme import mix
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows, validated
from tests.gui.monitors.conftest import turn_wheel
from tests.gui.monitors.seen import CLOSE, Seen, number

COLUMNS = len(started().step_columns)
LOOKS = ("dark", "light")


def averaged(values: np.ndarray, factor: float) -> np.ndarray:
    """The moving average of all steps so far, whose weights add up to one."""
    total = weight = 0.0
    found = []
    for value in np.asarray(values, np.float64):
        total, weight = factor * total + value, factor * weight + 1
        found.append(total / weight)
    return np.array(found)


def wave(count: int, low: float, high: float) -> np.ndarray:
    """From high down to low by decades, in slow waves."""
    share = np.linspace(0, 1, count)
    logs = np.log10(high) + share * (np.log10(low) - np.log10(high)) + 0.1 * np.sin(9 * share)
    return (10**logs).astype(np.float32)


def train(feed, losses, run: str = "run", **more) -> None:
    begun = started(**more)
    begun.run = run
    rows = random_rows(len(losses), COLUMNS)
    rows[:, 0] = losses
    feed.take([begun, step_rows(1, rows)])
    QApplication.processEvents()


def within(seen: Seen, step: float, color, wanted: float, close: int = CLOSE) -> None:
    """The line of this colour stands at the wanted number, to a pixel and a half."""
    assert seen.height(step, color, close) == pytest.approx(seen.values.pixel(wanted), abs=1.6), (step, wanted)


@pytest.mark.parametrize("scale", ["automatic", "log", "linear"])
def test_the_loss_is_read_on_every_scale_at_every_smoothing(shown, feed, themes, scale):
    monitor = shown(LossMonitor, 520, 340)
    monitor.use_scale(scale)
    losses = wave(300, 0.02, 3.0)
    train(feed, losses)
    for look, factor in (("dark", 0.0), ("dark", 0.92), ("light", 0.92), ("light", 0.995)):
        themes.use(look)
        monitor.slider.setValue(FACTORS.index(factor))
        seen, expected = Seen(monitor.curves), averaged(losses, factor)
        assert seen.values.is_log == (scale != "linear")
        for step in (20, 77, 150, 220, 290):
            within(seen, step, themes.current.color("train"), expected[step - 1])
        (value,) = [word for word in seen.words if word.middle < seen.area.top() and word.text[0].isdigit()]
        assert number(value.text) == pytest.approx(losses[-1], rel=2e-3)
        assert monitor.factor.text() == f"{factor:g}"


def test_every_steps_loss_fills_its_column_from_the_least_to_the_most(shown, feed, themes):
    monitor = shown(LossMonitor, 420, 300)
    losses = np.abs(np.random.default_rng(5).standard_normal(6000) * 0.2 + 2).astype(np.float32)
    train(feed, losses)
    for look in LOOKS:
        themes.use(look)
        seen, panel = Seen(monitor.curves), themes.current.color("panel")
        faint = np.array(mix(panel, themes.current.color("train"), RAW).getRgb()[:3])
        tops = []
        for x in range(int(seen.area.left()) + 40, int(seen.area.right()) - 5):
            first, last = (math.floor(seen.steps.number(x + side)) for side in (0, 1))
            rows = np.flatnonzero(np.abs(seen.found[:, x] - faint).max(axis=1) < 3)
            around = losses[first - 20 : last + 19]  # columns reach to one another
            most, least = (seen.values.number(place) for place in (rows[0], rows[-1] + 1))
            pixel = abs(seen.values.slope)
            assert around.min() - 2 * pixel <= least < most <= around.max() + 2 * pixel
            tops.append((most, losses[first - 1 : last].max(), least, losses[first - 1 : last].min()))
        top, highest, bottom, lowest = np.array(tops).T
        for drawn, expected in ((top, highest), (bottom, lowest)):
            assert np.median(np.abs(drawn - expected)) < pixel
            assert np.corrcoef(drawn, expected)[0, 1] > 0.4
        assert (top.max(), bottom.min()) == pytest.approx((losses[640:].max(), losses[640:].min()), abs=2 * pixel)


def test_the_run_before_the_validation_and_a_blind_guess_are_read_too(shown, feed, themes):
    monitor = shown(LossMonitor, 520, 340)
    first, second = wave(400, 0.2, 3.0), wave(200, 0.05, 1.0)
    train(feed, first, "one", chance=math.log(10))
    train(feed, second, "two", chance=math.log(10))
    feed.take([validated(step, loss) for step, loss in ((50, 1.4), (100, 1.1), (150, 0.8), (199, 0.75))])
    for look in LOOKS:
        themes.use(look)
        theme, seen = themes.current, Seen(monitor.curves)
        pale = mix(theme.color("panel"), theme.color("train"), PALE)
        for step in (210, 300, 390):
            within(seen, step, pale, averaged(first, 0.92)[step - 1], close=9)
        within(seen, 180, theme.color("train"), averaged(second, 0.92)[179])
        heights = [seen.height(step, theme.color("val")) for step in range(51, 199)]
        dashes = np.array([(step, y) for step, y in zip(range(51, 199), heights, strict=True) if math.isfinite(y)])
        assert 60 < len(dashes) < 130  # dashes, and gaps between them
        straight = np.interp(dashes[:, 0], (50, 100, 150, 199), [seen.values.pixel(y) for y in (1.4, 1.1, 0.8, 0.75)])
        assert np.abs(dashes[:, 1] - straight).max() < 2.5
        chance = round(seen.values.pixel(math.log(10)))
        dashed = seen.found[chance - 1 : chance + 2, int(seen.area.left()) + 5 : int(seen.area.right()) - 5]
        assert (np.abs(dashed - theme.color("text3").getRgb()[:3]).max(axis=2) < CLOSE).any(axis=0).mean() > 0.3
        assert abs(seen.says("ln 10 = uniform guess").middle - chance) < 16
        assert {"train", "validation", "earlier run"} <= {word.text for word in seen.words}
    monitor.compare.trigger()
    seen = Seen(monitor.curves)
    assert "earlier run" not in {word.text for word in seen.words}
    assert seen.steps.number(seen.area.right()) == pytest.approx(200, abs=3)


def test_a_part_of_the_run_is_read_off_its_own_axes(shown, feed, themes):
    monitor = shown(LossMonitor, 520, 340)
    losses = wave(2000, 0.02, 3.0)
    train(feed, losses)
    monitor.slider.setValue(0)
    for _ in range(6):
        turn_wheel(monitor.curves, QPointF(monitor.curves.steps().pixel(1200), 150), 1)
    seen = Seen(monitor.curves)
    assert seen.steps.number(seen.area.right()) - seen.steps.number(seen.area.left()) == pytest.approx(
        2000 * 0.8**6, rel=0.02
    )
    for step in (1000, 1150, 1300):
        within(seen, step, themes.current.color("train"), losses[step - 1])


def told(step: int, **metrics: float) -> Validated:
    return Validated(step=step, epoch=step // 100, loss=1.0, task="tokens", metrics=metrics)


def test_metrics_are_read_off_their_axis_and_the_table_says_them(shown, feed, themes):
    monitor = shown(MetricMonitor, 640, 340)
    begun, rows = started(), random_rows(400, COLUMNS)
    begun.validation_samples, begun.metric = 30, "accuracy"
    rows[:, 1] = batches = np.linspace(0.1, 0.8, 400) + 0.05 * np.sin(np.arange(400))
    accuracy = {100: 0.35, 200: 0.62, 300: 0.85, 400: 0.71}
    perplexity = {100: 80.0, 200: 30.0, 300: 22.0, 400: 25.0}
    told_ones = [told(step, accuracy=accuracy[step], perplexity=perplexity[step]) for step in accuracy]
    feed.take([begun, step_rows(1, rows), *told_ones])
    for look in LOOKS:
        themes.use(look)
        monitor.metrics.show_group("shares")
        theme, seen = themes.current, Seen(monitor.metrics)
        expected = averaged(batches.astype(np.float32), 0.92)
        for step in (60, 250, 330):
            within(seen, step, theme.color("train"), expected[step - 1], close=75)
        for step, value in ((101, 0.35), (150, 0.485), (250, 0.735), (350, 0.78)):
            within(seen, step, theme.color("val"), value)
        table = [word.text for word in sorted(seen.words, key=lambda word: (round(word.middle), word.left))]
        place = table.index("Token accuracy")
        assert table[place + 1 : place + 3] == ["71.0 %", "85.0 %"]
        place = table.index("Perplexity")
        assert [number(text) for text in table[place + 1 : place + 3]] == [25.0, 22.0]
        monitor.metrics.show_group("perplexity")
        seen = Seen(monitor.metrics)
        for step, value in ((150, 55.0), (250, 26.0), (350, 23.5)):
            within(seen, step, theme.series(2), value)


@pytest.mark.parametrize("mode", list(MODES))
def test_the_lines_of_layers_are_read_off_a_logarithmic_axis(shown, feed, themes, mode):
    monitor = shown(GradientMonitor, 560, 360)
    monitor.modes.choose(mode)
    begun = started(layers=3, activations=False)
    rows = np.ones((300, len(begun.step_columns)), np.float32)
    levels = np.stack([wave(300, 10.0 ** (low - 0.6), 10.0**low) for low in (-4, -2.5, -1)], axis=1)
    rows[:, 4::3], rows[:, 5::3], rows[:, 6::3] = levels, 8.0, levels * 4
    feed.take([begun, step_rows(1, rows), sample_rows(np.arange(1, 301), levels * 2)])
    for look in LOOKS:
        themes.use(look)
        seen, tints = Seen(monitor.curves, is_log=True), colors(themes.current, 3)
        for layer in range(3):
            wanted = averaged(levels[:, layer] * {"Weights": 1, "Outputs": 2, "Update ratio": 0.5}[mode], 0.9)
            for step in (40, 150, 280):
                within(seen, step, tints[layer], wanted[step - 1])
            label = seen.says(f"fc{layer + 1}")
            assert label.color == tints[layer].name()
            assert label.middle == pytest.approx(seen.values.pixel(wanted[-1]), abs=2)
        assert [word.text for word in seen.words if "per layer" in word.text]


def test_seven_to_twelve_layers_are_a_ramp_whose_lines_are_where_their_numbers_are(shown, feed, themes):
    monitor = shown(GradientMonitor, 560, 420)
    begun = started(layers=9, activations=False)
    rows = np.ones((300, len(begun.step_columns)), np.float32)
    levels = 10 ** np.linspace(-7.5, -0.5, 9)
    rows[:, 4::3] = levels
    feed.take([begun, step_rows(1, rows)])
    seen = Seen(monitor.curves)
    tints = np.array([tint.getRgb()[:3] for tint in colors(themes.current, 9)])
    x = round(seen.steps.pixel(150))
    for layer, level in enumerate(levels):
        y = int(seen.values.pixel(level))
        away = np.abs(seen.found[y - 1 : y + 2, x][:, None] - tints).max(axis=2)
        assert away.min() < 24, layer
        assert away.min(axis=0).argmin() == layer
    zone = seen.says("vanishing zone, below 10⁻⁶")
    assert zone.middle > seen.values.pixel(1e-6)


def test_the_learning_rate_and_its_plan_are_read_on_both_scales(shown, feed, themes):
    monitor = shown(ScheduleMonitor, 520, 340)
    settings = TrainingSettings(schedule=Schedule("Cosine", warmup=1.0, lowest=0.02))
    monitor.curve.settings = lambda: settings
    rate = settings.phases[0].optimizer.learning_rate
    expected = np.array([rate * rate_factor(settings.schedule, step, 100, 1000) for step in range(1000)])
    begun, rows = started(), random_rows(600, COLUMNS)
    rows[:, 2] = expected[:600]
    feed.take([begun, step_rows(1, rows)])
    for is_log in (False, True):
        monitor.log.setChecked(is_log)
        for look in LOOKS:
            themes.use(look)
            seen = Seen(monitor.curve)
            for step in (70, 250, 590):
                within(seen, step, themes.current.color("train"), expected[step - 1])
            heights = [seen.height(step, themes.current.color("text3")) for step in range(620, 990, 3)]
            planned = [seen.values.pixel(one) for one in expected[619:989:3]]
            known = [(y, wanted) for y, wanted in zip(heights, planned, strict=True) if math.isfinite(y)]
            assert 50 < len(known) < len(planned)
            assert max(abs(y - wanted) for y, wanted in known) < 2.5
            (newest,) = [word for word in seen.words if word.middle < seen.area.top() and word.text[0].isdigit()]
            assert number(newest.text) == pytest.approx(expected[599], rel=6e-3)


def test_samples_a_second_are_read_off_the_axis(shown, feed, themes):
    monitor = shown(TimingMonitor, 520, 340)
    told_ones = [(10, 900.0), (100, 1500.0), (200, 1100.0), (300, 1300.0)]
    progress = [Progress(state="training", step=step, epoch=0, samples_per_second=speed) for step, speed in told_ones]
    feed.take([started(), step_rows(1, random_rows(300, COLUMNS)), *progress])
    monitor.modes.choose("Throughput")
    for look in LOOKS:
        themes.use(look)
        seen = Seen(monitor.times)
        for step, speed in ((50, 900 + 600 * 40 / 90), (150, 1300), (250, 1200)):
            within(seen, step, themes.current.color("train"), speed)
        assert abs(seen.says("samples per second").middle - seen.says("1,300").middle) < 1


def zoom_in(plot, step: float, notches: int = 5) -> None:
    """Turn the wheel over a step."""
    for _ in range(notches):
        turn_wheel(plot, QPointF(plot.steps().pixel(step), plot.area().center().y()), 1)


def test_metrics_rates_and_speeds_of_a_part_of_the_run(shown, feed, themes):
    metrics, rate = shown(MetricMonitor, 640, 340), shown(ScheduleMonitor, 520, 340)
    speed = shown(TimingMonitor, 520, 340)
    speed.modes.choose("Throughput")
    begun, rows = started(), random_rows(400, COLUMNS)
    begun.validation_samples, begun.metric = 30, "accuracy"
    rows[:, 1], rows[:, 2] = 0.5, np.linspace(0.02, 0.1, 400)
    judged = [(at, {"accuracy": 0.2 + at / 600}) for at in range(20, 401, 20)]
    told_ones = [Validated(step=at, epoch=1, loss=1.0, task="classes", metrics=found) for at, found in judged]
    speeds = [
        Progress(state="training", step=at, epoch=0, samples_per_second=500 + 2 * at) for at in range(10, 401, 30)
    ]
    feed.take([begun, step_rows(1, rows), *told_ones, *speeds])
    for monitor, token, begin, slope in (
        (metrics, "val", 0.2, 1 / 600),
        (rate, "train", 0.02 - 0.08 / 399, 0.08 / 399),
        (speed, "train", 500, 2),
    ):
        Seen(monitor.plot)
        zoom_in(monitor.plot, 200)
        seen = Seen(monitor.plot)
        assert seen.steps.number(seen.area.right()) - seen.steps.number(seen.area.left()) < 160
        for step in (171, 207, 233):
            within(seen, step, themes.current.color(token), begin + slope * step)


@pytest.mark.parametrize("mode", list(MODES))
def test_the_lines_of_layers_are_read_off_a_logarithmic_axis_of_a_part(shown, feed, themes, mode):
    monitor = shown(GradientMonitor, 560, 360)
    monitor.modes.choose(mode)
    begun = started(layers=2, activations=False)
    rows = np.ones((900, len(begun.step_columns)), np.float32)
    levels = np.stack([wave(900, 10.0 ** (low - 1.5), 10.0**low) for low in (-4, -1)], axis=1)
    rows[:, 4::3], rows[:, 5::3], rows[:, 6::3] = levels, 4.0, levels
    feed.take([begun, step_rows(1, rows), sample_rows(np.arange(1, 901), levels)])
    Seen(monitor.plot, is_log=True)
    zoom_in(monitor.plot, 500)
    line = float(monitor.plot.values().pixels(levels[500, 1] / (4.0 if mode == "Update ratio" else 1.0)))
    for _ in range(2):
        turn_wheel(monitor.plot, QPointF(monitor.plot.area().center().x(), line), 1, Qt.KeyboardModifier.ShiftModifier)
    seen, checked = Seen(monitor.curves, is_log=True), 0
    for layer, tint in enumerate(colors(themes.current, 2)):
        wanted = averaged(levels[:, layer] / (4.0 if mode == "Update ratio" else 1.0), 0.9)
        for step in (420, 500, 560):
            if seen.area.top() + 3 < seen.values.pixel(wanted[step - 1]) < seen.area.bottom() - 3:
                within(seen, step, tint, wanted[step - 1])
                checked += 1
    assert checked >= 3
