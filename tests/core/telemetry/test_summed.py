from pathlib import Path

import numpy as np
import pytest

from chainrule.columns import BLOCK, ColumnWriter, blocks
from chainrule.summaries import FINE, FINITE, WIDE, fine_file, mapped, summary, wide_file
from core.telemetry.binned import TableBins
from core.telemetry.heatmap import Heatmap
from core.telemetry.pyramid import Pyramid
from core.telemetry.record import RunRecord
from core.telemetry.table import Table
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows

COUNT = 3 * BLOCK + 1234


def awkward(count=COUNT, columns=3):
    """Rows with zeros, negative numbers, denormal ones, NaN and infinity."""
    rows = random_rows(count, columns)
    rows[10:90, 0], rows[700, 0], rows[5000:5100, 0] = np.nan, np.inf, -1.5
    rows[100:140, 1], rows[BLOCK : BLOCK + 40, 1] = 0, np.float32(1e-43)
    return rows


def grown(rows, cuts):
    table = Table(rows.shape[1])
    for part in np.split(rows, cuts):
        table.append(part)
    return table


@pytest.mark.parametrize("size", [FINE, WIDE])
def test_a_summary_is_what_numpy_says_of_every_bin(size):
    rows = awkward(2 * WIDE * 4)
    found = summary(rows, size)
    for column in range(3):
        for place, part in enumerate(rows[:, column].astype(np.float64).reshape(-1, size)):
            finite, positive = part[np.isfinite(part)], part[(part > 0) & np.isfinite(part)]
            low, high, mean, logs = found.numbers[column, :, place].tolist()
            counts = (len(finite), len(positive), (part == 0).sum(), np.isnan(part).sum())
            assert found.counts[column, :, place].tolist() == list(counts)
            assert logs == pytest.approx(np.log10(positive).sum(), rel=1e-5, abs=1e-4)
            if len(finite):
                assert (low, high) == (finite.min(), finite.max())
                assert mean == pytest.approx(finite.mean(), rel=1e-6)
            else:
                assert np.isnan([low, high, mean]).all()


def test_large_numbers_do_not_overflow_in_a_mean():
    found = summary(np.full((FINE, 1), 3e38, np.float32), FINE)
    assert found.numbers[0, 2, 0] == np.float32(3e38)


@pytest.mark.parametrize("width", [1, 8, 16, 32, 256, 512, 2048, 8192])
@pytest.mark.parametrize("cuts", [[], [1, 31, 33, 700, BLOCK, BLOCK + 5, 2 * BLOCK + 17]])
def test_bins_of_a_table_are_those_of_a_pyramid_over_its_rows(width, cuts):
    rows = awkward()
    table = grown(rows, cuts)
    bins = TableBins(table, np.arange(3), single=False)
    oracle = Pyramid(lambda first, last: rows[first:last])
    oracle.extend(COUNT)
    for first, last in ((0, -(-COUNT // width)), (3, 3 + 2000 // width), (COUNT // width - 1, -(-COUNT // width))):
        ours, theirs = bins.bins(first, last, width), oracle.bins(first, last, width)
        np.testing.assert_array_equal(ours.low, theirs.low)
        np.testing.assert_array_equal(ours.high, theirs.high)
        np.testing.assert_array_equal(ours.count, theirs.count)
        np.testing.assert_allclose(ours.total, theirs.total, rtol=1e-5)
        total, count = bins.sums(first, last, width)
        np.testing.assert_allclose(total, theirs.total, rtol=1e-5)
        np.testing.assert_array_equal(count, theirs.count)


def test_rows_that_are_taken_back_leave_the_bins_of_the_others():
    rows = awkward()
    table = grown(rows, [])
    table.truncate(BLOCK + 100)
    other = random_rows(3000, 3, seed=9)
    table.append(other)
    expected = np.concatenate([rows[: BLOCK + 100], other])
    ours = TableBins(table, np.arange(3), single=False).bins(0, len(expected) // 64, 64)
    theirs = TableBins(grown(expected, []), np.arange(3), single=False).bins(0, len(expected) // 64, 64)
    np.testing.assert_array_equal(ours.low, theirs.low)
    np.testing.assert_array_equal(ours.total, theirs.total)


def test_bins_are_known_to_be_full_only_where_every_row_counts():
    rows = random_rows(3 * BLOCK + 100, 4)
    rows[BLOCK + 7, 2] = np.nan
    table = grown(rows, [])
    all_of, but_one = np.arange(4), np.array([0, 1, 3])
    for size in (FINE, WIDE):
        a_block = BLOCK // size
        assert table.summed.are_full(size, 0, all_of, 0, a_block)
        assert not table.summed.are_full(size, 0, all_of, 0, 3 * a_block)
        assert table.summed.are_full(size, 0, but_one, 0, 3 * a_block)
    table.append(np.full((BLOCK, 4), np.nan, np.float32))
    assert not table.summed.are_full(FINE, 0, but_one, 0, 3 * BLOCK // FINE + 10)
    table.truncate(2 * BLOCK + 50)
    table.append(np.full((BLOCK, 4), np.nan, np.float32))
    assert not table.summed.are_full(WIDE, 0, but_one, 0, 3 * BLOCK // WIDE)
    assert table.summed.are_full(WIDE, 0, but_one, 0, 2 * BLOCK // WIDE)


@pytest.mark.parametrize("width", [1, 4, 16, 64, 1024])
def test_sums_of_ordinary_rows_are_those_of_the_rows(width):
    rows = np.abs(random_rows(3 * BLOCK, 5)) + np.float32(0.1)
    for columns in (np.arange(5), np.array([1, 3]), np.array([4, 0, 1])):
        total, count = TableBins(grown(rows, []), columns, single=False).sums(2, 2 * BLOCK // width + 2, width)
        part = rows[2 * width : 2 * BLOCK + 2 * width, columns].astype(np.float64)
        np.testing.assert_allclose(total, part.reshape(-1, width, len(columns)).sum(1), rtol=1e-5)
        assert (count == width).all()


def test_what_a_writer_leaves_on_disk_is_what_a_table_sums_up(tmp_path: Path):
    rows = awkward()
    writer = ColumnWriter(tmp_path, "steps", 3)
    writer.append(rows.tobytes())
    writer.close()
    for path, size in ((fine_file(tmp_path, "steps"), FINE), (wide_file(tmp_path, "steps"), WIDE)):
        kept = mapped(path, 3, BLOCK, size)
        assert len(kept.numbers) == 3
        for number in range(3):
            expected = summary(rows[number * BLOCK : (number + 1) * BLOCK], size)
            np.testing.assert_allclose(kept.numbers[number], expected.numbers, rtol=1e-5)
            np.testing.assert_array_equal(kept.counts[number], expected.counts)
    disk = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert disk <= 1.2 * rows.nbytes


def test_a_writer_that_goes_on_sums_up_what_is_missing_and_drops_what_is_too_much(tmp_path: Path):
    rows = awkward()
    writer = ColumnWriter(tmp_path, "steps", 3)
    writer.append(rows.tobytes())
    writer.close()
    fine_file(tmp_path, "steps").unlink()
    ColumnWriter(tmp_path, "steps", 3, 2 * BLOCK + 7).close()
    kept = mapped(fine_file(tmp_path, "steps"), 3, BLOCK, FINE)
    assert len(kept.numbers) == len(mapped(wide_file(tmp_path, "steps"), 3, BLOCK, WIDE).numbers) == 2
    np.testing.assert_array_equal(kept.counts[1], summary(rows[BLOCK : 2 * BLOCK], FINE).counts)


def test_a_run_that_is_read_and_goes_on_has_the_bins_of_both(tmp_path: Path):
    rows = awkward()
    writer = ColumnWriter(tmp_path, "steps", 3)
    writer.append(rows.tobytes())
    writer.close()
    fine, wide = (mapped(of(tmp_path, "steps"), 3, BLOCK, size) for of, size in ((fine_file, FINE), (wide_file, WIDE)))
    for cut in (3 * BLOCK, BLOCK + 700, 50):
        table = Table(3, blocks(tmp_path, "steps", 3), fine, wide)
        table.truncate(cut)
        table.append(rows[cut:])
        table.append(rows)
        for width in (32, 256, 512, 4096):
            both = np.concatenate([rows, rows])
            ours = TableBins(table, np.array([0, 2]), single=False).bins(0, len(both) // width, width)
            oracle = Pyramid(lambda first, last, both=both: both[first:last, [0, 2]])
            oracle.extend(len(both))
            theirs = oracle.bins(0, len(both) // width, width)
            np.testing.assert_array_equal(ours.low, theirs.low)
            np.testing.assert_array_equal(ours.count, theirs.count)
            np.testing.assert_allclose(ours.total, theirs.total, rtol=1e-5)


def test_a_run_of_an_earlier_version_is_summed_up_when_it_is_looked_at(tmp_path: Path):
    rows = awkward()
    writer = ColumnWriter(tmp_path, "steps", 3)
    writer.append(rows.tobytes())
    writer.close()
    without = Table(3, blocks(tmp_path, "steps", 3))
    whole = TableBins(grown(rows[: 3 * BLOCK], []), np.arange(3), single=False)
    for width in (64, 512, 2048):
        found, expected = (bins.bins(1, 5, width) for bins in (TableBins(without, np.arange(3), single=False), whole))
        np.testing.assert_array_equal(found.low, expected.low)
        np.testing.assert_array_equal(found.count, expected.count)
        np.testing.assert_allclose(found.total, expected.total, rtol=1e-6)


def test_bins_of_a_block_that_grows_are_made_once_each():
    rows = awkward(2 * BLOCK + 2000)
    table = Table(3)
    for first in range(0, len(rows), 300):
        table.append(rows[first : first + 300])
        length = len(table)
        if length >= 512:
            ours = TableBins(table, np.arange(3), single=False).bins(0, length // 512, 512)
            theirs = TableBins(grown(rows[:length], []), np.arange(3), single=False).bins(0, length // 512, 512)
            np.testing.assert_array_equal(ours.high, theirs.high)
            np.testing.assert_array_equal(ours.count, theirs.count)


def test_a_view_of_a_long_run_reads_its_bins_and_hardly_a_row(monkeypatch):
    begun = started()
    record = RunRecord(begun)
    record.add_steps(step_rows(1, random_rows(3 * BLOCK + 70, len(begun.step_columns))))
    record.add_samples(sample_rows(np.arange(1, 3 * BLOCK + 1), random_rows(3 * BLOCK, len(begun.sample_columns))))
    asked = []
    for name in ("take", "read"):
        real = getattr(Table, name)

        def noted(self, columns, first, last, real=real):
            asked.append(last - first)
            return real(self, columns, first, last)

        monkeypatch.setattr(Table, name, noted)
    end = record.last_step
    record.column("loss").envelope(0, end, 100)
    record.columns("gradient").smooth(0, end, 100, 0.9)
    Heatmap(record, "output").grid(1, end, 100)
    Heatmap(record, "gradient_rms").grid(1, end, 100)
    assert sum(asked) < 4 * FINE


def test_wide_bins_that_are_kept_side_by_side_follow_what_comes_and_what_is_taken_back():
    rows, table, every = awkward(5 * BLOCK), Table(3), np.arange(3)
    for begin, end in ((0, 900), (900, BLOCK + 600), (BLOCK + 600, 3 * BLOCK), (BLOCK + 40, 4 * BLOCK + 7)):
        table.truncate(begin)
        table.append(rows[begin:end] if begin == len(table) else random_rows(end - begin, 3))
        seen = np.vstack([table.rows()])
        for columns in (every, np.array([2, 0, 1])):
            wide = table.summed.numbers(WIDE, 0, columns, 0, end // WIDE)
            expected = summary(seen[: end // WIDE * WIDE], WIDE).numbers[columns, 0]
            np.testing.assert_array_equal(wide, expected)
            assert not wide.flags.writeable


def test_the_bins_that_are_there_of_a_block_that_grows_can_be_full():
    table = Table(2)
    table.append(random_rows(BLOCK + 700, 2))
    every, end = np.arange(2), (BLOCK + 700) // FINE
    assert table.summed.are_full(FINE, FINITE, every, 0, end)
    table.append(np.full((100, 2), np.nan, np.float32))
    assert not table.summed.are_full(FINE, FINITE, every, 0, end + 3)
    assert table.summed.are_full(FINE, FINITE, every, 0, end)
