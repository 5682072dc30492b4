"""The flow of gradients, in runs of real networks."""

from __future__ import annotations

import numpy as np
import torch

from core.data.load import load
from core.diagnosis.doctor import NOTHING, diagnose
from core.training.optimizers import Optimizer
from core.training.run import Job, Run
from tests.core.diagnosis.records import record_of
from tests.core.training.projects import sigmoid_mlp, small_convnet


def test_a_deep_stack_of_sigmoids_vanishes_and_its_layers_are_named() -> None:
    made = sigmoid_mlp(8, epochs=2)
    found = diagnose(made, NOTHING, record_of(made))
    first = found[0]
    assert (first.code, first.severity) == ("VANISHING_GRADIENT", "critical")
    assert {"fc1", "fc2", "fc3"} <= set(first.where)
    assert set(first.nodes) == set(first.where)


def test_the_ratio_that_is_told_is_autograds_own() -> None:
    made = sigmoid_mlp(8, epochs=2, optimizer=Optimizer("SGD", 0.0))  # weights stay, so that every step is alike
    (evidence,) = diagnose(made, NOTHING, record_of(made))[0].evidence
    run = Run(Job(made, {name: load(settings) for name, settings in made.data.items()}))
    value = run.batches.tensors[run.phases[0].forward.fields[0]].flatten(1)
    kept = []
    for index in range(1, 9):
        value = run.network.modules[f"fc{index}"](value)
        value.retain_grad()
        kept.append(value)
        value = torch.sigmoid(value)
    labels = run.batches.tensors[run.phases[0].forward.fields[1]]
    torch.nn.functional.cross_entropy(kept[-1], labels).backward()
    norms = [float(tensor.grad.norm()) / tensor.shape[1] ** 0.5 for tensor in kept if tensor.grad is not None]
    assert 0.5 < evidence.value / (norms[0] / norms[-1]) < 2  # single batches against all samples together


def test_a_network_that_learns_is_left_alone() -> None:
    made = small_convnet(epochs=2)
    assert diagnose(made, NOTHING, record_of(made)) == ()


def test_the_layers_that_are_named_are_those_whose_gradient_lies_under_the_limit() -> None:
    made = sigmoid_mlp(8, epochs=2)
    record = record_of(made)
    first = diagnose(made, NOTHING, record)[0]
    paths = [f"fc{index}" for index in range(1, 9)]
    rows = {row.path: place for place, row in enumerate(record.rows("output"))}
    newest = record.block("output", len(record.samples) - 5, len(record.samples)).astype(float)
    middle = {path: float(np.median(newest[rows[path]])) for path in paths}
    faint = [path for path in paths if middle[path] / middle["fc8"] < 1e-3]
    assert 0 < len(faint) < 7
    assert list(first.where) == faint
