"""What rules read of a run: the best that lasted, and the loss before any step was made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.diagnosis.doctor import NOTHING, network_of
from core.diagnosis.seen import Seen
from tests.core.diagnosis.records import record_of
from tests.core.training.projects import small_convnet


@pytest.fixture(scope="module")
def ran() -> Seen:
    made = small_convnet()
    return Seen(network_of(made, NOTHING), record_of(made))


def with_rows(ran: Seen, batch: int = 32, **rows: list[float]) -> Seen:
    """The same run with other rows, and of another batch size."""
    project = ran.network.project
    project = replace(project, training=replace(project.training, batch_size=batch))
    seen = Seen(network_of(project, NOTHING), ran.record)
    seen.__dict__.update({name: np.array(values) for name, values in rows.items()})
    return seen


def test_a_single_lucky_validation_is_no_best_to_rise_from(ran: Seen) -> None:
    held = [0.9, 0.6, 0.5, 0.42, 0.4, 0.3, 0.41, 0.4, 0.42, 0.41, 0.4, 0.4]
    assert not with_rows(ran, held_losses=held).held_rises
    assert not with_rows(ran, held_losses=[*held, 0.05]).held_rises, "it ends with its lowest"


def test_a_loss_that_left_what_had_lasted_rises(ran: Seen) -> None:
    seen = with_rows(ran, held_losses=[0.9, 0.5, 0.4, 0.41, 0.4, 0.42, 0.45, 0.5, 0.55, 0.6, 0.62, 0.66])
    assert seen.held_rises
    assert seen.held_best == pytest.approx(0.41)


def test_one_sample_that_is_far_out_is_no_start_that_is(ran: Seen) -> None:
    far, usual = [9.0, *[0.7] * 40], [0.7, *[9.0] * 40]
    assert with_rows(ran, 1, losses=far).first_loss == pytest.approx(0.7)
    assert with_rows(ran, 1, losses=usual).first_loss == pytest.approx(0.7), "steps made it worse, not the start"
    assert with_rows(ran, 32, losses=far).first_loss == pytest.approx(9.0)
