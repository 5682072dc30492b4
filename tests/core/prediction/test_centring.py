"""Drawings are framed as MNIST's own pictures are: framing one of these again gives the very same picture."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.data.arrays import natural_fields
from core.data.settings import DatasetSettings
from core.prediction.centring import FRAMINGS, framed, framing_of, resized


def middle(picture: np.ndarray) -> tuple[float, float]:
    places = np.indices(picture.shape)
    return tuple(float((picture * place).sum() / picture.sum()) for place in places)  # type: ignore[return-value]


@pytest.mark.parametrize(("source", "side", "share"), [("mnist", 28, 0.93), ("digits", 8, 0.8)])
def test_the_data_sets_own_pictures_stay_as_they_are(source: str, side: int, share: float) -> None:
    pictures = natural_fields(DatasetSettings(source))["image"][:400, 0]
    same = [np.abs(framed(one, side, FRAMINGS[source]) - one).max() < 1e-6 for one in pictures]
    assert np.mean(same) >= share


def test_a_stroke_anywhere_on_a_large_sheet_is_twenty_pixels_long_with_its_mass_in_the_middle() -> None:
    sheet = np.zeros((280, 280), np.float32)
    sheet[30:200, 210:230] = 1.0
    sheet[30:60, 150:230] = 1.0
    small = framed(sheet, 28, FRAMINGS["mnist"])
    rows, columns = np.flatnonzero(small.any(1)), np.flatnonzero(small.any(0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    assert middle(small) == pytest.approx((14, 14), abs=0.5)
    assert (small.min(), small.max()) == (0.0, pytest.approx(1.0))
    moved = np.roll(sheet, (50, -100), (0, 1))
    np.testing.assert_array_equal(framed(moved, 28, FRAMINGS["mnist"]), small)


def test_an_empty_sheet_and_a_dot_have_frames_too() -> None:
    assert not framed(np.zeros((50, 50), np.float32), 28, FRAMINGS["mnist"]).any()
    dot = np.zeros((280, 280), np.float32)
    dot[3, 5] = 1.0
    assert framed(dot, 28, FRAMINGS["mnist"]).sum() == pytest.approx(400)


@pytest.mark.parametrize(("before", "after"), [((56, 70), (28, 28)), ((7, 5), (3, 4)), ((3, 4), (7, 9))])
def test_resizing_is_torchs_area_interpolation(before: tuple[int, int], after: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).random((3, *before)).astype(np.float32)
    # each side is a multiple first, so that both take the mean of whole pixels
    fine = np.repeat(np.repeat(picture, after[0], 1), after[1], 2)
    wanted = functional.adaptive_avg_pool2d(torch.from_numpy(fine).double(), after)
    np.testing.assert_allclose(resized(picture, *after), wanted, rtol=1e-5, atol=1e-6)


def test_digits_of_mnists_size_are_framed_as_its_own_wherever_they_come_from() -> None:
    digits = tuple("0123456789")
    assert framing_of("idx", (1, 28, 28), digits) is framing_of("mnist", (1, 28, 28), digits) is FRAMINGS["mnist"]
    assert framing_of("digits", (1, 8, 8), digits) is FRAMINGS["digits"]
    assert framing_of("fashion", (1, 28, 28), ("shirt", "bag")) is None
