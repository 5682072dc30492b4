"""Ways of writing that importers stumble over: each comes out as kinds of ours, and gives the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import nn
from torch.nn.utils import spectral_norm
from torch.nn.utils.parametrizations import weight_norm

from core.exchange.modules import Example
from core.python.trust import Trust, codes
from tests.core.exchange.architectures import forms, stubborn
from tests.core.exchange.rebuilding import assert_same, assert_whole, imported, shown, stirred

ROWS = Example((5, 8))
CASES: dict[str, tuple[Callable[[], nn.Module], Mapping[str, Example]]] = {
    "masked attention": (forms.MaskedAttention, {"x": ROWS, "y": Example((6, 8))}),
    "steps first": (forms.StepsFirst, {"x": Example((7, 6))}),
    "torch's encoder": (forms.TorchEncoder, {"tokens": Example((5,), "int64", 11)}),
    "torch's transformer": (forms.TorchTransformer, {"x": ROWS, "y": Example((4, 8))}),
    "fused attention": (forms.FusedAttention, {"x": ROWS}),
    "both ways": (forms.BothWays, {"tokens": Example((7,), "int64", 20)}),
    "tied": (forms.Tied, {"tokens": Example((5,), "int64", 11)}),
    "windows": (forms.Windows, {"x": Example((8, 6, 4))}),
    "rotary": (forms.Rotary, {"x": ROWS}),
    "padding": (forms.Padding, {"tokens": Example((6,), "int64", 9)}),
    "pools": (forms.Pools, {"x": Example((3, 5, 4))}),
    "borders": (forms.Borders, {"x": Example((3, 8, 8))}),
    "scales": (forms.Scales, {"x": Example((4, 5, 6))}),
    "tokens": (forms.Tokens, {"x": ROWS}),
    "steps": (forms.Steps, {"x": Example((3, 4))}),
    "scalars": (forms.Scalars, {"x": Example((3, 4)), "n": Example((3,), "int64", 5)}),
    "codebook": (forms.Codebook, {"x": ROWS}),
    "queries": (forms.Queries, {"x": ROWS}),
    "halves": (forms.Halves, {"x": Example((4, 6))}),
}


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("name", CASES)
def test_every_form_is_mapped_and_gives_the_same(name: str) -> None:
    make, examples = CASES[name]
    torch.manual_seed(0)
    module = stirred(make())
    made = imported(module, examples)
    assert made.report.opaque == ()
    assert_whole(module, made)
    assert_same(module, made, examples)


def test_torchs_encoder_is_a_layer_repeated() -> None:
    make, examples = CASES["torch's encoder"]
    project = imported(make(), examples).project
    assert shown(project)[2:] == ["scale1: Scale", "encoder: Transformer Encoder", "mean1: Mean"]


@pytest.mark.filterwarnings("ignore:.*weight_norm")
def test_norms_of_weights_are_worked_into_them_and_said() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(weight_norm(nn.Conv1d(3, 4, 3)), nn.Flatten(), spectral_norm(nn.Linear(28, 4))).eval()
    examples = {"input": Example((3, 9))}
    made = imported(module, examples)
    assert [note for note in made.report.notes if "worked into" in note] == [
        "the norm of 0's weight is worked into it",
        "the norm of 2's weight is worked into it",
    ]
    assert_same(module, made, examples)


STUBBORN: dict[str, tuple[Callable[[], nn.Module], Mapping[str, Example], list[str]]] = {
    "a transform": (stubborn.FNet, {"x": ROWS}, ["mixers_0.fft_fft", "mixers_0.fft_fft1", "mixers_0.real"]),
    "a decision": (stubborn.Mixed, {"x": Example((6,))}, ["choosing"]),
    "a renorm": (stubborn.Writing, {"x": Example((3, 4))}, ["renorm"]),
}


@pytest.mark.parametrize("name", STUBBORN)
def test_what_has_no_counterpart_is_kept_as_code_that_runs_and_is_named(name: str) -> None:
    make, examples, opaque = STUBBORN[name]
    torch.manual_seed(0)
    module = make().eval()
    made = imported(module, examples)
    assert list(made.report.opaque)[: len(opaque)] == opaque
    assert len(made.report.notes) >= len(set(opaque)) - 1
    Trust().remember(codes(made.project))
    assert made.report.parameters == sum(parameter.numel() for parameter in module.parameters())
    assert_same(module, made, examples)


def test_the_reason_is_told() -> None:
    make, examples, _opaque = STUBBORN["a decision"]
    (note,) = imported(make(), examples).report.notes
    assert note.startswith("choosing (Choosing) is kept as Python code: it looks at the numbers in a tensor (item)")
