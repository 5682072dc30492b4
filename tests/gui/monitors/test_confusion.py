"""The confusion table: every count is read in its cell, and every class beside it, however long and many they are."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF

from gui.monitors.confusion import ConfusionMonitor
from gui.monitors.counted import SIZES, fitting, short
from gui.monitors.ink import Ink
from tests.core.telemetry.runs import started, validated
from tests.gui.monitors.conftest import picture, pixels

LONG = [
    "aeroplane",
    "automobile",
    "cat",
    "a Siamese cat on a red sofa",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
]


def table_of(feed, shown, counts, names=None, width=400, height=300):
    monitor = shown(ConfusionMonitor, width, height)
    begun = started()
    begun.classes = names if names is not None else [str(place) for place in range(len(counts))]
    validation = validated(100, 0.5)
    validation.table, validation.task = counts.tolist(), "classes"
    feed.take([begun, validation])
    return monitor.table


def inked(table, image, true, said):
    """Pixels of a cell, its edges left out, that are not its ground."""
    side = table.area().width() / len(table.counts)
    box = QRectF(table.area().left() + said * side, table.area().top() + true * side, side, side).adjusted(2, 2, -2, -2)
    cell = pixels(image)[round(box.top()) : round(box.bottom()), round(box.left()) : round(box.right())].reshape(-1, 3)
    ground = np.array(max(map(tuple, cell.tolist()), key=cell.tolist().count))
    return int((np.abs(cell.astype(int) - ground).max(axis=1) > 40).sum())


@pytest.mark.parametrize("most", [987, 1_234, 48_120])
def test_counts_of_three_digits_and_more_stand_in_their_cells(feed, shown, most):
    counts = np.full((10, 10), 3)
    np.fill_diagonal(counts, most)
    table = table_of(feed, shown, counts)
    image = picture(table)
    side = table.area().width() / 10
    assert 17 <= side <= 24  # too small for three digits of the usual size
    look = table.counted
    assert QFontMetricsF(look.font).horizontalAdvance(look.words(most)) <= side - 1
    assert all(inked(table, image, place, place) > 12 for place in range(10))
    assert inked(table, image, 0, 1) > 3


def test_a_number_is_shortened_only_where_no_smaller_type_shows_it(themes):
    ink = Ink(themes.current)
    usual = fitting(ink, [987, 3], 100)
    smaller = fitting(ink, [987, 3], QFontMetricsF(usual.font).horizontalAdvance("987") - 1)
    assert (usual.font.pixelSize(), usual.words(987)) == (SIZES[0], "987")
    assert smaller.words(987) == "987"
    assert fitting(ink, [48_120], 24).words(48_120) == "48k"
    assert fitting(ink, [48_120], 80).words(48_120) == "48,120"
    said = [short(count) for count in (0, 999, 1_000, 1_249, 9_949, 9_951, 999_400, 999_600, 12_300_000)]
    assert said == ["0", "999", "1.0k", "1.2k", "9.9k", "10k", "999k", "1.0M", "12M"]


def test_long_names_stand_below_their_columns_and_are_read_whole_as_far_as_there_is_room(feed, shown):
    counts = np.eye(10, dtype=int) * 40 + 1
    table = table_of(feed, shown, counts, LONG, 460, 420)
    assert table.names_stand
    image = picture(table)
    side, bottom = table.area().width() / 10, table.area().bottom()
    rows = pixels(image)[round(bottom) + 3 : round(bottom) + 3 + 66]
    for place, name in enumerate(LONG):
        middle = table.area().left() + (place + 0.5) * side
        strip = rows[:, round(middle - 6) : round(middle + 6)].astype(int)
        ground = np.array(themes_ground(table))
        tall = np.flatnonzero((np.abs(strip - ground).max(axis=2) > 60).any(axis=1))
        assert len(tall), name
        wide = min(table.theme.wide(name), 64)
        assert tall.max() - tall.min() == pytest.approx(wide, abs=12), name  # as long, upwards, as the name is
    assert table.reading(table.cell_at(QPointF(table.area().left() + 3.5 * side, bottom + 10)))[0].name == LONG[3]


def themes_ground(table):
    color = table.theme.color("panel")
    return color.red(), color.green(), color.blue()


def test_short_names_lie_below_their_columns(feed, shown):
    assert not table_of(feed, shown, np.eye(10, dtype=int) * 40).names_stand
