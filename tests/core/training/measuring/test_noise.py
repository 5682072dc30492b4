"""The noise scale that a run tells, beside that of the gradients which all of its samples have by themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.func import functional_call, grad, vmap
from torch.nn import functional

from core.training.loop import start
from core.training.run import Run
from tests.core.training import projects
from tests.core.training.measuring import architectures
from tests.core.training.measuring.test_oracle import last_row, with_settings
from tests.core.training.running import job


class Samples:
    """The samples that a run trains on, and the gradient that each has by itself, in float64."""

    def __init__(self, pair: architectures.Pair) -> None:
        data = projects.loaded(pair.project)["data"]
        self.images, self.labels = data.fields["image"][data.train].double(), data.fields["label"][data.train]
        self.model = pair.plain().double()

    def scale(self, weights: Mapping[str, Tensor]) -> float:
        """The trace of the covariance of the gradients, divided by the square of their mean.

        Less of the former is taken from the latter: two halves share no sample, so that where one has more of some kind
        the other has less.
        """
        doubles = {name: weight.double() for name, weight in weights.items()}
        parts = vmap(grad(self._loss), (None, 0, 0), chunk_size=500)(doubles, self.images, self.labels)
        gradients = torch.cat([part.flatten(1) for part in parts.values()], 1)
        mean = gradients.mean(0)
        trace = float((gradients - mean).square().sum() / (len(gradients) - 1))
        return trace / (float(mean.square().sum()) - trace / len(gradients))

    def _loss(self, weights: dict[str, Tensor], image: Tensor, label: Tensor) -> Tensor:
        scores = functional_call(self.model, weights, (image[None], lambda _path, tensor: tensor))
        return functional.cross_entropy(scores, label[None])


def steps(run: Run, count: int) -> list[float]:
    """What is told of the noise at so many steps, infinite where it hides the gradient."""
    found = []
    for _step in range(count):
        if run.batches.ended or not run.batches.permutations:
            run.batches.begin_epoch()
        run.step()
        found.append(last_row(run)["noise_scale"])
    return np.nan_to_num(found, nan=math.inf).tolist()


@pytest.mark.parametrize("accumulate", [1, 4])
def test_it_is_that_of_all_samples_gradients_as_they_are_though_they_were_larger(accumulate: int):
    pair = with_settings(architectures.mlp(), batch_size=360 // accumulate, accumulate=accumulate)
    run, samples = start(job(pair.project)), Samples(pair)
    run.samples.schedule.due = lambda _step: True
    run.directions._seldom.due = lambda _step: True
    begun = samples.scale(run.weights())
    steps(run, 12)
    run.set_learning_rate(0, 0.0)
    steps(run, 20)
    told, wanted = np.median(steps(run, 160)), samples.scale(run.weights())
    assert wanted > 1.4 * begun
    assert told == pytest.approx(wanted, rel=0.25)
