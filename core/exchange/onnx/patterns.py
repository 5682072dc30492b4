"""Layers that exporters write out as several operations, found again and put in one node.

An activation is recognised by what it computes: the nodes between two points are worked out on a few numbers and
compared with the functions of the catalog. Norms are recognised by how they are made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from core.exchange.onnx.model import OnnxModel, OnnxNode
from core.exchange.onnx.values import Array

_REACH = 14
"""Nodes that one activation is made of at most."""
_POINTS = np.concatenate([np.linspace(-7.0, 7.0, 41), [-20.0, -0.01, 0.01, 20.0]])
_erf = np.vectorize(math.erf)


def _sigmoid(numbers: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-numbers)))


def _softplus(numbers: Array) -> Array:
    return np.asarray(np.logaddexp(numbers, 0))


_ELEMENTWISE: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "Add": np.add,
        "Sub": np.subtract,
        "Mul": np.multiply,
        "Div": np.divide,
        "Pow": np.power,
        "Min": np.minimum,
        "Max": np.maximum,
        "Erf": _erf,
        "Tanh": np.tanh,
        "Sigmoid": _sigmoid,
        "Softplus": _softplus,
        "Exp": np.exp,
        "Log": np.log,
        "Neg": np.negative,
        "Sqrt": np.sqrt,
        "Reciprocal": np.reciprocal,
        "Relu": lambda numbers: np.maximum(numbers, 0),
        "Abs": np.abs,
    }
)
_HALF, _ROOT = 0.5, math.sqrt(2 / math.pi)
_ACTIVATIONS: tuple[tuple[str, Mapping[str, Any], Callable[[Array], Array]], ...] = (
    ("Gelu", {}, lambda x: _HALF * x * (1 + _erf(x / math.sqrt(2)))),
    ("Gelu", {"approximate": "tanh"}, lambda x: _HALF * x * (1 + np.tanh(_ROOT * (x + 0.044715 * x**3)))),
    ("Swish", {}, lambda x: x * _sigmoid(x)),
    ("Mish", {}, lambda x: x * np.tanh(_softplus(x))),
    ("HardSwish", {}, lambda x: x * np.clip(x + 3, 0, 6) / 6),
    ("HardSigmoid", {"alpha": 1 / 6}, lambda x: np.clip(x + 3, 0, 6) / 6),
    ("Softsign", {}, lambda x: x / (1 + np.abs(x))),
)
"""By the operation that stands for it: its attributes, and the function."""


def folded(model: OnnxModel) -> OnnxModel:
    """The model with one node for each layer that was written out; what nobody reads any more is left out."""
    view = _View(model)
    nodes = list(model.nodes)
    for place in reversed(range(len(nodes))):
        found = _norm(view, nodes[place]) or _group_norm(view, nodes[place]) or _activation(view, nodes[place])
        if found is not None:
            nodes[place] = found
            view.replace(found)
    return replace(model, nodes=needed(nodes, [item.name for item in model.outputs]))


def needed(nodes: list[OnnxNode], outputs: list[str]) -> tuple[OnnxNode, ...]:
    """The nodes that the outputs need, in the same order."""
    names = set(outputs)
    kept = []
    for node in reversed(nodes):
        if names.intersection(node.outputs):
            kept.append(node)
            names.update(node.inputs)
            names.update(_captured(node))
    return tuple(reversed(kept))


def _captured(node: OnnxNode) -> set[str]:
    """What graphs within the node read from outside."""
    graphs = [value for value in node.attributes.values() if hasattr(value, "nodes")]
    found: set[str] = set()
    for graph in graphs:
        found.update(graph.outputs)
        for inner in graph.nodes:
            found.update(inner.inputs, _captured(inner))
    return found


class _View:
    """Who makes what in a model, and what is constant."""

    def __init__(self, model: OnnxModel) -> None:
        self.makers = {name: node for node in model.nodes for name in node.outputs if name}
        self.order = {name: place for place, node in enumerate(model.nodes) for name in node.outputs}
        self._weights = model.weights

    def replace(self, node: OnnxNode) -> None:
        for name in node.outputs:
            self.makers[name] = node

    def constant(self, name: str) -> Array | None:
        """The numbers of this name, where they are written in the file."""
        if name in self._weights:
            return self._weights[name]
        node = self.makers.get(name)
        if node is None:
            return None
        if node.op == "Identity" and node.inputs[0] in self._weights:
            return self._weights[node.inputs[0]]
        value = node.attributes.get("value") if node.op == "Constant" else None
        return value if isinstance(value, np.ndarray) else None

    def number(self, name: str) -> float | None:
        """The one number of this name."""
        array = self.constant(name)
        return float(array.reshape(-1)[0]) if array is not None and array.size == 1 else None

    def made_by(self, name: str, *ops: str) -> OnnxNode | None:
        """The node that makes this, where it is one of these operations."""
        node = self.makers.get(name)
        return node if node is not None and node.op in ops and not node.domain else None

    def either(self, node: OnnxNode) -> tuple[tuple[str, str], ...]:
        """The two inputs of a node, in both orders."""
        return ((node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])) if len(node.inputs) == 2 else ()


def _activation(view: _View, end: OnnxNode) -> OnnxNode | None:
    if end.op not in ("Mul", "Div", "Add") or end.domain:
        return None
    inside: list[OnnxNode] = []
    open_names = {end.outputs[0]}
    while len(inside) < _REACH:
        name = max(open_names, key=lambda item: view.order.get(item, -1))
        node = view.makers.get(name)
        if node is None or node.domain or (node.op not in _ELEMENTWISE and node.op not in ("Clip", "HardSigmoid")):
            return None
        inside.append(node)
        open_names.remove(name)
        open_names.update(item for item in node.inputs if item and view.number(item) is None)
        if len(open_names) != 1:
            if not open_names or len(open_names) > 4:
                return None
            continue
        start = next(iter(open_names))
        found = _recognised(view, inside, start) if len(inside) > 1 else None
        if found is not None:
            return replace(end, op=found[0], inputs=(start,), attributes=found[1])
    return None


def _recognised(view: _View, inside: list[OnnxNode], start: str) -> tuple[str, Mapping[str, Any]] | None:
    known: dict[str, Array] = {start: _POINTS}
    with np.errstate(all="ignore"):
        for node in reversed(inside):
            made = _worked_out(view, node, known)
            if made is None:
                return None
            known[node.outputs[0]] = made
        result = known[inside[0].outputs[0]]
        for op, attributes, function in _ACTIVATIONS:
            if np.allclose(result, function(_POINTS), rtol=1e-5, atol=2e-6):
                return op, attributes
    return None


def _worked_out(view: _View, node: OnnxNode, known: Mapping[str, Array]) -> Array | None:
    values = [known[name] if name in known else view.number(name) for name in node.inputs if name]
    if any(value is None for value in values):
        return None
    if node.op == "Clip":
        low = node.attributes.get("min", values[1] if len(values) > 1 else -np.inf)
        high = node.attributes.get("max", values[2] if len(values) > 2 else np.inf)
        return np.asarray(np.clip(np.asarray(values[0]), low, high))
    if node.op == "HardSigmoid":
        slope, rise = node.attributes.get("alpha", 0.2), node.attributes.get("beta", 0.5)
        return np.asarray(np.clip(slope * np.asarray(values[0]) + rise, 0, 1))
    return np.asarray(_ELEMENTWISE[node.op](*values))


def _affine(view: _View, node: OnnxNode) -> tuple[str, str, str]:
    """What is scaled and shifted by constants in the end, the scale and the shift; empty where there is none."""
    name, scale, shift = node.outputs[0], "", ""
    current: OnnxNode | None = node
    for op in ("Add", "Mul"):
        if current is None or current.op != op or current.domain:
            continue
        pair = next(((one, other) for one, other in view.either(current) if view.constant(other) is not None), None)
        if pair is None:
            continue
        name = pair[0]
        scale, shift = (pair[1], shift) if op == "Mul" else (scale, pair[1])
        current = view.makers.get(name)
    return name, scale, shift


def _norm(view: _View, end: OnnxNode) -> OnnxNode | None:
    """A layer norm or a root mean square norm that is written out."""
    if end.op not in ("Add", "Mul", "Div") or end.domain:
        return None
    for name, scale, shift in dict.fromkeys((_affine(view, end), (end.outputs[0], "", ""))):
        found = _normalized(view, name)
        if found is None or (shift and not scale):
            continue
        source, axes, eps, centred = found
        op = "chainrule.LayerNorm" if centred else "chainrule.RMSNorm"
        if shift and not centred:
            continue
        return replace(end, op=op, inputs=(source, scale, shift), attributes={"axes": axes, "epsilon": eps})
    return None


def _normalized(view: _View, name: str) -> tuple[str, tuple[int, ...], float, bool] | None:
    """What is divided by its root mean square: source, axes, epsilon, and whether its mean was taken off."""
    node = view.made_by(name, "Div", "Mul")
    for top, bottom in view.either(node) if node is not None else ():
        root = view.made_by(bottom, "Sqrt") if node is not None and node.op == "Div" else _reciprocal_root(view, bottom)
        added = view.made_by(root.inputs[0], "Add") if root is not None else None
        for power, eps in view.either(added) if added is not None else ():
            number = view.number(eps)
            squares = _mean_of_squares(view, power, top)
            if number is None or squares is None:
                continue
            centre = _centred(view, top, squares)
            return (centre or top, squares, number, centre is not None)
    return None


def _reciprocal_root(view: _View, name: str) -> OnnxNode | None:
    node = view.made_by(name, "Reciprocal")
    if node is not None:
        return view.made_by(node.inputs[0], "Sqrt")
    node = view.made_by(name, "Div")
    if node is not None and view.number(node.inputs[0]) == 1:
        return view.made_by(node.inputs[1], "Sqrt")
    node = view.made_by(name, "Pow")
    return node if node is not None and view.number(node.inputs[1]) == -0.5 else None


def _mean_of_squares(view: _View, name: str, source: str) -> tuple[int, ...] | None:
    mean = view.made_by(name, "ReduceMean")
    square = view.made_by(mean.inputs[0], "Pow", "Mul") if mean is not None else None
    if mean is None or square is None or not mean.attributes.get("keepdims", 1):
        return None
    if square.op == "Pow" and (square.inputs[0] != source or view.number(square.inputs[1]) != 2):
        return None
    if square.op == "Mul" and square.inputs != (source, source):
        return None
    return _axes(view, mean)


def _axes(view: _View, node: OnnxNode) -> tuple[int, ...] | None:
    if "axes" in node.attributes:
        return tuple(node.attributes["axes"])
    array = view.constant(node.inputs[1]) if len(node.inputs) > 1 else None
    return tuple(int(axis) for axis in array.reshape(-1)) if array is not None and array.size else None


def _centred(view: _View, name: str, axes: tuple[int, ...]) -> str | None:
    """What the mean over these axes was taken off, where it was."""
    node = view.made_by(name, "Sub")
    mean = view.made_by(node.inputs[1], "ReduceMean") if node is not None else None
    if node is None or mean is None or mean.inputs[0] != node.inputs[0] or _axes(view, mean) != axes:
        return None
    return node.inputs[0]


def _group_norm(view: _View, end: OnnxNode) -> OnnxNode | None:
    """A group norm as exporters write it: an instance norm over the groups, between two reshapes."""
    if end.op not in ("Add", "Mul", "Reshape") or end.domain:
        return None
    for name, scale, shift in dict.fromkeys((_affine(view, end), (end.outputs[0], "", ""))):
        back = view.made_by(name, "Reshape")
        inner = view.made_by(back.inputs[0], "InstanceNormalization") if back is not None else None
        there = view.made_by(inner.inputs[0], "Reshape") if inner is not None else None
        if back is None or inner is None or there is None or (shift and not scale):
            continue
        groups = _plain_groups(view, inner, there)
        if groups:
            inputs = (there.inputs[0], scale, shift, back.inputs[1])
            eps = inner.attributes.get("epsilon", 1e-5)
            return replace(
                end, op="chainrule.GroupNorm", inputs=inputs, attributes={"num_groups": groups, "epsilon": eps}
            )
    return None


def _plain_groups(view: _View, inner: OnnxNode, there: OnnxNode) -> int:
    """The number of groups, where they are neither scaled nor shifted; else 0."""
    scale, shift = view.constant(inner.inputs[1]), view.constant(inner.inputs[2])
    shape = view.constant(there.inputs[1]) if len(there.inputs) > 1 else None
    if scale is None or shift is None or np.any(scale != 1) or np.any(shift != 0):
        return 0
    if shape is not None and (shape.size != 3 or shape[1] != scale.size):
        return 0
    return int(scale.size)
