"""Verdicts over answers, held against plain loops and numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.prediction.verdicts import ranked, right_places, said_places, verdicts

SHARES = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.05, 0.9, 0.05]], np.float32)


def test_classes_are_said_by_the_largest_share_and_lead_by_what_the_next_is_behind():
    found = verdicts("classes", SHARES, np.array([0, 1, 1]))
    assert found.said.tolist() == [0, 2, 1]
    assert found.right.tolist() == [0, 1, 1]
    assert found.wrong.tolist() == [False, True, False]
    assert found.sure.tolist() == pytest.approx([0.7, 0.4, 0.9])
    assert found.lead.tolist() == pytest.approx([0.5, 0.1, 0.85])
    assert np.isnan(found.apart).all()
    shares = verdicts("classes", SHARES, np.array([[0.6, 0.4, 0], [0, 0.1, 0.9], [0, 0, 1.0]]))
    assert shares.right.tolist() == [0, 2, 2]


def test_yes_or_no_and_signs_decide_at_a_half_and_at_zero():
    found = verdicts("yes or no", np.array([[0.9], [0.4]]), np.array([[1.0], [1.0]]))
    assert (found.said.tolist(), found.right.tolist(), found.wrong.tolist()) == ([1, 0], [1, 1], [False, True])
    assert found.sure.tolist() == pytest.approx([0.9, 0.6])
    assert found.lead.tolist() == pytest.approx([0.8, 0.2])
    found = verdicts("sign", np.array([[2.5], [-0.5]]), np.array([[1.0], [1.0]]))
    assert (found.said.tolist(), found.right.tolist()) == ([1, 0], [1, 1])
    assert found.lead.tolist() == [2.5, 0.5]


def test_of_places_the_share_that_is_wrong_counts_and_ignored_labels_do_not():
    rng = np.random.default_rng(0)
    shown = rng.random((4, 3, 5, 6))
    right = rng.integers(0, 3, (4, 5, 6))
    right[0, 0] = -100
    right[1] = shown[1].argmax(0)
    found = verdicts("mask", shown, right, -100)
    for at in range(4):
        places = [(y, x) for y in range(5) for x in range(6) if right[at, y, x] != -100]
        missed = sum(int(shown[at, :, y, x].argmax()) != right[at, y, x] for y, x in places)
        assert found.apart[at] == pytest.approx(missed / len(places))
        assert found.wrong[at] == (missed > 0)
        assert found.sure[at] == pytest.approx(np.mean([shown[at, :, y, x].max() for y in range(5) for x in range(6)]))
    one = np.array([[[[0.9, 0.2]]]])
    assert said_places(one).tolist() == [[[1, 0]]]
    assert right_places(one, np.array([[[[1.0, 1.0]]]])).tolist() == [[[1, 1]]]
    assert verdicts("mask", one, np.array([[[[1.0, 1.0]]]])).apart.tolist() == [0.5]


def test_labels_are_wrong_one_by_one():
    found = verdicts("labels", np.array([[0.9, 0.2, 0.6]]), np.array([[1.0, 0.0, 0.0]]))
    assert found.apart.tolist() == pytest.approx([1 / 3])
    assert found.wrong.tolist() == [True]
    assert found.sure.tolist() == pytest.approx([(0.9 + 0.8 + 0.6) / 3])


def test_of_one_value_the_error_is_told_with_its_sign_of_many_the_root_of_the_mean_square():
    found = verdicts("values", np.array([[3.0], [1.0]]), np.array([[1.0], [2.5]]))
    assert found.apart.tolist() == [2.0, -1.5]
    assert verdicts("picture", np.zeros((1, 1, 2, 2)), np.full((1, 1, 2, 2), 2.0)).apart.tolist() == [2.0]
    unknown = verdicts("values", np.array([[3.0]]), None)
    assert np.isnan(unknown.apart).all()
    assert not unknown.wrong.any()


def test_the_dearest_come_first_and_what_costs_no_number_last():
    found = verdicts("classes", SHARES, np.array([0, 1, 0]))
    losses = np.array([0.5, np.nan, 3.0], np.float32)
    assert ranked("wrong", losses, found).tolist() == [2, 0, 1]
    assert ranked("unsure", losses, found).tolist() == [1, 0, 2]
    assert ranked("class", losses, found).tolist() == [2, 0, 1]
    assert ranked("number", losses, found).tolist() == [0, 1, 2]
    assert ranked("number", losses, found, only_wrong=True).tolist() == [1, 2]
    assert ranked("wrong", losses, found, of_class=0).tolist() == [2, 0]
    assert ranked("wrong", losses, found, of_class=0, as_class=1).tolist() == [2]
    values = verdicts("values", np.array([[3.0], [1.0]]), np.array([[1.0], [2.5]]))
    assert ranked("unsure", np.array([0.1, 0.4], np.float32), values).tolist() == [1, 0]
