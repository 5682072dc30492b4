"""Level lines of a grid lie where the level is: on circles and straight lines that are known."""

from __future__ import annotations

import numpy as np
import pytest

from gui.contour import chained, contour


def test_the_line_of_a_cone_is_a_circle_of_the_right_length() -> None:
    y, x = np.indices((81, 81)) - 40.0
    pieces = contour(np.hypot(x, y), 25.0)
    ends = pieces.reshape(-1, 2) - 40
    np.testing.assert_allclose(np.hypot(*ends.T), 25, atol=0.01)
    assert np.hypot(*(pieces[:, :2] - pieces[:, 2:]).T).sum() == pytest.approx(2 * np.pi * 25, rel=2e-3)
    (chain,) = chained(pieces)
    assert len(chain) == len(pieces) + 1
    np.testing.assert_allclose(chain[0], chain[-1], atol=1e-6)


def test_the_line_of_a_slope_is_straight_and_chained_from_end_to_end() -> None:
    y, x = np.indices((30, 40)).astype(float)
    pieces = contour(x + 2 * y, 31.5)
    assert pieces[:, 0] + 2 * pieces[:, 1] == pytest.approx(31.5)
    (chain,) = chained(pieces)
    assert {tuple(chain[0]), tuple(chain[-1])} == {(31.5, 0.0), (0.0, 15.75)}
    assert np.hypot(*np.diff(chain, axis=0).T).sum() == pytest.approx(np.hypot(31.5, 15.75))


@pytest.mark.parametrize("level", [0.0, 0.2])
def test_crosswise_corners_are_parted_as_their_mean_says(level: float) -> None:
    grid = np.array([[1.0, -1.0], [-1.0, 1.0]])
    pieces = contour(grid, level)
    assert len(pieces) == 2
    middle = (pieces[:, :2] + pieces[:, 2:]) / 2 - 0.5
    along = middle @ np.array([1.0, -1.0])
    # with the level at or below the mean the high corners belong together, so that the low ones are cut off
    assert (np.abs(along) > 1e-9).all() if level <= 0 else (np.abs(along) < 1e-9).all()


def test_a_grid_without_the_level_has_no_line() -> None:
    assert contour(np.ones((5, 6)), 2.0).shape == (0, 4)
    assert chained(np.empty((0, 4))) == []
