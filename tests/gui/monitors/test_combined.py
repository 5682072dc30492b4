"""Modes of a monitor all at once, drawn by chance: what is read off the screen is what NumPy makes of the record.

One monitor goes through all combinations, so that nothing kept from one is seen in the next.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from core.engine.messages import Started, Validated
from core.telemetry.heat_scales import RELATIVE_MARK, SCALES
from gui.monitors.controls import FACTORS
from gui.monitors.gradients import MODES, GradientMonitor
from gui.monitors.heatmap import HeatmapMonitor
from gui.monitors.layer_curves import colors
from gui.monitors.loss import LossMonitor
from gui.monitors.loss_plot import PALE
from gui.monitors.metrics import MetricMonitor
from gui.monitors.panel import Monitor
from gui.monitors.schedule import ScheduleMonitor
from gui.theme import mix
from tests.core.telemetry.runs import random_rows, row, sample_rows, started, step_rows
from tests.gui.monitors.conftest import picture
from tests.gui.monitors.seen import CLOSE, Seen, is_number, number
from tests.gui.monitors.test_read_cells import by_key
from tests.gui.monitors.test_read_curves import averaged, wave

STEPS = 300
PARTS = [None, (0, 90), (101, 180), (150, 300)]
"""What is in view; the last of them goes on with the run."""
chance = settings(
    derandomize=True, deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
views = st.fixed_dictionaries(
    {
        "look": st.sampled_from(["dark", "light"]),
        "scale": st.sampled_from([1.0, 1.0, 1.3]),
        "size": st.sampled_from([(560, 340), (720, 420), (480, 300)]),
        "log_time": st.booleans(),
        "part": st.sampled_from(PARTS),
        "pinned": st.sampled_from([None, 77, 160, 262]),
    }
)


@dataclass
class Run:
    """What was recorded, (steps,) or (steps, layers), and how it was told."""

    begun: Started
    loss: np.ndarray
    rate: np.ndarray
    levels: np.ndarray
    judged: tuple[Validated, ...]
    before: np.ndarray


def blocks(count: int, low: float, high: float, seed: int) -> np.ndarray:
    """Numbers that stay for 20 steps, far enough from one another to be told apart by their colour."""
    return np.repeat(np.random.default_rng(seed).uniform(low, high, -(-count // 20)), 20)[:count]


@pytest.fixture
def run(feed) -> Run:
    """Two runs, the last of them of a network in which a block is repeated."""
    before = wave(240, 0.3, 3.0)
    first = started(layers=2)
    first.run = "before"
    rows = random_rows(240, len(first.step_columns))
    rows[:, 0] = before
    feed.take([first, step_rows(1, rows)])
    begun = started(layers=4)
    begun.weights = [row(number, path=path) for number, path in enumerate(("fc1", "in.1.fc", "in.2.fc", "fc4"), 1)]
    begun.outputs = [one for number, info in enumerate(begun.weights, 1) for one in (info, row(number, False))]
    begun.step_columns = begun.step_columns[:4] + [
        f"{what}:{info.path}" for info in begun.weights for what in ("gradient", "weight", "update")
    ]
    begun.sample_columns = [f"output:{info.path}" for info in begun.outputs]
    begun.validation_samples, begun.metric = 20, "accuracy"
    loss, rate = wave(STEPS, 0.04, 2.5), wave(STEPS, 1e-3, 0.1)
    levels = np.stack([10 ** blocks(STEPS, low, low + 0.8, low + 9) for low in (-7, -5, -3, -1)], axis=1)
    rows = random_rows(STEPS, len(begun.step_columns))
    rows[:, 0], rows[:, 1], rows[:, 2] = loss, np.linspace(0.2, 0.9, STEPS), rate
    rows[:, 4::3], rows[:, 5::3], rows[:, 6::3] = levels, 4.0, levels * 2
    samples = random_rows(STEPS, 8)
    samples[:, ::2] = levels * 3
    samples[:, 1::2] = levels
    judged = tuple(
        Validated(step=step, epoch=epoch, loss=float(loss[step - 1] * 1.3), task="tokens",
                  metrics={"accuracy": 0.3 + 0.1 * epoch, "perplexity": 60.0 / epoch})
        for epoch, step in enumerate(range(60, STEPS + 1, 60), 1)
    )  # fmt: skip
    begun.run = "now"
    feed.take([begun, step_rows(1, rows), sample_rows(np.arange(1, STEPS + 1), samples), *judged])
    return Run(begun, loss, rate, levels, judged, before)


class Looked:
    """A monitor in one combination, as a person sees it."""

    def __init__(self, monitor: Monitor, view: dict, most: int = STEPS, is_log: bool | None = None) -> None:
        plot = monitor.plot
        plot.themes.use(view["look"])
        plot.themes.scale(view["scale"])
        monitor.resize(*view["size"])
        monitor.log_time.setChecked(view["log_time"])
        QApplication.processEvents()
        plot.refit()
        if view["part"] is not None:
            plot.time = plot.time.showing(*plot.extent(), *view["part"])
        plot.crosshair.pick(view["pinned"])
        plot.refresh()
        for _ in range(2):
            picture(plot)  # words in a new size tell how much room there is, and layouts follow a moment later
        self.seen, self.view, self.theme = Seen(plot, is_log), view, plot.themes.current
        self.low, self.high = view["part"] or (0, most)
        self._check_steps()

    def x(self, step: float) -> float:
        """The pixel at which a step is to stand."""
        area = self.seen.area
        places = [math.log1p(one) if self.view["log_time"] else one for one in (step, self.low, self.high)]
        return area.left() + (places[0] - places[1]) / (places[2] - places[1]) * area.width()

    def steps(self, count: int = 5) -> list[int]:
        """Some in view, away from its ends and from the step that is held."""
        area, found = self.seen.area, []
        for step in range(max(self.low, 2) + 1, self.high):
            x = self.x(step)
            held = self.view["pinned"] is not None and abs(x - self.x(self.view["pinned"])) < 6
            if area.left() + 8 < x < area.right() - 10 and not held:
                found.append(step)
        return found[:: max(len(found) // count, 1)]

    def heights(self, step: float, color, close: int = CLOSE) -> np.ndarray:
        """The pixels of a colour at a step."""
        area = self.seen.area
        column = self.seen.found[:, round(self.x(step) - 0.5)]
        near = np.flatnonzero(np.abs(column - color.getRgb()[:3]).max(axis=1) < close)
        near = near[(near >= area.top() - 3) & (near < area.bottom())]
        return near + 0.5

    def has_line(self, step: int, color, wanted: np.ndarray, close: int = CLOSE) -> None:
        """The line stands at the wanted number, or at what it is within a pixel of the step; else out of view.

        In logarithmic time a point of the line stands for several of the later steps.
        """
        axis, area, beside = self.seen.values, self.seen.area, 5 if self.view["log_time"] else 1
        around = [axis.pixel(value) for value in wanted[max(step - 1 - beside, 0) : step + beside]]
        if not area.top() + 3 < min(around) <= max(around) < area.bottom() - 3:
            return
        heights = self.heights(step, color, close)
        assert ((min(around) - 1.8 <= heights) & (heights <= max(around) + 1.8)).any(), (step, heights, around)

    def are_near(self, step: int, line: np.ndarray, *others: np.ndarray) -> bool:
        """Whether others lie so near to a line at a step that they may be drawn over it."""
        here = self.seen.values.pixel(line[step - 1])
        return any(abs(self.seen.values.pixel(other[step - 1]) - here) < 7 for other in others)

    def above(self) -> dict[str, str]:
        """The words above the area, each with the number behind it."""
        row = [word for word in self.seen.words if word.middle < self.seen.area.top() and word.left > 0]
        texts = [word.text for word in sorted(row, key=lambda word: word.left)]
        return dict(zip(texts, [*texts[1:], ""], strict=True))

    def _check_steps(self) -> None:
        """The labels below stand where their steps do; the last may be pushed inside."""
        labels = [word for word in self.seen.words if self.seen._is_below(word) and is_number(word.text)]
        assert labels
        for word in labels:
            pushed = word.right > self.seen.area.right() - 8
            place = self.x(number(word.text))
            assert word.center == pytest.approx(place, abs=1.5) or (pushed and word.center <= place), word
        ends = sorted((word.left, word.right) for word in labels)
        assert all(end[1] <= following[0] for end, following in pairwise(ends))

    def newest(self, values: np.ndarray) -> float:
        """The last of all, or that of the step that is held."""
        pinned = self.view["pinned"]
        return float(values[-1 if pinned is None else pinned - 1])

    def check_words(self) -> None:
        """No two words lie on one another, and none reaches out of the plot."""
        upright = [word for word in self.seen.words if not word.is_upright]
        wide = self.seen.image.width()
        boxes = sorted((round(word.middle), word.left, word.right, word.text) for word in upright)
        for place, (middle, left, right, text) in enumerate(boxes):
            assert left >= -1, text
            assert right <= wide + 1, text
            for other in boxes[place + 1 :]:
                if abs(other[0] - middle) < 9:
                    assert other[2] <= left + 1 or right <= other[1] + 1, (text, other[3])


def test_the_loss_in_any_combination(shown, feed, run):
    monitor = shown(LossMonitor, 560, 340)

    @chance
    @given(views, st.sampled_from(["automatic", "log", "linear"]), st.sampled_from(FACTORS), st.booleans())
    def read(view, scaling, factor, compares):
        monitor.use_scale(scaling)
        monitor.slider.setValue(FACTORS.index(factor))
        monitor.compare.setChecked(compares)
        look = Looked(monitor, view, is_log=True if scaling == "log" else None)
        if scaling != "automatic":
            assert look.seen.values.is_log == (scaling == "log")
        expected, pale = averaged(run.loss, factor), mix(look.theme.color("panel"), look.theme.color("train"), PALE)
        before = averaged(run.before, factor)
        validated = np.interp(np.arange(1, STEPS + 1), *zip(*((one.step, one.loss) for one in run.judged), strict=True))
        for step in look.steps():
            look.has_line(step, look.theme.color("train"), expected)
            if compares and step < 230 and not look.are_near(step, before, expected, validated):
                look.has_line(step, pale, before, close=30)
        told = look.above()
        assert number(told["train"]) == pytest.approx(look.newest(run.loss), rel=2e-3)
        pinned = view["pinned"] or STEPS
        (judged,) = [one.loss for one in run.judged if one.step <= pinned][-1:]
        if "validation" in told and told["validation"] != "earlier run" and is_number(told["validation"]):
            assert number(told["validation"]) == pytest.approx(judged, rel=2e-3)
        assert ("earlier run" in told) <= compares
        assert {"log scale": True, "linear": False}.get(list(told)[-1], look.seen.values.is_log) == (
            look.seen.values.is_log
        )
        look.check_words()

    read()


def test_gradients_in_any_combination(shown, feed, run):
    monitor = shown(GradientMonitor, 560, 340)

    @chance
    @given(views, st.sampled_from(list(MODES)), st.sets(st.integers(0, 3), max_size=2))
    def read(view, mode, selected):
        monitor.modes.choose(mode)
        monitor.set_selected(frozenset(run.begun.weights[place].node for place in selected))
        look = Looked(monitor, view, is_log=True)
        tints = colors(look.theme, 4)
        for layer, info in enumerate(run.begun.weights):
            expected = averaged(run.levels[:, layer] * {"Weights": 1, "Outputs": 3, "Update ratio": 0.5}[mode], 0.9)
            for step in look.steps():
                look.has_line(step, tints[layer], expected)
            (name,) = [word for word in look.seen.words if word.color == tints[layer].name()]
            assert info.path.endswith(name.text.lstrip("…"))
            last = min(max(look.high, 2), STEPS)
            wanted = look.seen.values.pixel(expected[last - 1])
            assert name.middle == pytest.approx(wanted, abs=16)
        zone = [word for word in look.seen.words if word.text.startswith("vanishing zone")]
        assert not zone or mode != "Update ratio"
        look.check_words()

    read()


def test_the_heatmap_in_any_combination(shown, feed, run):
    monitor = shown(HeatmapMonitor, 640, 420)
    columns = {"output": 3.0, "gradient_rms": None, "update_ratio": 0.5}

    @chance
    @given(
        views, st.sampled_from(list(columns)), st.booleans(), st.booleans(), st.booleans(),
        st.sets(st.integers(0, 3), max_size=2), st.sampled_from([None, 33, 140, 222]),
    )  # fmt: skip
    def read(view, quantity, relative, every, profile, marked, cursor):
        monitor.choose(quantity)
        monitor.relative.setChecked(relative)
        monitor.every_node.setChecked(every)
        monitor.profile.setChecked(profile)
        monitor.set_selected(frozenset(run.begun.weights[place].node for place in marked))
        monitor.set_named(frozenset({run.begun.weights[1].path} if 1 in marked else ()))
        monitor.plot.crosshair.move(cursor)
        look = Looked(monitor, view)
        rows = [info for info in run.begun.outputs if info in run.begun.weights or (every and quantity == "output")]
        sizes = np.sqrt([info.numel for info in run.begun.weights])
        shares = run.levels * 2 / 4 if quantity == "update_ratio" else run.levels / sizes
        values = run.levels * 3 if quantity == "output" else shares
        if every and quantity == "output":
            values = np.stack([run.levels * 3, run.levels], axis=2).reshape(STEPS, 8)
        logs = np.log10(values)
        if relative:
            logs = logs - logs[:, [6 if every and quantity == "output" else 3]]  # the last that has a weight
        names = [word for word in look.seen.words if word.right < look.seen.area.left()]
        assert [word.text for word in names] == [info.path for info in rows]
        finger = max(0.13, 4 * 9 / look.seen.area.height())  # as near as a key of that height can be read
        for place, name in enumerate(names):
            for step in look.steps():
                if abs((step + 10) % 20 - 10) < (9 if view["log_time"] else 5):
                    continue  # near the edge of a block: in logarithmic time a cell is the mean of several steps
                color = look.seen.found[round(name.middle) + 3, round(look.x(step - 0.5))]
                read = by_key(look.seen, color, log=True)
                assert read == pytest.approx(np.clip(logs[step - 1, place], -8, 1), abs=finger), (place, step)
        words = {word.text for word in look.seen.words}
        mark = RELATIVE_MARK if relative else SCALES[quantity].mark
        assert (("limit" in words) if relative else (SCALES[quantity].word in words)) == (mark is not None)
        look.check_words()

    read()


def test_metrics_in_any_combination(shown, feed, run):
    monitor = shown(MetricMonitor, 640, 360)
    steps = np.array([one.step for one in run.judged])

    @chance
    @given(views, st.sampled_from(["shares", "perplexity"]))
    def read(view, group):
        monitor.metrics.show_group(group)
        look = Looked(monitor, view)
        name = "accuracy" if group == "shares" else "perplexity"
        known = np.array([one.metrics[name] for one in run.judged])
        color = look.theme.color("val") if group == "shares" else look.theme.series(2)
        for step in look.steps():
            if 60 <= step <= STEPS:
                at = [math.log1p(one) for one in (*steps, step)] if view["log_time"] else [*steps, step]
                value = np.interp(at[-1], at[:-1], known)
                look.has_line(step, color, np.full(STEPS, value))
        pinned = view["pinned"] or STEPS
        for metric in ("accuracy", "perplexity"):
            newest = [one.metrics[metric] for one in run.judged if one.step <= pinned][-1]
            best = (max if metric == "accuracy" else min)(one.metrics[metric] for one in run.judged)
            title = {"accuracy": "Token accuracy", "perplexity": "Perplexity"}[metric]
            found = [word for word in look.seen.words if word.text == title]
            if not found:
                assert metric != name
                continue
            line = sorted(
                (word for word in look.seen.words
                 if abs(word.middle - found[0].middle) < 4 and word.left > found[0].left),
                key=lambda word: word.left,
            )  # fmt: skip
            assert number(line[0].text) == pytest.approx(newest, rel=5e-3)
            if len(line) > 1 and look.seen.area.right() < found[0].left:
                assert number(line[1].text) == pytest.approx(best, rel=5e-3)
        look.check_words()

    read()


def test_the_learning_rate_in_any_combination(shown, feed, run):
    monitor = shown(ScheduleMonitor, 560, 340)

    @chance
    @given(views, st.booleans())
    def read(view, is_log):
        monitor.log.setChecked(is_log)
        look = Looked(monitor, view, is_log=is_log)
        for step in look.steps():
            look.has_line(step, look.theme.color("train"), run.rate)
        assert number(look.above()["learning rate"]) == pytest.approx(look.newest(run.rate), rel=6e-3)
        look.check_words()

    read()
