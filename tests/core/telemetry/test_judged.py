"""The curves of metrics follow the validations of a record: what grows, what is cut, what is missing."""

from __future__ import annotations

import numpy as np

from core.engine.messages import Validated
from core.telemetry.judged import Judgements


def point(step: int, **metrics: float) -> Validated:
    return Validated(step=step, epoch=step // 10, loss=1.0, task="classes", metrics=metrics)


def test_curves_hold_every_validation_and_a_gap_where_a_metric_had_no_value():
    found = Judgements()
    points = [point(10, f1=0.5), point(20, f1=0.7, accuracy=0.8), point(30, accuracy=0.6)]
    found.follow(points[:1])
    found.follow(points)
    curves = found.curves()
    assert list(curves) == ["accuracy", "f1"]  # as the table of metrics has them
    assert curves["f1"].steps.tolist() == [10, 20, 30]
    np.testing.assert_array_equal(curves["f1"].values, [0.5, 0.7, np.nan])
    np.testing.assert_array_equal(curves["accuracy"].values, [np.nan, 0.8, 0.6])
    assert (curves["f1"].best, curves["accuracy"].best) == (1, 1)


def test_the_best_is_the_lowest_where_less_is_better():
    found = Judgements()
    found.follow([point(10, rmse=0.5), point(20, rmse=0.2), point(30, rmse=0.4)])
    assert found.curves()["rmse"].best == 1
    assert found.curves()["rmse"].newest == 0.4


def test_a_list_that_was_cut_and_goes_on_is_followed_from_there():
    found = Judgements()
    points = [point(10, f1=0.1), point(20, f1=0.2), point(30, f1=0.3)]
    found.follow(points)
    found.follow([*points[:1], point(20, f1=0.9), point(30, f1=0.8)])
    assert found.curves()["f1"].values.tolist() == [0.1, 0.9, 0.8]
    found.follow(points[:1])
    assert found.curves()["f1"].values.tolist() == [0.1]


def test_at_a_step_it_is_the_newest_validation_before():
    found = Judgements()
    assert found.at(5) is None
    points = [point(10), point(20)]
    found.follow(points)
    assert [found.at(step) for step in (5, 10, 19.9, 20, 99)] == [*points[:1] * 3, *points[1:] * 2]
