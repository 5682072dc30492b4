"""Calls to projects: what is folded, stacked, linked, named, and left out."""

from __future__ import annotations

import numpy as np
import pytest

from core.catalog.kind import Batch, TensorType
from core.checks import faults
from core.errors import KindError, ParameterError
from core.exchange.calls import INPUT, Call, Imported, Ref, Scope
from core.exchange.drawing import Drawn, drawn
from core.graph import BLOCK
from core.reading import read
from tests.core.exchange.rebuilding import shown

ROW = TensorType((Batch(), 4))
X = Ref(INPUT, "x")


def linear(name: str, source: Ref, scope: Scope = (), out: int = 4, shared: str = "", fill: float = 0.0) -> Call:
    weights = {"weight": np.full((out, 4), fill, np.float32), "bias": np.zeros(out, np.float32)}
    params = {"in_features": 4, "out_features": out, "bias": True}
    return Call(name, "Linear", params, {"input": (source,)}, scope, weights, shared)


def relu(source: Ref, scope: Scope = ()) -> Call:
    return Call("", "ReLU", {}, {"input": (source,)}, scope)


def made(*calls: Call, outputs: tuple[Ref, ...] = ()) -> Drawn:
    ends = outputs or (Ref(len(calls) - 1),)
    named = tuple((f"out{place}", ref) for place, ref in enumerate(ends))
    found = drawn(Imported("net", (("x", ROW),), calls, named))
    assert faults(read(found.project).problems) == ()
    return found


def module(*names: str, title: str = "Layer") -> Scope:
    return tuple((name, title) for name in names)


def test_only_what_was_chosen_is_set_by_hand() -> None:
    project = made(linear("fc", X, out=7)).project
    fc = project.graph.by_name("fc")
    assert fc is not None
    assert fc.params == (("out_features", 7),)
    source = project.graph.by_name("x")
    assert source is not None
    assert source.params == (("shape", (4,)),)


def test_a_module_of_several_calls_is_a_block_and_one_of_a_single_call_is_none() -> None:
    calls = (
        linear("0", X, module("body")),
        relu(Ref(0), module("body")),
        linear("0", Ref(1), module("head")),
    )
    project = made(*calls).project
    assert shown(project) == ["x: Input", "body: Layer", "head: Linear"]
    assert shown(project, project.graph.nodes["n8"].block if "n8" in project.graph.nodes else "block1") == [
        "input: BlockInput",
        "fc1: Linear",
        "relu1: ReLU",
        "output: BlockOutput",
    ]


def test_equal_blocks_in_a_chain_are_stacked_each_with_its_own_weights() -> None:
    calls: list[Call] = []
    tip = X
    for place in range(3):
        calls += [
            linear("fc", tip, module(f"layers.{place}"), fill=place),
            relu(Ref(len(calls)), module(f"layers.{place}")),
        ]
        tip = Ref(len(calls) - 1)
    found = made(*calls)
    assert shown(found.project) == ["x: Input", "layers: Layer x3"]
    filled = {name: float(array.flat[0]) for name, array in found.weights.items() if name.endswith("weight")}
    assert filled == {f"layers[{place}].fc.weight": float(place) for place in range(3)}


def test_what_all_repetitions_read_stays_an_input_of_each() -> None:
    calls: list[Call] = [linear("memory", X)]
    tip = X
    for place in range(2):
        scope = module(f"layers.{place}")
        start = len(calls)
        calls += [linear("fc", Ref(0), scope), Call("", "Add", {}, {"inputs": (Ref(start), tip)}, scope)]
        tip = Ref(len(calls) - 1)
    project = made(*calls).project
    assert shown(project) == ["x: Input", "memory: Linear", "layers: Layer x2"]
    assert [step.path for step in read(project).plan.steps][2:] == [
        "layers[0].fc",
        "layers[0].add1",
        "layers[1].fc",
        "layers[1].add1",
    ]
    steps = read(project).plan.by_path
    assert dict(steps["layers[1].fc"].inputs)["input"][0].path == "memory"
    assert dict(steps["layers[1].add1"].inputs)["inputs"][1].path == "layers[0].add1"


def test_a_block_whose_inside_others_read_is_not_stacked() -> None:
    calls = (
        linear("fc", X, module("a.0")),
        relu(Ref(0), module("a.0")),
        linear("fc", Ref(1), module("a.1")),
        relu(Ref(2), module("a.1")),
        Call("", "Add", {}, {"inputs": (Ref(1), Ref(3))}),
    )
    assert shown(made(*calls).project)[1:3] == ["a_0: Layer", "a_1: Layer"]


def test_runs_of_one_module_are_linked_blocks_and_single_layers_linked_nodes() -> None:
    calls = (
        linear("fc", X, module("tower"), shared="s"),
        relu(Ref(0), module("tower")),
        linear("fc", Ref(1), module("tower@2"), shared="s"),
        relu(Ref(2), module("tower@2")),
        linear("out", Ref(3), shared="t"),
        linear("out", Ref(4), shared="t"),
    )
    found = made(*calls)
    nodes = list(found.project.graph.nodes.values())[1:]
    assert [(node.name, bool(node.link)) for node in nodes] == [
        ("tower", True),
        ("tower1", True),
        ("out", True),
        ("out1", True),
    ]
    assert sorted(found.weights) == ["out.bias", "out.weight", "tower.fc.bias", "tower.fc.weight"]
    assert found.report.parameters == read(found.project).analysis.total_parameters == 40


def test_walls_fall_where_they_would_part_what_shares_weights() -> None:
    calls = (
        linear("a", X, module("left"), shared="s"),
        relu(Ref(0), module("left")),
        linear("b", Ref(1), module("right"), shared="s"),
        relu(Ref(2), module("right")),
        relu(Ref(3), module("right")),
    )
    project = made(*calls).project
    assert not any(node.kind == BLOCK for node in project.graph.nodes.values())
    assert read(project).analysis.total_parameters == 20


def test_what_no_output_needs_is_left_out_and_outputs_end() -> None:
    lstm = Call("rnn", "LSTM", {"hidden_size": 3}, {"input": (Ref(0),)})
    rows = Call("", "Unsqueeze", {"dim": 1}, {"input": (X,)})
    calls = (rows, lstm, linear("unused", X), linear("fc", X), relu(Ref(3)))
    found = made(*calls, outputs=(Ref(3), Ref(1, "h"), X, Ref(4), Ref(4)))
    names = [node.name for node in found.project.graph.nodes.values()]
    assert "unused" not in names
    assert [path for _name, path in found.outputs] == ["out0", "out1", "out2", "out3", "out4"]
    predictions = {value.path for value in read(found.project).plan.predictions()}
    assert predictions == {path for _name, path in found.outputs}


def test_names_are_valid_and_new() -> None:
    calls = (
        linear("class", X),
        linear("weird name!", Ref(0)),
        linear("x", Ref(1)),
        linear("3", Ref(2)),
        linear("größe", Ref(3)),
    )
    names = [node.name for node in made(*calls).project.graph.nodes.values()]
    assert names == ["x", "class_", "weird_name", "x1", "fc1", "gr_e"]


def test_what_no_kind_takes_is_refused() -> None:
    with pytest.raises(ParameterError, match="out_features"):
        made(linear("fc", X, out=0))
    with pytest.raises(KindError, match="Linnear"):
        made(Call("fc", "Linnear", {}, {"input": (X,)}))
