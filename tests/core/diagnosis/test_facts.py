"""What is known of data, against numpy on the arrays themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.diagnosis.facts import Facts
from core.training.facts import facts_of, mixtures
from tests.core.training.projects import DIGITS, SPIRAL, classifier, loaded, node
from tests.faulty.case import view_of
from tests.faulty.graphs import imported
from tests.faulty.scoring import CASES
from tests.faulty.view import View

BY_ID = {case.id[:3]: case for case in CASES}


def facts(name: str) -> tuple[Facts, View]:
    view = view_of(BY_ID[name], name)
    made = imported(view)
    return facts_of(made.data, made.project.training), view


def test_scales_are_those_of_the_training_part() -> None:
    found, view = facts("P20")
    field, x = found.of("arrays", "x"), view["X_train"].astype(np.float64)
    assert field is not None
    assert field.rms == pytest.approx(np.sqrt((x**2).mean()))
    assert field.spread == pytest.approx(x.std(0).max() / np.median(x.std(0)))
    assert (field.low, field.high, field.samples) == (x.min(), x.max(), len(x))


def test_missing_numbers_are_counted_and_the_first_is_named() -> None:
    found, view = facts("P26")
    field = found.of("arrays", "x")
    assert field is not None
    rows = np.flatnonzero(~np.isfinite(view["X_train"]).all(1))
    assert (field.nonfinite, field.first_nonfinite) == (len(rows), rows[0])
    assert np.isfinite(field.rms)


@pytest.mark.parametrize(
    ("name", "shifts", "scales"), [("P25", True, False), ("R11", False, True), ("P22", False, False)]
)
def test_held_out_samples_differ_only_where_they_were_made_otherwise(name: str, shifts: bool, scales: bool) -> None:
    field = facts(name)[0].of("arrays", "x")
    assert field is not None
    assert (field.shift > 0.3) is shifts
    assert (field.scale < 0.6) is scales


def test_the_entropy_of_batches_is_that_of_their_labels() -> None:
    found, view = facts("R07")
    field, labels = found.of("arrays", "label"), view["y_train"]
    assert field is not None
    entropies = []
    for begin in range(0, len(labels) - 31, 32):
        shares = np.unique(labels[begin : begin + 32], return_counts=True)[1] / 32
        entropies.append(-(shares * np.log(shares)).sum())
    assert field.batch_entropy == pytest.approx(np.median(entropies))
    assert field.random_entropy > 2 * field.batch_entropy


def test_numbers_that_are_sorted_are_as_little_mixed_as_classes() -> None:
    rising = np.linspace(0, 1, 1000)
    assert mixtures(rising, 50, are_classes=False)[0] < 0.3
    mixed = np.random.default_rng(0).permutation(rising)
    assert mixtures(mixed, 50, are_classes=False)[0] > 1.8


@pytest.mark.parametrize(("name", "told"), [("P23", False), ("P36", True)])
def test_neighbours_share_labels_only_where_these_follow_from_inputs(name: str, told: bool) -> None:
    field = facts(name)[0].of("arrays", "label")
    assert field is not None
    assert (field.neighbours_agree > 0.9) is told
    assert (field.neighbours_agree < field.agree_by_chance + 0.05) is not told


def test_samples_in_both_parts_are_found() -> None:
    made = imported(view_of(BY_ID["Q01"], "Q01"))
    (loaded_data,) = made.data.values()
    x = loaded_data.fields["x"].clone()
    x[loaded_data.validation[:20]] = x[loaded_data.train[:20]]
    spoiled = replace(loaded_data, fields={**loaded_data.fields, "x": x})
    assert facts_of(made.data, made.project.training).leaks == ()
    assert facts_of({"arrays": spoiled}, made.project.training).leaks == (("arrays", 20),)


@pytest.mark.parametrize("data", [DIGITS, SPIRAL])
def test_sets_that_come_with_the_app_are_in_order(data: object) -> None:
    made = classifier([node("flatten", "Flatten"), node("fc", "Linear", out_features=10)], data, "image")  # type: ignore[arg-type]
    found = facts_of(loaded(made), made.training)
    assert found.leaks == ()
    assert all(field.nonfinite == 0 and not field.shift > 0.2 for field in found.fields)


def test_neighbours_explain_what_is_not_noise() -> None:
    field = facts("P03")[0].of("arrays", "y")
    assert field is not None
    wanted = 1 - 0.1**2 / field.std**2  # the sine's noise has the deviation 0.1
    assert field.neighbours_agree == pytest.approx(wanted, abs=0.03)
