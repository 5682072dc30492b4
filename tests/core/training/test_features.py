"""The maps of a layer are what torch's own forward gives for that sample, and the filters are the weights."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch

from core.engine.answers import QUESTIONS
from core.engine.features import Feature, Maps
from core.engine.means import Means
from core.errors import EngineError
from core.training.features import LONG, MAPS, SIDE, featured, maps_of
from core.training.run import Job, Run
from core.training.tracing import Tracer
from tests.core.training import projects


def tracer_of(made: projects.Project) -> tuple[Run, Tracer]:
    run = Run(Job(made, projects.loaded(made)))
    return run, Tracer(run.network, run.job.data, run.settings)


def numbers(maps: Maps) -> np.ndarray:
    return np.frombuffer(maps.numbers, "<f4").reshape(maps.shown, maps.height, maps.width)


@pytest.mark.parametrize("place", [0, 5])
def test_the_maps_of_a_convolution_are_torchs_for_the_held_out_sample(place: int) -> None:
    run, tracer = tracer_of(projects.small_convnet(seed=4))
    told = featured(tracer, Feature(project="", path="conv", first=place))
    data = run.job.data["data"]
    image = data.fields["image"][data.validation[place : place + 1]]
    expected = run.network.modules["conv"](image)[0].detach().numpy()
    np.testing.assert_array_equal(numbers(told.maps), expected)
    assert (told.number, told.shape, told.maps.count) == (int(data.validation[place]), [6, 8, 8], 6)
    assert told.filters is not None
    weight = run.network.modules["conv"].weight.detach().numpy()
    np.testing.assert_array_equal(numbers(told.filters), weight.reshape(-1, 3, 3))
    assert told.channels == 1


def test_samples_are_counted_round() -> None:
    run, tracer = tracer_of(projects.small_convnet(seed=4))
    count = len(run.job.data["data"].validation)
    first, again = (featured(tracer, Feature(project="", path="fc", first=place)) for place in (2, 2 + count))
    assert first.maps == again.maps
    assert first.filters is None
    assert (first.maps.height, first.maps.width) == (1, 10)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((5,), (1, 1, 5)), ((7, 3), (1, 7, 3)), ((4, 6, 9), (4, 6, 9)), ((3, 5, 6, 7), (3, 6, 7)), ((), (1, 1, 1))],
)
def test_every_shape_becomes_pictures(shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    output = torch.arange(float(np.prod(shape))).reshape(shape) if shape else torch.tensor(3.0)
    found = numbers(maps_of(output))
    assert found.shape == expected
    if len(shape) == 4:
        np.testing.assert_array_equal(found, output[:, 2].numpy())
    else:
        np.testing.assert_array_equal(found.ravel(), output.numpy().ravel())


def test_what_is_very_large_is_cut_and_averaged() -> None:
    told = maps_of(torch.rand(MAPS + 9, 2 * SIDE, 4 * SIDE))
    assert (told.count, told.shown, told.height, told.width, told.scaled) == (MAPS + 9, MAPS, SIDE // 2, SIDE, True)
    assert maps_of(torch.rand(LONG + 7)).width == LONG


def test_looking_leaves_dropout_and_batch_norm_as_they_were() -> None:
    run, tracer = tracer_of(projects.small_convnet(seed=4))
    before = {name: value.clone() for name, value in run.weights().items()}
    state = torch.get_rng_state()
    featured(tracer, Feature(project="", path="drop"))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in run.weights().items())


def test_a_layer_that_is_not_there_is_refused_and_the_engine_answers() -> None:
    _run, tracer = tracer_of(projects.small_convnet(seed=4))
    with pytest.raises(EngineError, match="layer of the network"):
        featured(tracer, Feature(project="", path="nowhere"))
    means = Means(None, None, None, None, None, tracer=lambda _question: tracer)  # type: ignore[arg-type]  # not asked
    told = QUESTIONS["feature"](msgspec.json.encode(Feature(project="", path="conv")).decode(), means)
    assert told["shape"] == [6, 8, 8]
