import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from gui.monitors.heat_legend import bin_size
from gui.monitors.heatmap import HeatmapMonitor
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows
from tests.gui.monitors.conftest import colors_at, picture, turn_wheel


def train(feed, count=200, layers=3, every=1, change=None):
    begun = started(layers=layers)
    rows = random_rows(count, len(begun.step_columns))
    steps = np.arange(1, count + 1, every)
    samples = np.minimum(random_rows(len(steps), len(begun.sample_columns), seed=3), 9.9)
    if change is not None:
        change(samples)
    feed.take([begun, step_rows(1, rows), sample_rows(steps, samples)])
    QApplication.processEvents()
    return rows, steps, samples


def cell_color(image, plot, row, step):
    box = plot.row_boxes()[row]
    return colors_at(image, plot.steps().pixel(step - 0.5), box.center().y())


def lut_color(theme, log10):
    """The table's entry, worked out apart from the code that draws."""
    return theme.lut[round(min(max((log10 + 8) / 9, 0), 1) * 255)]


@pytest.mark.parametrize("count", [50, 200, 3000])
@pytest.mark.parametrize("look", ["dark", "light"])
def test_the_colour_of_every_cell_is_that_of_its_mean_logarithm(shown, feed, themes, count, look):
    themes.use(look)
    monitor = shown(HeatmapMonitor)
    _, steps, samples = train(feed, count)
    plot, image = monitor.cells, picture(monitor.cells)
    weights = samples[:, [0, 2, 4]].astype(np.float64)
    columns = plot.grid.indices.shape[1]
    for column in np.unique(np.linspace(0, columns - 2, 25).astype(int)).tolist():
        first, last = plot.grid.steps(column)
        means = np.log10(weights[(steps >= first) & (steps <= last)]).mean(axis=0)
        for row, mean in enumerate(means):
            found = cell_color(image, plot, row, (first + last) / 2)
            beside = [lut_color(themes.current, mean + shift) for shift in (-1e-4, 0, 1e-4)]
            assert found in beside, (row, column, mean)


def test_weights_are_the_norm_over_the_root_of_their_number(shown, feed, themes, qtbot):
    monitor = shown(HeatmapMonitor)
    rows, _, _ = train(feed, 100)
    monitor.quantity.pick("gradient_rms")
    image = picture(monitor.cells)
    for step in (1, 40, 100):
        for row, numel in enumerate((100, 200, 300)):
            rms = rows[step - 1, 4 + 3 * row] / np.sqrt(numel)
            assert cell_color(image, monitor.cells, row, step) == lut_color(themes.current, np.log10(rms))


def test_rows_are_the_layers_input_on_top_or_all_nodes_when_asked(shown, feed, qtbot):
    monitor = shown(HeatmapMonitor)
    train(feed)
    assert [row.path for row in monitor.cells.rows] == ["fc1", "fc2", "fc3"]
    monitor.every_node.trigger()
    picture(monitor)
    assert [row.path for row in monitor.cells.rows] == ["fc1", "act1", "fc2", "act2", "fc3", "act3"]
    monitor.quantity.pick("gradient_rms")
    picture(monitor)
    assert [row.path for row in monitor.cells.rows] == ["fc1", "fc2", "fc3"]
    assert not monitor.every_node.isEnabled()


def test_pointing_at_a_cell_reads_its_layer_steps_and_value(shown, feed):
    monitor = shown(HeatmapMonitor)
    samples = train(feed, 3000)[2]
    plot = monitor.cells
    place = QPointF(plot.steps().pixel(1234), plot.row_boxes()[1].center().y())
    name, span, value = plot.reading(place)
    column = plot.cell_at(place)[1]
    first, last = plot.grid.steps(column)
    assert first <= 1234 <= last
    assert (name.name, span.name) == ("fc2", f"steps {first:,}–{last:,}")
    means = np.log10(samples[first - 1 : last, 2].astype(np.float64)).mean()
    assert float(value.value.replace("−", "-")) == pytest.approx(10**means, rel=0.06)
    assert plot.reading(QPointF(5, 5)) == []


def test_pointing_at_a_single_step_reads_that_very_step(shown, feed):
    monitor = shown(HeatmapMonitor)
    samples = train(feed, 200)[2]
    plot = monitor.cells
    for step in (1, 77, 200):
        place = QPointF(plot.steps().pixel(step - 0.5), plot.row_boxes()[2].center().y())
        name, span, value = plot.reading(place)
        assert (name.name, span.name) == ("fc3", f"step {step}")
        assert float(value.value.replace("−", "-")) == pytest.approx(samples[step - 1, 4], rel=0.06)


def test_a_click_on_a_row_or_its_name_names_the_node_and_the_step(shown, feed, qtbot):
    monitor = shown(HeatmapMonitor)
    train(feed, 200)
    plot, clicked = monitor.cells, []
    monitor.node_clicked.connect(lambda node, step: clicked.append((node, step)))
    middle = plot.row_boxes()[2].center().y()
    at = QPointF(plot.steps().pixel(99.5), middle).toPoint()
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPointF(25, middle).toPoint())
    assert clicked[0][0] == clicked[1][0] == "node-fc3"
    assert clicked[0][1] == pytest.approx(100, abs=1)
    assert clicked[1][1] == 1


def test_a_selected_row_is_outlined(shown, feed, themes):
    monitor = shown(HeatmapMonitor)
    train(feed, 200)
    monitor.set_selected(frozenset({"node-fc2"}))
    plot, image = monitor.cells, picture(monitor.cells)
    box = plot.row_boxes()[1]
    outline = [colors_at(image, box.center().x(), box.top() + offset) for offset in (-2, -1, 0)]
    sel = np.array(themes.current.color("sel").getRgb()[:3])
    assert min(np.abs(np.array(color) - sel).max() for color in outline) < 70


def test_exact_zero_not_finite_and_over_the_scale_have_patterns_of_their_own(shown, feed, themes):
    def change(samples):
        samples[:, 0], samples[:, 2], samples[:, 4] = 0.0, np.nan, 1e4

    monitor = shown(HeatmapMonitor)
    train(feed, 100, change=change)
    theme, plot, image = themes.current, monitor.cells, picture(monitor.cells)
    for row, tokens in enumerate((("inset", "line3"), ("error", "errorBg"), ("explode", "inset"))):
        box = plot.row_boxes()[row]
        found = {
            colors_at(image, x, y)
            for x in range(int(box.left()) + 10, int(box.left()) + 40)
            for y in range(int(box.top()) + 3, int(box.bottom()) - 3)
        }
        assert found == {theme.color(token).getRgb()[:3] for token in tokens}
    reads = [plot.reading(QPointF(plot.steps().pixel(50), box.center().y()))[2].value for box in plot.row_boxes()]
    assert reads == ["exactly 0", "not finite", "1.0e4"]


def test_the_size_of_a_bin_is_printed(shown, feed):
    monitor = shown(HeatmapMonitor)
    train(feed, 3000)
    assert bin_size(monitor.cells.grid) == f"steps, one column = {monitor.cells.grid.width} steps"
    train(feed, 100)
    assert bin_size(monitor.cells.grid) == "steps, one column = 1 step"
    train(feed, 100, every=10)
    assert bin_size(monitor.cells.grid) == "steps, measured every 10 steps"
    monitor.log_time.trigger()
    picture(monitor.cells)
    assert bin_size(monitor.cells.grid, log_time=True) == "steps, logarithmic, measured every 10 steps"


def test_a_schedule_that_has_become_denser_is_not_told_of_the_whole_run(shown, feed):
    monitor = shown(HeatmapMonitor)
    begun = started(layers=1, activations=False)
    steps = np.concatenate([np.arange(1, 400, 25), np.arange(402, 460, 2)])
    feed.take([begun, step_rows(1, random_rows(460, len(begun.step_columns))), sample_rows(steps, np.ones((45, 1)))])
    picture(monitor.cells)
    assert bin_size(monitor.cells.grid) == "steps, lately measured every 2 steps"


def test_zooming_in_shows_single_steps(shown, feed, themes):
    monitor = shown(HeatmapMonitor)
    _, _, samples = train(feed, 3000)
    plot = monitor.cells
    for _ in range(4):
        turn_wheel(plot, QPointF(plot.area().center().x(), 50), 4)
    assert plot.grid.width == 1
    image = picture(plot)
    step = int(plot.steps().low + plot.steps().high) // 2
    assert cell_color(image, plot, 0, step) == lut_color(themes.current, np.log10(samples[step - 1, 0]))


def test_a_hundred_layers_fit_and_their_names_do_not_overlap(shown, feed):
    monitor = shown(HeatmapMonitor, height=300)
    train(feed, 300, layers=100)
    boxes = monitor.cells.row_boxes()
    assert len(boxes) == 100
    assert boxes[0].top() == monitor.cells.area().top()
    assert boxes[-1].bottom() == monitor.cells.area().bottom()
    picture(monitor)


def test_before_a_run_axes_and_legend_stand(shown):
    monitor = shown(HeatmapMonitor)
    picture(monitor)
    assert monitor.cells.grid is None
    assert monitor.cells.reading(monitor.cells.area().center()) == []
    assert monitor.cells.row_at(monitor.cells.area().center()) is None


def test_the_cursor_is_one_for_all(shown, feed, cursor, qtbot, themes):
    from gui.monitors.loss import LossMonitor

    loss, heat = shown(LossMonitor), shown(HeatmapMonitor)
    train(feed, 200)
    before = picture(heat.cells)
    qtbot.mouseMove(loss.curves, QPointF(loss.curves.steps().pixel(120), 100).toPoint())
    after = picture(heat.cells)
    x = heat.cells.steps().pixel(cursor.step)
    assert before != after
    y = heat.cells.row_boxes()[0].center().y()
    assert colors_at(after, round(x), y) == themes.current.color("line3").getRgb()[:3]


def test_a_long_run_seen_for_the_first_time_is_there_at_once(shown, feed):
    samples = train(feed, 20_000, layers=20)[2]
    monitor = shown(HeatmapMonitor)
    assert monitor.cells.grid is not None
    first, last = monitor.cells.grid.steps(33)
    mean = np.log10(samples[first - 1 : last, ::2].astype(np.float64)).mean(axis=0)
    np.testing.assert_allclose(monitor.cells.grid.log10[:, 33], mean, atol=1e-4)
