import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from core.engine.histograms import HALF, Counts, LayerCounts
from core.engine.messages import Counted
from core.telemetry.distributions import KEPT
from gui.monitors.histograms import HistogramMonitor, widened
from tests.core.telemetry.runs import random_rows, started, step_rows
from tests.gui.monitors.conftest import colors_at, picture


def counts(values, exponent):
    edges = np.linspace(-(2.0**exponent), 2.0**exponent, 2 * HALF + 1)
    return Counts(exponent=exponent, bins=np.histogram(values, edges)[0].tolist(), count=len(values))


def told(step, scale, exponent):
    values = np.random.default_rng(step).standard_normal(4000) * scale
    values = values[np.abs(values) < 2.0**exponent]
    layer = LayerCounts(path="fc1", weights=counts(values, exponent), gradients=counts(values / 4, exponent))
    return values, Counted(step=step, layers=[layer, LayerCounts(path="fc2", weights=counts(values, exponent))])


@pytest.fixture
def trained(shown, feed):
    monitor = shown(HistogramMonitor, width=600)
    begun = started(activations=False)
    feed.take([begun, step_rows(1, random_rows(100, len(begun.step_columns)))])
    values = {}
    for step, scale, exponent in ((10, 0.2, 0), (40, 0.5, 1), (80, 1.5, 3)):
        values[step], found = told(step, scale, exponent)
        feed.take([found])
    QApplication.processEvents()
    return monitor, values


def shade(theme, share):
    """The ground for none, else from 12 % of the accent at a ten-thousandth to all of it at all."""
    ground, ink = (np.array(theme.color(token).getRgb()[:3], float) for token in ("inset", "accent"))
    strong = 0.12 + 0.88 * min(max((np.log10(share) + 4) / 4, 0), 1) if share > 0 else 0.0
    return pytest.approx(ground + strong * (ink - ground), abs=1.5)


def test_the_colour_under_a_pixel_is_the_share_of_the_numbers_in_that_bin_at_that_moment(trained, themes):
    monitor, values = trained
    plot, image = monitor.spread, picture(monitor.spread)
    assert plot.exponent == 3
    edges = np.linspace(-8, 8, 2 * HALF + 1)
    for step, seen in ((10, 12), (10, 39), (40, 60), (80, 95)):
        shares = np.histogram(values[step], edges)[0] / len(values[step])
        for row in (HALF - 8, HALF - 1, HALF, HALF + 3):
            middle = (edges[row] + edges[row + 1]) / 2
            x, y = plot.steps().pixel(seen), plot.values().pixel(middle)
            assert colors_at(image, x, y) == shade(themes.current, shares[row]), (step, row)


def test_before_the_first_moment_nothing_is_claimed(trained, themes):
    monitor, _values = trained
    plot, image = monitor.spread, picture(monitor.spread)
    assert colors_at(image, plot.steps().pixel(5), plot.values().pixel(0.1)) == shade(themes.current, 0)


def test_pointing_reads_the_bin_and_its_numbers(trained):
    monitor, values = trained
    plot = monitor.spread
    picture(plot)
    place = QPointF(plot.steps().pixel(50), plot.values().pixel(0.1))
    step, low, high, numbers = plot.reading(place)
    assert (step.name, low.value, high.value) == ("step 40", "0.0000", "0.2500")
    inside = ((values[40] >= 0) & (values[40] < 0.25)).sum()
    assert numbers.value == f"{inside:,} of {len(values[40]):,}"


def test_bins_widen_without_losing_a_number():
    values = np.random.default_rng(1).uniform(-1, 1, 3000)
    fine = counts(values, 0)
    for exponent in (0, 1, 3, 5, 9):
        assert widened(fine, exponent).tolist() == counts(values, exponent).bins


def test_another_quantity_and_another_layer_are_a_choice(trained, qtbot):
    monitor, _values = trained
    qtbot.mouseClick(monitor.modes.button("Gradients"), Qt.MouseButton.LeftButton)
    picture(monitor)
    assert monitor.spread.shares.shape == (2 * HALF, 3)
    monitor.layer.pick("fc2")
    picture(monitor)
    assert monitor.spread.moments == []  # a frozen layer has no gradient
    qtbot.mouseClick(monitor.modes.button("Weights"), Qt.MouseButton.LeftButton)
    assert [moment.step for moment in monitor.spread.moments] == [10, 40, 80]
    monitor.set_selected(frozenset({"node-fc1"}))
    assert monitor.spread.path == "fc1"


def test_outlines_stand_one_behind_the_other_and_peak_where_most_numbers_are(trained, themes):
    monitor, _values = trained
    monitor.ridge.trigger()
    plot, image = monitor.spread, picture(monitor.spread)
    tint = np.array(themes.current.depth_ramp(3)[2].getRgb()[:3])
    area, shares = plot.area(), plot.shares[:, 2]
    row = int(shares.argmax())
    x = area.left() + (row + 0.5) / (2 * HALF) * area.width()
    y = area.bottom() - 0.3 * area.height()
    near = [colors_at(image, x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    assert min(np.abs(np.array(one) - tint).max() for one in near) < 70


def test_the_numbers_are_saved_as_counts(trained, tmp_path):
    monitor, values = trained
    picture(monitor)
    monitor.save(tmp_path / "spread.csv")
    names, *rows = [line.split(",") for line in (tmp_path / "spread.csv").read_text().splitlines()]
    assert [float(name) for name in names[1:]] == np.linspace(-8, 8, 2 * HALF, endpoint=False).tolist()
    assert [int(row[0]) for row in rows] == [10, 40, 80]
    expected = np.histogram(values[80], np.linspace(-8, 8, 2 * HALF + 1))[0].tolist()
    assert [int(cell) for cell in rows[2][1:]] == expected


def test_another_run_begins_empty_and_a_long_one_is_thinned(trained, feed):
    monitor, _values = trained
    for step in range(100, 100 + 2 * KEPT):
        feed.take([Counted(step=step, layers=[LayerCounts(path="fc1", weights=counts([0.1], 0))])])
    steps = [moment.step for moment in monitor.spread.moments]
    assert len(steps) <= KEPT
    assert (steps[0], steps[-1]) == (10, 99 + 2 * KEPT)
    assert steps == sorted(steps)
    other = started()
    other.run = "other"
    feed.take([other])
    assert monitor.spread.moments == []
