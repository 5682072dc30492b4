"""Temperature and top-k are torch's softmax on what is left; draws follow these probabilities and their seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.prediction.sampling import drawn, shares

SCORES = torch.randn(40, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("temperature", [0.3, 1.0, 1.8])
@pytest.mark.parametrize("top_k", [0, 1, 5, 100])
def test_shares_are_torchs_softmax_over_the_k_likeliest(temperature: float, top_k: int) -> None:
    exact = SCORES.double() / temperature
    if 0 < top_k < len(exact):
        least = torch.topk(exact, top_k).values[-1]
        exact = exact.masked_fill(exact < least, -torch.inf)
    np.testing.assert_allclose(shares(SCORES.numpy(), temperature, top_k), torch.softmax(exact, 0), rtol=1e-12)


def test_no_temperature_takes_the_likeliest_and_equal_scores_keep_just_k() -> None:
    assert shares(SCORES.numpy(), 0.0)[int(SCORES.argmax())] == 1.0
    assert shares(np.zeros(5), 1.0, 2).tolist() == [0.5, 0.5, 0, 0, 0]


def test_draws_come_as_often_as_they_are_likely() -> None:
    chances = shares(SCORES.numpy(), 1.0, 6)
    count = 4000
    found = np.bincount([drawn(chances, 7, place) for place in range(count)], minlength=40)
    assert found[chances == 0].sum() == 0
    spread = np.sqrt(count * chances * (1 - chances))
    assert (np.abs(found - count * chances) <= 4 * spread + 1e-9).all()


def test_a_seed_draws_the_same_again_and_another_one_something_else() -> None:
    chances = shares(SCORES.numpy())
    rows = [[drawn(chances, seed, place) for place in range(30)] for seed in (3, 3, 4)]
    assert rows[0] == rows[1] != rows[2]


def test_the_last_possible_token_is_never_passed() -> None:
    chances = np.array([0.0, 1e-300, 1.0, 0.0])
    assert {drawn(chances, seed, 0) for seed in range(50)} == {2}
