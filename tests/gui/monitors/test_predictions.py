"""The predictions in a real window with a real engine: order, words, bars and pictures are plain torch's."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from safetensors.torch import load_file
from torch.nn import functional

from core.data.load import load as load_data
from core.document import Document
from core.engine.messages import SaveWeights, WeightsSaved
from gui.app import App
from gui.monitors import saving
from gui.monitors.predictions import PredictionMonitor
from gui.monitors.review_columns import laid_out
from gui.monitors.review_plot import ReviewPlot
from gui.numbers import percent, plain, signed
from tests.core.training.test_reviewing import joined
from tests.gui.conftest import opened
from tests.gui.monitors.conftest import float_dock, picture
from tests.gui.predict.test_panel import LEFT, NONE, SOON, iris, stop, train
from tests.gui.predict.test_plots import line

NAMES = ["setosa", "versicolor", "virginica"]


def monitor(app: App) -> PredictionMonitor:
    found = app.workspace.monitors["predictions"]
    assert isinstance(found, PredictionMonitor)
    return found


def show(app: App, qtbot: QtBot) -> PredictionMonitor:
    float_dock(app, "predictions", 620, 420)
    qtbot.waitUntil(lambda: monitor(app).is_shown, timeout=SOON)
    return monitor(app)


def settled(shown: PredictionMonitor, qtbot: QtBot, step: int) -> None:
    """Wait until all samples of the part are judged after this step."""

    def judged() -> bool:
        found = shown.list.judgement
        return found is not None and found.told.step == step and len(found) == found.told.size

    qtbot.waitUntil(judged, timeout=SOON)


@pytest.fixture
def flowers(app: App, qtbot: QtBot) -> PredictionMonitor:
    """The held-out flowers after 25 steps."""
    opened(app, qtbot, "iris")
    shown = show(app, qtbot)
    assert shown.list.hint[0] == "This network has not learnt anything yet."
    train(app, qtbot, 25)
    settled(shown, qtbot, 25)
    return shown


def at_rest(app: App, folder: Path, qtbot: QtBot) -> dict[str, torch.Tensor]:
    """The weights of a run that stands still."""
    found = []
    app.workspace.line.came.connect(found.extend)
    app.workspace.line.send(SaveWeights(path=str(folder / "w.safetensors")))
    qtbot.waitUntil(lambda: any(isinstance(event, WeightsSaved) for event in found), timeout=SOON)
    return load_file(folder / "w.safetensors")


class Truth:
    """What plain torch says of the flowers of a part."""

    def __init__(self, app: App, weights: dict[str, torch.Tensor], part: str = "validation") -> None:
        settings = app.workspace.document.project.data["iris"]
        data = load_data(settings)
        scale = data.normalisation["features"]
        self.numbers = (data.validation if part == "validation" else data.train).numpy()
        scaled = data.fields["features"][self.numbers].double()
        natural = scaled * torch.tensor(scale.scale) + torch.tensor(scale.offset)
        self.shares = iris(weights, natural.numpy()).float()
        self.labels = data.fields["label"][self.numbers]
        self.losses = functional.nll_loss(self.shares.log(), self.labels, reduction="none").numpy()
        self.said = self.shares.argmax(1)
        self.wrong = (self.said != self.labels).numpy()
        self.order = np.argsort(-self.losses, kind="stable")


def texts(shown: ReviewPlot, folder: Path) -> list[tuple[float, float, str]]:
    """What is written, as (y, x, words), read back from the drawing itself."""
    saving.save(shown, folder / "plot.svg")
    root = ElementTree.parse(folder / "plot.svg").getroot()
    found = []

    def walk(element: ElementTree.Element, x: float, y: float) -> None:
        moved = element.get("transform", "")
        if moved.startswith("matrix("):
            parts = [float(part) for part in moved[7:-1].split(",")]
            x, y = x + parts[4], y + parts[5]
        if element.tag.endswith("text"):
            words = "".join(element.itertext()).strip()
            found.append((y + float(element.get("y", 0)), x + float(element.get("x", 0)), words))
        for child in element:
            walk(child, x, y)

    walk(root, 0.0, 0.0)
    return sorted(found)


def row_words(shown: ReviewPlot, folder: Path, at: int) -> list[str]:
    """The words of a row, from left to right."""
    box = shown.row_rect(at)
    inside = [one for one in texts(shown, folder) if box.top() < one[0] < box.bottom()]
    return [words for _y, _x, words in sorted(inside, key=lambda one: one[1])]


def test_the_most_wrong_come_first_with_what_is_right_what_is_said_and_torchs_loss(
    flowers: PredictionMonitor, app: App, qtbot: QtBot, tmp_path: Path
):
    shown = flowers.list
    said = [row_words(shown, tmp_path, at) for at in range(8)]
    words = shown.words
    shown.clearFocus()
    column, seen = next(one for one in shown.columns() if one.key == "sure"), []
    for look in ("light", "dark"):
        app.themes.use(look)
        seen.append((picture(shown), app.themes.current))
    truth = Truth(app, stop(app, qtbot))
    count, wrong = len(truth.labels), int(truth.wrong.sum())
    assert words == f"step 25: {count} held-out samples, {wrong} wrong ({percent(wrong / count)})"
    for told, at in zip(said, truth.order, strict=False):
        share = float(truth.shares[at].max())
        assert told[1] == f"{truth.numbers[at]:,}"
        assert told[2:4] == [NAMES[truth.labels[at]], NAMES[truth.said[at]]]
        assert told[-2] == percent(float(np.float32(share)))
        assert float(told[-1]) == pytest.approx(float(truth.losses[at]), rel=0.01)
    for place, at in enumerate(truth.order[:6]):
        box = shown.row_rect(place)
        y, left = round(box.center().y()), round(box.left() + column.left)
        for image, theme in seen:
            ink = theme.color("error" if truth.wrong[at] else "accent")
            bar = [image.pixelColor(QPoint(left + x, y)) for x in range(round(column.width))]
            filled, empty = (sum(one == color for one in bar) for color in (ink, theme.color("control")))
            assert filled / (filled + empty) == pytest.approx(float(truth.shares[at].max()), abs=0.05)


def test_keys_go_through_the_samples_and_show_one_large_with_all_its_probabilities(
    flowers: PredictionMonitor, app: App, qtbot: QtBot
):
    shown = flowers.list
    shown.setFocus()
    for _time in range(2):
        QTest.keyClick(shown, Qt.Key.Key_Down)
    assert shown.at == 2
    QTest.keyClick(shown, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown.large.row is not None, timeout=SOON)
    assert flowers.footer.isVisible()
    picture(shown)
    third = list(shown.large.bars)
    QTest.keyClick(shown, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: shown.large.row is not None, timeout=SOON)
    assert shown.at == 1
    image = picture(shown)
    bars = list(shown.large.bars)
    widest = max(bar.width() / max(share, 1e-9) for _name, share, bar in bars)
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert shown.shown is None
    assert not flowers.footer.isVisible()
    truth = Truth(app, stop(app, qtbot))
    for drawn, at in ((third, truth.order[2]), (bars, truth.order[1])):
        order = np.argsort(-truth.shares[at].numpy(), kind="stable")
        assert [name for name, _share, _bar in drawn] == [NAMES[one] for one in order]
        assert [share for _name, share, _bar in drawn] == pytest.approx(
            truth.shares[at][order.copy()].tolist(), abs=1e-5
        )
    for _name, share, bar in bars:
        assert bar.width() == pytest.approx(share * widest, abs=1)
    name, _share, bar = bars[0]
    right = NAMES[truth.labels[truth.order[1]]]
    ink = app.themes.current.color("accent" if name == right else "error")
    assert image.pixelColor(round(bar.left() + 3), round(bar.center().y())) == ink


def test_a_click_opens_a_sample_and_its_buttons_bring_it_to_other_panels(
    flowers: PredictionMonitor, app: App, qtbot: QtBot
):
    shown = flowers.list
    QTest.mouseClick(shown, LEFT, NONE, shown.row_rect(3).center().toPoint())
    assert shown.at == 3
    place = shown.shown
    assert place == int(shown.judgement.places[shown.listed[3]])
    QTest.mouseClick(flowers.predict, LEFT)
    predict = app.workspace.predict
    qtbot.waitUntil(lambda: predict.page is not None and predict.page.samples.place == place, timeout=SOON)
    assert predict.page.samples.part == "validation"
    QTest.mouseClick(flowers.walk, LEFT)
    tracing = app.workspace.tracing
    qtbot.waitUntil(lambda: tracing.walk is not None and tracing.walk.traced.samples == 1, timeout=SOON)
    loss = tracing.walk.traced.loss
    assert tracing.stale.text().startswith(f"Sample {place + 1:,} of the held-out part, loss ")
    QTest.mouseClick(tracing.whole, LEFT)
    qtbot.waitUntil(lambda: tracing.walk is not None and tracing.walk.traced.samples > 1, timeout=SOON)
    assert not tracing.whole.isVisible()
    QTest.mouseClick(flowers.back, LEFT)
    assert shown.shown is None
    truth = Truth(app, stop(app, qtbot))
    assert loss == pytest.approx(float(truth.losses[place]), rel=1e-4)


def test_order_filters_and_part_are_chosen_in_the_head(
    flowers: PredictionMonitor, app: App, qtbot: QtBot, tmp_path: Path
):
    shown = flowers.list

    def numbers() -> list[int]:
        return [int(shown.judgement.numbers[at]) for at in shown.listed]

    flowers.order.pick("unsure")
    unsure = numbers()
    flowers.order.pick("class")
    by_class = [int(shown.judgement.found.right[at]) for at in shown.listed]
    QTest.mouseClick(flowers.wrong, LEFT)
    wrong, words = numbers(), shown.words
    QTest.mouseClick(flowers.wrong, LEFT)
    flowers.classes.pick("1")
    second = numbers()
    flowers.classes.pick("−1")
    flowers.order.pick("wrong")
    flowers.parts.choose("Train")
    qtbot.waitUntil(lambda: shown.judgement.told.part == "train" and len(shown.judgement) == 120, timeout=SOON)
    trained = numbers()
    flowers.save(tmp_path / "list.csv")
    # it follows the training, and stays at the sample it stood at
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_End)
    here, before = int(shown.judgement.places[shown.listed[shown.at]]), shown.judgement.losses.copy()
    weights = at_rest(app, tmp_path, qtbot)
    app.workspace.run.train_steps(40)
    settled(flowers, qtbot, 65)
    assert not np.array_equal(before, shown.judgement.losses)
    assert int(shown.judgement.places[shown.listed[shown.at]]) == here
    app.workspace.travel.go(25)
    settled(flowers, qtbot, 25)
    np.testing.assert_array_equal(shown.judgement.losses, before)  # as it was then, to the last bit
    app.workspace.travel.leave()
    settled(flowers, qtbot, 65)
    stop(app, qtbot)
    truth, train_truth = Truth(app, weights), Truth(app, weights, "train")
    best = truth.shares.topk(2, 1).values
    lead = (best[:, 0] - best[:, 1]).numpy()
    assert np.diff(lead[[truth.numbers.tolist().index(one) for one in unsure]]).min() >= -1e-5
    assert by_class == sorted(by_class)
    assert sorted(wrong) == sorted(truth.numbers[truth.wrong].tolist())
    assert words.endswith(f"; {len(wrong)} listed") or len(wrong) == len(truth.numbers)
    assert sorted(second) == sorted(truth.numbers[truth.labels.numpy() == 1].tolist())
    assert trained == train_truth.numbers[train_truth.order].tolist()
    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["sample"]) for row in rows] == trained
    assert [float(row["loss"]) for row in rows] == pytest.approx(
        train_truth.losses[train_truth.order].tolist(), rel=1e-3
    )
    assert [row["said"] for row in rows] == [NAMES[one] for one in train_truth.said[train_truth.order.copy()]]


def test_a_click_in_the_confusion_table_lists_the_samples_of_the_cell(app: App, qtbot: QtBot):
    opened(app, qtbot, "iris")
    dock = app.window.workbench.docks["predictions"]
    assert not dock.isVisible()
    app.workspace.run.epoch()
    qtbot.waitUntil(lambda: app.workspace.run.state.phase == "paused", timeout=SOON)
    table = app.workspace.monitors["confusion"].plot
    app.window.workbench.docks["confusion"].reveal()
    qtbot.waitUntil(lambda: picture(table) is not None and len(table.counts) == 3, timeout=SOON)
    true, said = divmod(int(np.argmax(table.counts - np.diag(table.counts.diagonal()))), 3)
    count, side = int(table.counts[true, said]), table.area().width() / 3
    assert count
    at = QPointF(table.area().left() + (said + 0.5) * side, table.area().top() + (true + 0.5) * side)
    QTest.mouseClick(table, LEFT, NONE, at.toPoint())
    shown = monitor(app)
    assert dock.isVisible()
    step = app.workspace.run.state.step
    settled(shown, qtbot, step)
    assert shown.classes.toolTip() == f"Class: is {NAMES[true]}, said {NAMES[said]}"
    found = shown.list.judgement.found
    assert [(int(found.right[at]), int(found.said[at])) for at in shown.list.listed] == [(true, said)] * count
    shown.classes.pick("−1")
    assert len(shown.list.listed) == 30
    stop(app, qtbot)


def test_pictures_are_those_of_the_data_and_only_what_is_seen_is_fetched(app: App, qtbot: QtBot):
    opened(app, qtbot, "lenet5")
    shown = show(app, qtbot)
    train(app, qtbot, 3)
    settled(shown, qtbot, 3)
    plot = shown.list
    assert len(plot.listed) == 1000
    plot.bar.setValue(plot.tall * 500)
    image = picture(plot)
    qtbot.waitUntil(lambda: all(plot.row(at) is not None for at in plot.visible()), timeout=SOON)
    assert len(plot._rows) < 100
    plot.clearFocus()
    image = picture(plot)
    column = next(one for one in plot.columns() if one.key == "thumb")
    settings = next(iter(app.workspace.document.project.data.values()))
    data = load_data(settings)
    for at in list(plot.visible())[1:5]:
        digit = data.fields["image"][int(plot.judgement.numbers[plot.listed[at]])][0].numpy()
        box = plot.row_rect(at)
        bright = [image.pixelColor(round(box.left() + column.left + x), round(box.top() + y)).red()
                  for y in range(4, 38) for x in range(1, 34)]  # fmt: skip
        assert np.mean(bright) / 255 == pytest.approx(float(digit.mean()), abs=0.04)
    stop(app, qtbot)


def test_values_are_told_with_their_errors_in_their_own_unit(app: App, qtbot: QtBot, tmp_path: Path):
    app.filing.take(Document(line("bmi", "MSE", "prediction", "target")))
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    shown = show(app, qtbot)
    train(app, qtbot, 40)
    settled(shown, qtbot, 40)
    plot = shown.list
    assert not shown.wrong.isVisible()
    assert not shown.classes.isVisible()
    qtbot.waitUntil(lambda: all(plot.row(at) is not None for at in plot.visible()), timeout=SOON)
    said = [row_words(plot, tmp_path, at) for at in range(5)]
    weights = stop(app, qtbot)
    (settings,) = app.workspace.document.project.data.values()
    data = load_data(settings)
    x, y = data.fields["bmi"][data.validation], data.fields["target"][data.validation]
    scaled = functional.linear(x, weights["fc.weight"], weights["fc.bias"])
    losses = (scaled - y).square()[:, 0].numpy()
    scale = data.normalisation["target"]
    values, right = (one[:, 0].numpy() * scale.scale[0] + scale.offset[0] for one in (scaled, y))
    for told, at in zip(said, np.argsort(-losses, kind="stable"), strict=False):
        assert told[-1] == plain(float(losses[at]), 3)
        assert told[-2] == signed(float(values[at] - right[at]), 3)
        assert told[-3] == plain(float(values[at]), 3)
        assert told[-4] == plain(float(right[at]), 3)


def test_columns_give_way_where_there_is_little_room():
    whole = [
        ("mark", ""),
        ("thumb", "sample"),
        ("number", "no."),
        ("is", "is"),
        ("said", "said"),
        ("sure", "sure"),
        ("loss", "loss"),
    ]
    wide, narrow = laid_out(whole, 600, 1.0), laid_out(whole, 300, 1.0)
    assert [one.key for one in wide] == [key for key, _title in whole]
    assert "number" not in [one.key for one in narrow]
    assert narrow[-1].left + narrow[-1].width <= 300
    for columns in (wide, narrow):
        assert all(one.left + one.width <= other.left for one, other in pairwise(columns))


def test_nothing_is_asked_while_nobody_looks(app: App, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    opened(app, qtbot, "iris")
    asked: list[str] = []
    line, ask = app.workspace.line, app.workspace.line.ask

    def noted(kind: str, *rest: object) -> int:
        asked.append(kind)
        return ask(kind, *rest)

    monkeypatch.setattr(line, "ask", noted)
    train(app, qtbot, 5)
    assert not {"review", "sweep", "survey"} & set(asked)
    shown = show(app, qtbot)
    settled(shown, qtbot, 5)
    assert "review" in asked
    stop(app, qtbot)


def test_a_network_whose_answers_are_no_samples_says_why_there_is_no_list(app: App, qtbot: QtBot):
    app.filing.take(Document(joined()))
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    shown = show(app, qtbot)
    train(app, qtbot, 1)
    qtbot.waitUntil(lambda: shown.list.hint[0] == "The network could not answer.", timeout=SOON)
    assert shown.list.hint[1].startswith("An answer for each sample was wanted, but [64, 8] came. ")
    assert shown.list.judgement is None
    stop(app, qtbot)
