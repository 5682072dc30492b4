from itertools import pairwise

import numpy as np
import pytest

from core.telemetry.heat_cells import FROZEN, NONFINITE, OK, OVER, ZERO
from core.telemetry.heatmap import Heatmap, index_of
from core.telemetry.record import RunRecord
from tests.core.telemetry.runs import random_rows, recorded, sample_rows, started, step_rows

COLUMNS = len(started().step_columns)
SAMPLED = len(started().sample_columns)


def oracle(values, width, first):
    """The mean of log10 of each bin of rows, by numpy, from the row `first` on."""
    logs = np.log10(values.astype(np.float64))
    return np.array([logs[start : start + width].mean(axis=0) for start in range(first, len(values), width)]).T


@pytest.mark.parametrize("columns", [40, 200, 700, 6000])
def test_cells_are_the_mean_logarithm_of_their_steps(columns):
    rows = random_rows(5003, COLUMNS)
    heatmap = Heatmap(recorded(rows), "gradient_rms")
    grid = heatmap.grid(1, 5003, columns)
    assert grid.log10.shape[1] <= columns
    assert grid.log10.shape[1] * 2.1 > min(columns, 5003) or grid.width == 1
    norms = rows[:, 4::3] / np.sqrt([100, 200, 300])
    np.testing.assert_allclose(grid.log10, oracle(norms, grid.width, 0), atol=2e-5)
    assert grid.steps(grid.log10.shape[1] - 1)[1] == 5003
    assert grid.steps(1) == (1 + grid.width, 2 * grid.width)


@pytest.mark.parametrize("columns", [5, 20, 40, 100])
def test_cells_of_whole_blocks_of_ordinary_rows_are_the_mean_of_their_steps(columns):
    rows = random_rows(8192, COLUMNS)
    record = recorded(rows)
    grid = Heatmap(record, "gradient_rms").grid(1, 8192, columns)
    assert record.steps.table.summed.are_full(32, 1, np.arange(COLUMNS), 0, 256)
    norms = rows[:, 4::3] / np.sqrt([100, 200, 300])
    np.testing.assert_allclose(grid.log10, oracle(norms, grid.width, 0), atol=2e-5)
    begun = started()
    begun.sample_columns = [f"saturated:{info.path}" for info in begun.outputs]
    shares = np.random.default_rng(1).uniform(0, 1, (8192, SAMPLED)).astype(np.float32)
    record = RunRecord(begun)
    record.add_samples(sample_rows(np.arange(1, 8193), shares))
    grid = Heatmap(record, "saturated").grid(1, 8192, columns)
    means = shares.astype(np.float64).reshape(-1, grid.width, SAMPLED).mean(axis=1).T
    np.testing.assert_allclose(grid.log10, means, atol=1e-6)
    assert (grid.states == OK).all()


def test_rows_that_come_bit_by_bit_give_the_same_cells_as_at_once():
    rows = random_rows(3000, COLUMNS)
    record = RunRecord(started())
    heatmap = Heatmap(record, "gradient_rms")
    cuts = [0, 1, 3, 17, 200, 201, 1024, 2999, 3000]
    for begin, end in pairwise(cuts):
        record.add_steps(step_rows(begin + 1, rows[begin:end]))
        heatmap.grid(0, end, 100)
    whole = Heatmap(recorded(rows), "gradient_rms").grid(0, 3000, 100)
    np.testing.assert_allclose(heatmap.grid(0, 3000, 100).log10, whole.log10, atol=1e-6)


def test_a_view_of_a_part_is_the_part_of_the_rows():
    rows = random_rows(3000, COLUMNS)
    grid = Heatmap(recorded(rows), "gradient_rms").grid(1001, 1200, 400)
    assert (grid.width, grid.first_step, grid.last_step) == (1, 1001, 1200)
    norms = rows[1000:1200, 4::3] / np.sqrt([100, 200, 300])
    np.testing.assert_allclose(grid.log10, oracle(norms, 1, 0), atol=1e-5)


def test_samples_fall_into_the_bin_of_their_step():
    steps, rows = np.arange(1, 4001, 3), random_rows(1334, SAMPLED)
    record = RunRecord(started())
    record.add_samples(sample_rows(steps, rows))
    grid = Heatmap(record, "output").grid(1, 4000, 150)
    assert grid.width == 16
    assert grid.log10.shape[1] == 84
    for column in range(grid.log10.shape[1]):
        first, last = grid.steps(column)
        logs = np.log10(rows[(steps >= first) & (steps <= last)].astype(np.float64))
        np.testing.assert_allclose(grid.log10[:, column], logs.mean(axis=0), atol=1e-5)


def test_bins_between_two_samples_repeat_the_earlier_one_and_the_spacing_says_so():
    record = RunRecord(started())
    rows = random_rows(10, SAMPLED)
    record.add_samples(sample_rows(np.arange(5, 105, 10), rows))
    heatmap = Heatmap(record, "output")
    grid = heatmap.grid(1, 100, 500)
    assert (grid.width, grid.spacing) == (1, 10)
    shown = grid.bins(np.arange(1.0, 96.0))
    assert shown.tolist() == [-1] * 4 + np.repeat(np.arange(10), 10)[:91].tolist()
    np.testing.assert_allclose(grid.log10, np.log10(rows.T), atol=1e-6)
    assert grid.steps(2) == (25, 34)
    part = heatmap.grid(8, 12, 500)
    assert part.bins(np.arange(8.0, 13.0)).tolist() == [0] * 5
    np.testing.assert_allclose(part.log10[:, 0], np.log10(rows[0]), atol=1e-6)


def test_zeros_infinities_and_what_is_over_the_scale_are_told_apart():
    rows = np.full((64, COLUMNS), 0.5, np.float32)
    rows[0:16, 4] = 0.0
    rows[16:20, 4] = 0.0
    rows[33, 3] = rows[33, 4] = np.nan  # one that is not finite lets the norm of all be that too
    rows[50, 4] = np.inf
    rows[48:64, 7] = 1e6
    grid = Heatmap(recorded(rows), "gradient_rms").grid(1, 64, 4)
    assert grid.width == 16
    assert grid.states.tolist() == [[ZERO, OK, NONFINITE, NONFINITE], [OK, OK, OK, OVER], [OK] * 4]
    assert np.isnan(grid.log10[0, [0, 2, 3]]).all()
    assert grid.log10[0, 1] == pytest.approx(np.log10(0.05))
    assert grid.indices[1, 3] == 255


def test_the_colour_index_is_linear_in_the_logarithm_over_the_fixed_domain():
    assert index_of(np.array([-22.7, -8, -3.5, 1, 4, np.nan], np.float32)).tolist() == [0, 0, 128, 255, 255, 0]


def test_rows_taken_back_by_a_resume_leave_no_trace():
    rows, again = random_rows(2000, COLUMNS), random_rows(900, COLUMNS, seed=4)
    record = recorded(rows)
    heatmap = Heatmap(record, "update_ratio")
    heatmap.grid(0, 2000, 50)
    record.resume(started(first_step=1600))
    record.add_steps(step_rows(1601, again))
    kept = np.concatenate([rows[:1600], again])
    ratios = kept[:, 6::3] / kept[:, 5::3]
    grid = heatmap.grid(0, 2500, 50)
    np.testing.assert_allclose(grid.log10, oracle(ratios, grid.width, 0), atol=2e-5)


def test_nothing_measured_is_an_empty_grid():
    grid = Heatmap(RunRecord(started()), "output").grid(0, 100, 100)
    assert grid.indices.shape == (6, 0)


@pytest.mark.parametrize("quantity", ["gradient_rms", "update_ratio"])
@pytest.mark.parametrize("columns", [90, 400, 3000])
def test_wide_cells_are_those_of_the_rows_also_where_numbers_broke_or_are_frozen(quantity, columns):
    rows = random_rows(9001, COLUMNS)
    rows[:, [7, 9]] = np.nan  # the second layer is frozen
    rows[5000:5010, 3] = rows[5000:5010, 4] = rows[5000:5010, 6] = np.nan
    grid = Heatmap(recorded(rows), quantity).grid(1, 9001, columns)
    values = rows[:, 4::3] / np.sqrt([100, 200, 300]) if quantity == "gradient_rms" else rows[:, 6::3] / rows[:, 5::3]
    with np.errstate(invalid="ignore"):
        expected = oracle(values, grid.width, 0)
    np.testing.assert_allclose(grid.log10[2], expected[2], atol=1e-4)
    broken = np.isnan(expected[0])
    assert broken.any()
    np.testing.assert_array_equal(grid.states[0] == NONFINITE, broken)
    np.testing.assert_allclose(grid.log10[0, ~broken], expected[0, ~broken], atol=1e-4)
    assert (grid.states[1] == FROZEN).sum() >= len(grid.states[1]) - broken.sum()
