"""What the card at the pointer says, read as it is drawn, in every monitor; and rows of blocks that repeat."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtWidgets import QApplication

from core.engine.attentions import Attended, AttentionMap
from core.engine.embeddings import Embedded
from core.engine.features import Featured, Maps
from core.engine.histograms import HALF, Counts, LayerCounts
from core.engine.messages import Counted, Progress, RowInfo, Validated
from core.telemetry.heat_scales import SCALES
from gui.monitors.activations import ActivationMonitor
from gui.monitors.attention import AttentionMonitor
from gui.monitors.confusion import ConfusionMonitor
from gui.monitors.embedding import EmbeddingMonitor
from gui.monitors.gradients import GradientMonitor
from gui.monitors.heatmap import HeatmapMonitor
from gui.monitors.histograms import HistogramMonitor
from gui.monitors.layer_curves import colors
from gui.monitors.loss import LossMonitor
from gui.monitors.metrics import MetricMonitor
from gui.monitors.panel import Monitor
from gui.monitors.schedule import ScheduleMonitor
from gui.monitors.timings import TimingMonitor
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows, validated
from tests.gui.monitors.seen import Seen, number, words
from tests.gui.monitors.test_read_curves import averaged

STEPS = 300


@pytest.fixture
def rows(feed) -> np.ndarray:
    """A run with a validation."""
    begun = started(layers=3, activations=False)
    begun.validation_samples, begun.metric = 20, "accuracy"
    made = random_rows(STEPS, len(begun.step_columns))
    made[:, 0] = np.linspace(3.0, 0.2, STEPS)
    made[:, 1] = np.linspace(0.1, 0.9, STEPS)
    made[:, 2] = np.geomspace(0.1, 0.001, STEPS)
    samples = random_rows(STEPS, 3, seed=4)
    judged = Validated(
        step=100, epoch=1, loss=1.25, task="classes", metrics={"accuracy": 0.625}, table=[[6, 2], [1, 11]]
    )
    feed.take([begun, step_rows(1, made), sample_rows(np.arange(1, STEPS + 1), np.minimum(samples, 9.0)), judged])
    return made


def told(monitor: Monitor, at: QPointF, qtbot) -> dict[str, str]:
    """What is newly drawn with the pointer there: words at the left of the card with those at its right."""
    qtbot.mouseMove(monitor.header, QPoint(3, 3))  # it may stand there already, and a move to there is none
    QApplication.sendEvent(monitor.plot, QEvent(QEvent.Type.Leave))
    before = [(word.text, round(word.left), round(word.middle)) for word in words(monitor.plot)]
    qtbot.mouseMove(monitor.plot, at.toPoint())
    QApplication.processEvents()
    new = [word for word in words(monitor.plot) if (word.text, round(word.left), round(word.middle)) not in before]
    lines: dict[int, list[str]] = {}
    for word in sorted(new, key=lambda word: word.left):
        line = next((key for key in lines if abs(key - word.middle) < 4), round(word.middle))
        lines.setdefault(line, []).append(word.text)
    return {parts[0]: parts[-1] for parts in lines.values()}


def spot(monitor: Monitor, step: float, share: float = 0.5) -> QPointF:
    """A step of the plot, so far down."""
    seen = Seen(monitor.plot)
    return QPointF(seen.steps.pixel(step), seen.area.top() + share * seen.area.height())


def test_the_loss_at_the_pointer(shown, feed, rows, qtbot):
    monitor = shown(LossMonitor, 520, 340)
    card = told(monitor, spot(monitor, 150), qtbot)
    step = int(card["step"])
    assert step == pytest.approx(150, abs=1)
    assert number(card["train"]) == pytest.approx(rows[step - 1, 0], abs=1e-3)
    assert number(card["smoothed"]) == pytest.approx(averaged(rows[:, 0], 0.92)[step - 1], abs=1e-3)
    assert card["validation at 100"] == "1.250"


def test_the_metrics_at_the_pointer(shown, feed, rows, qtbot):
    monitor = shown(MetricMonitor, 560, 340)
    card = told(monitor, spot(monitor, 180), qtbot)
    assert (card["epoch 1, step"], card["Accuracy"]) == ("100", "62.5 %")


@pytest.mark.parametrize(("mode", "column"), [("Weights", 4), ("Update ratio", 6)])
def test_the_gradients_at_the_pointer_largest_first(shown, feed, rows, qtbot, mode, column):
    monitor = shown(GradientMonitor, 560, 360)
    monitor.modes.choose(mode)
    seen = Seen(monitor.plot, is_log=True)
    card = told(monitor, QPointF(seen.steps.pixel(120), seen.area.top() + 2), qtbot)
    step = int(card.pop("step"))
    wanted = rows[step - 1, column::3] / (rows[step - 1, 5::3] if column == 6 else 1)
    if len(card) == 3:
        assert list(card) == [f"fc{place + 1}" for place in np.argsort(-wanted)]
    for name, value in card.items():
        assert number(value) == pytest.approx(wanted[int(name[2:]) - 1], rel=0.051)


def test_the_rate_at_the_pointer(shown, feed, rows, qtbot):
    monitor = shown(ScheduleMonitor, 520, 340)
    card = told(monitor, spot(monitor, 200), qtbot)
    assert number(card["learning rate"]) == pytest.approx(rows[int(card["step"]) - 1, 2], rel=0.02)


def test_the_cell_at_the_pointer(shown, feed, rows, qtbot):
    monitor = shown(HeatmapMonitor, 640, 400)
    monitor.choose("gradient_rms")
    seen = Seen(monitor.plot)
    at = QPointF(seen.steps.pixel(77.5), seen.says("fc2").middle)
    card = told(monitor, at, qtbot)
    (step,) = [int(name.removeprefix("step ")) for name in card if name.startswith("step ")]
    assert step == pytest.approx(78, abs=1)
    value = number(card[SCALES["gradient_rms"].title])
    assert value == pytest.approx(rows[step - 1, 7] / np.sqrt(200), rel=0.051)


def test_the_samples_a_second_and_the_layer_at_the_pointer(shown, feed, rows, qtbot):
    monitor = shown(TimingMonitor, 520, 320)
    feed.take([Progress(state="training", step=100, epoch=1, samples_per_second=812.0)])
    feed.take([Progress(state="training", step=250, epoch=2, samples_per_second=934.0)])
    monitor.modes.choose("Throughput")
    assert told(monitor, spot(monitor, 105), qtbot)["samples per second"] == "812"
    begun = started(layers=2, activations=False)
    begun.run, begun.sample_columns = "timed", begun.sample_columns + [
        f"{way}:{row.path}" for way in ("forward", "backward") for row in begun.outputs
    ]  # fmt: skip
    timed = np.tile([1, 1, 2e-3, 1e-3, 4e-3, 1e-3], (5, 1))
    feed.take([begun, step_rows(1, random_rows(9, len(begun.step_columns))), sample_rows(np.arange(1, 6), timed)])
    monitor.modes.choose("Layers")
    (name,) = [word for word in words(monitor.plot) if word.text == "fc1"]
    card = told(monitor, QPointF(200, name.middle), qtbot)
    assert (card["forward"], card["backward"], card["of all shown"]) == ("2 ms", "4 ms", "75 %")


def test_the_bin_at_the_pointer(shown, feed, rows, qtbot):
    monitor = shown(HistogramMonitor, 600, 360)
    values = np.random.default_rng(2).uniform(-1, 1, 2000)
    edges = np.linspace(-1, 1, 2 * HALF + 1)
    counts = Counts(exponent=0, bins=np.histogram(values, edges)[0].tolist(), count=len(values))
    feed.take([Counted(step=10, layers=[LayerCounts(path="fc1", weights=counts)])])
    seen = Seen(monitor.plot)
    card = told(monitor, QPointF(seen.steps.pixel(200), seen.values.pixel(0.3)), qtbot)
    low, high = number(card["from"]), number(card["to"])
    assert low <= 0.3 <= high
    inside = int(((values >= low - 5e-5) & (values < high - 5e-5)).sum())
    assert number(card["numbers"].partition(" of ")[0]) == pytest.approx(inside, abs=2)


def test_the_cell_of_a_table_at_the_pointer(shown, feed, rows, qtbot):
    monitor = shown(ConfusionMonitor, 420, 400)
    seen = Seen(monitor.plot)
    side = seen.area.width() / 2
    card = told(monitor, seen.area.topLeft() + QPointF(1.5 * side, 0.5 * side), qtbot)
    assert (card["no, said as yes"], card["of all no"]) == ("2", "25.0 %")


def test_the_number_the_weight_and_the_sample_at_the_pointer(shown, feed, qtbot):
    maps = np.random.default_rng(0).uniform(-1, 1, (4, 3, 3)).astype("<f4")
    packed = Maps(count=4, height=3, width=3, numbers=maps.tobytes())
    first = shown(ActivationMonitor, 420, 320)
    first.maps.take(
        "conv", Featured(step=1, number=5, shape=[4, 3, 3], maps=packed, filters=None, channels=0, seconds=0.0)
    )
    first.plot.refresh()
    words(first.plot)
    card = told(first, first.maps.places()[2].center(), qtbot)
    assert "channel 2" in card
    assert number(card["row 1, column 1"]) == pytest.approx(maps[2, 1, 1], abs=1e-3)
    first.hide()  # windows stand over one another
    second = shown(AttentionMonitor, 460, 380)
    weights = np.random.default_rng(1).dirichlet(np.ones(4), (1, 4)).astype("<f4")
    one = AttentionMap(heads=1, queries=4, keys=4, weights=weights.tobytes())
    second.maps.take("attn", Attended(step=1, number=2, maps=[one], tokens={"t": list("abcd")}, seconds=0.0))
    room = second.maps.places()[0][2]
    card = told(second, room.topLeft() + QPointF(2.5, 1.5) * (room.width() / 4), qtbot)
    (value,) = [value for name, value in card.items() if name.startswith("2 “b”")]  # an arrow has a font of its own
    assert value == f"{weights[0, 1, 2]:.3f}"
    second.hide()
    third = shown(EmbeddingMonitor, 420, 360)
    points = np.array([[0, 0], [3, 1], [1, 4]], "<f4")
    third.cloud.take("fc", Embedded(
        step=1, part="validation", numbers=[11, 1234, 13], points=points.tobytes(), labels=[0, 1, 2],
        classes=["ant", "bee", "cow"], explained=[0.5, 0.3], size=8, seconds=0.0,
    ))  # fmt: skip
    card = told(third, third.cloud.place(1), qtbot)
    assert card["sample"] == "1,234"
    assert "bee" in card


@pytest.mark.parametrize("look", ["dark", "light"])
def test_every_instance_of_a_repeated_block_has_its_own_line_and_row(shown, feed, themes, look):
    themes.use(look)
    paths = ("encoder[0].fc", "encoder[1].fc", "encoder[2].fc")
    begun = started(layers=3, activations=False)
    infos = [RowInfo(path, "node-encoder", "Linear", "Linear", numel=100) for path in paths]
    begun.weights, begun.outputs = infos, infos
    begun.step_columns = [
        *begun.step_columns[:4],
        *(f"{what}:{path}" for path in paths for what in ("gradient", "weight", "update")),
    ]
    begun.sample_columns = [f"output:{path}" for path in paths]
    levels = np.array([1e-6, 1e-4, 1e-2])
    rows, samples = random_rows(200, len(begun.step_columns)), np.tile(levels * 3, (200, 1))
    rows[:, 4::3] = levels
    feed.take([begun, step_rows(1, rows), sample_rows(np.arange(1, 201), samples), validated(100, 1.0)])
    lines, cells = shown(GradientMonitor, 560, 340), shown(HeatmapMonitor, 640, 340)
    seen = Seen(lines.plot, is_log=True)
    for place, (path, tint) in enumerate(zip(paths, colors(themes.current, 3), strict=True)):
        assert seen.height(100, tint) == pytest.approx(seen.values.pixel(levels[place]), abs=1.6)
        (label,) = [word for word in seen.words if word.text.endswith(path[-6:])]
        assert label.middle == pytest.approx(seen.values.pixel(levels[place]), abs=2)
    seen = Seen(cells.plot)
    for path, level in zip(paths, levels * 3, strict=True):
        (name,) = [word for word in seen.words if word.text.endswith(path[-6:])]
        color = tuple(seen.found[round(name.middle), round(seen.steps.pixel(100))])
        assert color == themes.current.lut[round((np.log10(level) + 8) / 9 * 255)]
