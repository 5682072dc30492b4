from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core import pasting, planning
from core.catalog import KINDS
from core.document import Document
from core.errors import ChainruleError, GraphError, KindError, ParameterError, ShapeError
from core.files import from_text, to_text
from core.graph import Edge, InputKey, Node
from core.ports import input_ports, output_ports
from core.problems import InsertOn, RemoveNode, SetParam
from core.project import Project
from core.wiring import running_order
from tests.core.networks import chain, lenet


def grown(*kinds: str) -> tuple[Project, list[str]]:
    project, ids = Project(), []
    for index, kind in enumerate(kinds):
        project, node_id = planning.add(project, kind, (216.0 * index, 0.0))
        ids.append(node_id)
    return project, ids


def test_adding_gives_new_ids_names_and_places() -> None:
    project, ids = grown("Conv2d", "Conv2d", "Linear")
    assert ids == ["n1", "n2", "n3"]
    assert [project.graph.nodes[key].name for key in ids] == ["conv1", "conv2", "fc1"]
    assert project.positions["n3"] == (432.0, 0.0)


def test_an_id_is_never_given_twice_even_to_positions_of_gone_nodes() -> None:
    project, ids = grown("ReLU", "ReLU")
    without = planning.delete(project, ids)
    assert without.positions == {}
    assert planning.add(project.with_positions({"n7": (0, 0)}), "ReLU", (0, 0))[1] == "n8"


def test_adding_a_data_set_adds_its_settings_once() -> None:
    project, ids = grown("data:mnist", "data:mnist")
    assert list(project.data) == ["mnist"]
    first, second = (project.graph.nodes[key] for key in ids)
    assert (first.name, second.name) == ("mnist", "mnist1")
    assert first.param("dataset") == second.param("dataset") == "mnist"


def test_a_loss_that_gives_each_number_goes_where_numbers_go() -> None:
    project, (loss, layer) = grown("MSE", "Linear")
    with pytest.raises(ShapeError, match="numbers of floating point were wanted"):
        planning.connect(project, Edge(loss, "loss", layer, "input"))
    each = project.with_scope(project.graph.replace_node(project.graph.nodes[loss].with_params(reduction="none")))
    assert planning.connect(each, Edge(loss, "loss", layer, "input")).graph.into(layer)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KindError):
        planning.add(Project(), "Lienar", (0, 0))


def test_connecting_replaces_the_wire_of_an_input() -> None:
    project, (a, b, c) = grown("ReLU", "Tanh", "Linear")
    project = planning.connect(project, Edge(a, "output", c, "input"))
    project = planning.connect(project, Edge(b, "output", c, "input"))
    assert [edge.source for edge in project.graph.into(c)] == [b]


def test_variadic_inputs_take_one_wire_after_the_other_but_none_twice() -> None:
    project, (a, b, add) = grown("ReLU", "Tanh", "Add")
    project = planning.connect(project, Edge(a, "output", add, "inputs"))
    project = planning.connect(project, Edge(b, "output", add, "inputs"))
    assert [(edge.source, edge.order) for edge in project.graph.into(add)] == [(a, 0), (b, 1)]
    with pytest.raises(GraphError):
        planning.connect(project, Edge(b, "output", add, "inputs"))


@pytest.mark.parametrize(
    ("edge", "error"),
    [
        (Edge("n1", "output", "n1", "input"), GraphError),
        (Edge("n2", "output", "n1", "input"), GraphError),
        (Edge("n1", "input", "n2", "input"), GraphError),
        (Edge("n1", "output", "n2", "output"), GraphError),
        (Edge("n1", "output", "n9", "input"), GraphError),
        (Edge("n1", "output", "n3", "label"), ShapeError),
        (Edge("n4", "label", "n2", "input"), ShapeError),
    ],
)
def test_wires_that_cannot_be_are_refused_in_four_parts(edge: Edge, error: type[ChainruleError]) -> None:
    project, _ids = grown("Linear", "ReLU", "CrossEntropy", "data:mnist")
    project = planning.connect(project, Edge("n1", "output", "n2", "input"))
    with pytest.raises(error) as caught:
        planning.connect(project, edge)
    assert caught.value.wanted
    assert caught.value.came


def test_a_node_is_spliced_into_a_wire() -> None:
    project, (a, b, c) = grown("Linear", "Linear", "ReLU")
    project = planning.connect(project, Edge(a, "output", b, "input"))
    project = planning.splice(project, c, InputKey(b, "input"))
    assert set(project.graph.edges.values()) == {Edge(a, "output", c, "input"), Edge(c, "output", b, "input")}


def test_a_source_cannot_be_spliced() -> None:
    project, (a, b, c) = grown("Linear", "Linear", "Noise")
    project = planning.connect(project, Edge(a, "output", b, "input"))
    with pytest.raises(GraphError):
        planning.splice(project, c, InputKey(b, "input"))


def test_inserting_makes_room_in_the_row_and_only_there() -> None:
    project, (a, b, c) = grown("Linear", "Linear", "Linear")
    project = planning.connect(project, Edge(a, "output", b, "input"))
    project = planning.move(project, {c: (216.0, 168.0)})
    project, made = planning.insert(project, "ReLU", InputKey(b, "input"))
    assert project.positions[made] == (216.0, 0.0)
    assert project.positions[b] == (432.0, 0.0)
    assert project.positions[c] == (216.0, 168.0)


def test_inserting_in_a_wide_gap_moves_nothing() -> None:
    project, (a, b) = grown("Linear", "Linear")
    project = planning.move(planning.connect(project, Edge(a, "output", b, "input")), {b: (600.0, 0.0)})
    project, made = planning.insert(project, "ReLU", InputKey(b, "input"))
    assert project.positions[b] == (600.0, 0.0)
    assert 146 <= project.positions[made][0] <= 454


def test_deleting_takes_the_wires_along_and_dissolving_heals_them() -> None:
    project = lenet()
    deleted = planning.delete(project, ["tanh1"])
    assert not any("tanh1" in (edge.source, edge.target) for edge in deleted.graph.edges.values())
    assert len(deleted.graph.edges) == len(project.graph.edges) - 2
    healed = planning.dissolve(project, ["tanh1", "pool1"])
    assert healed.graph.edges[InputKey("conv2", "input")].source == "conv1"


def test_dissolving_does_not_heal_what_does_not_fit() -> None:
    project, (data, embedding, flat) = grown("data:mnist", "Embedding", "Linear")
    project = planning.connect(project, Edge(data, "label", embedding, "input"))
    project = planning.connect(project, Edge(embedding, "output", flat, "input"))
    assert not planning.dissolve(project, [embedding]).graph.edges


def test_moving_leaves_the_graph_the_same_object() -> None:
    project, (a,) = grown("ReLU")
    moved = planning.move(project, {a: (5.0, 6.0)})
    assert moved.graph is project.graph
    assert planning.move(moved, {a: (5.0, 6.0)}) is moved


@pytest.mark.parametrize("name", ["conv2", "2conv", "a b", "class", ""])
def test_bad_names_are_refused(name: str) -> None:
    project, (a, _b) = grown("Conv2d", "Conv2d")
    with pytest.raises(GraphError):
        planning.rename(project, a, name)
    assert planning.rename(project, a, "stem").graph.nodes[a].name == "stem"


def test_fixes_are_the_edits_they_say() -> None:
    project = chain([("Linear", "fc1", {"in_features": 5}), ("Linear", "fc2", {})])
    assert planning.apply_fix(project, SetParam("", "fc1", "in_features", 784)).graph.nodes["fc1"].params == (
        ("in_features", 784),
    )
    assert planning.apply_fix(project, SetParam("", "fc1", "in_features", None)).graph.nodes["fc1"].params == ()
    inserted = planning.apply_fix(project, InsertOn("", InputKey("fc2", "input"), "ReLU"))
    order = [inserted.graph.nodes[key].kind for key in running_order(inserted.graph)[0]]
    assert order.index("ReLU") == order.index("Linear") + 1
    removed = planning.apply_fix(project, RemoveNode("", "fc1"))
    assert removed.graph.edges[InputKey("fc2", "input")].source == "data"
    with pytest.raises(ParameterError):
        planning.apply_fix(project, SetParam("", "fc1", "in_features", -1))


def test_pasting_twice_gives_two_copies_with_their_inner_wires() -> None:
    project = lenet()
    clip = pasting.extract(project, ["conv1", "tanh1", "pool1"])
    assert len(clip.graph.edges) == 2
    project, first = pasting.paste(project, clip, (0.0, 500.0))
    project, second = pasting.paste(project, clip, (0.0, 700.0))
    assert not set(first) & set(second)
    assert len(project.graph.nodes) == len(lenet().graph.nodes) + 6
    assert {edge.source for edge in project.graph.into(first[1])} == {first[0]}


def test_what_is_copied_survives_the_clipboards_text_and_another_project() -> None:
    clip = from_text(to_text(pasting.extract(lenet(), ["data", "conv1"])), "clipboard")
    project, ids = pasting.paste(Project(), clip)
    assert [project.graph.nodes[key].kind for key in ids] == ["Dataset", "Conv2d"]
    assert project.data["mnist"].source == "mnist"
    assert len(project.graph.edges) == 1


class RandomUser(RuleBasedStateMachine):
    """Any plan in any order keeps the project sound; undoing all gives the first one back."""

    def __init__(self) -> None:
        super().__init__()
        self.document = Document()
        self.first = self.document.project

    def pick(self, number: int) -> Node:
        nodes = list(self.document.project.graph.nodes.values())
        return nodes[number % len(nodes)]

    def attempt(self, change: object) -> None:
        try:
            project = change()  # type: ignore[operator]  # a plan of no arguments
        except ChainruleError:
            return
        self.document.edit("random", project)

    @rule(kind=st.sampled_from([*(name for name, kind in KINDS.items() if kind.role != "structure"), "data:iris"]))
    def add(self, kind: str) -> None:
        self.attempt(lambda: planning.add(self.document.project, kind, (0, 0))[0])

    @precondition(lambda self: self.document.project.graph.nodes)
    @rule(a=st.integers(0, 99), b=st.integers(0, 99), port=st.integers(0, 3), into=st.integers(0, 3))
    def connect(self, a: int, b: int, port: int, into: int) -> None:
        project, source, target = self.document.project, self.pick(a), self.pick(b)
        outputs, inputs = output_ports(project, source), input_ports(project, target)
        if outputs and inputs:
            edge = Edge(source.id, outputs[port % len(outputs)].name, target.id, inputs[into % len(inputs)].name)
            self.attempt(lambda: planning.connect(project, edge))

    @precondition(lambda self: self.document.project.graph.edges)
    @rule(a=st.integers(0, 99), wire=st.integers(0, 99))
    def splice(self, a: int, wire: int) -> None:
        keys = list(self.document.project.graph.edges)
        self.attempt(lambda: planning.splice(self.document.project, self.pick(a).id, keys[wire % len(keys)]))

    @precondition(lambda self: self.document.project.graph.nodes)
    @rule(a=st.integers(0, 99), how=st.sampled_from([planning.delete, planning.dissolve]))
    def remove(self, a: int, how: object) -> None:
        self.attempt(lambda: how(self.document.project, [self.pick(a).id]))  # type: ignore[operator]

    @precondition(lambda self: self.document.project.graph.nodes)
    @rule(a=st.integers(0, 99), b=st.integers(0, 99))
    def duplicate(self, a: int, b: int) -> None:
        ids = {self.pick(a).id, self.pick(b).id}
        self.attempt(lambda: pasting.duplicate(self.document.project, ids)[0])

    @precondition(lambda self: self.document.project.graph.nodes)
    @rule(a=st.integers(0, 99), name=st.sampled_from(["stem", "conv1", "head", "1x"]))
    def rename(self, a: int, name: str) -> None:
        self.attempt(lambda: planning.rename(self.document.project, self.pick(a).id, name))

    @rule()
    def undo(self) -> None:
        self.document.undo()

    @rule()
    def redo(self) -> None:
        self.document.redo()

    @invariant()
    def sound(self) -> None:
        project = self.document.project
        graph = project.graph
        assert running_order(graph)[1] == ()
        assert set(project.positions) == set(graph.nodes)
        assert len({node.name for node in graph.nodes.values()}) == len(graph.nodes)
        for key, edge in graph.edges.items():
            assert key == edge.key
            assert edge.output in {port.name for port in output_ports(project, graph.nodes[edge.source])}
            assert edge.input in {port.name for port in input_ports(project, graph.nodes[edge.target])}

    def teardown(self) -> None:
        assert from_text(to_text(self.document.project)) == self.document.project
        while self.document.undo():
            pass
        assert self.document.project is self.first


RandomUser.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestRandomUser = RandomUser.TestCase
