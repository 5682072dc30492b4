"""Positions, time steps, patches, tokens and branches beside the formulas of their papers."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.kind import Batch, TensorType
from core.graph import Value
from tests.core.catalog.wired import agrees, refusal, trial

SEQUENCE = TensorType((Batch(), 5, 8))
HEADS = TensorType((Batch(), 2, 5, 8))
IMAGE = TensorType((Batch(), 3, 8, 12))


@pytest.mark.parametrize("wide", [1, 7, 8])
def test_sinusoidal_positions_are_those_of_the_paper(wide: int) -> None:
    made = trial("SinusoidalPositions", {}, {"input": TensorType((Batch(), 5, wide))})
    added = made.run()["output"] - made.tensors["input"]
    for place in range(5):
        for feature in range(wide):
            angle = place / 10000 ** (2 * (feature // 2) / wide)
            wanted = math.cos(angle) if feature % 2 else math.sin(angle)
            assert torch.allclose(added[:, place, feature], torch.tensor(wanted), atol=1e-5)


@pytest.mark.parametrize("shape", [SEQUENCE, HEADS])
def test_rotary_positions_are_turns_of_complex_numbers(shape: TensorType) -> None:
    made = trial("RotaryPositions", {}, {"input": shape})
    numbers = made.tensors["input"]
    places = torch.arange(5, dtype=torch.float64)
    angles = torch.outer(places, 10000.0 ** -(torch.arange(0, 8, 2, dtype=torch.float64) / 8))
    turned = torch.view_as_complex(numbers.double().unflatten(-1, (-1, 2))) * torch.polar(
        torch.ones(5, 4).double(), angles
    )
    assert torch.allclose(made.run()["output"].double(), torch.view_as_real(turned).flatten(-2), atol=1e-5)


def test_products_of_turned_steps_depend_on_distances_alone() -> None:
    made = trial("RotaryPositions", {}, {"input": SEQUENCE})
    made.tensors["input"].copy_(torch.randn(8).expand(3, 5, 8))
    turned = made.run()["output"]
    scores = turned @ turned.transpose(1, 2)
    for distance in range(5):
        diagonal = scores.diagonal(distance, 1, 2)
        assert torch.allclose(diagonal, diagonal[:, :1].expand_as(diagonal), atol=1e-5)


def test_time_steps_are_embedded_as_in_denoising_diffusion() -> None:
    made = trial("TimeStepEmbedding", {"dim": 8}, {"input": TensorType((Batch(),), "int64")})
    made.tensors["input"].copy_(torch.tensor([0, 1, 700]))
    rows = made.run()["output"]
    for row, time in zip(rows, (0, 1, 700), strict=True):
        angles = [time * math.exp(-math.log(10000) * place / 3) for place in range(4)]
        wanted = [math.sin(angle) for angle in angles] + [math.cos(angle) for angle in angles]
        assert torch.allclose(row, torch.tensor(wanted), atol=1e-4)


def test_a_learned_table_may_be_longer_than_the_sequence() -> None:
    made = agrees("LearnedPositions", {"steps": 9}, {"input": SEQUENCE})
    assert made is not None
    assert made.module is not None
    table = next(made.module.parameters())
    assert torch.equal(made.outputs["output"], made.tensors["input"] + table[0, :5])
    assert "Set steps to 5" in refusal("LearnedPositions", {"steps": 4}, {"input": SEQUENCE})


def test_patches_are_cut_row_by_row() -> None:
    made = agrees("PatchEmbedding", {"patch_size": (4, 3), "embed_dim": 6}, {"input": IMAGE})
    assert made is not None
    assert made.module is not None
    weight, bias = made.module.parameters()
    images = made.tensors["input"]
    for row in range(2):
        for column in range(4):
            patch = images[:, :, 4 * row : 4 * row + 4, 3 * column : 3 * column + 3].flatten(1)
            wanted = patch @ weight.flatten(1).T + bias
            assert torch.allclose(made.outputs["output"][:, 4 * row + column], wanted, atol=1e-5)
    assert "patch_size to 4" in refusal("PatchEmbedding", {"patch_size": 5}, {"input": IMAGE})
    assert agrees("PatchEmbedding", {"patch_size": 5}, {"input": IMAGE}) is None


def test_a_class_token_stands_first_and_is_the_same_for_all() -> None:
    made = agrees("ClassToken", {}, {"input": SEQUENCE})
    assert made is not None
    output = made.outputs["output"]
    assert torch.equal(output[:, 1:], made.tensors["input"])
    assert torch.equal(output[0, 0], output[2, 0])


def test_a_dropped_path_is_missing_for_whole_samples() -> None:
    made = trial("DropPath", {"p": 0.5}, {"input": SEQUENCE})
    assert torch.equal(made.run()["output"], made.tensors["input"])
    assert made.module is not None
    made.module.train()
    ratios = {float(value) for _ in range(20) for value in (made.run()["output"] / made.tensors["input"]).unique()}
    assert {round(ratio, 3) for ratio in ratios} == {0.0, 2.0}
    one = made.run()["output"] / made.tensors["input"]
    assert all(len(sample.round(decimals=3).unique()) == 1 for sample in one)


@pytest.mark.parametrize("size", [16, (16,), (3, 4, 5)])
@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_noise_has_any_size_and_spread(size: Value, distribution: str) -> None:
    """A whole number, as older files have it, is one dimension."""
    made = agrees("Noise", {"size": size, "distribution": distribution}, {})
    assert made is not None
    numbers = torch.cat([made.run()["output"].flatten() for _ in range(100)])
    wanted = (0.0, 1.0) if distribution == "normal" else (0.5, math.sqrt(1 / 12))
    assert abs(float(numbers.mean()) - wanted[0]) < 0.1
    assert abs(float(numbers.std()) - wanted[1]) < 0.1
    assert (numbers.min() < 0) == (distribution == "normal")


def test_time_steps_are_drawn_from_all_there_are() -> None:
    made = agrees("RandomTimeStep", {"steps": 4}, {})
    assert made is not None
    drawn = {int(time) for _ in range(100) for time in made.run()["output"]}
    assert drawn == {0, 1, 2, 3}


@pytest.mark.parametrize("name", ["Noise", "RandomTimeStep"])
def test_what_is_drawn_follows_from_torchs_seed(name: str) -> None:
    made = trial(name, {}, {})
    torch.manual_seed(5)
    first = made.run(fast=True)["output"]
    torch.manual_seed(5)
    assert torch.equal(made.run()["output"], first)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_scatter_agrees_with_torch_about_every_shape(data: st.DataObject) -> None:
    types = {}
    for port in ("input", "index", "source"):
        sizes = data.draw(st.lists(st.integers(1, 3), min_size=2, max_size=2))
        types[port] = TensorType((Batch(), *sizes), "int64" if port == "index" else "float32")
    made = trial("Scatter", {"dim": data.draw(st.sampled_from((1, 2))), "add": data.draw(st.booleans())}, types)
    made.tensors["index"].zero_()
    try:
        result = made.run()["output"]
    except RuntimeError:
        assert made.found.error is not None
        return
    assert made.found.error is None, str(made.found.error)
    assert result.shape == made.tensors["input"].shape


def test_refusals_name_the_way_out() -> None:
    assert "even out_features" in refusal("RotaryPositions", {}, {"input": TensorType((Batch(), 5, 7))})
    assert "RandomTimeStep" in refusal("TimeStepEmbedding", {}, {"input": SEQUENCE})
    assert "Set dim to 8" in refusal("TimeStepEmbedding", {"dim": 7}, {"input": TensorType((Batch(),))})
    assert "Reshape" in refusal("SinusoidalPositions", {}, {"input": TensorType((Batch(), 8))})
