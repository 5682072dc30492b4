import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from core.engine.messages import Finished, Kept, RateChanged
from core.training.schedules import Schedule, rate_factor
from core.training.settings import TrainingSettings
from gui.monitors.schedule import ScheduleMonitor
from tests.core.telemetry.runs import random_rows, started, step_rows
from tests.gui.monitors.conftest import colors_at, picture

COSINE = TrainingSettings(schedule=Schedule("Cosine", warmup=1.0, lowest=0.1))
RATE = COSINE.phases[0].optimizer.learning_rate


def rates(count):
    return np.array([RATE * rate_factor(COSINE.schedule, step, 100, 1000) for step in range(count)], np.float32)


@pytest.fixture
def monitor(shown, feed):
    monitor = shown(ScheduleMonitor)
    monitor.curve.settings = lambda: COSINE
    begun = started()
    rows = random_rows(400, len(begun.step_columns))
    rows[:, 2] = rates(400)
    feed.take([begun, step_rows(1, rows), Kept(name="best", path="", step=200, epoch=2)])
    QApplication.processEvents()
    return monitor


def test_the_rate_is_drawn_where_it_was_and_the_plan_where_it_will_be(monitor, themes):
    plot, image = monitor.curve, picture(monitor.curve)
    steps, values = plot.steps(), plot.values()
    assert steps.high == 1000
    tokens = dict.fromkeys((50, 150, 390), "train")
    for step, token in tokens.items():
        color = np.array(themes.current.color(token).getRgb()[:3])
        rate = RATE * rate_factor(COSINE.schedule, step - 1, 100, 1000)
        x, y = steps.pixel(step), float(values.pixels(rate))
        found = [colors_at(image, x, y + down) for down in (-1, 0, 1)]
        assert min(np.abs(np.array(one) - color).max() for one in found) < 60, step
    planned = plot.curves[1]
    assert planned.x[0] == 401
    assert planned.x[-1] == 1000
    expected = [RATE * rate_factor(COSINE.schedule, int(step) - 1, 100, 1000) for step in planned.x]
    np.testing.assert_allclose(planned.y, expected)


def test_an_event_is_a_line_and_is_told_beside_it(monitor, feed, themes):
    plot, image = monitor.curve, picture(monitor.curve)
    x = round(plot.steps().pixel(200))
    line = themes.current.color("line3").getRgb()[:3]
    column = [colors_at(image, x, y) for y in range(int(plot.area().top()) + 2, int(plot.area().bottom()) - 2)]
    assert column.count(line) > len(column) // 3
    assert [row.name for row in plot.reading(200)][-1] == "best weights kept at 200"
    assert all("kept" not in row.name for row in plot.reading(600))
    feed.take([Finished(state="stopped", step=400, epoch=4, seconds=1.0)])
    assert [one.words for one in plot.happenings] == ["best weights kept", "stopped"]


def test_the_numbers_are_the_rates(monitor, tmp_path):
    picture(monitor)
    monitor.save(tmp_path / "rates.csv")
    lines = (tmp_path / "rates.csv").read_text().splitlines()
    assert lines[0] == "step,learning_rate"
    assert [np.float32(line.split(",")[1]) for line in lines[1:]] == rates(400).tolist()


def test_pointing_reads_the_rate_of_that_step(monitor):
    picture(monitor)
    named = {line.name: line.value for line in monitor.curve.reading(300)}
    assert float(named["learning rate"]) == pytest.approx(rates(400)[299], rel=1e-2)


def test_on_a_logarithmic_scale_a_tenth_is_a_decade_lower(monitor):
    monitor.log.trigger()
    picture(monitor)
    values = monitor.curve.values()
    assert values.log
    assert monitor.curve.area().contains(QPointF(100, float(values.pixels(RATE))))
    assert monitor.state()["log"] == "1"


def test_before_a_run_it_says_how_to_get_one(shown):
    empty = shown(ScheduleMonitor)
    picture(empty)
    assert empty.curve.curves == ()
    assert empty.sentence.endswith(".")


def test_a_rate_that_goes_up_and_down_everywhere_fills_the_columns_it_crosses(shown, feed, themes):
    monitor = shown(ScheduleMonitor)
    begun = started()
    rows = random_rows(4000, len(begun.step_columns))
    rows[:, 2] = np.where(np.arange(4000) // 8 % 2, np.float32(0.2), np.float32(0.8))
    feed.take([begun, step_rows(1, rows)])
    plot, image = monitor.curve, picture(monitor.curve)
    train = themes.current.color("train").getRgb()[:3]
    steps, values = plot.steps(), plot.values()
    top, bottom = (float(values.pixels(rate)) for rate in (0.8, 0.2))
    for step in (100, 2000, 3900):
        column = [colors_at(image, steps.pixel(step), y) for y in range(int(top) + 3, int(bottom) - 3)]
        assert column.count(train) == len(column), step
        outside = [colors_at(image, steps.pixel(step), y) for y in (top - 6, bottom + 6)]
        assert train not in outside
    plot.keeps_lines = True
    assert train in {colors_at(picture(plot), steps.pixel(2000), y) for y in range(int(top), int(bottom))}


def test_a_rate_that_was_set_by_hand_is_marked_at_its_step_and_the_plan_goes_on_from_it(monitor, feed, themes):
    feed.take([RateChanged(step=300, value=RATE / 2), RateChanged(step=300, value=RATE / 4)])
    feed.take([RateChanged(step=350, value=1.0, phase=1)])
    plot, image = monitor.curve, picture(monitor.curve)
    assert [one.words for one in plot.happenings if one.step == 300] == [f"rate set to {RATE / 4:g}"]
    x, line = round(plot.steps().pixel(300)), themes.current.color("line3").getRgb()[:3]
    column = [colors_at(image, x, y) for y in range(int(plot.area().top()) + 2, int(plot.area().bottom()) - 2)]
    assert column.count(line) > len(column) // 3
    assert [row.name for row in plot.reading(300)][-1] == f"rate set to {RATE / 4:g} at 300"
    assert [row.name for row in plot.reading(350)][-1] == "rate of phase 2 set to 1 at 350"
    planned = plot.curves[1]
    expected = [RATE / 4 * rate_factor(COSINE.schedule, int(step) - 1, 100, 1000) for step in planned.x]
    np.testing.assert_allclose(planned.y, expected)


def test_of_the_best_weights_only_those_that_are_kept_are_marked(monitor, feed):
    feed.take([Kept(name="best", path="", step=step, epoch=step // 100) for step in (230, 300)])
    picture(monitor.curve)
    assert [one.step for one in monitor.curve.happenings] == [300]
    assert len(monitor.curve.record.happenings) == 3


@pytest.mark.parametrize(("width", "height"), [(700, 360), (420, 150), (300, 200)])
def test_words_lie_beside_their_line_and_on_no_curve_and_on_no_other_words(shown, feed, width, height):
    monitor = shown(ScheduleMonitor, width, height)
    monitor.curve.settings = lambda: COSINE
    begun = started()
    rows = random_rows(700, len(begun.step_columns))
    rows[:, 2] = rates(700)
    kept = [Kept(name=f"epoch-{epoch}", path="", step=100 * epoch, epoch=epoch) for epoch in range(1, 7)]
    changed = [RateChanged(step=step, value=0.01 * step) for step in (330, 350, 380, 400)]
    feed.take([begun, step_rows(1, rows), *kept, *changed, Kept(name="best", path="", step=600, epoch=6)])
    plot = monitor.curve
    picture(plot)
    area, steps = plot.area(), plot.steps()
    shown_ones = plot._shown(area, steps)
    labels = plot._labels(area, shown_ones)
    assert len(labels) >= 2
    for place, (words, box) in enumerate(labels):
        assert area.contains(box)
        assert not any(box.intersects(other) for _words, other in labels[:place])
        lines = [x for one, x in shown_ones.items() if one.words == words]
        assert min(min(abs(box.left() - x), abs(box.right() - x)) for x in lines) <= 6
        for curve in plot.curves:
            x, y = steps.pixels(curve.x), plot.values().pixels(curve.y)
            across = np.linspace(box.left(), box.right(), 60)
            under = np.interp(across, x, y, left=np.nan, right=np.nan)
            assert not ((under > box.top()) & (under < box.bottom())).any(), words
