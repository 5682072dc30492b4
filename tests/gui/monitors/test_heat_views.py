import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication

from core.telemetry.heat_scales import SCALES
from gui.monitors import heat_rows
from gui.monitors.heatmap import HeatmapMonitor
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows
from tests.gui.monitors.conftest import colors_at, picture, pixels, turn_wheel


def train(feed, count=300, layers=4, change=None):
    begun = started(layers=layers, activations=False)
    rows = 10 ** np.random.default_rng(1).uniform(-6, 0, (count, len(begun.step_columns)))
    samples = 10 ** np.random.default_rng(2).uniform(-7, [-1] * (layers - 1) + [-6.5], (count, layers))
    samples[:, -1] *= 1e6
    if change is not None:
        change(rows)
    rows, samples = rows.astype(np.float32), samples.astype(np.float32)
    feed.take([begun, step_rows(1, rows), sample_rows(np.arange(1, count + 1), samples)])
    QApplication.processEvents()
    return rows, samples.astype(np.float64)


def color_of(theme, share):
    return theme.lut[round(min(max(share, 0), 1) * 255)]


def near(found, log10, theme):
    return found in [color_of(theme, (log10 + shift + 8) / 9) for shift in (-1e-4, 0, 1e-4)]


def test_relative_to_the_last_layer_a_cell_is_the_mean_logarithm_of_the_ratio(shown, feed, themes):
    monitor = shown(HeatmapMonitor)
    _rows, samples = train(feed)
    monitor.relative.trigger()
    plot, image = monitor.cells, picture(monitor.cells)
    ratios = np.log10(samples / samples[:, -1:])
    for column in (0, 30, plot.grid.indices.shape[1] - 2):
        first, last = plot.grid.steps(column)
        for row in range(3):
            x, y = plot.steps().pixel((first + last - 1) / 2), plot.row_boxes()[row].center().y()
            assert near(colors_at(image, x, y), ratios[first - 1 : last, row].mean(), themes.current)
    assert plot.grid.log10[-1].tolist() == [0.0] * plot.grid.log10.shape[1]


def test_in_logarithmic_time_every_column_has_the_mean_of_its_own_steps(shown, feed, themes):
    monitor = shown(HeatmapMonitor, width=640)
    _rows, samples = train(feed, 3000)
    monitor.log_time.trigger()
    plot, image = monitor.cells, picture(monitor.cells)
    starts = plot.grid.starts
    assert starts[0] == 1
    widths = np.diff(starts)[:-1].tolist()  # the last bin ends with the run
    assert widths == sorted(widths)
    assert len(starts) <= 2.5 * plot.area().width()
    steps = plot.steps()
    for column in range(0, len(starts) - 2, 7):
        first, last = plot.grid.steps(column)
        left, right = steps.pixel(first - 1), steps.pixel(last)
        if right - left < 3:
            continue
        means = np.log10(samples[first - 1 : last]).mean(axis=0)
        for row in range(4):
            found = colors_at(image, (left + right) / 2, plot.row_boxes()[row].center().y())
            assert near(found, means[row], themes.current), (column, row)
    decades = [steps.pixel(step) for step in (9, 99, 999)]
    assert decades[1] - decades[0] == pytest.approx(decades[2] - decades[1])


def test_zooming_in_logarithmic_time_keeps_the_step_under_the_pointer(shown, feed):
    monitor = shown(HeatmapMonitor)
    train(feed, 3000)
    monitor.log_time.trigger()
    plot = monitor.cells
    at = QPointF(plot.area().left() + 90, plot.area().center().y())
    before = plot.steps().number(at.x())
    turn_wheel(plot, at, 3)
    assert plot.time.chosen is not None
    assert plot.steps().number(at.x()) == pytest.approx(before, rel=0.02)


def test_the_profile_has_a_dot_in_the_colour_of_each_row_at_the_cursor(shown, feed, themes, cursor):
    monitor = shown(HeatmapMonitor, width=640)
    _rows, samples = train(feed, 200)
    cursor.move(119.5)
    plot, image = monitor.cells, picture(monitor.cells)
    room = plot.profile_room()
    for row, value in enumerate(np.log10(samples[119])):
        x = room.left() + 5 + (value + 8) / 9 * (room.width() - 10)
        y = plot.row_boxes()[row].center().y()
        assert near(colors_at(image, x, y), value, themes.current), row


def test_the_whole_run_stands_above_a_part_of_it_and_a_press_goes_there(shown, feed, qtbot):
    monitor = shown(HeatmapMonitor, width=640)
    train(feed, 3000)
    plot = monitor.cells
    for _ in range(4):
        turn_wheel(plot, QPointF(plot.area().left() + 20, plot.area().center().y()), 2)
    picture(plot)
    begin, end = plot.time.within(*plot.extent())
    room = plot.map.room
    assert room.bottom() < plot.area().top()
    assert plot.map.view(begin, end).width() == pytest.approx((end - begin) / 3000 * room.width(), abs=7)
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPointF(plot.map.steps().pixel(2000), 14).toPoint())
    moved = plot.time.within(*plot.extent())
    assert sum(moved) / 2 == pytest.approx(2000, abs=10)
    assert moved[1] - moved[0] == pytest.approx(end - begin)


def test_the_strip_above_has_the_run_of_a_sparse_schedule_where_its_steps_are(shown, feed, themes):
    monitor = shown(HeatmapMonitor, width=640)
    begun = started(layers=1, activations=False)
    steps = np.arange(1, 1000, 7)
    samples = np.where(steps[:, None] < 500, 1e-7, 1e-1)
    feed.take([begun, step_rows(1, random_rows(1000, len(begun.step_columns))), sample_rows(steps, samples)])
    plot = monitor.cells
    plot.time = plot.time.showing(0, 1000, 600, 800)
    plot.refresh()
    image = picture(plot)
    room = plot.map.room
    assert plot.map.view(600, 800).left() == pytest.approx(room.left() + 0.6 * room.width(), abs=1)
    assert plot.map.view(600, 800).right() == pytest.approx(room.left() + 0.8 * room.width(), abs=1)
    inside = colors_at(image, plot.map.steps().pixel(700), room.center().y())
    assert near(inside, -1, themes.current)
    strip = plot.map.image
    found = [strip.pixelColor(round(share * strip.width()), 0).getRgb()[:3] for share in (0.25, 0.48, 0.52, 0.9)]
    assert found == [color_of(themes.current, (value + 8) / 9) for value in (-7, -7, -1, -1)]


def test_a_frozen_layer_is_hatched_and_a_number_that_broke_is_not(shown, feed, themes):
    def change(rows):
        rows[:, [7, 9]] = np.nan  # gradient and update of fc2, while the norm of all is finite
        rows[:, 3][200:] = rows[200:, 4] = np.nan

    monitor = shown(HeatmapMonitor)
    train(feed, change=change)
    monitor.quantity.pick("gradient_rms")
    plot, theme = monitor.cells, themes.current
    found = pixels(picture(plot))

    def seen(row, first, last):
        box, steps = plot.row_boxes()[row], plot.steps()
        part = found[int(box.top()) + 2 : int(box.bottom()) - 2, int(steps.pixel(first)) : int(steps.pixel(last))]
        return {tuple(color) for color in part.reshape(-1, 3).tolist()}

    assert seen(1, 20, 180) == {theme.color(token).getRgb()[:3] for token in ("panel", "line2")}
    assert seen(0, 210, 290) == {theme.color(token).getRgb()[:3] for token in ("error", "errorBg")}
    assert plot.reading(QPointF(plot.steps().pixel(50), plot.row_boxes()[1].center().y()))[2].value == "frozen"


def test_saturation_is_a_share_of_the_activations_that_have_one(shown, feed, themes):
    monitor = shown(HeatmapMonitor)
    begun = started(layers=3)
    begun.sample_columns += [f"saturated:{row.path}" for row in begun.outputs]
    samples = random_rows(50, len(begun.sample_columns))
    shares = np.random.default_rng(4).uniform(0, 1, (50, 3)).astype(np.float32)
    samples[:, 6:] = np.nan
    samples[:, [7, 9]], samples[:, 11] = shares[:, :2], np.nan  # act3 saturates nothing
    feed.take([begun, step_rows(1, random_rows(50, len(begun.step_columns))), sample_rows(np.arange(1, 51), samples)])
    monitor.quantity.pick("saturated")
    assert not monitor.relative.isEnabled()
    plot, image = monitor.cells, picture(monitor.cells)
    assert [row.path for row in plot.rows] == ["act1", "act2"]
    for step in (1, 25, 50):
        for row in range(2):
            box, share = plot.row_boxes()[row], float(shares[step - 1, row])
            assert colors_at(image, plot.steps().pixel(step - 0.5), box.center().y()) == color_of(themes.current, share)
    reads = plot.reading(QPointF(plot.steps().pixel(24.5), plot.row_boxes()[1].center().y()))
    assert reads[2].value == f"{shares[24, 1]:.1%}".replace("%", " %")


def test_what_is_seldom_measured_holds_until_it_is_again(shown, feed, themes):
    monitor = shown(HeatmapMonitor)
    begun = started(layers=2, activations=False)
    begun.sample_columns += [f"rank:{row.path}" for row in begun.outputs]
    samples = random_rows(40, 4)
    samples[:, 2:] = np.nan
    samples[0, 2:], samples[20, 2:] = (2.0, 8.0), (4.0, 16.0)
    feed.take([begun, step_rows(1, random_rows(40, len(begun.step_columns))), sample_rows(np.arange(1, 41), samples)])
    monitor.quantity.pick("rank")
    plot, image = monitor.cells, picture(monitor.cells)
    for step, ranks in ((1, (2, 8)), (15, (2, 8)), (21, (4, 16)), (40, (4, 16))):
        for row, rank in enumerate(ranks):
            found = colors_at(image, plot.steps().pixel(step - 0.5), plot.row_boxes()[row].center().y())
            assert found == color_of(themes.current, np.log10(rank) / 3)


def test_a_click_lets_the_cursor_of_all_monitors_stay_until_escape(shown, feed, qtbot, themes, cursor):
    monitor = shown(HeatmapMonitor)
    train(feed, 200)
    plot = monitor.cells
    at = QPointF(plot.steps().pixel(79.5), plot.row_boxes()[1].center().y())
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at.toPoint())
    qtbot.mouseMove(plot, QPointF(2, 2).toPoint())
    cursor.move(None)
    assert cursor.step == cursor.pinned == pytest.approx(80, abs=1)
    line = colors_at(picture(plot), round(plot.steps().pixel(cursor.pinned)), plot.row_boxes()[0].center().y())
    assert line == themes.current.color("accent").getRgb()[:3]
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert (cursor.pinned, cursor.step) == (None, None)


def test_what_was_chosen_is_kept_and_chosen_again(shown, feed):
    monitor, other = shown(HeatmapMonitor), shown(HeatmapMonitor)
    train(feed)
    monitor.quantity.pick("update_ratio")
    monitor.relative.trigger()
    monitor.explains.trigger()
    other.restore(monitor.state())
    assert other.state() == monitor.state()
    assert other.cells.quantity == "update_ratio"
    assert other.cells.relative
    assert other.words.text() == SCALES["update_ratio"].sentence
    other.restore({"quantity": "nonsense", "relative": ""})
    assert other.cells.quantity == "update_ratio"
    assert not other.cells.relative


def test_every_quantity_says_what_it_is_in_one_sentence_and_has_its_ends_on_the_legend():
    for scale in SCALES.values():
        assert scale.sentence.endswith(".")
        assert scale.sentence.count(". ") == 0
        assert scale.low < scale.high
        assert all(scale.low <= place <= scale.high for place in scale.ticks())


def test_random_rows_before_the_first_step_are_no_cells(shown, feed):
    monitor = shown(HeatmapMonitor)
    begun = started(layers=2, activations=False)
    feed.take([begun, step_rows(1, random_rows(3, len(begun.step_columns)))])
    monitor.log_time.trigger()
    picture(monitor.cells)
    assert monitor.cells.reading(monitor.cells.area().center()) == []


@pytest.mark.parametrize("height", [110, 150, 200, 300])
@pytest.mark.parametrize("selected", [(), (3, 4, 5), (0, 20, 39), (1, 2, 38)])
def test_names_of_rows_never_touch_and_the_selected_come_first(height, selected):
    boxes = [QRectF(0, 10 + place * (height - 50) / 40, 100, (height - 50) / 40) for place in range(40)]
    found = heat_rows.told(boxes, [place in selected for place in range(40)], heat_rows.PITCH)
    middles = np.array([boxes[place].center().y() for place in found])
    assert (np.diff(middles) >= heat_rows.PITCH).all()
    assert len(found) >= (height - 50) // heat_rows.PITCH // 2
    if selected:
        assert selected[0] in found
        far = [place for place in selected if abs(place - selected[0]) > 16]
        assert set(far[:1]) <= set(found)


def test_names_of_few_rows_are_all_there():
    boxes = [QRectF(0, 20 * place, 100, 20) for place in range(8)]
    assert heat_rows.told(boxes, [False] * 8, heat_rows.PITCH) == list(range(8))


def test_the_last_label_of_time_leaves_room_for_the_step_of_the_profile(shown, feed, themes):
    monitor = shown(HeatmapMonitor, 620, 300)
    begun = started()
    steps = np.arange(1, 1_000_001, 500)
    values = random_rows(len(steps), len(begun.sample_columns))
    feed.take([begun, step_rows(1_000_000, random_rows(1, len(begun.step_columns))), sample_rows(steps, values)])
    plot = monitor.cells
    image = pixels(picture(plot))
    room = plot.profile_room()
    ground = np.array(themes.current.color("panel").getRgb()[:3])
    below = image[
        round(room.bottom()) + 6 : round(room.bottom()) + 20, round(plot.area().right()) + 5 : round(room.left())
    ]
    assert (np.abs(below.astype(int) - ground).max(axis=2) < 12).all()
