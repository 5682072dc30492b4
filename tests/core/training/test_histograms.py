"""Counts are numpy's of what plain torch has between two steps, and counting leaves the training bit for bit alone."""

from __future__ import annotations

import msgspec
import numpy as np
import torch
from torch.nn.functional import cross_entropy

from core.engine.answers import QUESTIONS
from core.engine.histograms import HALF, Counts, Distribute
from core.engine.means import Means
from core.engine.messages import StepRows
from core.training.activations import SAMPLES
from core.training.control import Control
from core.training.histograms import counted
from core.training.loop import train
from tests.core.training import projects
from tests.core.training.running import assert_same, finished, job, weights
from tests.core.training.test_truth import ConvNet


def oracle(values: np.ndarray) -> tuple[int, list[int]]:
    """The exponent and the bins, by numpy's own histogram."""
    largest = np.abs(values[np.isfinite(values)]).max()
    exponent = int(np.floor(np.log2(largest))) + 1
    edges = np.linspace(-(2.0**exponent), 2.0**exponent, 2 * HALF + 1)
    return exponent, np.histogram(values[np.isfinite(values)].astype(np.float64), edges)[0].tolist()


def same(found: Counts | None, values: np.ndarray) -> bool:
    assert found is not None
    assert found.count == np.isfinite(values).sum()
    return (found.exponent, found.bins) == oracle(values)


def test_numbers_are_counted_in_bins_that_nest() -> None:
    values = np.random.default_rng(0).standard_normal(5000).astype(np.float32)
    found = counted([torch.from_numpy(values[:3000]), torch.from_numpy(values[3000:]).reshape(20, 100)])
    assert same(found, values)
    assert sum(found.bins) == 5000
    values[3], values[4] = np.nan, np.inf
    found = counted([torch.from_numpy(values)])
    assert (found.nonfinite, found.count, sum(found.bins)) == (2, 4998, 4998)
    nothing = counted([torch.zeros(7)])
    assert nothing.bins[HALF] == 7
    assert counted([]) is None


def test_weights_gradients_and_outputs_are_those_of_torch() -> None:
    made = projects.small_convnet(seed=4)
    _events, control = finished(made)
    found = {layer.path: layer for layer in control.histograms([]).layers}
    state = weights(control)
    assert "conv" in found
    for path, layer in found.items():
        own = [value.ravel() for name, value in state.items() if name.startswith(f"{path}.") and value.dim() > 1]
        assert (not own and layer.weights is None) or same(layer.weights, np.concatenate(own))
    model = ConvNet()
    model.load_state_dict(state)
    model.eval()
    seen: dict[str, torch.Tensor] = {}
    model.conv.register_forward_hook(lambda _module, _given, output: seen.update(conv=output))
    data = projects.loaded(made)["data"]
    with torch.no_grad():
        model(data.fields["image"][data.validation[:SAMPLES]])
    assert same(found["conv"].activations, seen["conv"].numpy().ravel())


def test_the_gradient_is_autograds_of_the_step_before_although_it_is_clipped() -> None:
    made = projects.small_convnet(seed=3, clip_norm=1e-3)
    control = Control()
    control.resume(steps=1)
    told = None
    for event in train(job(made), control):
        if isinstance(event, StepRows) and told is None:
            told = control.histograms(["conv"])
            control.stop()
    assert told is not None
    assert told.step == 1
    torch.manual_seed(made.training.seed)  # the start of the weights, and then what dropout leaves out
    model = ConvNet()
    data, numbers = projects.loaded(made)["data"], projects.batches(made)[0]
    cross_entropy(model(data.fields["image"][numbers]), data.fields["label"][numbers]).backward()
    gradient = model.conv.weight.grad.ravel().numpy()
    found = told.layers[0].gradients
    assert found is not None
    exponent, bins = oracle(gradient)
    assert (found.exponent, found.count) == (exponent, len(gradient))
    assert np.abs(np.cumsum(found.bins) - np.cumsum(bins)).max() <= 1  # one at an edge may fall beside it


def test_counting_leaves_the_training_as_it_is() -> None:
    made = projects.small_convnet(seed=5)
    _events, plain = finished(made)
    control = Control()
    for event in train(job(made), control):
        if isinstance(event, StepRows):
            control.histograms([])
    assert_same(weights(plain), weights(control))


def test_the_engine_answers_the_question() -> None:
    _events, control = finished(projects.small_convnet(seed=4))
    means = Means(None, None, None, None, None, distribute=control.histograms)  # type: ignore[arg-type]  # not asked
    told = QUESTIONS["distribute"](msgspec.json.encode(Distribute(paths=["conv", "nowhere"])).decode(), means)
    assert [layer["path"] for layer in told["layers"]] == ["conv"]
    assert len(told["layers"][0]["weights"]["bins"]) == 2 * HALF
