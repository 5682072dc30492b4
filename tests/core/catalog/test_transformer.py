"""The transformer's layers and stacks beside torch's own, with every option and any masks."""

from __future__ import annotations

import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.catalog.kind import Batch, TensorType
from core.graph import Value
from tests.core.catalog.wired import agrees, refusal, trial

ENCODERS = ("TransformerEncoderLayer", "TransformerEncoder")
DECODERS = ("TransformerDecoderLayer", "TransformerDecoder")
SEQUENCE = TensorType((Batch(), 5, 8))
OTHER = TensorType((Batch(), 3, 8))
PADDING = {"source": "src", "target": "tgt", "memory": "memory"}


def wide(draw: st.DrawFn) -> TensorType:
    return TensorType((Batch(), draw(st.integers(1, 3)), draw(st.sampled_from((4, 4, 4, 6)))))


@st.composite
def situations(draw: st.DrawFn) -> tuple[str, dict[str, Value], dict[str, TensorType]]:
    name = draw(st.sampled_from((*ENCODERS, *DECODERS, "Transformer")))
    params: dict[str, Value] = {"nhead": draw(st.sampled_from((1, 2, 3))), "dim_feedforward": draw(st.integers(1, 5))}
    params |= {option: draw(st.booleans()) for option in ("norm_first", "bias", "is_causal")}
    params["activation"] = draw(st.sampled_from(("relu", "gelu")))
    if not name.endswith("Layer") and name != "Transformer":
        params |= {"num_layers": draw(st.integers(1, 2)), "norm": draw(st.booleans())}
    if name == "Transformer":
        types = {"source": wide(draw), "target": wide(draw)}
        pairs = [("source", "source"), ("target", "target"), ("target", "source")]
        ports = [f"{port}_mask" for port in PADDING]
        params |= {"num_encoder_layers": 1, "num_decoder_layers": draw(st.integers(1, 2))}
    else:
        types = {"input": wide(draw)} | ({"memory": wide(draw)} if name in DECODERS else {})
        pairs = [("input", "input"), ("input", "memory")][: len(types)]
        ports = ["mask", "memory_mask"][: len(types)]
    own = ports[1] if name == "Transformer" else ports[0]
    masked = {}
    for port, (steps, seen) in zip(ports, pairs, strict=True):
        both = (types[steps].shape[1], types[seen].shape[1])
        filled = {"mask": "padding_mask"}.get(port, port.replace("mask", "padding"))
        dtype = draw(st.sampled_from(("bool", "float32")))
        if draw(st.booleans()) and not (port == own and params["is_causal"]):
            masked[port] = TensorType(draw(st.sampled_from((both, both, (2, 2)))), dtype)
        if draw(st.booleans()):
            masked[filled] = TensorType((Batch(), both[1]), dtype)
    return name, params, types | masked


@settings(max_examples=80, deadline=None)
@given(situations())
def test_formulas_agree_with_torch_for_every_option_and_mask(
    situation: tuple[str, dict[str, Value], dict[str, TensorType]],
) -> None:
    agrees(*situation)


def plain(name: str, params: dict[str, Value]) -> nn.Module:
    """What one would write with torch alone."""
    kinds = {"Encoder": nn.TransformerEncoderLayer, "Decoder": nn.TransformerDecoderLayer}
    rest = {"dim_feedforward": 16, "batch_first": True, "norm_first": bool(params["norm_first"])}
    if name == "Transformer":
        with warnings.catch_warnings(action="ignore"):
            return nn.Transformer(8, 4, 2, 2, **rest)
    half = name.removeprefix("Transformer").removesuffix("Layer")
    layer = kinds[half](8, 4, **rest)
    if name.endswith("Layer"):
        return layer
    last = nn.LayerNorm(8)
    if half == "Encoder":
        return nn.TransformerEncoder(layer, 2, last, enable_nested_tensor=False)
    return nn.TransformerDecoder(layer, 2, last)


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("name", [*ENCODERS, *DECODERS, "Transformer"])
def test_weights_begin_and_outputs_are_as_in_torchs_own(name: str, norm_first: bool) -> None:
    params: dict[str, Value] = {"dim_feedforward": 16, "is_causal": True, "norm_first": norm_first}
    params |= {} if name == "Transformer" or name.endswith("Layer") else {"norm": True}
    two = {"Transformer": ("source", "target")}.get(name, ("input", "memory") if name in DECODERS else ("input",))
    types = dict(zip(two, (SEQUENCE, OTHER), strict=False))
    made = trial(name, params, types, seed=3)
    torch.manual_seed(3)
    theirs = plain(name, params).eval()
    assert made.module is not None
    weights = made.module.state_dict()
    assert list(weights) == list(theirs.state_dict())
    assert all(torch.equal(weights[key], tensor) for key, tensor in theirs.state_dict().items())
    tensors = list(made.tensors.values())
    causal = nn.Transformer.generate_square_subsequent_mask(tensors[1 if name == "Transformer" else 0].shape[1])
    keyword = {"TransformerEncoderLayer": "src_mask", "TransformerEncoder": "mask"}.get(name, "tgt_mask")
    wanted = theirs(*tensors, **{keyword: causal})
    assert torch.allclose(made.run()["output"], wanted, atol=1e-6)
    assert torch.equal(made.run(fast=True)["output"], made.run()["output"])


def test_what_is_padded_does_not_count() -> None:
    types = {"input": SEQUENCE, "padding_mask": TensorType((Batch(), 5), "bool")}
    made = trial("TransformerEncoder", {"norm": True}, types)
    made.tensors["padding_mask"][:] = torch.tensor([False, False, False, True, True])
    before = made.run()["output"].clone()
    with torch.no_grad():
        made.tensors["input"][:, 3:] += 5.0
    assert torch.equal(before[:, :3], made.run()["output"][:, :3])


def test_refusals_name_the_way_out() -> None:
    assert "Set nhead to 4" in refusal("TransformerEncoderLayer", {"nhead": 5}, {"input": SEQUENCE})
    types = {"input": SEQUENCE, "memory": TensorType((Batch(), 3, 6))}
    assert "d_model is set to 8" in refusal("TransformerDecoder", {}, types)
    types = {"input": SEQUENCE, "memory": OTHER, "memory_mask": TensorType((5, 5), "bool")}
    assert "5×3 or 4B×5×3 was wanted at memory_mask" in refusal("TransformerDecoderLayer", {}, types)
