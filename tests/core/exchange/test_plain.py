"""Operations in plainer ones are torch's own, and a program that needs none of them stays as it is."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim, export
from torch.nn import functional

from core.exchange.plain import attention, cdist, plain, rrelu, squeeze, squeeze_all


def drawn(*sizes: int) -> Tensor:
    return torch.randn(sizes, generator=torch.Generator().manual_seed(sum(sizes)))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"is_causal": True},
        {"scale": 0.3},
        {"attn_mask": drawn(5, 7)},
        {"attn_mask": torch.tensor([[True] * 4 + [False] * 3] * 5)},
    ],
)
@pytest.mark.parametrize("before", [(2,), (2, 3), ()])
def test_attention_is_torchs(options, before):
    query, key, value = drawn(*before, 5, 4), drawn(*before, 7, 4), drawn(*before, 7, 6)
    wanted = functional.scaled_dot_product_attention(query, key, value, **options)
    given = {{"attn_mask": "mask", "is_causal": "causal"}.get(name, name): item for name, item in options.items()}
    torch.testing.assert_close(attention(query, key, value, **given), wanted)


def test_heads_may_share_keys_as_in_torch():
    query, key, value = drawn(2, 6, 5, 4), drawn(2, 3, 7, 4), drawn(2, 3, 7, 4)
    wanted = functional.scaled_dot_product_attention(query, key, value, enable_gqa=True)
    torch.testing.assert_close(attention(query, key, value, enable_gqa=True), wanted)


def test_rrelu_and_squeeze_are_torchs():
    values = drawn(2, 1, 5, 1)
    assert torch.equal(rrelu(values), functional.rrelu(values))
    assert torch.equal(rrelu(values, 0.1, 0.7), functional.rrelu(values, 0.1, 0.7))
    assert all(torch.equal(squeeze(values, dim), values.squeeze(dim)) for dim in range(-4, 4))
    assert torch.equal(squeeze_all(values, (1, 2, 3)), values.squeeze((1, 2, 3)))
    assert torch.equal(squeeze_all(values, (0, 2)), values)


@pytest.mark.parametrize("p", [0.0, 1.0, 2.0, 3.5, float("inf")])
def test_distances_are_torchs(p):
    first, second = drawn(2, 5, 4), drawn(2, 7, 4)
    torch.testing.assert_close(cdist(first, second, p), torch.cdist(first, second, p))


class _Model(nn.Module):
    def __init__(self, call) -> None:
        super().__init__()
        self.call = call

    def forward(self, x: Tensor) -> Tensor:
        return self.call(x)


@pytest.mark.parametrize(
    ("call", "sizes", "changed"),
    [
        (lambda x: functional.scaled_dot_product_attention(x, x, x), (3, 5, 4), True),
        (lambda x: functional.scaled_dot_product_attention(x, x, x), (3, 2, 5, 4), False),
        (functional.rrelu, (3, 4), True),
        (lambda x: x.squeeze(1), (3, 4), True),
        (lambda x: x.squeeze((1, -1)), (3, 1, 4), True),
        (lambda x: x.squeeze(1), (3, 1, 4), False),
        (functional.relu, (3, 4), False),
    ],
)
@pytest.mark.filterwarnings("ignore::FutureWarning")  # torch's own use of its trees
def test_only_programs_that_need_it_are_rewritten_and_they_compute_the_same(call, sizes, changed):
    batch = ({0: Dim("batch", min=1, max=64)},)
    program = export(_Model(call), (torch.zeros(sizes),), dynamic_shapes=batch)
    rewritten = plain(program)
    assert (rewritten is not program) == changed
    values = drawn(7, *sizes[1:])
    torch.testing.assert_close(rewritten.module()(values), call(values))
