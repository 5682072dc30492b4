"""What the inspector shows of weights is what numpy says of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.errors import TrainingError
from core.training.portrait import BINS, KERNELS, portrait


def test_moments_and_histogram_are_numpys_and_leave_biases_out():
    weights = {"fc.weight": torch.randn(30, 50), "fc.bias": torch.full((30,), 9.0), "fc2.weight": torch.ones(4, 4)}
    found = portrait(weights, "fc")
    values = weights["fc.weight"].numpy().ravel()
    edge = np.abs(values).max()
    assert (found.count, found.kernels, found.pixels, found.nonfinite) == (1500, 0, b"", 0)
    assert (found.mean, found.deviation) == pytest.approx((values.mean(), values.std()), rel=1e-5)
    assert found.bins == np.histogram(values, BINS, (-edge, edge))[0].tolist()
    assert sum(found.bins) == 1500


def test_all_matrices_of_a_recurrent_layer_count():
    weights = {f"rnn.{name}": tensor for name, tensor in torch.nn.LSTM(3, 5).state_dict().items()}
    assert portrait(weights, "rnn").count == 4 * 5 * (3 + 5)


def test_kernels_are_those_of_the_channel_with_zero_in_the_middle_of_the_scale():
    weight = torch.zeros(20, 3, 2, 2)
    weight[0, 1] = torch.tensor([[1.0, -1.0], [0.5, 0.0]])
    found = portrait({"conv.weight": weight}, "conv", channel=1)
    assert (found.kernels, found.channels, found.shown) == (20, 3, KERNELS)
    assert list(found.pixels[:4]) == [255, 1, 192, 128]
    assert set(portrait({"conv.weight": weight}, "conv").pixels) == {128}


def test_a_kernel_of_one_pixel_is_no_picture():
    assert portrait({"conv.weight": torch.randn(4, 3, 1, 1)}, "conv").shown == 0


def test_weights_that_are_no_numbers_are_counted_apart():
    found = portrait({"fc.weight": torch.tensor([[1.0, float("nan")], [float("inf"), -2.0]])}, "fc")
    assert (found.nonfinite, sum(found.bins), found.edge, found.mean) == (2, 2, 2.0, -0.5)


def test_all_zero_weights_have_a_histogram():
    found = portrait({"fc.weight": torch.zeros(2, 2)}, "fc")
    assert (found.mean, found.deviation, sum(found.bins)) == (0.0, 0.0, 4)


def test_a_file_of_weights_serves_as_well(tmp_path):
    weights = {"fc.weight": torch.randn(3, 3)}
    save_file(weights, tmp_path / "w.safetensors")
    assert portrait(tmp_path / "w.safetensors", "fc") == portrait(weights, "fc")


def test_a_layer_without_weights_is_refused():
    with pytest.raises(TrainingError) as refused:
        portrait({"bn.weight": torch.ones(3)}, "relu")
    assert refused.value.fix
