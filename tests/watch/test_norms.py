"""Norms of parameters that stay where they are, against float64: however they are shaped, and however small."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from chainrule.measuring import WIDE, SegmentSums
from chainrule.norms import Norms

SHAPES: dict[str, list[tuple[int, ...]]] = {
    "of one width": [(64, 64), (10, 64), (64, 64)],
    "of one width, long rows": [(200, 64), (100, 64), (7, 64)],
    "whose gaps are no whole lines": [(5, 30), (3, 30)],
    "of several widths": [(6, 1, 5, 5), (16, 6, 5, 5), (10, 40)],
    "one alone": [(3, 7)],
    "with nothing in them": [(3, 0), (2, 0)],
}


def parameters(shapes: list[tuple[int, ...]]) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    torch.manual_seed(0)
    return [nn.Parameter(torch.randn(shape)) for shape in shapes], [nn.Parameter(torch.randn(len_)) for len_ in (10, 3)]


def squares(tensor: Tensor) -> float:
    return float(tensor.detach().double().square().sum())


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("size", [1.0, 1e-3, 1e-12, 1e-30, 0.0])
def test_gradient_weight_and_true_update_of_every_row(shapes: str, size: float):
    weights, biases = parameters(SHAPES[shapes])
    norms = Norms([[weight] for weight in weights], biases)
    optimizer = torch.optim.SGD([*weights, *biases], lr=0.1)
    for step in range(3):
        for number, parameter in enumerate([*weights, *biases]):
            parameter.grad = torch.randn_like(parameter) * (size if number == step else 1.0)
        old = [weight.detach().clone() for weight in weights]
        wanted = [squares(weight.grad) for weight in weights] + [sum(squares(bias.grad) for bias in biases)]
        norms.read_gradient()
        norms.before()
        optimizer.step()
        norms.after()
        changes = [new.detach() - before for new, before in zip(weights, old, strict=True)]
        np.testing.assert_allclose(norms.gradient, wanted, rtol=2e-6)
        np.testing.assert_allclose(norms.squares[0], wanted[:-1], rtol=2e-6)
        np.testing.assert_allclose(norms.squares[1], [squares(before) for before in old], rtol=2e-6)
        np.testing.assert_allclose(norms.squares[2], [squares(change) for change in changes], rtol=2e-6)


def test_a_gradient_is_summed_as_it_was_read_whatever_becomes_of_it():
    weights, biases = parameters(SHAPES["of one width"])
    norms = Norms([[weight] for weight in weights], biases)
    for parameter in (*weights, *biases):
        parameter.grad = torch.ones_like(parameter)
    norms.before()
    norms.read_gradient()
    for parameter in (*weights, *biases):
        parameter.grad.mul_(100)
    norms.after()
    assert norms.gradient.tolist() == [4096, 640, 4096, 13]
    assert norms.squares[2].tolist() == [0, 0, 0]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_have_run_away_hide_no_small_ones(bad: float):
    weights, biases = parameters(SHAPES["of one width"])
    norms = Norms([[weight] for weight in weights], biases)
    for parameter, value in zip((*weights, *biases), (bad, 1e-25, 1e25, 1.0, 1.0), strict=True):
        parameter.grad = torch.full_like(parameter, value)
    norms.before()
    norms.read_gradient()
    norms.after()
    assert not np.isfinite(norms.gradient[0])
    np.testing.assert_allclose(norms.gradient[1:], [640e-50, 4096e50, 13], rtol=2e-6)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.7, 1.1e-9])
def test_sums_of_wide_chunks_lose_no_more_than_a_millionth(value: float):
    table = np.full((2, 8 * WIDE), value, np.float32)
    found = np.zeros((2, 2))
    SegmentSums([0, 3 * WIDE], table, WIDE).sums(found)
    exact = float(np.float32(value)) ** 2 * WIDE
    np.testing.assert_allclose(np.sqrt(found), np.sqrt([[3 * exact, 5 * exact]] * 2), rtol=1e-6)
