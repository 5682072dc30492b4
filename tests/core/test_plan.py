"""Lowering: running order, blocks, links and repeats."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, Node
from core.lowering import lower
from core.plan import Value
from core.project import Project
from core.shapes import analyse
from core.wiring import running_order
from tests.core.networks import lenet


def block_project(repeat: int = 3, link: str = "") -> Project:
    inside = Graph.of(
        [Node("i", BLOCK_INPUT, "x"), Node("l", "Linear", "fc", (("out_features", 8),)), Node("o", BLOCK_OUTPUT, "y")],
        [Edge("i", "output", "l", "input"), Edge("l", "output", "o", "input")],
    )
    graph = Graph.of(
        [
            Node("z", "Noise", "noise", (("size", 8),)),
            Node("a", BLOCK, "encoder", block="b", repeat=repeat, link=link),
            Node("c", BLOCK, "other", block="b", repeat=repeat, link=link),
            Node("r", "ReLU", "relu"),
        ],
        [Edge("z", "output", "a", "x"), Edge("a", "y", "c", "x"), Edge("c", "y", "r", "input")],
    )
    return Project(graph=graph, blocks=MappingProxyType({"b": Block("b", "layer", inside)}))


def test_the_running_order_is_the_files_wherever_wires_leave_a_choice() -> None:
    graph = Graph.of([Node(key, "ReLU", key) for key in "dcab"], [Edge("a", "output", "d", "input")])
    assert running_order(graph) == (("c", "a", "d", "b"), ())


def test_what_lies_in_or_behind_a_cycle_is_left_out_and_named() -> None:
    edges = [Edge("a", "output", "b", "input"), Edge("b", "output", "a", "input"), Edge("b", "output", "c", "input")]
    plan = lower(Project(graph=Graph.of([Node(key, "ReLU", key) for key in "abcd"], edges)))
    assert [step.path for step in plan.steps] == ["d"]
    assert plan.left_out == ("a", "b", "c")


def test_a_repeated_block_becomes_a_stack_with_paths_of_its_own() -> None:
    plan = lower(block_project())
    assert [step.path for step in plan.steps] == [
        "noise",
        *(f"encoder[{place}].fc" for place in range(3)),
        *(f"other[{place}].fc" for place in range(3)),
        "relu",
    ]
    assert plan.by_path["encoder[1].fc"].inputs == (("input", (Value("encoder[0].fc", "output"),)),)
    assert plan.by_path["relu"].inputs == (("input", (Value("other[2].fc", "output"),)),)
    assert {step.shown for step in plan.steps} == {"z", "a", "c", "r"}
    assert len({step.module for step in plan.steps}) == 8


def test_linked_blocks_share_their_modules_and_count_them_once() -> None:
    plan = lower(block_project(1, "shared"))
    assert plan.by_path["encoder.fc"].module == plan.by_path["other.fc"].module == "encoder.fc"
    assert analyse(plan).total_parameters == 8 * 8 + 8
    assert analyse(lower(block_project(1))).total_parameters == 2 * (8 * 8 + 8)


def test_the_roles_are_what_can_be_reached() -> None:
    plan = lower(lenet())
    assert plan.predictions() == (Value("fc3", "output"),)
    assert [step.path for step in plan.for_inference().steps] == [step.path for step in plan.steps[:-1]]
    assert plan.for_training().steps == plan.steps


def test_moving_ids_about_changes_nothing() -> None:
    project = lenet()
    renamed = {key: f"x{place}" for place, key in enumerate(reversed(project.graph.nodes))}
    nodes = [replace(node, id=renamed[node.id]) for node in project.graph.nodes.values()]
    edges = [
        edge._replace(source=renamed[edge.source], target=renamed[edge.target]) for edge in project.graph.edges.values()
    ]
    other = lower(replace(project, graph=Graph.of(nodes, edges)))
    assert [step.path for step in other.steps] == [step.path for step in lower(project).steps]


def test_a_block_inside_itself_is_left_out_wherever_it_stands() -> None:
    project = block_project()
    looped = project.blocks["b"].graph.add_nodes([Node("again", BLOCK, "again", block="b")])
    plan = lower(project.with_scope(looped, "b"))
    assert plan.left_out == ("a", "c")
