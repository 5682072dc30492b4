"""A view as a project of the app, with its arrays loaded.

The app says all that a view can, with two differences: a run has whole epochs, and a factor on torch's own start of the
last layer becomes a normal start of that deviation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from core.data.found import Found
from core.data.load import LoadedData
from core.data.settings import DatasetSettings
from core.data.sources import FieldSpec
from core.graph import Edge, Graph, Node, Value
from core.project import Project
from tests.faulty.layers import word
from tests.faulty.settings import training
from tests.faulty.starting import started
from tests.faulty.view import Layer, View

DATASET = "arrays"
LOSSES = MappingProxyType(
    {
        "ce": ("CrossEntropy", "logits", "label"),
        "bce": ("BCEWithLogits", "logits", "target"),
        "bce_prob": ("BCE", "probabilities", "target"),
        "mse": ("MSE", "prediction", "target"),
        "mse_onehot": ("MSE", "prediction", "target"),
        "huber": ("SmoothL1", "prediction", "target"),
    }
)
"""By the word of a view the kind of the loss, its port for the network's answer, and that for what is right."""
WEIGHTED = ("Linear", "Conv2d", "Embedding", "RNN", "GRU", "LSTM", "SelfAttention")


@dataclass(frozen=True)
class Imported:
    """A view as a project with its data."""

    project: Project
    data: Mapping[str, LoadedData]


@dataclass
class _Growing:
    """A graph that grows at its tip."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    tip: tuple[str, str] = ("data", "x")
    dims: int = 2
    """Dimensions at the tip, the batch counted."""
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, stem: str, params: Mapping[str, Value], port: str = "input") -> str:
        """The id of a new node behind the tip, which is the new tip."""
        self.counts[stem] = self.counts.get(stem, 0) + 1
        name = f"{stem}{self.counts[stem]}"
        self.nodes.append(Node(name, kind, name, tuple(sorted(params.items()))))
        self.edges.append(Edge(*self.tip, name, port))
        self.tip = (name, "output")
        return name

    def grow(self, layers: list[Layer]) -> None:
        """The layers one after another."""
        for layer in layers:
            if layer[0] == "res":
                self.branch(layer[1])
                continue
            said = word(layer)
            self.add(said.kind.format(dims=max(self.dims - 2, 1)), said.stem, said.params(layer[1:]))
            self.dims = said.dims(self.dims)

    def branch(self, layers: list[Layer]) -> None:
        """The layers beside a wire that goes past them, both added."""
        trunk = self.tip
        self.grow(layers)
        body, self.tip = self.tip, trunk
        self.edges.append(Edge(*body, self.add("Add", "add", {}, "inputs"), "inputs", 1))

    def judge(self, view: View) -> None:
        """The loss, and what it compares with."""
        said = view["train"].get("loss", "ce" if view["task"] == "clf" else "mse")
        kind, port, target = LOSSES[said]
        params: dict[str, Value] = {}
        if (weights := class_weights(view)) is not None:
            params["class_weights"] = weights
        if view["train"].get("smooth"):
            params["label_smoothing"] = float(view["train"]["smooth"])
        answer, self.tip = self.tip, ("data", "label" if view["task"] == "clf" else "y")
        if view["task"] == "clf" and kind != "CrossEntropy":
            if said == "mse_onehot":
                self.add("OneHot", "onehot", {"num_classes": view["n_out"]})
            self.add("Cast", "cast", {"dtype": "float32"})
            if said != "mse_onehot":
                self.add("Unsqueeze", "column", {"dim": 1})
        right = self.tip
        self.nodes.append(Node("loss", kind, "loss", tuple(sorted(params.items()))))
        self.edges += [Edge(*answer, "loss", port), Edge(*right, "loss", target)]


def class_weights(view: View) -> tuple[float, ...] | None:
    """What each class counts; None where all count alike."""
    said = view["train"].get("class_weight")
    if said is None:
        return None
    if said != "balanced":
        return tuple(float(weight) for weight in said)
    counts = np.bincount(view["y_train"], minlength=view["n_out"])
    return tuple(float(counts.sum() / (len(counts) * max(count, 1))) for count in counts)


def imported(view: View, seed: int = 0) -> Imported:
    """The view as a project on its own arrays."""
    growing = _Growing(dims=view["X_train"].ndim)
    growing.nodes.append(Node("data", "Dataset", "data", (("dataset", DATASET),)))
    growing.grow(view["arch"])
    growing.judge(view)
    fields = _fields(view)
    settings = _settings(view, fields)
    project = Project(
        "case",
        Graph.of(_frozen(growing.nodes, view["train"].get("freeze", ())), growing.edges),
        data=MappingProxyType({DATASET: settings}),
        training=training(view["train"], len(view["X_train"]), seed),
    )
    return Imported(started(project, view["init"]), {DATASET: _loaded(view, settings, fields)})


def _frozen(nodes: list[Node], places: Any) -> list[Node]:
    """The nodes, those with weights at these places frozen."""
    names = [node.id for node in nodes if node.kind in WEIGHTED]
    frozen = {name for place, name in enumerate(names) if place in places}
    return [node.with_params(frozen=True) if node.id in frozen else node for node in nodes]


def _fields(view: View) -> tuple[FieldSpec, ...]:
    shape = tuple(int(size) for size in view["X_train"].shape[1:])
    tokens = view["X_train"].dtype.kind == "i"
    columns = tuple(f"x {place}" for place in range(shape[0])) if len(shape) == 1 and not tokens else ()
    x = FieldSpec("x", shape, "int64" if tokens else "float32", "input", columns=columns, scaled=not tokens)
    if view["task"] == "clf":
        return x, FieldSpec("label", (), "int64", "target", tuple(str(number) for number in range(view["n_out"])))
    each = view["y_train"].shape[1:] or (1,)
    names = tuple(f"y {place}" for place in range(each[0])) if each[0] > 1 else ("y",)
    return x, FieldSpec("y", each, "float32", "target", columns=names, scaled=True)


def _settings(view: View, fields: tuple[FieldSpec, ...]) -> DatasetSettings:
    """The arrays as a file that holds its last samples out, in the order in which they stand."""
    held, samples = len(view["X_val"]), len(view["X_val"]) + len(view["X_train"])
    found = Found(fields, samples, "arrays", held=held)
    return DatasetSettings(
        "arrays", validation=held / samples, normalise="none", path="arrays.npz", found=found, split="time"
    )


def _loaded(view: View, settings: DatasetSettings, fields: tuple[FieldSpec, ...]) -> LoadedData:
    x = torch.from_numpy(np.concatenate([view["X_train"], view["X_val"]]))
    y = torch.from_numpy(np.concatenate([view["y_train"], view["y_val"]]))
    target = fields[1]
    tensors = {"x": x.contiguous(), target.name: y if view["task"] == "clf" else y.reshape(len(y), -1).float()}
    count = len(view["X_train"])
    classes = {target.name: target.classes} if target.classes else {}
    everything = torch.arange(len(x))
    return LoadedData(settings, tensors, everything[:count], everything[count:], {}, classes)
