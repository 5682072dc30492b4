"""What counts as changed since a run, and what is stale for it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from core import planning
from core.changes import changed_nodes, stale_nodes
from core.collapsing import collapse
from core.graph import Edge, InputKey
from core.grouping import group
from core.project import Project
from core.trail import Entered
from tests.core.networks import lenet


def with_node(project: Project, node_id: str, block: str = "", **values: object) -> Project:
    graph = project.scope(block)
    changed = graph.replace_node(graph.nodes[node_id].with_params(**values))  # type: ignore[arg-type]
    return project.with_scope(changed, block)


def test_nothing_has_changed_in_an_equal_project():
    assert changed_nodes(lenet(), lenet()) == frozenset()
    assert stale_nodes(lenet(), lenet()) == frozenset()


def test_a_parameter_changes_its_node_and_makes_stale_what_lies_behind():
    then = lenet()
    now = with_node(then, "fc2", out_features=50)
    assert changed_nodes(then, now) == {"fc2"}
    assert stale_nodes(then, now) == {"fc2", "tanh4", "fc3", "loss"}
    assert changed_nodes(then, with_node(now, "fc2", out_features=84)) == frozenset()


def test_name_place_and_body_are_none_of_a_nodes_meaning():
    then = lenet()
    now = planning.rename(then, "fc2", "hidden")
    now = collapse(planning.move(now, {"fc2": (900.0, 20.0)}), ("fc2",), True)
    assert changed_nodes(then, replace(now, description="other")) == frozenset()


def test_a_new_node_and_wires_that_are_new_moved_or_gone_count():
    then = lenet()
    spliced, fresh = planning.insert(then, "Dropout", InputKey("fc2", "input"))
    assert changed_nodes(then, spliced) == {fresh, "fc2"}
    moved = then.with_scope(then.graph.connect(Edge("tanh1", "output", "conv2", "input")))
    assert changed_nodes(then, moved) == {"conv2"}
    cut = planning.disconnect(then, (InputKey("fc3", "input"),))
    assert changed_nodes(then, cut) == {"fc3"}
    gone = planning.delete(then, ("tanh4",))
    assert changed_nodes(then, gone) == {"fc3"}


def test_freezing_changes_what_is_trained():
    then = lenet()
    assert changed_nodes(then, with_node(then, "conv1", frozen=True)) == {"conv1"}


def test_another_split_of_the_data_changes_the_data_node_and_makes_all_stale():
    then = lenet()
    settings = replace(then.data["mnist"], validation=0.4)
    now = then.with_data("mnist", settings)
    assert changed_nodes(then, now) == {"data"}
    assert stale_nodes(then, now) == then.graph.nodes.keys()


def test_a_change_inside_a_block_changes_its_instance_and_the_node_inside():
    then, node = group(lenet(), ("conv2", "tanh2"))
    block = then.graph.nodes[node].block
    now = with_node(then, "conv2", block, out_channels=12)
    trail = (Entered(node),)
    assert changed_nodes(then, now) == {node}
    assert changed_nodes(then, now, trail) == {"conv2"}
    assert "conv2" in stale_nodes(then, now, trail)
    before = with_node(then, "conv1", out_channels=9)
    assert changed_nodes(then, before, trail) == frozenset()
    assert stale_nodes(then, before, trail) == before.blocks[block].graph.nodes.keys()


def test_the_inside_of_a_block_that_the_run_did_not_have_is_new():
    then = lenet()
    now, node = group(then, ("conv2", "tanh2"))
    inside = now.blocks[now.graph.nodes[node].block].graph
    assert changed_nodes(then, now, (Entered(node),)) == inside.nodes.keys()


def test_what_the_training_is_told_is_no_change_of_a_node():
    then = lenet()
    now = replace(then, training=replace(then.training, epochs=3), data=MappingProxyType(dict(then.data)))
    assert changed_nodes(then, now) == frozenset()
