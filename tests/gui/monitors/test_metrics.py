"""Metric curves with their table, and the table of classes: what they show is what the run has told."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from sklearn.metrics import f1_score, jaccard_score, precision_score, recall_score

from core.engine.messages import Validated
from gui.monitors.confusion import Cell, ConfusionMonitor
from gui.monitors.metrics import SHARES, MetricMonitor
from tests.core.telemetry.runs import random_rows, started, step_rows
from tests.gui.monitors.conftest import colors_at, picture

COLUMNS = len(started().step_columns)
NAMES = ["cat", "dog", "bird"]
TABLES = ([[5, 3, 2], [1, 8, 1], [0, 4, 6]], [[9, 1, 0], [1, 9, 0], [0, 0, 10]])


def told(step: int, table=(), task="classes", **metrics: float) -> Validated:
    rows = [list(row) for row in table]
    return Validated(step=step, epoch=step // 100, loss=1.0, task=task, metrics=metrics, table=rows)


def begun(**options):
    made = started()
    made.validation_samples = 30
    for name, value in options.items():
        setattr(made, name, value)
    return made


def train(feed, *validations, **options):
    rows = random_rows(300, COLUMNS)
    rows[:, 1] = np.linspace(0.1, 0.9, 300)
    feed.take([begun(**options), step_rows(1, rows), *validations])
    QApplication.processEvents()


def test_curves_are_what_was_told_and_the_table_says_now_and_best(shown, feed):
    monitor = shown(MetricMonitor, 500)
    plot = monitor.metrics
    train(feed, told(100, accuracy=0.5, f1=0.4), told(200, accuracy=0.9, f1=0.8), told(300, accuracy=0.7, f1=0.6))
    picture(plot)
    assert [curve.name for curve in plot.shown] == ["accuracy", "f1"]
    assert plot.shown[0].values.tolist() == [0.5, 0.9, 0.7]
    assert (plot.shown[0].newest, plot.shown[0].best) == (0.7, 1)
    assert len(plot._rows()) == 2
    assert plot.trained[1][-1] == pytest.approx(0.9, abs=0.1)  # of the training batches


def test_a_curve_is_drawn_where_its_values_are(shown, feed, themes):
    monitor = shown(MetricMonitor, 500)
    plot = monitor.metrics
    train(feed, *(told(step, f1=step / 400) for step in range(100, 301, 20)), metric="")
    image = picture(plot)
    color = plot._colors()["f1"]
    for step in (120, 200, 280):
        x, y = plot.steps().pixel(step), float(plot.values().pixels(step / 400))
        near = [colors_at(image, x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        wanted = (color.red(), color.green(), color.blue())
        assert min(max(abs(a - b) for a, b in zip(one, wanted, strict=True)) for one in near) < 60


def test_what_has_another_measure_has_an_axis_of_its_own_behind_a_click_on_its_row(shown, feed, qtbot):
    monitor = shown(MetricMonitor, 500)
    plot = monitor.metrics
    train(
        feed,
        told(100, task="tokens", accuracy=0.5, perplexity=30.0),
        told(200, task="tokens", accuracy=0.6, perplexity=20.0),
    )
    picture(plot)
    assert plot.group == SHARES
    assert plot.value_extent()[1] < 1.5
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot._rows()[1].center().toPoint())
    picture(plot)
    assert plot.group == "perplexity"
    assert [curve.name for curve in plot.shown] == ["perplexity"]
    assert plot.value_extent()[1] > 20
    qtbot.keyClick(plot, Qt.Key.Key_Down)
    picture(plot)
    assert plot.group == SHARES


def test_a_regression_shows_its_errors(shown, feed):
    monitor = shown(MetricMonitor, 500)
    plot = monitor.metrics
    train(feed, told(100, task="values", rmse=2.0, mae=1.5, r2=0.4), metric="rmse")
    picture(plot)
    assert plot.group == "rmse"


def test_without_room_for_the_table_names_and_values_stand_above(shown, feed):
    monitor = shown(MetricMonitor, 250, 180)
    plot = monitor.metrics
    train(feed, told(100, accuracy=0.5, f1=0.4))
    image = picture(plot)
    assert plot._rows() == []
    color = plot._colors()["accuracy"]
    assert colors_at(image, 16, 15) == (color.red(), color.green(), color.blue())


def test_the_cursor_reads_the_metrics_of_the_epoch(shown, feed):
    monitor = shown(MetricMonitor, 500)
    plot = monitor.metrics
    train(feed, told(100, accuracy=0.5), told(200, accuracy=0.75))
    picture(plot)
    assert [(line.name, line.value) for line in plot.reading(150)] == [("epoch 1, step", "100"), ("Accuracy", "50.0 %")]
    assert plot.reading(250)[1].value == "75.0 %"


def test_it_says_why_there_is_nothing(shown, feed):
    monitor = shown(MetricMonitor)
    plot = monitor.metrics
    picture(plot)
    assert plot._empty_lines()[0] == "No metrics yet."
    train(feed, validation_samples=0)
    assert plot._empty_lines()[0] == "Nothing is held out."


def test_another_run_begins_anew(shown, feed):
    monitor = shown(MetricMonitor, 500)
    plot = monitor.metrics
    train(feed, told(100, accuracy=0.5))
    picture(plot)
    train(feed, told(100, f1=0.25), metric="")
    picture(plot)
    assert list(plot.curves) == ["f1"]


def test_cells_hold_the_counts_and_the_class_names(shown, feed):
    monitor = shown(ConfusionMonitor, 400, 360)
    table = monitor.table
    train(feed, told(100, TABLES[0]), told(200, TABLES[1]), classes=NAMES)
    picture(table)
    assert table.counts.tolist() == TABLES[1]
    assert [table.name(place) for place in range(3)] == NAMES
    center = table.area().topLeft() + QPointF(1.5, 0.5) * table._side()
    assert table.cell_at(center) == Cell(0, 1)
    assert [line.value for line in table.reading(Cell(0, 1))] == ["1", "10.0 %"]
    assert table.cell_at(QPointF(table.area().left() - 5, table.area().center().y())) == Cell(1, None)


def test_a_class_is_read_as_scikit_learn_has_it(shown, feed):
    monitor = shown(ConfusionMonitor, 400, 360)
    table = monitor.table
    train(feed, told(100, TABLES[0]), classes=NAMES)
    picture(table)
    counts = np.array(TABLES[0])
    true = np.repeat(np.arange(3), counts.sum(1))
    said = np.concatenate([np.repeat(np.arange(3), row) for row in counts])
    for place in range(3):
        wanted = [
            score(true, said, labels=[place], average=None)[0]
            for score in (recall_score, precision_score, f1_score, jaccard_score)
        ]
        lines = table.reading(Cell(place, None))
        assert lines[0].value == str(counts[place].sum())
        assert [line.value for line in lines[1:]] == [f"{100 * value:.1f} %" for value in wanted]


def test_the_cursor_of_all_monitors_chooses_the_epoch(shown, feed, cursor):
    monitor = shown(ConfusionMonitor, 400, 360)
    table = monitor.table
    train(feed, told(100, TABLES[0]), told(200, TABLES[1]), classes=NAMES)
    cursor.move(150)
    picture(table)
    assert table.counts.tolist() == TABLES[0]
    cursor.move(None)
    picture(table)
    assert table.counts.tolist() == TABLES[1]


def test_a_click_or_the_arrows_and_enter_pick_a_cell(shown, feed, qtbot):
    monitor = shown(ConfusionMonitor, 400, 360)
    table = monitor.table
    train(feed, told(100, TABLES[0]), classes=NAMES)
    picture(table)
    picked = []
    table.picked.connect(picked.append)
    center = table.area().topLeft() + QPointF(2.5, 1.5) * table._side()
    qtbot.mouseClick(table, Qt.MouseButton.LeftButton, pos=center.toPoint())
    table.cell = None
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(table, key)
    assert picked == [Cell(1, 2), Cell(1, 1)]


def test_the_strength_of_a_cell_is_the_share_of_its_row(shown, feed):
    monitor = shown(ConfusionMonitor, 400, 360)
    table = monitor.table
    train(feed, told(100, [[100, 0], [2, 2]]), classes=[])
    image = picture(table)
    corner = table.area().topLeft() + QPointF(0.15, 0.15) * table._side()

    def color(true: int, said: int) -> tuple[int, int, int]:
        return colors_at(image, corner.x() + said * table._side(), corner.y() + true * table._side())

    assert color(1, 0) == color(1, 1)
    assert sum(color(0, 0)) > sum(color(1, 1)) > sum(color(0, 1))
    assert [table.name(place) for place in (0, 1)] == ["no", "yes"]


def test_a_hundred_classes_fit_and_values_have_no_table(shown, feed, qtbot):
    monitor = shown(ConfusionMonitor, 300, 220)
    table = monitor.table
    train(feed, told(100, np.eye(100, dtype=int).tolist()))
    picture(table)
    assert table._side() >= 1
    qtbot.mouseMove(table, QPoint(150, 100))
    picture(table)
    train(feed, told(100, task="values", rmse=1.0))
    picture(table)
    assert table._empty_lines()[0] == "This loss compares no classes."
