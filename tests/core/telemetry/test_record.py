import numpy as np
import pytest

from core.engine.messages import RateChanged
from core.errors import EngineError
from core.telemetry.record import RunRecord
from tests.core.telemetry.runs import random_rows, recorded, sample_rows, started, step_rows, validated

COLUMNS = len(started().step_columns)
SAMPLED = len(started().sample_columns)


def test_every_row_is_kept_as_it_was_handed_over():
    rows = random_rows(5000, COLUMNS)
    record = recorded(rows, parts=37)
    for index, name in enumerate(record.started.step_columns):
        quantity, _, path = name.partition(":")
        np.testing.assert_array_equal(record.column(quantity, path).values(), rows[:, index])
    np.testing.assert_array_equal(record.column("loss").steps(), np.arange(1, 5001))
    assert record.last_step == 5000


def test_each_of_several_losses_has_its_column_and_one_alone_that_of_the_network():
    alone = recorded(random_rows(20, COLUMNS))
    assert [*alone.losses(("close",))["close"].values()] == [*alone.column("loss").values()]
    assert alone.losses(("close", "added")) == {}
    begun = started()
    begun.step_columns += ["loss:close", "loss:normal"]
    rows = random_rows(20, COLUMNS + 2)
    found = recorded(rows, begun).losses(("close", "added", "normal"))
    assert list(found) == ["close", "normal"]
    np.testing.assert_array_equal(found["normal"].values(), rows[:, -1])


def test_quantities_worked_out_are_the_norms_divided():
    rows = random_rows(300, COLUMNS)
    record = recorded(rows)
    gradient, weight, update = (rows[:, 4 + 3 + place] for place in range(3))
    np.testing.assert_allclose(record.column("update_ratio", "fc2").values(), update / weight, rtol=1e-6)
    np.testing.assert_allclose(record.column("gradient_rms", "fc2").values(), gradient / np.sqrt(200), rtol=1e-6)
    np.testing.assert_allclose(record.block("gradient_rms", 0, 300)[1], gradient / np.sqrt(200), rtol=1e-6)
    np.testing.assert_allclose(record.block("update_ratio", 7, 9)[1], (update / weight)[7:9], rtol=1e-6)


def test_a_weight_of_zeros_has_no_ratio_or_an_infinite_one():
    rows = random_rows(3, COLUMNS)
    rows[:, 8] = 0.0
    rows[0, 9] = 0.0
    ratio = recorded(rows).column("update_ratio", "fc2").values()
    assert np.isnan(ratio[0])
    assert np.isposinf(ratio[1:]).all()


def test_a_gradient_of_1e_20_is_kept():
    rows = np.full((3, COLUMNS), 3.98e-21)
    assert recorded(rows).column("gradient", "fc1").latest() == np.float32(3.98e-21)


@pytest.mark.parametrize(
    ("first", "last", "pixels"), [(0, 40_000, 300), (1, 100, 300), (17_003, 17_900, 50), (39_000, 50_000, 10)]
)
def test_an_envelope_is_minimum_and_maximum_of_the_rows_it_stands_for(first, last, pixels):
    rows = random_rows(40_000, COLUMNS)
    rows[500:600, 0] = np.nan
    column = recorded(rows).column("loss")
    envelope = column.envelope(first, last, pixels)
    assert len(envelope.x) <= 2 * pixels + 2
    offset = int(envelope.x[0] - (envelope.width - 1) / 2) - 1
    assert offset % envelope.width == 0
    for index, start in enumerate(range(offset, offset + len(envelope.x) * envelope.width, envelope.width)):
        part = rows[start : start + envelope.width, 0]
        assert envelope.x[index] == start + 1 + (len(part) - 1) / 2
        part = part[np.isfinite(part)]
        assert np.isnan(envelope.low[index]) if not len(part) else envelope.low[index] == part.min()
        assert np.isnan(envelope.high[index]) if not len(part) else envelope.high[index] == part.max()
    assert offset + 1 <= max(first, 1)
    assert start + envelope.width >= min(last, 40_000)


def test_a_short_view_draws_every_row():
    rows = random_rows(40_000, COLUMNS)
    envelope = recorded(rows).column("loss").envelope(1000, 1500, 400)
    assert envelope.width == 1
    np.testing.assert_array_equal(envelope.low, rows[envelope.x.astype(int) - 1, 0])


def test_smoothing_of_rows_is_the_moving_average_seen_from_the_first_row():
    rows = random_rows(3000, COLUMNS)
    record = recorded(rows)
    x, average = record.column("loss").smooth(2000, 2200, 1000, 0.9)
    weights = 0.9 ** np.arange(len(rows))
    for step, value in zip(x.astype(int), average, strict=True):
        past = rows[:step, 0][::-1].astype(np.float64)
        assert value == pytest.approx((past * weights[:step]).sum() / weights[:step].sum(), rel=1e-7)


def test_smoothing_of_bins_forgets_by_the_steps_that_a_bin_holds():
    rows = random_rows(4096, COLUMNS)
    x, average = recorded(rows).column("loss").smooth(1, 4096, 256, 0.95)
    means = rows[:, 0].astype(np.float64).reshape(256, 16).mean(axis=1)
    total = weight = 0.0
    for index, mean in enumerate(means):
        total, weight = 0.95**16 * total + mean, 0.95**16 * weight + 1
        assert average[index] == pytest.approx(total / weight, rel=1e-6)
    assert len(x) == 256


def test_all_layers_at_once_are_the_columns_one_by_one():
    rows = random_rows(9000, COLUMNS)
    rows[100:120, 4] = np.nan
    record = recorded(rows)
    together = record.columns("update_ratio")
    x, smooth = together.smooth(2000, 8000, 300, 0.9)
    envelope = together.envelope(2000, 8000, 300)
    for place, path in enumerate(("fc1", "fc2", "fc3")):
        column = record.column("update_ratio", path)
        np.testing.assert_allclose(smooth[:, place], column.smooth(2000, 8000, 300, 0.9)[1], rtol=1e-12)
        np.testing.assert_array_equal(envelope.low[:, place], column.envelope(2000, 8000, 300).low)
        np.testing.assert_array_equal(envelope.high[:, place], column.envelope(2000, 8000, 300).high)
    np.testing.assert_array_equal(x, column.smooth(2000, 8000, 300, 0.9)[0])


def test_smoothing_without_a_factor_is_the_mean_a_pixel():
    rows = random_rows(4096, COLUMNS)
    x, average = recorded(rows).column("loss").smooth(1, 4096, 256, 0.0)
    np.testing.assert_allclose(average, rows[:, 0].astype(np.float64).reshape(256, 16).mean(axis=1), rtol=1e-9)
    np.testing.assert_array_equal(x, np.arange(256) * 16 + 8.5)


def test_the_nearest_row_is_found():
    rows = random_rows(100, COLUMNS)
    record = recorded(rows)
    record.add_samples(sample_rows([10, 20, 40], random_rows(3, SAMPLED)))
    assert record.column("loss").at(50.4) == (50, rows[49, 0])
    assert record.column("loss").at(-3) == (1, rows[0, 0])
    assert record.column("loss").at(1e9) == (100, rows[99, 0])
    assert record.column("output", "act1").at(29)[0] == 20
    assert RunRecord(started()).column("loss").at(1) is None


def test_samples_stand_at_their_own_steps():
    steps, rows = np.array([3, 10, 11, 400, 7000]), random_rows(5, SAMPLED)
    record = RunRecord(started())
    record.add_samples(sample_rows(steps[:2], rows[:2]))
    record.add_samples(sample_rows(steps[2:], rows[2:]))
    column = record.column("output", "fc2")
    np.testing.assert_array_equal(column.steps(), steps)
    np.testing.assert_array_equal(column.values(), rows[:, 2])
    np.testing.assert_array_equal(column.envelope(0, 8000, 100).x, steps)


def test_a_resumed_run_goes_on_and_trains_the_rows_after_its_checkpoint_once_more():
    rows, again = random_rows(500, COLUMNS), random_rows(300, COLUMNS, seed=5)
    record = recorded(rows)
    record.column("loss").envelope(0, 500, 10)
    record.add_samples(sample_rows([100, 400, 500], random_rows(3, SAMPLED)))
    record.add_validation(validated(300, 1.0))
    record.add_validation(validated(450, 0.9))
    resumed = started(first_step=420)
    assert record.continues(resumed)
    record.resume(resumed)
    record.add_steps(step_rows(421, again))
    expected = np.concatenate([rows[:420], again])
    np.testing.assert_array_equal(record.column("loss").values(), expected[:, 0])
    assert record.column("loss").envelope(0, 1000, 1).high.max() == expected[:, 0].max()
    assert [point.step for point in record.validations] == [300]
    np.testing.assert_array_equal(record.samples.steps(0, 9), [100, 400])


def test_another_run_does_not_continue_this_one():
    record = recorded(random_rows(50, COLUMNS))
    assert not record.continues(started())
    assert not record.continues(started(first_step=60))
    assert not record.continues(started(layers=4, first_step=20))


def test_a_run_that_begins_late_counts_from_there():
    rows = random_rows(40, COLUMNS)
    record = recorded(rows, started(first_step=1000))
    np.testing.assert_array_equal(record.column("loss").steps(), np.arange(1001, 1041))
    assert record.column("loss").at(1010) == (1010, rows[9, 0])


def test_steps_that_never_came_are_no_values():
    record = RunRecord(started())
    record.add_steps(step_rows(1, random_rows(2, COLUMNS)))
    record.add_steps(step_rows(6, random_rows(1, COLUMNS)))
    assert np.isnan(record.column("loss").values(2, 5)).all()
    assert record.last_step == 6


def test_rows_that_do_not_fit_are_refused():
    record = RunRecord(started())
    with pytest.raises(EngineError, match=f"2 rows of {COLUMNS}"):
        record.add_steps(step_rows(1, random_rows(2, COLUMNS - 1)))
    with pytest.raises(EngineError, match="rising steps"):
        record.add_samples(sample_rows([5, 4], random_rows(2, SAMPLED)))
    with pytest.raises(EngineError, match='"gradient:nowhere" came'):
        record.column("gradient", "nowhere")
    assert record.last_step == 0


@pytest.mark.parametrize(("first", "last", "begin"), [(0, 40_000, 0), (3, 9000, 1), (500, 40_000, 496)])
def test_bins_of_logarithmic_time_are_the_rows_that_they_hold(first, last, begin):
    rows = random_rows(40_000, COLUMNS)
    envelope = recorded(rows).column("loss").envelope(first, last, 200, log=True)
    for middle, low, high in zip(envelope.x, envelope.low, envelope.high, strict=True):
        length = int(2 * middle) - 2 * begin - 1  # its first and its last step come to twice its middle
        assert length == 1 or length <= begin / 8
        part = rows[begin : begin + length, 0]
        assert (low, high) == (part.min(), part.max())
        begin += length
    assert last <= begin <= len(rows)
    assert len(envelope.x) < 2 * 200 + 2


def test_smoothing_in_logarithmic_time_is_that_of_linear_time_at_the_same_bins():
    rows = random_rows(8192, COLUMNS)
    column = recorded(rows).column("loss")
    x, average = column.smooth(0, 8192, 64, 0.9, log=True)
    every = dict(zip(*column.smooth(0, 8192, 10_000, 0.9), strict=True))
    first = np.flatnonzero(x == np.floor(x))
    for place in first[first < 16]:
        assert average[place] == pytest.approx(every[x[place]], rel=1e-9)
    for width in (2, 16, 128):
        linear = dict(zip(*column.smooth(0, 8192, 8192 // width + 2, 0.9), strict=True))
        same = [(value, linear[step]) for step, value in zip(x, average, strict=True) if step in linear]
        assert same
        np.testing.assert_allclose(*zip(*same, strict=True), rtol=1e-6)


def test_of_rates_set_one_after_another_for_a_step_only_the_last_is_told():
    record = recorded(random_rows(50, COLUMNS))
    for event in (
        RateChanged(step=20, value=0.1),
        RateChanged(step=40, value=0.2),
        RateChanged(step=40, value=0.3, phase=1),
        RateChanged(step=40, value=0.4, phase=1),
    ):
        assert record.add_event(event)
    assert [one.words for one in record.happenings] == [
        "rate set to 0.1", "rate set to 0.2", "rate of phase 2 set to 0.4",
    ]  # fmt: skip
    record.resume(started(first_step=30))
    assert [one.value for one in record.rate_changes] == [0.1]


def test_views_in_logarithmic_time_follow_what_comes_and_what_is_taken_back():
    rows, other = random_rows(20_000, COLUMNS), random_rows(9000, COLUMNS, seed=3)
    record = recorded(rows[:7000])
    columns = record.columns("gradient")
    grown = rows[:7000]
    for step, new in ((7000, rows[7000:]), (5000, other), (14_000, other)):
        for _ in range(2):
            x, low = columns.envelope(0, 30_000, 60, log=True).x, columns.envelope(0, 30_000, 60, log=True).low
            fresh = recorded(grown).columns("gradient")
            np.testing.assert_array_equal(x, fresh.envelope(0, 30_000, 60, log=True).x)
            np.testing.assert_array_equal(low, fresh.envelope(0, 30_000, 60, log=True).low)
            ours, theirs = (one.smooth(0, 30_000, 60, 0.9, log=True)[1] for one in (columns, fresh))
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)
        record.add_steps(step_rows(step + 1, new))
        grown = np.concatenate([grown[:step], new])
