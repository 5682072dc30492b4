"""A run that goes on with an edited network, or from the same first weights: what fits is kept to the last bit."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.build import build
from core.graph import Block, Graph
from core.project import Project
from core.training.carrying import carried, identity
from core.training.loop import start
from core.training.optimizers import Optimizer
from core.training.run import checked_plan
from tests.core.training.projects import (
    SPIRAL,
    chain,
    classifier,
    gan,
    loaded,
    lstm_classifier,
    node,
    project,
    sigmoid_mlp,
    small_convnet,
    wire,
)
from tests.core.training.running import assert_same, columns, finished, job, weights
from tests.core.training.test_checkpoint import interrupted


def network(made: Project):
    plan, analysis = checked_plan(made)
    return build(plan, analysis.arguments, made.training.seed)


def told(before: Project, after: Project) -> dict[str, tuple[str, str]]:
    """By name what becomes of each tensor, and why."""
    found = carried(before, network(before), after, network(after))
    return {weight.name: (weight.state, weight.why) for weight in found.weights}


def changed(made: Project, name: str, **params: object) -> Project:
    """The project with another value of a node's parameter."""
    old = made.graph.nodes[name]
    new = replace(old, params=tuple(sorted((dict(old.params) | params).items())))
    nodes = [new if one.id == name else one for one in made.graph.nodes.values()]
    return replace(made, graph=Graph.of(nodes, made.graph.edges.values()))


def inserted(made: Project, new, before: str, after: str) -> Project:
    """The project with a further layer between two."""
    nodes = [*made.graph.nodes.values(), new]
    edges = [edge for edge in made.graph.edges.values() if (edge.source, edge.target) != (before, after)]
    return replace(made, graph=Graph.of(nodes, [*edges, *chain([before, new.name, after])]))


def renamed(made: Project, old: str, name: str) -> Project:
    nodes = {key: replace(one, name=name) if key == old else one for key, one in made.graph.nodes.items()}
    return replace(made, graph=Graph.of(nodes.values(), made.graph.edges.values()))


@pytest.mark.parametrize(
    "made",
    [
        small_convnet(Optimizer("Adam", 0.01), epochs=2),
        small_convnet(Optimizer("Rprop", 0.01), epochs=2),
        sigmoid_mlp(3, optimizer=Optimizer("Adagrad", 0.1), epochs=2, averaging=0.9),
        lstm_classifier(Optimizer("NAdam", 0.01), epochs=2),
        gan(batch_size=10, epochs=8),
    ],
    ids=["Adam", "Rprop", "Adagrad and average", "lstm, NAdam", "two phases"],
)
def test_with_nothing_changed_it_is_the_exact_resume(tmp_path, made):
    interrupted(made, tmp_path, 30)
    _events, plain = finished(made, resume=tmp_path)
    first, *others = made.training.phases  # whose rate was changed on the way, as an edit of the document
    now = replace(first, optimizer=replace(first.optimizer, learning_rate=0.02))
    after = replace(made, training=replace(made.training, phases=(now, *others)))
    _events, edited = finished(after, resume=tmp_path, before=made, data_before=loaded(made))
    assert_same(weights(edited), weights(plain))


def test_an_inserted_layer_is_new_and_all_others_are_kept_with_the_optimizers_memory(tmp_path):
    before = sigmoid_mlp(2, optimizer=Optimizer("Adam", 0.01), epochs=2)
    after = inserted(before, node("extra", "Linear", out_features=16), "fc1", "act1")
    interrupted(before, tmp_path, 30)
    old = start(job(before, resume=tmp_path))
    run = start(job(after, resume=tmp_path, before=before, data_before=loaded(before)))
    fresh = start(job(after))
    mine, theirs, own = run.own_weights(), old.own_weights(), fresh.own_weights()
    for name in mine:
        assert torch.equal(mine[name], own[name] if name.startswith("extra") else theirs[name])
    assert (run.step_number, run.batches.place) == (30, 30)
    for key in ("exp_avg", "exp_avg_sq"):
        (kept,), (known,) = run.phases[0].optimizer.state.values(), old.phases[0].optimizer.state.values()
        for name in theirs:
            assert torch.equal(at(run, kept[key], name), at(old, known[key], name))
        assert not at(run, kept[key], "extra.weight").any()
        assert kept["step"] == known["step"]
    assert all(group.flat.intact() for group in run.groups)


def at(run, flat: torch.Tensor, name: str) -> torch.Tensor:
    """The part of a flat tensor that belongs to a weight."""
    parameter = dict(run.network.root.named_parameters())[name]
    (group,) = run.groups
    places = {id(one): begin for one, begin in zip(group.flat.parameters, group.flat.places, strict=True)}
    begin = places[id(parameter)]
    return flat[begin : begin + parameter.numel()]


def test_a_wider_layer_is_new_and_says_both_shapes(tmp_path):
    before = sigmoid_mlp(3)
    found = told(before, changed(before, "fc1", out_features=32))
    assert found["fc1.weight"] == ("new", "it was 16×64 and is 32×64")
    assert found["fc1.bias"] == ("new", "it was 16 and is 32")
    assert found["fc2.weight"] == ("new", "it was 16×16 and is 16×32")
    assert found["fc2.bias"] == ("kept", "")
    assert found["fc3.weight"] == ("kept", "")


def test_a_renamed_layer_is_kept_and_a_removed_one_gone(tmp_path):
    before = sigmoid_mlp(3)
    found = told(before, renamed(before, "fc1", "first"))
    assert found["first.weight"] == ("kept", "it was fc1.weight")
    assert "fc1.weight" not in found
    smaller = told(before, sigmoid_mlp(2))
    assert smaller["fc3.weight"] == ("gone", "its layer is no longer there")
    assert smaller["fc2.weight"] == ("new", "it was 16×16 and is 10×16")


def test_another_kind_under_the_same_id_and_a_bias_that_was_not_there_are_new():
    before = classifier(
        [node("a", "Linear", out_features=4), node("b", "Linear", out_features=2, bias=False)], SPIRAL, "point"
    )
    after = changed(before, "b", bias=True)
    assert told(before, after)["b.bias"] == ("new", "the layer had none")
    nodes = [replace(one, kind="PReLU", params=()) if one.id == "a" else one for one in before.graph.nodes.values()]
    other = replace(before, graph=Graph.of(nodes, before.graph.edges.values()))
    assert told(before, other)["a.weight"][1] == "the layer was a Linear"


def repeated(count: int, link: bool = False) -> Project:
    inside = [node("x", "BlockInput"), node("fc", "Linear", out_features=4), node("y", "BlockOutput")]
    block = Block("cell", "cell", Graph.of(inside, chain([one.name for one in inside])))
    shared = {"link": "same"} if link else {}
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("first", "Linear", out_features=4),
        node("one", "Block", block="cell", repeat=count),
        node("two", "Block", block="cell", **shared),
        node("three", "Block", block="cell", **shared),
        node("out", "Linear", out_features=2),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.point", "first"),
        wire("first", "one.x"),
        wire("one.y", "two.x"),
        wire("two.y", "three.x"),
        wire("three.y", "out"),
        wire("out", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    return project(nodes, edges, SPIRAL, blocks=(block,))


def test_instances_and_repetitions_keep_each_their_own():
    found = told(repeated(2), repeated(3))
    states = {name: state for name, (state, _why) in found.items() if name.endswith("weight")}
    assert states["one[0].fc.weight"] == states["one[1].fc.weight"] == states["two.fc.weight"] == "kept"
    assert states["one[2].fc.weight"] == "new"
    assert identity(repeated(2), "one[1].fc") == ("one[1]", "fc")


def test_linked_instances_keep_their_weight_when_the_first_of_them_goes():
    before = repeated(2, link=True)
    nodes = [one for one in before.graph.nodes.values() if one.id != "two"]
    edges = [edge for edge in before.graph.edges.values() if "two" not in (edge.source, edge.target)]
    after = replace(before, graph=Graph.of(nodes, [*edges, wire("one.y", "three.x")]))
    assert told(before, after)["three.fc.weight"] == ("kept", "it was two.fc.weight")


def test_other_batches_begin_the_epoch_again_and_the_run_goes_to_its_end(tmp_path):
    before = small_convnet(Optimizer("Adam", 0.01), epochs=3)
    interrupted(before, tmp_path, 60)  # of 45 an epoch
    after = replace(before, training=replace(before.training, batch_size=64))
    run = start(job(after, resume=tmp_path, before=before, data_before=loaded(before)))
    assert (run.epoch, run.step_number, run.batches.permutations) == (1, 23, {})
    events, _control = finished(after, resume=tmp_path, before=before, data_before=loaded(before))
    assert len(columns(events)["loss"]) == 2 * 23


def test_a_rewound_run_is_the_same_run_when_nothing_was_changed():
    made = small_convnet(Optimizer("Adam", 0.01), epochs=1)
    first, one = finished(made)
    second, other = finished(made, before=made, data_before=loaded(made))
    assert_same(weights(one), weights(other))
    assert columns(first)["loss"].tolist() == columns(second)["loss"].tolist()


def test_a_rewound_run_has_the_first_weights_of_before_whatever_was_changed():
    before = sigmoid_mlp(3)
    after = inserted(before, node("extra", "Linear", out_features=16), "fc1", "act1")
    after = replace(after, training=replace(after.training, seed=99))
    run = start(job(after, before=before, data_before=loaded(before)))
    mine, theirs = run.own_weights(), start(job(before)).own_weights()
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    assert not torch.equal(mine["fc2.weight"], start(job(after)).own_weights()["fc2.weight"])


def test_weights_of_the_network_before_are_carried_too(tmp_path):
    before = sigmoid_mlp(2)
    _events, control = finished(before, folder=tmp_path)
    after = inserted(before, node("extra", "Linear", out_features=16), "fc1", "act1")
    run = start(job(after, weights=tmp_path / "weights.safetensors", before=before, data_before=loaded(before)))
    assert all(torch.equal(run.own_weights()[name], tensor) for name, tensor in weights(control).items())


def test_another_optimizer_begins_without_memory(tmp_path):
    before = sigmoid_mlp(2, optimizer=Optimizer("Adam", 0.01), epochs=2)
    interrupted(before, tmp_path, 30)
    training = replace(before.training, phases=(replace(before.training.phases[0], optimizer=Optimizer("SGD", 0.1)),))
    run = start(job(replace(before, training=training), resume=tmp_path, before=before, data_before=loaded(before)))
    assert not run.phases[0].optimizer.state
    assert run.phases[0].learning_rate == 0.1
