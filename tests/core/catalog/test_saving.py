"""What autograd keeps of a call, by kind: as torch's own hooks see it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.catalog import KINDS
from core.catalog.kind import Batch, LayerKind, TensorType
from core.catalog.saving import _TABLE, saving
from core.graph import Value
from core.liveness import Held
from core.lowering import lower
from core.shapes import analyse, shapes_of
from tests.core.catalog.loss_inputs import inputs_for
from tests.core.catalog.test_every_kind import (
    DOMAINS,
    RUNNING,
    WITHOUT_GRADIENT,
    concrete,
    inputs_of,
    module_of,
    run,
    tensor_of,
)
from tests.core.exchange.test_every_kind import alone

BATCH = 64
STILL = {"FunctionalDropout"}
"""What is called here as after training."""
MEASURED = [kind for kind in RUNNING if kind.name not in WITHOUT_GRADIENT | STILL | {"Noise"}]
SLACK = 16 * BATCH
"""Bytes of figures per sample or channel that nobody counts."""
BY_TIME = {"RNN", "GRU", "LSTM", "SelfAttention", "MultiheadAttention"} | {
    name for name in KINDS if "Transformer" in name
}
"""Kept of every gate and head: core.memory counts that from the parameters."""


def kept(kind: LayerKind) -> tuple[float, float]:
    """Bytes that torch keeps for the way back, weights aside, and what the table says; (0, 0) without a gradient."""
    found = shapes_of(kind, kind.example_params, inputs_of(kind, kind.example))
    module = module_of(kind, found)
    if module is not None:
        module.train()
    shapes = [TensorType(concrete(item, BATCH), item.dtype) for item in kind.example]
    tensors = [tensor_of(item, DOMAINS.get(kind.name)) for item in shapes]
    if kind.role == "loss":
        tensors = inputs_for(kind, [concrete(item, BATCH) for item in shapes], seed=0)
    learned = [tensor.is_floating_point() and (kind.role != "loss" or tensor.requires_grad) for tensor in tensors]
    entering = [
        tensor.requires_grad_() * 1 if learns else tensor for tensor, learns in zip(tensors, learned, strict=True)
    ]
    weights = [*module.parameters(), *module.buffers()] if module is not None else []
    own = {weight.untyped_storage().data_ptr() for weight in weights}
    storages: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storages[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        outputs = run(kind, found, module, entering)
    first = next(iter(outputs.values()))
    if not first.requires_grad:
        return 0, 0
    real = sum(storage.nbytes() for key, storage in storages.items() if key not in own)
    return real, said(kind, entering, first)


def said(kind: LayerKind, entering: list[torch.Tensor], output: torch.Tensor) -> float:
    found = saving(kind.name)
    told = found.of_output * output.nbytes + found.of_input * (entering[0].nbytes if entering else 0)
    if found.keeps in ("inputs", "both"):
        told += sum(tensor.nbytes for tensor in entering)
    if found.keeps == "indices":
        told += sum(tensor.nbytes for tensor in entering if not tensor.is_floating_point())
    return told + (output.nbytes if found.keeps in ("output", "both") else 0)


def test_the_table_names_kinds_of_the_catalog() -> None:
    assert _TABLE.keys() <= KINDS.keys()


def test_nearly_every_kind_keeps_what_the_table_says() -> None:
    figures = {kind.name: kept(kind) for kind in MEASURED if kind.name not in BY_TIME}
    off = {
        name: (real, told)
        for name, (real, told) in figures.items()
        if abs(told - real) > 0.25 * max(real, told) + SLACK
    }
    assert len(off) <= 0.05 * len(figures), off


@pytest.mark.parametrize(
    "kind",
    [KINDS[name] for name in _TABLE if name in {k.name for k in MEASURED} and not _TABLE[name].of_inner],
    ids=lambda kind: kind.name,
)
def test_what_the_table_says_is_what_torch_keeps(kind: LayerKind) -> None:
    real, told = kept(kind)
    assert told == pytest.approx(real, rel=0.3, abs=SLACK), kind.name


@pytest.mark.parametrize("name", sorted(name for name, found in _TABLE.items() if found.of_inner))
@pytest.mark.parametrize("wide", [64, 256])
@pytest.mark.parametrize("dropout", [0.0, 0.1])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_transformers_keep_what_their_sizes_say(name: str, wide: int, dropout: float, activation: str) -> None:
    params: dict[str, Value] = {"dim_feedforward": wide, "dropout": dropout, "nhead": 4, "activation": activation}
    if "num_layers" in {param.name for param in KINDS[name].params}:
        params["num_layers"] = 3
    sequence = TensorType((Batch(), 24, 64))
    example = (sequence,) * len(KINDS[name].example)
    kind = replace(KINDS[name], example=example, example_params=tuple(sorted(params.items())))
    plan = lower(alone(kind))
    assert Held.of(plan, analyse(plan), BATCH).saved == pytest.approx(kept(kind)[0], rel=0.1)
