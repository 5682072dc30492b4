"""Attention with every option and any ports wired, beside torch's own and beside its formula."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from core.catalog import KINDS
from core.catalog.kind import Batch, Dim, TensorType
from core.expressions import call
from core.graph import Value
from core.shapes import shapes_of
from tests.core.catalog.test_every_kind import module_of
from tests.core.catalog.wired import agrees, refusal, trial

SEQUENCE = TensorType((Batch(), 5, 8))
OTHER = TensorType((Batch(), 3, 8))


def masks(shapes: list[tuple[Dim, ...]]) -> st.SearchStrategy[TensorType]:
    return st.builds(TensorType, st.sampled_from(shapes), st.sampled_from(("bool", "float32")))


@st.composite
def situations(draw: st.DrawFn) -> tuple[dict[str, Value], dict[str, TensorType]]:
    heads = draw(st.sampled_from((1, 2, 3)))
    names = ("bias", "add_bias_kv", "add_zero_attn", "need_weights", "average_attn_weights", "is_causal")
    params: dict[str, Value] = {"num_heads": heads, **{name: draw(st.booleans()) for name in names}}
    wide = st.sampled_from((6, 6, 6, 4))
    types = {"query": TensorType((Batch(), draw(st.integers(1, 4)), draw(wide)))}
    if draw(st.booleans()):
        types["key"] = TensorType((Batch(), draw(st.integers(1, 4)), draw(wide)))
    steps = types.get("key", types["query"]).shape[1]
    if draw(st.booleans()):
        types["value"] = TensorType((Batch(), draw(st.sampled_from((steps, steps, 2))), draw(wide)))
    both = (types["query"].shape[1], steps)
    if not params["is_causal"] and draw(st.booleans()):
        types["mask"] = draw(masks([both, (Batch(heads), *both), (2, 2)]))
    if draw(st.booleans()):
        types["padding_mask"] = draw(masks([(Batch(), steps), (Batch(), 2)]))
    return params, types


@settings(max_examples=250, deadline=None)
@given(situations())
def test_formulas_agree_with_torch_for_every_option_and_wire(
    situation: tuple[dict[str, Value], dict[str, TensorType]],
) -> None:
    params, types = situation
    agrees("MultiheadAttention", params, types)


def by_hand(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    """Vaswani et al. 2017, equation 1."""
    scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
    return scores.masked_fill(hidden, -math.inf).softmax(-1) @ value


@pytest.mark.parametrize("name", ["SelfAttention", "MultiheadAttention"])
def test_a_causal_step_sees_none_behind_it(name: str) -> None:
    port = "input" if name == "SelfAttention" else "query"
    made = trial(name, {"is_causal": True}, {port: SEQUENCE})
    before = made.run()["output"].clone()
    with torch.no_grad():
        made.tensors[port][:, 3:] += 1.0
    after = made.run()["output"]
    assert torch.equal(before[:, :3], after[:, :3])
    assert not torch.allclose(before[:, 3:], after[:, 3:])
    assert made.module is not None
    numbers = made.tensors[port]
    mask = torch.nn.Transformer.generate_square_subsequent_mask(5)
    wanted = made.module(numbers, numbers, numbers, attn_mask=mask, need_weights=False)[0]
    assert torch.allclose(after, wanted, atol=1e-6)


@pytest.mark.parametrize("wired", [("query",), ("query", "key"), ("query", "key", "value")])
def test_a_loose_key_is_the_query_and_a_loose_value_the_key(wired: tuple[str, ...]) -> None:
    types = {"query": SEQUENCE, "key": OTHER, "value": TensorType((Batch(), 3, 6))}
    made = trial("MultiheadAttention", {}, {port: types[port] for port in wired})
    query, *others = (made.tensors[port] for port in wired)
    key = others[0] if others else query
    value = others[1] if len(others) > 1 else key
    assert made.module is not None
    wanted = made.module(query, key, value, need_weights=False)[0]
    assert torch.equal(made.run(fast=True)["output"], wanted)


def test_weights_are_an_output_where_they_are_asked_for() -> None:
    made = trial("MultiheadAttention", {"need_weights": True}, {"query": SEQUENCE, "key": OTHER})
    weights = made.run()["weights"]
    assert torch.allclose(weights.sum(-1), torch.ones(()))
    every = trial(
        "MultiheadAttention", {"need_weights": True, "average_attn_weights": False}, {"query": SEQUENCE, "key": OTHER}
    )
    assert every.run()["weights"].shape == (3, 4, 5, 3)


@pytest.mark.parametrize("means", ["hidden", "seen"])
def test_a_mask_means_what_the_parameter_says(means: str) -> None:
    types = dict.fromkeys(("query", "key", "value"), SEQUENCE) | {"mask": TensorType((5, 5), "bool")}
    made = trial("ScaledDotProductAttention", {"mask_means": means}, types)
    hidden = torch.ones(5, 5).triu(1).bool()
    made.tensors["mask"].copy_(hidden if means == "hidden" else ~hidden)
    tensors = made.tensors
    wanted = by_hand(tensors["query"], tensors["key"], tensors["value"], hidden)
    assert torch.allclose(made.run()["output"], wanted, atol=1e-6)


def test_an_additive_causal_mask_is_what_torch_makes() -> None:
    made = trial("CausalMask", {"additive": True}, {"input": SEQUENCE})
    wanted = torch.nn.Transformer.generate_square_subsequent_mask(5)
    assert torch.equal(made.run()["output"], wanted)
    assert torch.equal(made.run(fast=True)["output"], wanted)
    truths = trial("CausalMask", {}, {"input": SEQUENCE}).run()["output"]
    assert torch.equal(truths, wanted == -math.inf)
    types = dict.fromkeys(("query", "key", "value"), SEQUENCE) | {"mask": TensorType((5, 5))}
    attended = trial("ScaledDotProductAttention", {"mask_means": "added"}, types)
    attended.tensors["mask"].copy_(wanted)
    plain = trial("ScaledDotProductAttention", {"is_causal": True}, {port: types[port] for port in list(types)[:3]})
    plain.tensors = {port: attended.tensors[port] for port in plain.tensors}
    assert torch.allclose(attended.run()["output"], plain.run()["output"], atol=1e-6)


def test_dropout_of_looks_acts_in_training_alone() -> None:
    types = dict.fromkeys(("query", "key", "value"), SEQUENCE)
    made = trial("ScaledDotProductAttention", {"dropout": 0.5}, types)
    still = made.run()["output"]
    assert torch.equal(made.run(fast=True)["output"], still)
    made.training = True
    for fast in (False, True):
        assert not torch.equal(made.run(fast)["output"], still)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_function_agrees_with_torch_about_heads_and_masks(data: st.DataObject) -> None:
    size = st.sampled_from((2, 2, 2, 3))
    heads = data.draw(st.sampled_from(((), (2,), (2, 2))))
    types = {
        port: TensorType((Batch(), *heads, data.draw(size), data.draw(size))) for port in ("query", "key", "value")
    }
    params: dict[str, Value] = {"scale": data.draw(st.sampled_from((None, 0.5)))}
    if data.draw(st.booleans()):
        params["mask_means"] = data.draw(st.sampled_from(("hidden", "seen", "added")))
        dtype = "float32" if params["mask_means"] == "added" else "bool"
        types["mask"] = TensorType(tuple(data.draw(st.lists(st.sampled_from((1, 2)), min_size=2, max_size=3))), dtype)
    if types["key"].shape[-2] != types["value"].shape[-2]:
        # Torch's kernel for four dimensions says nothing and reads what is not there.
        assert "a value of the key's steps" in refusal("ScaledDotProductAttention", params, types)
        return
    agrees("ScaledDotProductAttention", params, types)


def test_refusals_name_the_way_out() -> None:
    assert "Set num_heads to 4" in refusal("SelfAttention", {"num_heads": 5}, {"input": SEQUENCE})
    twice = {"query": SEQUENCE, "mask": TensorType((5, 5), "bool")}
    assert "Set is_causal to false" in refusal("MultiheadAttention", {"is_causal": True}, twice)
    mixed = {"query": SEQUENCE, "mask": TensorType((5, 5)), "padding_mask": TensorType((Batch(), 5), "bool")}
    assert "both of true and false" in refusal("MultiheadAttention", {}, mixed)
    tokens = {"query": SEQUENCE, "padding_mask": TensorType((Batch(), 5), "int64")}
    assert "PaddingMask" in refusal("MultiheadAttention", {}, tokens)
    short = {"query": SEQUENCE, "key": OTHER, "mask": TensorType((5, 5), "bool")}
    assert "5×3" in refusal("MultiheadAttention", {}, short)
    seen = dict.fromkeys(("query", "key", "value"), SEQUENCE) | {"mask": TensorType((5, 5))}
    assert "mask_means to added" in refusal("ScaledDotProductAttention", {}, seen)


@settings(max_examples=40, deadline=None)
@given(
    samples=st.integers(1, 9),
    steps=st.integers(1, 70),
    heads=st.sampled_from((1, 2, 4)),
    bias=st.booleans(),
    causal=st.booleans(),
    dropout=st.sampled_from((0.0, 0.3)),
)
def test_self_attention_trains_as_the_module_does_bit_for_bit(
    samples: int, steps: int, heads: int, bias: bool, causal: bool, dropout: float
) -> None:
    kind = KINDS["SelfAttention"]
    params: dict[str, Value] = {"num_heads": heads, "bias": bias, "is_causal": causal, "dropout": dropout}
    found = shapes_of(kind, tuple(params.items()), {"input": TensorType((Batch(), steps, 16))})
    module = module_of(kind, found)
    assert module is not None
    if bias:
        torch.nn.init.normal_(module.in_proj_bias)  # torch begins with zeros
    numbers = torch.randn(samples, steps, 16)

    def trained(template: str) -> list[torch.Tensor]:
        torch.manual_seed(1)
        module.zero_grad()
        tensor = numbers.clone().requires_grad_()
        space = {"torch": torch, "F": functional, "m": module, "x": tensor}
        names = {"self": "m", "training": "True", "batch": str(samples), "input": "x"}
        output = eval(call(kind, template, found.arguments, names), space)
        (output * output).sum().backward()
        return [output, *(each.grad for each in (tensor, *module.parameters()) if each.grad is not None)]

    form = kind.form(found.arguments)
    ours, theirs = trained(form.fast), trained(form.forward)
    assert len(ours) == (6 if bias else 4)
    assert all(map(torch.equal, ours, theirs))
