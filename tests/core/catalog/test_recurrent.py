"""Recurrent layers with every option and any first state, beside torch's own."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.build import build
from core.catalog import KINDS
from core.catalog.kind import Batch, TensorType
from core.codegen import class_name, source
from core.expressions import call, constructor
from core.graph import Value
from core.lowering import lower
from core.shapes import analyse, shapes_of
from core.training.settings import Phase
from tests.core.catalog.wired import agrees, refusal, trial
from tests.core.training.projects import DIGITS, node, project, wire

STACKS = ("RNN", "GRU", "LSTM")
CELLS = ("RNNCell", "GRUCell", "LSTMCell")
SEQUENCE = TensorType((Batch(), 5, 4))


@st.composite
def stacks(draw: st.DrawFn) -> tuple[str, dict[str, Value], dict[str, TensorType]]:
    name = draw(st.sampled_from(STACKS))
    hidden, layers, both = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.booleans())
    params: dict[str, Value] = {"hidden_size": hidden, "num_layers": layers, "bidirectional": both}
    params |= {"bias": draw(st.booleans()), "dropout": draw(st.sampled_from((0.0, 0.0, 0.5)))}
    if name == "RNN":
        params["nonlinearity"] = draw(st.sampled_from(("tanh", "relu")))
    projection = draw(st.sampled_from((0, 0, 1, 3))) if name == "LSTM" else 0
    if name == "LSTM":
        params["proj_size"] = projection
    types = {"input": TensorType((Batch(), draw(st.integers(1, 4)), draw(st.integers(1, 5))))}
    rows = layers * (2 if both else 1) + draw(st.sampled_from((0, 0, 0, 1)))
    for state in draw(st.sampled_from(((), ("h0", "c0")) if name == "LSTM" else ((), ("h0",)))):
        wide = (projection or hidden) if state == "h0" else hidden
        types[state] = TensorType((rows, Batch(), wide + draw(st.sampled_from((0, 0, 0, 1)))))
    return name, params, types


@settings(max_examples=150, deadline=None)
@given(stacks())
def test_formulas_agree_with_torch_for_every_option_and_first_state(
    situation: tuple[str, dict[str, Value], dict[str, TensorType]],
) -> None:
    name, params, types = situation
    made = agrees(name, params, types)
    if made is not None:
        first = {port: tensor.clone() for port, tensor in made.outputs.items()}
        assert all(torch.equal(first[port], tensor) for port, tensor in made.run(fast=True).items())


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("wide", [6, 7])
@pytest.mark.parametrize("begun", [False, True])
def test_cells_take_a_state_or_begin_at_zero(name: str, wide: int, begun: bool) -> None:
    states = (("h0", "c0") if name == "LSTMCell" else ("h0",)) if begun else ()
    types = {"input": TensorType((Batch(), 4)), **{state: TensorType((Batch(), wide)) for state in states}}
    assert (agrees(name, {"hidden_size": 6}, types) is None) == (begun and wide == 7)


def test_an_encoders_last_states_begin_a_decoder_as_in_torch() -> None:
    found = shapes_of(
        KINDS["LSTM"], (("bidirectional", True), ("hidden_size", 6), ("num_layers", 2)), {"input": SEQUENCE}
    )
    assert found.shaped is not None
    states = {"h0": found.shaped.outputs["h"], "c0": found.shaped.outputs["c"]}
    params: dict[str, Value] = {"bidirectional": True, "hidden_size": 6, "num_layers": 2}
    made = trial("LSTM", params, {"input": SEQUENCE, **states})
    plain = nn.LSTM(4, 6, 2, batch_first=True, bidirectional=True)
    assert made.module is not None
    plain.load_state_dict(made.module.state_dict())
    tensors = made.tensors
    output, (h, c) = plain(tensors["input"], (tensors["h0"], tensors["c0"]))
    for port, wanted in {"output": output, "h": h, "c": c}.items():
        assert torch.equal(made.run()[port], wanted)


def test_layers_of_older_files_are_made_and_called_as_they_were() -> None:
    older = (("bias", False), ("frozen", True), ("hidden_size", 6), ("num_layers", 2))
    wanted = {"RNN": "{output}, {h}", "GRU": "{output}, {h}", "LSTM": "{output}, ({h}, {c})"}
    for name, unpack in wanted.items():
        found = shapes_of(KINDS[name], older, {"input": SEQUENCE})
        made = constructor(KINDS[name], found.arguments)
        assert made == f"nn.{name}(4, 6, num_layers=2, bias=False, batch_first=True)"
        form = KINDS[name].form(found.arguments)
        assert form.unpack == unpack
        ports = {"self": "self.rnn", "input": "x", "h0": "None", "c0": "None"}
        assert call(KINDS[name], form.forward, found.arguments, ports) == "self.rnn(x)"


def test_refusals_name_the_way_out() -> None:
    told = refusal("LSTM", {}, {"input": SEQUENCE, "h0": TensorType((1, Batch(), 32))})
    assert "Wire c0 too" in told
    told = refusal("GRU", {"hidden_size": 8}, {"input": SEQUENCE, "h0": TensorType((1, Batch(), 16))})
    assert "1×B×8" in told
    assert "set hidden_size to 16" in told
    assert "num_layers to 2" in refusal("RNN", {"dropout": 0.5}, {"input": SEQUENCE})
    assert "proj_size to 0" in refusal("LSTM", {"proj_size": 32}, {"input": SEQUENCE})
    assert "input_size" in refusal("GRU", {"input_size": 3}, {"input": SEQUENCE})


@pytest.mark.parametrize("name", STACKS)
def test_macs_are_the_weights_that_every_step_passes(name: str) -> None:
    """Each weight multiplies one number at each step, in torch as in Hochreiter and Schmidhuber's equations."""
    params = (("bidirectional", True), ("hidden_size", 3), ("num_layers", 2))
    found = shapes_of(KINDS[name], params, {"input": SEQUENCE})
    plain = getattr(nn, name)(4, 3, 2, bidirectional=True)
    weights = sum(item.numel() for key, item in plain.named_parameters() if "bias" not in key)
    assert found.shaped is not None
    assert found.shaped.macs == 5 * weights


@pytest.mark.parametrize("kind", ["RNN", "LSTM"])
def test_matrices_between_states_begin_orthogonal_gate_by_gate_in_module_and_code(kind: str) -> None:
    nodes = [node("data", "Dataset", dataset="data"), node("rows", "Reshape", shape=(8, 8))]
    nodes += [node("cell", kind, hidden_size=5, recurrent_init="orthogonal", recurrent_gain=0.4)]
    made = project(nodes, [wire("data.image", "rows"), wire("rows", "cell")], DIGITS, (Phase(),))
    plan = lower(made)
    analysis = analyse(plan)
    module = build(plan, analysis.arguments, 3).modules["cell"]
    torch.manual_seed(3)
    plain = getattr(nn, kind)(8, 5, batch_first=True)
    assert torch.equal(module.weight_ih_l0, plain.weight_ih_l0)
    for gate in module.weight_hh_l0.split(5):
        assert torch.allclose(gate @ gate.T, 0.16 * torch.eye(5), atol=1e-6)
    namespace: dict[str, object] = {}
    exec(source(made, plan, analysis), namespace)
    torch.manual_seed(3)
    written = namespace[class_name(made)]()
    assert torch.equal(module.weight_hh_l0, written.cell.weight_hh_l0)


@pytest.mark.parametrize(("kind", "param"), [("LSTM", "forget_bias"), ("GRU", "update_bias")])
def test_the_gates_that_keep_begin_as_open_as_was_said_in_module_and_code(kind: str, param: str) -> None:
    nodes = [node("data", "Dataset", dataset="data"), node("rows", "Reshape", shape=(8, 8))]
    nodes += [node("lstm", kind, hidden_size=5, num_layers=2, bidirectional=True, **{param: 4.0})]
    made = project(nodes, [wire("data.image", "rows"), wire("rows", "lstm")], DIGITS, (Phase(),))
    plan = lower(made)
    analysis = analyse(plan)
    module = build(plan, analysis.arguments, 3).modules["lstm"]
    torch.manual_seed(3)
    plain = getattr(nn, kind)(8, 5, num_layers=2, bidirectional=True, batch_first=True)
    for name, parameter in module.named_parameters():
        wanted = plain.get_parameter(name).detach().clone()
        if name.startswith("bias_ih"):
            wanted[5:10] = 4.0
        assert torch.equal(parameter, wanted), name
    namespace: dict[str, object] = {}
    exec(source(made, plan, analysis), namespace)
    torch.manual_seed(3)
    written = namespace[class_name(made)]()
    for name, parameter in module.named_parameters():
        assert torch.equal(parameter, written.get_parameter(f"lstm.{name}")), name
