"""Every loss trains: from the data through layers into all its ports, and what is told of it is what torch computes."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.catalog import KINDS, find
from core.catalog.kind import Batch, LayerKind, PortSpec, TensorType
from core.data.settings import DatasetSettings
from core.engine.messages import Finished, Started
from core.errors import DataError
from core.expressions import builtins
from core.files import save
from core.graph import Node
from core.graph import Value as Setting
from core.lowering import lower
from core.plan import Value
from core.project import Project
from core.shapes import analyse
from core.training.evaluate import Evaluator
from core.training.forward import loss_function
from core.training.labels import check_labels
from core.training.metrics import metric_of
from core.training.optimizers import Optimizer
from core.training.run import Run
from core.training.settings import Phase
from tests.core.training.projects import chain, classifier, loaded, node, project, wire
from tests.core.training.running import columns, finished, job, only, weights

IRIS = DatasetSettings("iris")
LOSSES = [kind for kind in KINDS.values() if kind.role == "loss"]
OF_THREE = {"n_classes": 3, "num_classes": 3, "cutoffs": (1, 2)}
"""Iris has three classes."""


def names(kind: LayerKind) -> set[str]:
    return {param.name for param in kind.params}


def ways(kind: LayerKind) -> Iterator[tuple[str, list[Node], str]]:
    """For each port that must be wired: where the wire begins, the nodes on its way, and the port."""
    for port, item in zip(kind.inputs, kind.example, strict=False):
        if item.dtype == "int64":
            yield "data.label", list(_label_row(port.name, item)), port.name
        else:
            yield "data.features", list(_numbers(kind, port, item)), port.name


def _label_row(port: str, item: TensorType) -> Iterator[Node]:
    """The label of the data as it is, or repeated in a row."""
    if item.features:
        yield node(f"{port}_row", "Unsqueeze")
        yield node(f"{port}_same", "Repeat", repeats=(1, *item.features))


def _numbers(kind: LayerKind, port: PortSpec, item: TensorType) -> Iterator[Node]:
    """A Linear, its numbers laid out and bent as the port asks."""
    scores = kind.target == "classes" and not kind.judged
    sizes = (3,) if scores else item.features
    yield node(f"{port.name}_fc", "Linear", out_features=math.prod(sizes))
    if not sizes:
        yield node(f"{port.name}_one", "Select", index=0)
    elif len(sizes) > 1:
        yield node(f"{port.name}_shape", "Reshape", shape=sizes)
    bend = _target(kind) if port is kind.target_port else BENDS.get(port.name, "")
    if bend:
        yield node(f"{port.name}_bend", bend)
    if port is kind.target_port:
        yield node(f"{port.name}_stop", "Detach")


BENDS = {"log_probabilities": "LogSoftmax", "probabilities": "Sigmoid", "variance": "Softplus"}
"""What ports ask of the numbers that come in."""


def _target(kind: LayerKind) -> str:
    own = {"KLDiv": "Softmax", "PoissonNLL": "Exp", "Yolo": "Sigmoid"}
    return own.get(kind.name) or {"probabilities": "Sigmoid", "shares": "Softmax", "values": ""}.get(
        kind.target, "Sign"
    )


def network(kind: LayerKind) -> Project:
    """Iris through Linear layers into every port of the loss."""
    given = {name: value for name, value in OF_THREE.items() if kind.target == "classes" and name in names(kind)}
    nodes, edges = [node("data", "Dataset", dataset="data"), node("loss", kind.name, **given)], []
    for begin, way, port in ways(kind):
        nodes += way
        edges += [wire(one, other) for one, other in pairwise([begin, *(item.name for item in way), f"loss.{port}"])]
    phase = Phase(optimizer=Optimizer("Adam", 0.02))
    return project(nodes, edges, IRIS, (phase,), epochs=4, batch_size=30)


@pytest.mark.parametrize("kind", LOSSES, ids=lambda kind: kind.name)
def test_it_trains_and_its_curve_falls(kind: LayerKind) -> None:
    made = network(kind)
    events, control = finished(made)
    curve = columns(events)["loss"]
    assert np.isfinite(curve).all()
    assert curve[-4:].mean() < curve[:4].mean()
    assert only(events, Finished)[0].validation_loss is not None
    told = only(events, Started)[0]
    arguments = {param.name: param.default for param in kind.params}
    metric = metric_of(kind, arguments)
    assert told.metric == (metric.name if metric is not None else "")
    assert any(name.startswith("loss.") for name in weights(control)) == kind.weighted


def variational(beta: float) -> Project:
    """An autoencoder of Iris with a code of two numbers: two losses, of which one has no target."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("mean", "Linear", out_features=2),
        node("spread", "Linear", out_features=2),
        node("back", "Linear", out_features=4),
        node("close", "MSE"),
        node("normal", "KLToNormal", weight=beta),
    ]
    edges = [
        wire("data.features", "mean"),
        wire("data.features", "spread"),
        wire("mean", "back"),
        wire("back", "close.prediction"),
        wire("data.features", "close.target"),
        wire("mean", "normal.mean"),
        wire("spread", "normal.log_variance"),
    ]
    return project(nodes, edges, IRIS, (Phase(optimizer=Optimizer("SGD", 0.05)),), epochs=2, batch_size=30)


def test_a_loss_without_a_target_adds_its_part_and_is_no_output() -> None:
    made = variational(0.25)
    assert lower(made).predictions() == (Value("back", "output"),)
    events, control = finished(made)
    found = columns(events)
    assert np.allclose(found["loss"], found["loss:close"] + 0.25 * found["loss:normal"], rtol=1e-5)
    assert only(events, Started)[0].metric == "rmse"
    assert {name.partition(".")[0] for name in weights(control)} == {"mean", "spread", "back"}


@pytest.mark.parametrize("name", ["AdaptiveLogSoftmax", "LinearCrossEntropy"])
def test_the_accuracy_of_a_loss_with_weights_is_that_of_its_own_scores(name: str) -> None:
    made = network(find(name))
    events, control = finished(made)
    learned = {key.removeprefix("loss."): value for key, value in weights(control).items() if key.startswith("loss.")}
    data = loaded(made)["data"]
    layer = [weights(control)[f"input_fc.{part}"] for part in ("weight", "bias")]
    before = nn.functional.linear(data.fields["features"], *layer)
    if name == "LinearCrossEntropy":
        scores = before @ learned["linear.weight"].T
    else:
        theirs = nn.AdaptiveLogSoftmaxWithLoss(16, 3, (1, 2))
        theirs.load_state_dict(learned)
        scores = theirs.log_prob(before)
    right = (scores.argmax(1) == data.fields["label"])[data.validation].double().mean().item()
    assert only(events, Finished)[0].validation_metric == pytest.approx(right)


def test_labels_that_are_ignored_need_no_class() -> None:
    layers = [node("fc", "Linear", out_features=2)]
    made = classifier(layers, IRIS, "features", epochs=1)
    strict = replace(made, graph=made.graph.replace_node(node("loss", "CrossEntropy", ignore_index=2)))
    check_labels(lower(strict), analyse(lower(strict)), loaded(strict))
    with pytest.raises(DataError, match="the label 2 came"):
        check_labels(lower(made), analyse(lower(made)), loaded(made))


@pytest.mark.parametrize(
    ("loss", "port", "params"),
    [
        ("CrossEntropy", "logits", {"class_weights": (1.0, 5.0, 0.25)}),
        ("CrossEntropy", "logits", {"class_weights": (1.0, 5.0, 0.25), "ignore_index": 1, "label_smoothing": 0.1}),
        ("NLL", "log_probabilities", {"ignore_index": 0}),
        ("CrossEntropy", "logits", {"reduction": "sum"}),
        ("CrossEntropy", "logits", {"class_weights": (1.0, 5.0, 0.25), "ignore_index": 1, "reduction": "none"}),
        ("Focal", "logits", {"class_weights": (1.0, 5.0, 0.25)}),
        ("MultiMargin", "scores", {"class_weights": (1.0, 5.0, 0.25)}),
    ],
)
def test_the_loss_of_held_out_samples_is_that_of_all_at_once(loss: str, port: str, params: dict[str, Setting]) -> None:
    nodes = [node("data", "Dataset", dataset="data"), node("fc", "Linear", out_features=3), node("log", "LogSoftmax")]
    edges = [
        *chain(["fc", "log"]),
        wire("data.features", "fc"),
        wire("log", f"loss.{port}"),
        wire("data.label", "loss.label"),
    ]
    made = project([*nodes, node("loss", loss, weight=2.0, **params)], edges, IRIS, batch_size=30)
    run = Run(job(made))
    judge = Evaluator(run.network, run.analysis, run.job.data, run.phases[0].part.losses, 30, "validation")
    judge.together = 7
    found = judge.evaluate().loss
    judge.together = judge.samples
    assert judge.evaluate().loss == pytest.approx(found, rel=1e-6)
    total = judge.function.call(judge.samples, *judge.tensors)[0].item()
    assert found == pytest.approx(total if params.get("reduction") != "sum" else total * 30 / judge.samples, rel=1e-6)


def test_weights_of_classes_train_in_a_process_that_has_done_nothing_else(tmp_path: Path) -> None:
    """Torch's C code then imports its modules through the builtins of the compiled function."""
    made = classifier([node("fc", "Linear", out_features=3)], IRIS, "features", epochs=1)
    weighted = made.graph.replace_node(node("loss", "CrossEntropy", class_weights=(1.0, 5.0, 0.25)))
    save(replace(made, graph=weighted), tmp_path / "weighted.chain")
    line = [sys.executable, "-m", "core.cli", "train", str(tmp_path / "weighted.chain"), "--out", str(tmp_path / "run")]
    told = subprocess.run(line, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_a_compiled_function_can_import_torch_and_nothing_else() -> None:
    exec("import torch.storage", {"__builtins__": builtins()})
    with pytest.raises(ImportError, match="os came"):
        exec("import os", {"__builtins__": builtins()})


@pytest.mark.parametrize("kind", [kind for kind in LOSSES if "reduction" in names(kind)], ids=lambda kind: kind.name)
def test_what_trains_of_a_loss_that_gives_each_number_is_their_mean(kind: LayerKind) -> None:
    made = network(kind)
    loss = next(item for item in made.graph.nodes.values() if item.kind == kind.name)
    each = replace(made, graph=made.graph.replace_node(loss.with_params(reduction="none")))
    run = Run(job(each))
    part, value = run.phases[0].part, Value("loss", "loss")
    function = loss_function(run.network, part.plan, part.losses, keep=(value,))
    batch = [run.batches.tensors[field][:30] for field in function.fields]
    total, parts, *_compared, kept, _times = function.call(30, *batch)
    shape = run.analysis.types[value].shape
    assert kept[0].shape == tuple(30 if isinstance(dim, Batch) else dim for dim in shape)
    assert len(kept[0]) == 30
    assert torch.equal(total, kept[0].mean())
    assert torch.equal(parts[0], total)
    curve = columns(finished(each)[0])["loss"]
    assert curve[-4:].mean() < curve[:4].mean()
