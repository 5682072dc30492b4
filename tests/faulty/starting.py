"""How the weights of a view begin, as parameters of nodes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from core.build import build
from core.graph import Node, Value
from core.lowering import lower
from core.project import Project
from core.shapes import analyse

PLAIN = ("Linear", "Conv2d")
RECURRENT = ("RNN", "GRU", "LSTM")


def started(project: Project, init: Mapping[str, Any]) -> Project:
    """The project whose nodes say how their weights begin."""
    plan = lower(project)
    modules = build(plan, analyse(plan).arguments, 0).modules
    names = [node.id for node in project.graph.nodes.values() if node.kind in PLAIN]
    graph = project.graph
    for place, name in enumerate(names):
        weight = modules[name].weight
        assert isinstance(weight, Tensor)
        last = place == len(names) - 1
        graph = graph.replace_node(graph.node(name).with_params(**_weights(init, weight, last), **_bias(init, last)))
    for node in [node for node in graph.nodes.values() if node.kind in RECURRENT]:
        graph = graph.replace_node(node.with_params(**_recurrent(init, node)))
    return replace(project, graph=graph)


def _weights(init: Mapping[str, Any], weight: Tensor, last: bool) -> dict[str, Value]:
    """How a matrix begins; nothing for torch's own way."""
    kind = init.get("w", "default")
    if last and init.get("skip_last"):
        kind = "default"
    gain = float(init.get("gain") or 1.0)
    scale = float(init.get("last_scale") or 1.0) if last else 1.0
    into = weight[0].numel()
    if kind == "he" and gain * scale == 1:
        return {"weight_init": "kaiming_normal"}
    if kind == "const":
        return {"weight_init": "constant", "init_value": float(init["value"]) * scale}
    if kind in ("xavier", "orth"):
        name = {"xavier": "xavier_normal", "orth": "orthogonal"}[kind]
        return {"weight_init": name, **({"init_gain": gain * scale} if gain * scale != 1 else {})}
    if kind == "default" and scale == 1:
        return {}
    deviations = {
        "he": gain * math.sqrt(2 / into),
        "lecun": gain * math.sqrt(1 / into),
        "normal": float(init.get("std") or 0.0),
        "default": math.sqrt(1 / (3 * into)),  # that of torch's own way, which is uniform
    }
    return {"weight_init": "normal", "init_value": deviations[kind] * scale}


def _bias(init: Mapping[str, Any], last: bool) -> dict[str, Value]:
    said = init.get("b_last" if last else "b")
    return {} if said is None else {"bias_init": float(said)}


def _recurrent(init: Mapping[str, Any], node: Node) -> dict[str, Value]:
    said: dict[str, Value] = {}
    if init.get("rnn_gain") is not None:
        gain = float(init["rnn_gain"])
        said = {"recurrent_init": "orthogonal", **({"recurrent_gain": gain} if gain != 1 else {})}
    if node.kind == "LSTM" and init.get("forget_bias"):
        said["forget_bias"] = float(init["forget_bias"])
    return said
