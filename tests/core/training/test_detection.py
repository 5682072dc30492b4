"""Average precision against a published example and values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.training.detection import COCO, Boxes, average_precision, matched, mean_average_precision, overlaps

PADILLA = "TFTFFFFFFTFTTTFFFFFFFFTF"
"""The 24 detections of Padilla's example (Object-Detection-Metrics, 2018) in order of their score: right or wrong."""
PADILLA_TRUE = 15


def hits(letters: str) -> np.ndarray:
    return np.array([letter == "T" for letter in letters])


def boxes(*rows: tuple[float, ...], scores: tuple[float, ...] = ()) -> Boxes:
    """Rows of left, top, right, bottom, class."""
    table = np.array(rows, np.float64).reshape(-1, 5)
    return Boxes(table[:, :4], table[:, 4].astype(np.int64), np.array(scores) if scores else None)


def test_the_published_example_has_its_published_average_precision():
    found = hits(PADILLA)
    assert average_precision(found, PADILLA_TRUE, "area") == pytest.approx(0.2457, abs=1e-4)
    assert average_precision(found, PADILLA_TRUE, "11 points") == pytest.approx(0.2684, abs=1e-4)


def test_the_area_is_that_of_scikit_learn_where_precision_only_falls():
    from sklearn.metrics import average_precision_score

    found = hits("TTTTFFF")
    scores = np.arange(7, 0, -1)
    assert average_precision(found, 4, "area") == average_precision_score(found, scores) == 1.0


def test_precision_at_101_recalls_by_hand():
    # Recalls 1/2 at precision 1 and 1 at 2/3: the points 0 to 0.50 (51 of them) have 1, the other 50 have 2/3.
    assert average_precision(hits("TFT"), 2, "101 points") == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert average_precision(hits("T"), 2, "101 points") == pytest.approx(51 / 101)


def test_overlaps_by_hand():
    some = np.array([[0.0, 0, 2, 2], [0, 0, 0, 0]])
    others = np.array([[1.0, 1, 3, 3], [0, 0, 2, 2], [5, 5, 6, 6]])
    assert overlaps(some, others).tolist() == [[1 / 7, 1.0, 0.0], [0.0, 0.0, 0.0]]


def test_a_true_box_is_hit_once_and_the_second_answer_is_wrong():
    real = np.array([[0.0, 0, 10, 10]])
    twice = np.array([[0.0, 0, 10, 10], [0, 0, 10, 9]])
    assert matched(twice, real, 0.5) == [True, False]
    assert matched(twice, np.empty((0, 4)), 0.5) == [False, False]


def test_the_mean_goes_over_classes_with_a_true_box_and_over_thresholds():
    true = [boxes((0, 0, 10, 10, 0)), boxes((0, 0, 10, 10, 1))]
    # Class 0 is found with an overlap of 0.9, class 1 is missed, class 2 does not exist.
    found = [boxes((0, 0, 10, 9, 0), (0, 0, 5, 5, 2), scores=(0.9, 0.8)), boxes((20, 20, 30, 30, 1), scores=(0.5,))]
    assert mean_average_precision(found, true, (0.5,)) == pytest.approx(0.5)
    assert mean_average_precision(found, true, COCO) == pytest.approx(0.5 * 0.9)  # not at 0.95
    assert math.isnan(mean_average_precision(found, [boxes(), boxes()]))


def test_scores_rank_over_all_pictures():
    true = [boxes((0, 0, 10, 10, 0)), boxes((0, 0, 10, 10, 0))]
    wrong_first = [boxes((50, 50, 60, 60, 0), scores=(0.9,)), boxes((0, 0, 10, 10, 0), scores=(0.3,))]
    assert mean_average_precision(wrong_first, true, (0.5,), "area") == pytest.approx(0.25)
