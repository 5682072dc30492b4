"""`.pt2` files: what torch.export wrote comes back as blocks and layers, and gives the same."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.export import Dim, export, save

from core.errors import ExchangeError
from core.exchange.drawing import drawn
from core.exchange.importing import Wish, bring
from core.exchange.incoming import source
from core.exchange.modules import Example, samples, traced
from core.exchange.traced_programs import Program
from tests.core.exchange.architectures import forms, residual, sequences
from tests.core.exchange.rebuilding import assert_same, assert_whole, shown, stirred

CASES: dict[str, tuple[Callable[[], nn.Module], Mapping[str, Example]]] = {
    "ResNet-18": (residual.ResNet18, {"x": Example((3, 32, 32))}),
    "GPT-2-tiny": (sequences.GPT2Tiny, {"idx": Example((9,), "int64", 31)}),
    "seq2seq": (sequences.Seq2Seq, {"src": Example((7,), "int64", 23), "tgt": Example((5,), "int64", 23)}),
    "attention apart": (forms.MaskedAttention, {"x": Example((5, 8)), "y": Example((6, 8))}),
    "steps": (forms.Steps, {"x": Example((3, 4))}),
}


def written(
    module: nn.Module, examples: Mapping[str, Example], path: Path, batch: int = 3, *, free: bool = True
) -> Path:
    shapes = {name: {0: Dim("batch", min=1, max=1000)} for name in examples} if free else None
    with warnings.catch_warnings(action="ignore"):
        program = export(module, tuple(samples(examples, batch).values()), dynamic_shapes=shapes)
        with path.open("wb") as stream:
            save(program, stream)
    return path


@pytest.mark.parametrize("name", CASES)
def test_a_program_has_the_modules_blocks_and_gives_what_it_gives(name: str, tmp_path: Path) -> None:
    make, examples = CASES[name]
    torch.manual_seed(0)
    module = stirred(make())
    made = drawn(Program(written(module, examples, tmp_path / "net.pt2")).imported(name))
    assert made.report.opaque == ()
    assert_whole(module, made)
    assert_same(module, made, examples)
    if name != "attention apart":
        assert sorted(shown(made.project)) == sorted(shown(drawn(traced(module, examples, "net")).project))


def test_a_program_for_one_sample_is_freed_from_its_batch(tmp_path: Path) -> None:
    examples = {"x": Example((1, 16, 16))}
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(3 * 14 * 14, 4)).eval()
    path = written(module, {"input": examples["x"]}, tmp_path / "one.pt2", 1, free=False)
    found = bring(Wish(source(str(path))), tmp_path / "w.safetensors", lambda _text, _share: None)
    assert found.difference == 0.0
    assert [node.kind for node in found.project.graph.nodes.values()] == [
        "Input",
        "Conv2d",
        "ReLU",
        "Flatten",
        "Linear",
    ]


def test_what_is_no_program_is_told(tmp_path: Path) -> None:
    path = tmp_path / "net.pt2"
    path.write_bytes(b"PK\x03\x04 no such thing")
    with pytest.raises(ExchangeError, match=r"a \.pt2 file of torch.export was wanted") as caught:
        Program(path)
    assert all((caught.value.came, caught.value.where, caught.value.fix))
