import numpy as np

from core.telemetry.table import BLOCK, Table
from tests.core.telemetry.runs import random_rows


def test_rows_come_back_as_they_were_handed_over_across_blocks():
    rows = random_rows(2 * BLOCK + 77, 3)
    table = Table(3)
    for part in np.array_split(rows, 11):
        table.append(part)
    assert len(table) == len(rows)
    for column in range(3):
        np.testing.assert_array_equal(table.read(column, 0, len(table)), rows[:, column])
    part = slice(BLOCK - 5, BLOCK + 9)
    taken = table.take(np.array([2, 0]), part.start, part.stop)
    np.testing.assert_array_equal(taken, rows[part][:, [2, 0]].T)


def test_an_append_moves_no_row_that_is_there():
    table = Table(2)
    table.append(random_rows(10, 2))
    before = table.read(0, 0, 10)
    for _ in range(20):
        table.append(random_rows(BLOCK // 3, 2))
    assert np.shares_memory(before, table.read(0, 0, 10))


def test_rows_taken_back_give_way_to_new_ones():
    rows, new = random_rows(BLOCK + 10, 2), random_rows(20, 2, seed=1)
    table = Table(2)
    table.append(rows)
    table.truncate(BLOCK - 4)
    table.append(new)
    np.testing.assert_array_equal(table.read(1, 0, len(table)), np.concatenate([rows[: BLOCK - 4, 1], new[:, 1]]))


def test_reading_outside_of_the_rows_gives_what_there_is():
    table = Table(2)
    assert table.read(0, -5, 10).shape == (0,)
    assert table.take(np.array([0, 1]), -5, 10).shape == (2, 0)
    table.append(random_rows(4, 2))
    assert table.read(0, -5, 100).shape == (4,)
