"""Cells read off the screen as a person does: the colour under the pixel, compared with the key beside the plot."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from core.engine.attentions import Attended, AttentionMap
from core.engine.embeddings import Embedded
from core.engine.features import Featured, Maps
from core.engine.histograms import HALF, Counts, LayerCounts
from core.engine.messages import Counted, Validated
from core.telemetry.heat_scales import SCALES
from gui.monitors.activations import ActivationMonitor
from gui.monitors.attention import AttentionMonitor
from gui.monitors.confusion import ConfusionMonitor
from gui.monitors.embedding import EmbeddingMonitor
from gui.monitors.heatmap import HeatmapMonitor
from gui.monitors.histograms import MODES, HistogramMonitor
from gui.monitors.timings import TimingMonitor
from gui.theme import mix
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows
from tests.gui.monitors.conftest import turn_wheel
from tests.gui.monitors.seen import Axis, Seen, Word, axis, is_number, number

LOOKS = ("dark", "light")
STEPS = 120
OF_STEPS = {"gradient_rms": 0, "weight": 1, "update_ratio": 2}
"""Quantities that come of every step's rows, and which of a layer's three columns they are made of."""


def recorded(feed, quantity: str) -> np.ndarray:
    """A run in which this is measured at every step; what a person should read, (steps, rows)."""
    begun, scale = started(layers=4, activations=quantity not in ("output", "alike")), SCALES[quantity]
    generator = np.random.default_rng(7)
    wide = generator.uniform(scale.low + 0.1 * (scale.high - scale.low), scale.high - 0.1, (STEPS // 24, 4))
    wide = np.sort(wide, axis=1) if quantity == "output" else wide  # shares of the last layer are none over the scale
    seen = np.repeat(wide, 24, axis=0)  # blocks of steps, broad enough for the finger
    values = 10.0**seen if scale.log else seen
    if scale.signed:
        values *= generator.choice([-1, 1], values.shape)
    rows = random_rows(STEPS, len(begun.step_columns))
    layers = begun.weights if quantity == "alike" else begun.outputs
    if quantity in OF_STEPS:
        sizes = {"gradient_rms": np.sqrt([100, 200, 300, 400]), "weight": 1.0, "update_ratio": 2.0}[quantity]
        rows[:, 4 + OF_STEPS[quantity] :: 3] = values * sizes
        if quantity == "update_ratio":
            rows[:, 5::3] = 2.0
    samples = random_rows(STEPS, len(begun.sample_columns))
    if quantity == "time":
        layers = [replace(begun.outputs[0], path=f"{begun.outputs[0].path} · {stretch}") for stretch in range(1, 5)]
        begun.sample_columns += [f"time[{stretch}]:{begun.outputs[0].path}" for stretch in range(4)]
        samples = np.concatenate([samples, values], axis=1)
    elif quantity not in (*OF_STEPS, "output"):
        begun.sample_columns += [f"{quantity}:{row.path}" for row in layers]
        samples = np.concatenate([samples, np.full((STEPS, len(layers)), np.nan, np.float32)], axis=1)
    if quantity not in OF_STEPS:
        there = slice(1, None, 2) if scale.of_activations else slice(0, None, 2)
        samples[:, -len(layers) :][:, there if len(layers) == 8 else slice(None)] = values
    feed.take([begun, step_rows(1, rows), sample_rows(np.arange(1, STEPS + 1), samples)])
    QApplication.processEvents()
    return seen


def key_of(seen: Seen, log: bool) -> tuple[int, Axis]:
    """Where the bar of the legend is, and the numbers along it; powers of ten as their exponents."""
    labels = [word for word in seen.words if word.left > seen.area.right() + 20 and is_number(word.text)]
    right = max(round(word.left) for word in labels)
    bar = [word for word in labels if abs(word.left - right) < 3]
    found = axis([(np.log10(number(word.text)) if log else number(word.text), word.middle) for word in bar[1:]])
    return right - 14, found


def by_key(seen: Seen, color: np.ndarray, log: bool) -> float:
    """The number that the legend has for a colour."""
    x, along = key_of(seen, log)
    bar = seen.found[int(seen.area.top()) : int(seen.area.bottom()), x]
    return along.number(int(seen.area.top()) + 0.5 + int(np.abs(bar - color).sum(axis=1).argmin()))


@pytest.mark.parametrize("quantity", list(SCALES))
def test_every_quantity_is_read_by_the_key_beside_the_cells(shown, feed, themes, quantity):
    monitor = shown(HeatmapMonitor, 640, 420)
    expected, scale = recorded(feed, quantity), SCALES[quantity]
    monitor.choose(quantity)
    for look in LOOKS:
        themes.use(look)
        seen, names = Seen(monitor.cells), [word for word in Seen(monitor.cells).words if word.text[:2] in ("fc", "ac")]
        assert len(names) == 4
        for row, name in enumerate(names):
            for step in (13, 37, 61, 110):
                color = seen.found[round(name.middle), round(seen.steps.pixel(step))]
                read = by_key(seen, color, scale.log)
                assert read == pytest.approx(expected[step - 1, row], abs=0.014 * (scale.high - scale.low)), (row, step)
        assert scale.caption.replace(" ", "") in "".join(word.text for word in seen.words).replace(" ", "")


@pytest.mark.parametrize("is_relative", [False, True])
@pytest.mark.parametrize("log_time", [False, True])
def test_shares_of_the_last_layer_and_logarithmic_time_are_read_by_the_same_key(
    shown, feed, themes, is_relative, log_time
):
    monitor = shown(HeatmapMonitor, 640, 420)
    expected = recorded(feed, "output")
    monitor.relative.setChecked(is_relative)
    monitor.log_time.setChecked(log_time)
    if is_relative:
        expected = expected - expected[:, -1:]
    seen = Seen(monitor.cells)
    plot, names = monitor.cells, [word for word in seen.words if word.text.startswith("fc")]
    for row, name in enumerate(names):
        for step in (3, 13, 37, 61, 110):
            x = plot.steps().pixel(step - 0.5) if log_time else seen.steps.pixel(step)
            read = by_key(seen, seen.found[round(name.middle), round(x)], log=True)
            assert read == pytest.approx(np.clip(expected[step - 1, row], -8, 1), abs=0.13), (row, step)
    assert seen.says("log₁₀ share of the last layer's" if is_relative else SCALES["output"].caption)
    if log_time:
        below = [word for word in seen.words if 4 < word.middle - seen.area.bottom() < 22 and is_number(word.text)]
        assert {1.0, 10.0, 100.0} <= {number(word.text) for word in below}


def test_all_nodes_have_their_own_cells_and_a_part_of_the_run_its_own_axis(shown, feed, themes):
    monitor = shown(HeatmapMonitor, 640, 420)
    begun = started(layers=2)
    logs = np.random.default_rng(3).uniform(-7, 0, (30, 4)).repeat(10, axis=0)
    feed.take([
        begun, step_rows(1, random_rows(300, len(begun.step_columns))), sample_rows(np.arange(1, 301), 10.0**logs),
    ])  # fmt: skip
    monitor.every_node.setChecked(True)
    for _ in range(5):
        turn_wheel(monitor.cells, QPointF(monitor.cells.steps().pixel(150), monitor.cells.area().center().y()), 1)
    seen = Seen(monitor.cells)
    names = [word for word in seen.words if word.text in ("fc1", "act1", "fc2", "act2")]
    assert [name.text for name in names] == ["fc1", "act1", "fc2", "act2"]
    for row, name in enumerate(names):
        for step in (125, 145, 165, 185):
            read = by_key(seen, seen.found[round(name.middle), round(seen.steps.pixel(step))], log=True)
            assert read == pytest.approx(logs[step - 1, row], abs=0.13)


def counts(values: np.ndarray, exponent: int = 0) -> Counts:
    edges = np.linspace(-(2.0**exponent), 2.0**exponent, 2 * HALF + 1)
    return Counts(exponent=exponent, bins=np.histogram(values, edges)[0].tolist(), count=len(values))


@pytest.fixture
def spread(shown, feed):
    """Weights, gradients and activations at three moments, each of its own shape."""
    monitor = shown(HistogramMonitor, 600, 360)
    begun = started(activations=False)
    feed.take([begun, step_rows(1, random_rows(90, len(begun.step_columns)))])
    numbers = {}
    for step in (1, 31, 61):
        drawn = np.random.default_rng(step)
        found = {
            what: np.clip(drawn.normal(at, 0.15, 3000), -0.99, 0.99)
            for at, what in zip((-0.4, 0, 0.4), MODES.values(), strict=True)
        }
        layer = LayerCounts(path="fc1", **{what: counts(values) for what, values in found.items()})
        feed.take([Counted(step=step, layers=[layer])])
        numbers[step] = found
    QApplication.processEvents()
    return monitor, numbers


@pytest.mark.parametrize("mode", list(MODES))
def test_a_bins_share_is_read_by_the_key_above(spread, themes, mode):
    monitor, numbers = spread
    monitor.modes.choose(mode)
    for look in LOOKS:
        themes.use(look)
        seen = Seen(monitor.spread)
        ends = seen.says("0.01 %"), seen.says("100 %")
        left, right = round(ends[0].right + 6), round(ends[1].left - 6)
        bar = seen.found[round(ends[0].middle), left:right]
        shares = 10 ** np.linspace(-4, 0, len(bar))
        for step, at in ((1, 15), (31, 45), (61, 80)):
            values = numbers[step][MODES[mode]]
            found, edges = np.histogram(values, np.linspace(-1, 1, 2 * HALF + 1))
            rows = np.flatnonzero(found > 30)
            for row in rows[[0, len(rows) // 2, -1]]:
                y = seen.values.pixel((edges[row] + edges[row + 1]) / 2)
                color = seen.found[int(y), round(seen.steps.pixel(at))]
                read = shares[np.abs(bar - color).sum(axis=1).argmin()]
                assert np.log10(read) == pytest.approx(np.log10(found[row] / len(values)), abs=0.12)
            empty = seen.found[
                int(seen.values.pixel(0.99 if mode == "Weights" else -0.99)), round(seen.steps.pixel(at))
            ]
            assert empty.tolist() == list(themes.current.color("inset").getRgb()[:3])
        assert seen.says(f"fc1, {MODES[mode]}")


@pytest.mark.parametrize("mode", list(MODES))
def test_an_outline_is_as_tall_as_its_bins(spread, themes, mode):
    monitor, numbers = spread
    monitor.modes.choose(mode)
    monitor.ridge.setChecked(True)
    seen = Seen(monitor.spread)
    area, values = seen.area, numbers[61][MODES[mode]]
    fill = mix(themes.current.color("panel"), themes.current.depth_ramp(3)[2], 0.25).getRgb()[:3]
    heights = (
        np.histogram(values, np.linspace(-1, 1, 2 * HALF + 1))[0]
        / np.histogram(values, np.linspace(-1, 1, 2 * HALF + 1))[0].max()
    )
    labels = [word for word in seen.words if 0 < word.middle - area.bottom() < 22 and is_number(word.text)]
    across = axis([(number(word.text), word.center) for word in labels])
    for row in range(4, 2 * HALF - 4, 3):
        x = round(across.pixel((row + 0.5) / HALF - 1) - 0.5)
        if heights[row] < 0.1 or abs(heights[row + 1] - heights[row - 1]) > 0.5:
            continue
        filled = np.flatnonzero(np.abs(seen.found[:, x] - fill).max(axis=1) < 4)
        drawn = (area.bottom() - filled.min() + 1) / (0.3 * area.height())
        assert drawn == pytest.approx(heights[row], abs=0.06), row
    assert [word.text for word in seen.words if word.text.startswith("step ")] == ["step 1", "step 61"]


def packed(numbers: np.ndarray) -> Maps:
    shape = numbers.shape
    return Maps(count=shape[0], height=shape[1], width=shape[2], numbers=numbers.astype("<f4").tobytes())


@pytest.mark.parametrize("mode", ["Maps", "Filters"])
def test_maps_and_filters_are_orange_above_zero_and_blue_below_as_strong_as_they_are(shown, themes, mode):
    monitor = shown(ActivationMonitor, 520, 360)
    maps = np.random.default_rng(0).uniform(-2, 2, (6, 5, 5)).astype(np.float32)
    filters = np.random.default_rng(1).uniform(-0.3, 0.3, (6, 3, 3)).astype(np.float32)
    told = Featured(
        step=1, number=42, shape=[6, 5, 5], maps=packed(maps), filters=packed(filters), channels=3, seconds=0.0
    )
    monitor.maps.take("conv1", told)
    monitor.modes.choose(mode)
    numbers = maps if mode == "Maps" else filters
    edge = np.abs(numbers).max()
    for look in LOOKS:
        themes.use(look)
        seen, theme = Seen(monitor.maps), themes.current
        middle = np.array(theme.color("inset").getRgb()[:3]) if theme.dark else np.array([248, 248, 246])
        ends = [np.array(theme.class_color(place).getRgb()[:3]) for place in (0, 1)]
        for index, room in enumerate(monitor.maps.places()):
            side = numbers.shape[1]
            for row in range(side):
                for column in range(side):
                    x, y = (
                        room.left() + (column + 0.5) / side * room.width(),
                        room.top() + (row + 0.5) / side * room.height(),
                    )
                    share = float(numbers[index, row, column] / edge)
                    wanted = middle + abs(share) * (ends[int(share > 0)] - middle)
                    assert np.abs(seen.found[int(y), int(x)] - wanted).max() < 6, (index, row, column)
        (words,) = [word.text for word in seen.words]
        assert words.startswith(
            "conv1, step 1, sample 42: 6×5×5, up to " if mode == "Maps" else "conv1, step 1: 2 filters 3×3 of 3 inputs"
        )
        assert number(words.rpartition(" ")[2]) == pytest.approx(edge, rel=1e-3)


def test_attention_is_as_strong_as_the_root_of_its_weight_beside_its_words(shown, themes):
    monitor = shown(AttentionMonitor, 560, 460)
    words = ["the", "cat", "sat", "on", "a", "mat"]
    weights = np.random.default_rng(0).dirichlet(np.ones(6), (1, 6)).astype("<f4")
    one = AttentionMap(heads=1, queries=6, keys=6, weights=weights.tobytes())
    monitor.maps.take("attn", Attended(step=1, number=3, maps=[one], tokens={"text": words}, seconds=0.0))
    for look in LOOKS:
        themes.use(look)
        seen = Seen(monitor.maps)
        ground, ink = (np.array(themes.current.color(token).getRgb()[:3]) for token in ("inset", "accent"))
        ((_one, _head, room),) = monitor.maps.places()
        beside = [word for word in seen.words if not word.is_upright and word.text in words]
        below = [word for word in seen.words if word.is_upright]
        assert [word.text for word in beside] == [word.text for word in below] == words
        assert seen.says("attn, step 1, sample 3: 1 head")
        columns = [room.left() + (key + 0.5) * room.width() / 6 for key in range(6)]
        assert [word.left for word in below] == pytest.approx(columns, abs=2)
        for query, word in enumerate(beside):
            for key in range(6):
                color = seen.found[int(word.middle), int(room.left() + (key + 0.5) * room.width() / 6)]
                share = (color - ground) @ (ink - ground) / ((ink - ground) @ (ink - ground))
                assert share**2 == pytest.approx(weights[0, query, key], abs=0.02)


def test_an_embedding_puts_samples_where_their_components_are_with_a_key_for_the_classes(shown, themes):
    monitor = shown(EmbeddingMonitor, 460, 380)
    points = np.array([[0, 0], [4, 1], [1, 3], [3, 4], [2, 2], [-1, 4]], "<f4")
    labels = [0, 1, 2, 0, 1, 2]
    told = Embedded(
        step=1, part="validation", numbers=list(range(6)), points=points.tobytes(), labels=labels,
        classes=["cat", "dog", "eel"], explained=[0.5, 0.25], size=64, seconds=0.0,
    )  # fmt: skip
    monitor.cloud.take("fc1", told)
    for look in LOOKS:
        themes.use(look)
        seen = Seen(monitor.cloud)
        centers = []
        for label in range(3):
            near = np.abs(seen.found - themes.current.series(label).getRgb()[:3]).max(axis=2) < 12
            down, across = np.nonzero(near[:, : int(seen.area.right()) + 2])
            first, second = (points[place] for place in range(6) if labels[place] == label)
            middle = (across.min() + across.max()) / 2, (down.min() + down.max()) / 2
            centers.append((*middle, *((first + second) / 2)))
        x, y, first, second = np.array(centers).T
        for pixels, parts, sign in ((x, first, 1), (y, second, -1)):
            slope, offset = np.polyfit(parts, pixels, 1)
            assert np.abs(slope * parts + offset - pixels).max() < 2.5  # marks differ in shape by some pixels
            assert slope * sign > 0
        assert [word.text for word in seen.words if word.text in told.classes] == told.classes
        assert seen.says("fc1, step 1: 6 held-out samples, 75 % of the spread of 64 numbers")
        assert seen.says("across 50 % of the spread, up 25 %")


def test_the_cells_of_a_confusion_table_say_their_counts(shown, feed, themes):
    monitor = shown(ConfusionMonitor, 440, 420)
    table = [[31, 4, 0, 2], [1, 52, 7, 0], [0, 3, 44, 5], [6, 0, 8, 29]]
    begun, names = started(), ["ant", "bee", "cow", "dog"]
    begun.classes, begun.validation_samples = names, 192
    told = Validated(step=50, epoch=1, loss=1.0, task="classes", metrics={"accuracy": 0.8}, table=table)
    feed.take([begun, step_rows(1, random_rows(60, len(begun.step_columns))), told])
    for look in LOOKS:
        themes.use(look)
        seen = Seen(monitor.table)
        side = seen.area.width() / 4

        def at(word: Word, seen: Seen = seen, side: float = side) -> tuple[int, int]:
            return int((word.middle - seen.area.top()) // side), int((word.center - seen.area.left()) // side)

        inside = [word for word in seen.words if seen.area.contains(word.center, word.middle)]
        said = {at(word): int(number(word.text)) for word in inside}
        assert said == {
            (true, called): count for true, row in enumerate(table) for called, count in enumerate(row) if count
        }
        rows = [word for word in seen.words if word.text in names and word.right < seen.area.left() + 1]
        assert [word.text for word in sorted(rows, key=lambda word: word.middle)] == names
        ground, ink = (np.array(themes.current.color(token).getRgb()[:3]) for token in ("inset", "accent"))
        strengths = {}
        for (true, called), count in said.items():
            corner = seen.found[
                int(seen.area.top() + (true + 0.12) * side), int(seen.area.left() + (called + 0.12) * side)
            ]
            share = (corner - ground) @ (ink - ground) / ((ink - ground) @ (ink - ground))
            strengths[count / sum(table[true])] = share
        shares = sorted(strengths)
        assert [strengths[share] for share in shares] == sorted(strengths.values())


def test_a_layers_bar_is_as_long_as_the_number_beside_it(shown, feed, themes):
    monitor = shown(TimingMonitor, 560, 300)
    begun = started(layers=4, activations=False)
    begun.sample_columns += [f"{way}:{row.path}" for way in ("forward", "backward") for row in begun.outputs]
    times = np.array([[2e-3, 4e-4, 1e-3, 3e-5], [3e-3, 8e-4, 1e-3, 9e-5]])
    rows = np.concatenate([np.ones((9, 4)), np.tile(times.ravel(), (9, 1))], axis=1)
    feed.take([begun, step_rows(1, random_rows(9, len(begun.step_columns))), sample_rows(np.arange(1, 10), rows)])
    units = {"s": 1.0, "ms": 1e-3, "µs": 1e-6}
    for look in LOOKS:
        themes.use(look)
        seen = Seen(monitor.times)
        lengths = []
        for layer in range(4):
            name = seen.says(f"fc{layer + 1}")
            (told,) = [word for word in seen.words if word.left > name.right and abs(word.middle - name.middle) < 2]
            value, _, unit = told.text.partition(" ")
            assert float(value) * units[unit] == pytest.approx(times[:, layer].sum(), rel=6e-3)
            line = seen.found[int(name.middle)]
            ways = [
                int((line == themes.current.color(token).getRgb()[:3]).all(axis=1).sum()) for token in ("train", "val")
            ]
            lengths.append(ways)
        pixels = np.array(lengths).T
        assert pixels / pixels.sum(axis=0).max() == pytest.approx(times / times.sum(axis=0).max(), abs=0.01)
        total = [word.text for word in seen.words if word.text.startswith(("forward", "backward"))]
        assert total == ["forward 3.43 ms", "backward 4.89 ms"]


def test_a_part_of_the_moments_and_of_the_values_is_read_off_its_own_axes(spread, themes):
    monitor, numbers = spread
    plot = monitor.spread
    Seen(plot)
    for _ in range(3):
        turn_wheel(plot, QPointF(plot.steps().pixel(45), plot.values().pixel(-0.4)), 1)
        turn_wheel(
            plot, QPointF(plot.steps().pixel(45), plot.values().pixel(-0.4)), 1, Qt.KeyboardModifier.ShiftModifier
        )
    seen = Seen(plot)
    assert seen.steps.number(seen.area.right()) < 80
    assert seen.values.number(seen.area.top()) < 0.5
    ends = seen.says("0.01 %"), seen.says("100 %")
    bar = seen.found[round(ends[0].middle), round(ends[0].right + 6) : round(ends[1].left - 6)]
    shares = 10 ** np.linspace(-4, 0, len(bar))
    for step, at in ((1, 26), (31, 50), (61, 66)):
        found, edges = np.histogram(numbers[step]["weights"], np.linspace(-1, 1, 2 * HALF + 1))
        for row in (HALF // 2 + 2, HALF // 2 + 5, HALF // 2 + 8):
            y = seen.values.pixel((edges[row] + edges[row + 1]) / 2)
            color = seen.found[int(y), round(seen.steps.pixel(at))]
            read = shares[np.abs(bar - color).sum(axis=1).argmin()]
            assert np.log10(read) == pytest.approx(np.log10(found[row] / 3000), abs=0.12), (step, row)
