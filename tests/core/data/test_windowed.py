"""Series in windows: what they hold, how they are split by time, and what is drawn of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.arrays import natural_fields
from core.data.builtin.listing import SOURCES
from core.data.load import load
from core.data.packaged import FOLDER, read_arrays
from core.data.preview import preview
from core.data.settings import DatasetSettings, dataset_kind, sample_count, split_kind
from core.errors import ParameterError

SERIES = [kind.name for kind in SOURCES.values() if kind.group == "Series" and kind.file]


def values(name: str) -> np.ndarray:
    return read_arrays(FOLDER / f"{name}.npz", ("values",))["values"][:, 0].astype(np.float32)


def chosen(name: str, window: int, horizon: int, validation: float = 0.2) -> DatasetSettings:
    return DatasetSettings(name, (("horizon", horizon), ("window", window)), validation)


def test_sunspots_are_wolfs() -> None:
    years = dict(zip(range(1700, 2009), values("sunspots"), strict=True))
    # The table of yearly means: the greatest maximum in 1957, none at all in 1810, 1700 began with 5.
    assert max(years, key=years.__getitem__) == 1957
    assert (years[1957], years[1810], years[1700]) == (pytest.approx(190.2), 0.0, 5.0)


def test_carbon_dioxide_rose_as_keeling_measured() -> None:
    weeks = values("co2")
    assert (len(weeks), weeks[0], weeks[-1]) == (2284, pytest.approx(316.1), pytest.approx(371.5))
    assert weeks[52 * 30 : 52 * 31].mean() == pytest.approx(351.5, abs=1.0)  # 1988: 351.5 at Mauna Loa
    assert not np.isnan(weeks).any()


def test_summer_is_warmer_than_winter() -> None:
    days = values("weather")
    assert len(days) == 1461
    assert days[180:240].mean() > days[0:60].mean() + 10
    hours = values("temperatures")
    assert len(hours) == 8759
    assert hours[24 * 200 + 16] > hours[24 * 200 + 4] + 5  # afternoon and night in July


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["sunspots", "co2"]), st.integers(1, 100), st.integers(1, 24))
def test_a_window_is_followed_by_what_came_next(name: str, window: int, horizon: int) -> None:
    picked, series = chosen(name, window, horizon), values(name)
    fields = natural_fields(picked)
    assert sample_count(picked) == len(series) - window - horizon + 1
    assert [field.shape for field in dataset_kind(picked).fields] == [(window, 1), (horizon,)]
    for sample in (0, 7, sample_count(picked) - 1):
        assert np.array_equal(fields["past"][sample, :, 0], series[sample : sample + window])
        assert np.array_equal(fields["next"][sample], series[sample + window : sample + window + horizon])


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.integers(1, 24), st.sampled_from((0.0, 0.1, 0.3)))
def test_no_value_that_is_held_out_was_a_target_or_an_input_of_training(
    window: int, horizon: int, validation: float
) -> None:
    data = load(chosen("sunspots", window, horizon, validation))
    seen = {int(sample) + place for sample in data.train for place in range(window + horizon)}
    held = {int(sample) + window + place for sample in data.validation for place in range(horizon)}
    assert not seen & held
    assert data.train.tolist() == list(range(len(data.train)))
    if validation:
        # Between them lie only the windows whose targets reach into both.
        assert int(data.validation[0]) - int(data.train[-1]) == horizon
        assert int(data.validation[-1]) == sample_count(data.settings) - 1


def test_a_series_is_scaled_by_its_training_part_alone() -> None:
    data = load(DatasetSettings("co2"))
    past = natural_fields(DatasetSettings("co2"))["past"][data.train.numpy()]
    assert data.normalisation["past"].offset == pytest.approx((past.mean(dtype=np.float64),))
    assert len(data.normalisation["next"].offset) == 1


def test_a_series_is_split_by_time_and_not_otherwise() -> None:
    assert split_kind(DatasetSettings("co2")) == "time"
    with pytest.raises(ParameterError, match="auto, time"):
        DatasetSettings("co2", split="random")


@pytest.mark.parametrize("source", ["iris", "spam", "moons", "fashion"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.33])
def test_a_stratified_split_takes_of_each_class_its_share_to_one_sample(source: str, share: float) -> None:
    data = load(DatasetSettings(source, validation=share, split="stratified", seed=4))
    labels = data.fields["label"]
    assert sorted(torch.cat((data.train, data.validation)).tolist()) == list(range(len(labels)))
    whole = torch.bincount(labels).double()
    held = torch.bincount(labels[data.validation], minlength=len(whole)).double()
    assert (held - whole * len(data.validation) / len(labels)).abs().max() < 1
    assert load(DatasetSettings(source, validation=share, split="stratified", seed=5)).train.tolist() != list(
        data.train
    )


@pytest.mark.parametrize("name", SERIES)
def test_the_whole_series_is_drawn_and_where_it_is_cut(name: str) -> None:
    shown = preview(DatasetSettings(name), "past")
    assert shown.curves is not None
    assert np.array_equal(shown.curves, values(name)[np.newaxis])
    data = load(DatasetSettings(name))
    window = data.fields["past"].shape[1]
    assert shown.cut == int(data.validation[0]) + window
