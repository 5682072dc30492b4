"""Bypass: what is let through, what is refused and why, and that the network is the one without the node."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from core.build import build
from core.bypassing import bypassed
from core.checks import errors
from core.codegen import source
from core.errors import ChainruleError, GraphError, ShapeError
from core.exchange.network import exported
from core.exchange.script import script
from core.files import from_text, to_text
from core.fitting import types_of
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, InputKey, Node
from core.lowering import lower
from core.pasting import duplicate
from core.plan import Value
from core.planning import apply_fix, dissolve, set_param, with_bypass
from core.problems import StopBypass
from core.project import Project
from core.reading import read
from core.shapes import analyse
from core.ungrouping import ungroup
from tests.core.networks import chain, lenet
from tests.core.random_edits import edited, starts


def bypass(project: Project, *nodes: str) -> Project:
    """With these bypassed, as the command does it."""
    return bypassed(project, nodes, analyse(lower(project)))[0]


def refusal(project: Project, *nodes: str) -> ChainruleError:
    """Why they cannot be."""
    with pytest.raises(ChainruleError) as caught:
        bypass(project, *nodes)
    return caught.value


def in_blocks(repeat: int = 2) -> Project:
    """A block of one Linear that keeps its width, stacked between two layers."""
    inside = Graph.of(
        [Node("i", BLOCK_INPUT, "x"), Node("l", "Linear", "fc", (("out_features", 8),)), Node("o", BLOCK_OUTPUT, "y")],
        [Edge("i", "output", "l", "input"), Edge("l", "output", "o", "input")],
    )
    project = chain(
        [("Flatten", "flatten", {}), ("Linear", "first", {"out_features": 8}), ("Linear", "last", {"out_features": 10})]
    )
    graph = project.graph.add_nodes([Node("b", BLOCK, "stack", block="inner", repeat=repeat)])
    graph = graph.connect_all([Edge("first", "output", "b", "x"), Edge("b", "y", "last", "input")])
    return replace(project, graph=graph, blocks=MappingProxyType({"inner": Block("inner", "Inner", inside)}))


def test_a_bypassed_layer_has_no_step_and_what_feeds_it_feeds_its_readers() -> None:
    plan = lower(bypass(lenet(), "tanh1"))
    assert "tanh1" not in plan.by_path
    assert plan.by_path["pool1"].inputs == (("input", (Value("conv1", "output"),)),)
    assert [item.path for item in plan.bypassed] == ["tanh1"]


def test_the_network_is_the_one_from_which_the_layer_was_dissolved() -> None:
    ours, theirs = bypass(lenet(), "tanh1", "tanh4"), dissolve(lenet(), ("tanh1", "tanh4"))
    outputs = []
    for project in (ours, theirs):
        plan = lower(project)
        analysis = analyse(plan)
        assert not errors(read(project).problems)
        made = build(plan, analysis.arguments, 0)
        outputs.append(made.root.state_dict())
    assert outputs[0].keys() == outputs[1].keys()
    assert all(torch.equal(outputs[0][name], outputs[1][name]) for name in outputs[0])
    ours_counts, theirs_counts = (analyse(lower(project)) for project in (ours, theirs))
    assert ours_counts.total_parameters == theirs_counts.total_parameters
    assert ours_counts.total_macs == theirs_counts.total_macs
    assert [step[:1] + step[3:] for step in lower(ours).steps] == [step[:1] + step[3:] for step in lower(theirs).steps]


def test_what_a_bypassed_layer_lets_through_is_known_at_its_output() -> None:
    project = bypass(lenet(), "tanh1", "tanh2")
    types = types_of(project, analyse(lower(project)))
    assert str(types.of("tanh1", "output")) == "6×28×28" == str(types.of("conv1", "output"))


def test_one_that_changes_the_shape_is_refused_with_both_shapes() -> None:
    error = refusal(lenet(), "pool1")
    assert isinstance(error, ShapeError)
    assert error.where == "pool1"
    assert "B×6×28×28 comes in and B×6×14×14 goes out" in str(error)


def test_one_that_changes_the_dtype_is_refused_with_both() -> None:
    project = chain(
        [
            ("Cast", "cast", {"dtype": "float64"}),
            ("Cast", "back", {"dtype": "float32"}),
            ("Flatten", "f", {}),
            ("Linear", "fc", {"out_features": 10}),
        ]
    )
    assert "B×1×28×28 float32 comes in and B×1×28×28 float64 goes out" in str(refusal(project, "cast"))


@pytest.mark.parametrize(("node", "reason"), [("data", "source"), ("loss", "loss")])
def test_sources_and_losses_are_refused(node: str, reason: str) -> None:
    error = refusal(lenet(), node)
    assert isinstance(error, GraphError)
    assert reason in error.came


def test_a_loose_layer_is_refused_as_nothing_is_known_of_it() -> None:
    project = lenet()
    loose = project.with_scope(project.graph.disconnect([InputKey("tanh1", "input")]))
    assert "not known" in refusal(loose, "tanh1").came


def test_of_several_those_are_bypassed_that_can_be_and_the_others_are_told() -> None:
    project, why = bypassed(lenet(), ("tanh1", "pool1", "tanh2"), analyse(lower(lenet())))
    assert {node.id for node in project.graph.nodes.values() if node.bypassed} == {"tanh1", "tanh2"}
    assert [error.where for error in why] == ["pool1"]
    again = bypass(project, "tanh1", "tanh2")
    assert not any(node.bypassed for node in again.graph.nodes.values())


def test_a_join_lets_its_first_input_through_and_needs_no_other() -> None:
    project = chain(
        [("Flatten", "flatten", {}), ("Linear", "a", {"out_features": 10}), ("ReLU", "b", {}), ("Add", "add", {})]
    )
    wires = [Edge("b", "output", "add", "inputs", 1), Edge("a", "output", "add", "inputs", 0)]
    graph = project.graph.disconnect([InputKey("add", "input")]).connect_all(wires)
    plan = lower(bypass(replace(project, graph=graph), "add"))
    assert plan.losses[0].inputs[0] == ("logits", (Value("a", "output"),))


def test_an_output_of_another_type_keeps_it_from_being_bypassed_only_where_it_is_read() -> None:
    rows = chain(
        [
            ("Select", "rows", {"dim": 1, "index": 0}),
            ("LSTM", "lstm", {"hidden_size": 28}),
            ("Select", "last", {"dim": 1, "index": -1}),
            ("Linear", "fc", {"out_features": 10}),
        ]
    )
    assert lower(bypass(rows, "lstm")).bypassed
    hidden = lower(rows).by_path["lstm"].outputs[1]
    read_too = rows.with_scope(
        rows.graph.add_nodes([Node("n", "Neg", "neg")]).connect(Edge("lstm", hidden, "n", "input"))
    )
    assert f"at {hidden}" in refusal(read_too, "lstm").came


def test_a_bypass_that_an_edit_made_impossible_is_a_problem_with_its_fix() -> None:
    before = bypass(
        chain([("Flatten", "f", {}), ("Linear", "a", {"out_features": 10}), ("Linear", "b", {"out_features": 10})]), "b"
    )
    assert not errors(read(before).problems)
    after = set_param(before, "b", "out_features", 12)
    (problem,) = [item for item in read(after, read(before)).problems if item.code == "E115"]
    assert problem.node == "b"
    assert "B×10 comes in and B×12 goes out" in problem.message
    assert problem.fixes == (StopBypass("Stop bypassing b", "b"),)
    mended = apply_fix(after, problem.fixes[0])
    assert not mended.graph.nodes["b"].bypassed
    assert not [item for item in read(mended).problems if item.code == "E115"]


def test_a_block_is_bypassed_whole_and_one_inside_in_every_repetition() -> None:
    project = in_blocks()
    whole = lower(bypass(project, "b"))
    assert whole.by_path["last"].inputs == (("input", (Value("first", "output"),)),)
    assert whole.idle == {"stack[0].fc", "stack[1].fc"}
    inside = lower(bypass(project, "l"))
    assert [item.path for item in inside.bypassed] == ["stack[0].fc", "stack[1].fc"]
    assert inside.by_path["last"].inputs == whole.by_path["last"].inputs


def test_a_bypassed_block_is_not_unfolded() -> None:
    with pytest.raises(GraphError, match="bypassed"):
        ungroup(bypass(in_blocks(), "b"), ("b",))


def test_shared_weights_are_those_of_the_first_that_runs() -> None:
    nodes = {"a": replace(_chained().graph.nodes["a"], link="s"), "b": replace(_chained().graph.nodes["b"], link="s")}
    project = _chained()
    for node in nodes.values():
        project = project.with_scope(project.graph.replace_node(node))
    plan = lower(bypass(project, "a"))
    assert plan.by_path["b"].module == "b"
    assert analyse(plan).total_parameters == 10 * 10 + 10 + 784 * 10 + 10


def _chained() -> Project:
    return chain(
        [
            ("Flatten", "f", {}),
            ("Linear", "first", {"out_features": 10}),
            ("Linear", "a", {"out_features": 10}),
            ("Linear", "b", {"out_features": 10}),
        ]
    )


def test_the_file_keeps_it_and_says_nothing_where_nothing_is_bypassed() -> None:
    project = bypass(lenet(), "tanh1")
    text = to_text(project)
    assert from_text(text).graph == project.graph
    assert '"name": "tanh1", "bypassed": true}' in text
    assert "bypassed" not in to_text(lenet())


def test_a_file_whose_source_is_bypassed_opens_and_the_source_runs() -> None:
    project = with_bypass(lenet(), ("data",), True)
    assert lower(from_text(to_text(project))).sources


def test_copies_are_bypassed_too() -> None:
    project, (copy,) = duplicate(bypass(lenet(), "tanh1"), ("tanh1",))
    assert project.graph.nodes[copy].bypassed


def test_the_code_leaves_it_out_and_says_so_where_it_stood() -> None:
    project = bypass(lenet(), "tanh1")
    plan = lower(project)
    lines = source(project, plan, analyse(plan)).splitlines()
    place = lines.index("        # tanh1 (Tanh) is bypassed")
    assert "self.conv1(" in lines[place - 1]
    assert "self.pool1(" in lines[place + 1] or "avg_pool2d" in lines[place + 1]
    assert not any("self.tanh1" in line for line in lines)


def test_the_code_of_a_bypassed_end_and_of_a_block_all_of_which_is_bypassed_runs() -> None:
    for project in (bypass(in_blocks(), "b"), bypass(in_blocks(), "l"), bypass(_chained(), "b")):
        plan = lower(project)
        analysis = analyse(plan)
        made: dict[str, type[nn.Module]] = {}
        exec(source(project, plan, analysis), made)  # our own text
        network = made["Chain"]()
        given = torch.rand(2, 1, 28, 28)
        layers = {name for name, _weights in network.named_parameters()}
        assert not any("fc" in name or name.startswith("b.") for name in layers)
        assert network(given).shape == (2, 10)


def test_the_code_names_what_is_bypassed_in_a_block_of_which_nothing_is_left() -> None:
    project = bypass(in_blocks(), "l")
    plan = lower(project)
    text = source(project, plan, analyse(plan))
    assert "        # stack.fc (Linear) is bypassed\n" in text
    assert "class Inner" not in text


def test_the_training_script_leaves_it_out_and_says_so_too() -> None:
    text = script(bypass(lenet(), "tanh1"))
    assert "        # tanh1 (Tanh) is bypassed\n" in text
    assert "tanh1(" not in text


def test_an_exported_network_computes_what_the_one_without_the_layer_does() -> None:
    given = torch.rand(3, 1, 28, 28)
    made = [exported(project, None) for project in (bypass(lenet(), "tanh1"), dissolve(lenet(), ("tanh1",)))]
    outputs = [next(iter(network(given).values())) for network in made]
    assert torch.equal(*outputs)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(starts(), st.data())
def test_what_may_be_bypassed_breaks_nothing_whatever_was_edited_before(project: Project, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(0, 4))):
        project = edited(project, data)
    before = read(project)
    chosen = data.draw(st.lists(st.sampled_from(sorted(project.all_nodes())), min_size=1, max_size=3, unique=True))
    with suppress(ChainruleError):
        after, _why = bypassed(project, chosen, before.analysis)
        reading = read(after, before)
        nodes = project.all_nodes()
        fresh = {key for key in chosen if after.all_nodes()[key].bypassed and not nodes[key].bypassed}
        assert not [item for item in reading.problems if item.code == "E115" and item.node in fresh]
        assert before.errors or not fresh or not reading.errors
        compile(source(after, reading.plan, reading.analysis), "network", "exec")
