"""A Python block trains as the layers it is made of, and fails with its line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.build import build
from core.codegen import class_name
from core.codegen import source as code_text
from core.engine.messages import Failed, Started
from core.graph import Graph
from core.lowering import lower
from core.project import Project
from core.python.probing import engine_oracle
from core.python.questions import Question, Told
from core.reading import Reading, read
from core.shapes import analyse
from core.training.checkpoint import save_weights
from core.training.control import Control
from core.training.evaluate import evaluate
from core.training.loop import train
from core.training.optimizers import Optimizer
from tests.core.python.projects import HEAD, HIDDEN, block, in_block, python, trusted, with_block
from tests.core.training.projects import DIGITS, classifier, loaded, node, wire
from tests.core.training.running import assert_same, columns, finished, job, only, samples, weights


def known(project: Project) -> Reading:
    return read(project, oracle=engine_oracle())


def by_hand(**settings: object) -> Project:
    return trusted(with_block(python("hidden", HIDDEN), python("second", HIDDEN, '{"size": 12}'), **settings))


def built_in(**settings: object) -> Project:
    layers = [
        node("flatten", "Flatten"),
        node("hidden", "Linear", out_features=16),
        node("relu", "ReLU"),
        node("second", "Linear", out_features=12),
        node("relu2", "ReLU"),
        node("fc", "Linear", out_features=10),
    ]
    return classifier(layers, DIGITS, **settings)


def test_the_same_layers_by_hand_train_to_the_same_losses_and_weights() -> None:
    mine, my_end = finished(by_hand(epochs=2, seed=7))
    theirs, their_end = finished(built_in(epochs=2, seed=7))
    np.testing.assert_array_equal(columns(mine)["loss"], columns(theirs)["loss"])
    found = {name.replace(".linear", ""): tensor for name, tensor in weights(my_end).items()}
    wanted = weights(their_end)
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


def test_its_forward_pass_is_made_once_a_step_and_no_more_though_it_is_watched() -> None:
    counting = block("Block.passes += 1\nreturn x * (1 + 1 / Block.passes)", begin="Block.passes = 0")
    ends = []
    for watch in (True, False):
        _events, control = finished(trusted(with_block(python("count", counting), epochs=1)), watch=watch)
        ends.append(weights(control))
    assert_same(*ends)


def test_its_gradients_are_measured_like_those_of_other_layers() -> None:
    mine, _ = finished(by_hand(epochs=1))
    theirs, _ = finished(built_in(epochs=1))
    for name in ("gradient", "weight", "update"):
        np.testing.assert_array_equal(columns(mine)[f"{name}:hidden"], columns(theirs)[f"{name}:hidden"])
    steps, output = samples(mine)
    other_steps, other = samples(theirs)
    both = np.intersect1d(steps, other_steps)
    assert len(both) > 3
    mine_at, theirs_at = np.isin(steps, both), np.isin(other_steps, both)
    np.testing.assert_array_equal(output["output:hidden"][mine_at], other["output:relu"][theirs_at])
    rows = {row.path: row for row in only(mine, Started)[0].weights}
    assert rows["hidden"].numel == 64 * 16


def test_shapes_cost_and_parameters_are_those_of_the_layers() -> None:
    mine, theirs = known(by_hand()).analysis, known(built_in()).analysis
    assert mine.total_parameters == theirs.total_parameters
    assert mine.total_macs == theirs.total_macs


def test_a_trained_block_is_kept_and_judged_again(tmp_path: Path) -> None:
    project = by_hand(epochs=1)
    events, control = finished(project)
    path = tmp_path / "weights.safetensors"
    save_weights(weights(control), path)
    found = evaluate(project, path, loaded(project))
    assert found.loss == pytest.approx(events[-1].validation_loss, abs=1e-6)


def test_a_frozen_block_keeps_its_weights() -> None:
    project = trusted(with_block(python("hidden", HIDDEN, frozen=True), epochs=1))
    _, control = finished(project)
    reading = known(project)
    fresh = build(reading.plan, reading.analysis.arguments, project.training.seed).root.state_dict()
    found = weights(control)
    assert torch.equal(found["hidden.linear.weight"], fresh["hidden.linear.weight"])
    assert not torch.equal(found["fc.weight"], fresh["fc.weight"])


def test_linked_blocks_share_their_weights() -> None:
    source = HIDDEN.replace("size=16", "size=64")
    nodes = [replace(python(name, source), link="same") for name in ("one", "two")]
    reading = known(trusted(with_block(*nodes)))
    network = build(reading.plan, reading.analysis.arguments, 0)
    assert [name for name in network.root.state_dict() if "linear.weight" in name] == ["one.linear.weight"]
    assert reading.analysis.total_parameters == 64 * 64 + 64 + 64 * 10 + 10


def test_the_code_has_every_source_once_and_gives_the_same_network() -> None:
    other = HIDDEN.replace("torch.relu(", "torch.tanh(Hidden.half * ").replace(
        "):\n    def", "):\n    half = 0.5\n\n    def"
    )
    nodes = (python("one", HIDDEN), python("two", HIDDEN, '{"size": 5}'), python("three", other))
    project = trusted(with_block(*nodes))
    reading = known(project)
    text = code_text(project, reading.plan, reading.analysis)
    assert text.count("class Hidden(") == text.count("class Hidden2(") == 1
    assert text.count("import torch\n") == 1
    assert "Hidden2.half" in text
    space: dict[str, type[torch.nn.Module]] = {}
    exec(text, space)
    torch.manual_seed(3)
    theirs = space[class_name(project)]()
    ours = build(reading.plan, reading.analysis.arguments, 3).root
    for one, two in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(one, two)


FAILING = {
    "forward": (block("if torch.is_grad_enabled():\n    raise KeyError('late')\nreturn x"), 8, "KeyError: 'late'"),
    "shape": (
        block("if torch.is_grad_enabled():\n    return x @ torch.zeros(7, 2)\nreturn x"),
        8,
        "RuntimeError: mat1 and mat2",
    ),
    "exit": (block("if torch.is_grad_enabled():\n    exit(3)\nreturn x"), 8, "SystemExit: 3"),
    "backward": (
        f"""{HEAD}class Odd(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        return x * 1

    @staticmethod
    def backward(context, gradient):
        raise TypeError("no way back")


class Block(nn.Module):
    def forward(self, x):
        return Odd.apply(x)
""",
        12,
        "TypeError: no way back",
    ),
}


@pytest.mark.parametrize(("source", "line", "words"), FAILING.values(), ids=FAILING)
def test_a_block_that_raises_ends_the_run_with_its_node_and_line(source: str, line: int, words: str) -> None:
    learner = node("first", "Linear", out_features=32)
    project = trusted(with_block(learner, python("odd", source)))
    assert known(project).errors == ()
    *_, end = train(job(project), Control())
    assert isinstance(end, Failed)
    assert end.problem.kind == "CodeError"
    assert words in end.problem.came
    assert (end.problem.where, end.problem.node, end.problem.line) == ("odd", "odd", line)
    assert f"line {line} raised" in end.problem.came


def test_a_block_that_cannot_be_made_ends_the_run_before_it_begins() -> None:
    project = trusted(with_block(python("odd", block("return x", begin="self.gone = open('/no/such/file')"))))
    (end,) = train(job(project), Control())
    assert isinstance(end, Failed)
    assert (end.problem.node, end.problem.line) == ("odd", 8)
    assert "FileNotFoundError" in end.problem.came


def test_an_untrusted_block_does_not_train() -> None:
    (end,) = train(job(with_block(python("odd", HIDDEN))), Control())
    assert isinstance(end, Failed)
    assert "trust" in end.problem.wanted
    assert end.problem.fix


def test_a_block_in_a_stacked_block_has_weights_of_its_own_at_every_place() -> None:
    project = trusted(in_block())
    reading = known(project)
    assert reading.errors == ()
    network = build(reading.plan, reading.analysis.arguments, 0)
    names = [name for name in network.root.state_dict() if name.startswith("enc")]
    assert names == [f"enc[{place}].mine.linear.{what}" for place in range(3) for what in ("weight", "bias")]
    finished(project)


def test_several_outputs_train_like_the_layers_they_are_made_of() -> None:
    pair = block("a = self.left(x)\nb = torch.relu(a)\nreturn a, b", begin="self.left = nn.Linear(64, 10)")
    made = trusted(with_block(python("pair", pair), epochs=1))
    graph = made.graph
    added = Graph.of(
        (*graph.nodes.values(), node("sum", "Add")),
        (
            *(edge for edge in graph.edges.values() if edge.target != "fc"),
            wire("pair.a", "sum.inputs"),
            wire("pair.b", "sum.inputs", 1),
            wire("sum", "fc"),
        ),
    )
    mine, _ = finished(replace(made, graph=added))
    plain = [
        node("flatten", "Flatten"),
        node("left", "Linear", out_features=10),
        node("relu", "ReLU"),
        node("sum", "Add"),
        node("fc", "Linear", out_features=10),
    ]
    other = classifier(plain, DIGITS, epochs=1)
    wires = [edge for edge in other.graph.edges.values() if edge.target != "sum"]
    wires += [wire("left", "sum.inputs"), wire("relu", "sum.inputs", 1)]
    theirs, _ = finished(replace(other, graph=Graph.of(other.graph.nodes.values(), wires)))
    np.testing.assert_array_equal(columns(mine)["loss"], columns(theirs)["loss"])


def test_an_analysis_kept_up_with_edits_and_answers_is_the_one_made_anew() -> None:
    project = trusted(with_block(python("one", HIDDEN), python("two", HIDDEN, '{"size": 12}')))
    answers = engine_oracle()
    told: set[object] = set()

    def slow(question: Question) -> Told | None:
        return answers(question) if question in told else None

    plan = lower(project)
    analysis = analyse(plan, oracle=slow)
    assert analysis.awaited.keys() == {"one"}
    for path in ("one", "two"):
        told.add(analysis.awaited[path])
        analysis = analyse(plan, analysis)
    assert analysis == analyse(plan, oracle=answers)
    graph = project.graph
    changed = graph.replace_node(graph.node("one").with_params(settings='{"size": 7}'))
    edited = trusted(project.with_scope(changed))
    later = analyse(lower(edited, plan), analysis)
    assert later.awaited.keys() == {"one"}
    assert not any(value.path in ("one", "two", "fc") for value in later.types)
    assert analyse(later.plan, later, answers) == analyse(lower(edited), oracle=answers)


def test_a_block_of_vectors_alone_trains_and_is_no_row() -> None:
    scale = "self.scale = nn.Parameter(torch.ones(64))\nself.shift = nn.Parameter(torch.zeros(()))"
    project = trusted(with_block(python("scaled", block("return x * self.scale + self.shift", begin=scale)), epochs=1))
    events, control = finished(project)
    assert [row.path for row in only(events, Started)[0].weights] == ["fc"]
    found = weights(control)
    assert not torch.equal(found["scaled.scale"], torch.ones(64))
    assert found["scaled.shift"] != 0
    assert np.isfinite(columns(events)["gradient:fc"]).all()


def test_a_block_without_weights_is_no_row() -> None:
    events, _ = finished(trusted(with_block(python("bent", block("return torch.tanh(x)")), epochs=1)))
    assert [row.path for row in only(events, Started)[0].weights] == ["fc"]


def test_what_a_block_freezes_of_its_own_stays_under_weight_decay() -> None:
    begin = "self.held = nn.Linear(64, 8)\nself.held.requires_grad_(False)\nself.free = nn.Linear(8, 8)"
    source = block("return self.free(self.held(x))", begin=begin)
    decay = Optimizer("SGD", 0.1, weight_decay=0.1)
    project = trusted(with_block(python("partly", source), epochs=1, optimizer=decay))
    events, control = finished(project)
    reading = known(project)
    fresh = build(reading.plan, reading.analysis.arguments, project.training.seed).root.state_dict()
    found = weights(control)
    assert torch.equal(found["partly.held.weight"], fresh["partly.held.weight"])
    assert not torch.equal(found["partly.free.weight"], fresh["partly.free.weight"])
    step = columns(events)
    assert np.isfinite(step["gradient:partly"]).all()
    assert np.isfinite(step["gradient:fc"]).all()
