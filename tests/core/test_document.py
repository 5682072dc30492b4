"""The document: one door for changes, and a history that leads back to the very start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.catalog import KINDS
from core.data.settings import DatasetSettings
from core.document import Document, applied, differences
from core.files import from_text, to_text
from core.graph import BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, Node
from core.ports import input_ports, output_ports
from core.project import Project
from tests.core.networks import lenet

LAYERS = [kind.name for kind in KINDS.values() if kind.role in {"layer", "loss"}]


class RandomUser(RuleBasedStateMachine):
    """Adds, wires, moves, renames, removes, undoes and redoes, in any order."""

    @initialize(start=st.sampled_from([Project(), lenet()]))
    def open(self, start: Project) -> None:
        self.start = start
        self.document = Document(start)
        self.heard = start
        self.document.changed.connect(self.listen)
        self.count = 0
        self.steps = 0

    def listen(self, old: Project, new: Project) -> None:
        assert old == self.heard
        self.heard = new

    def edit(self, label: str, project: Project, merge: str | None = None) -> None:
        before = self.document.project
        changed = self.document.edit(label, project, merge)
        assert changed == (before != project)
        assert self.document.project == project

    @rule(kind=st.sampled_from(LAYERS), place=st.tuples(st.integers(-9, 9), st.integers(-9, 9)))
    def add(self, kind: str, place: tuple[int, int]) -> None:
        self.count += 1
        node = Node(f"u{self.count}", kind, f"user{self.count}")
        project = self.document.project
        graph = project.graph.add_nodes([node])
        self.edit(f"Add {kind}", replace(project, graph=graph).with_positions({node.id: place}))

    @rule(data=st.data())
    def wire(self, data: st.DataObject) -> None:
        project = self.document.project
        nodes = list(project.graph.nodes.values())
        starts = [node for node in nodes if output_ports(project, node)]
        ends = [node for node in nodes if input_ports(project, node)]
        if not starts or not ends:
            return
        start, end = data.draw(st.sampled_from(starts)), data.draw(st.sampled_from(ends))
        output = data.draw(st.sampled_from(output_ports(project, start)))
        target = data.draw(st.sampled_from(input_ports(project, end)))
        order = data.draw(st.integers(0, 3)) if target.variadic else 0
        edge = Edge(start.id, output.name, end.id, target.name, order)
        self.edit("Wire", replace(project, graph=project.graph.connect(edge)))

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        project = self.document.project
        if project.graph.nodes:
            gone = data.draw(st.lists(st.sampled_from(list(project.graph.nodes)), unique=True, max_size=3))
            self.edit("Delete", replace(project, graph=project.graph.remove_nodes(gone)))

    @rule(data=st.data(), x=st.integers(-99, 99))
    def move(self, data: st.DataObject, x: int) -> None:
        project = self.document.project
        if project.graph.nodes:
            node = data.draw(st.sampled_from(list(project.graph.nodes)))
            moved = project.with_positions({node: (x, 0)})
            assert moved.graph is project.graph
            self.edit("Move", moved, merge=f"move {node}")

    @rule(data=st.data(), size=st.integers(1, 99))
    def set(self, data: st.DataObject, size: int) -> None:
        project = self.document.project
        linear = [node for node in project.graph.nodes.values() if node.kind == "Linear"]
        if linear:
            node = data.draw(st.sampled_from(linear)).with_params(out_features=size)
            self.edit("Set", replace(project, graph=project.graph.replace_node(node)), merge=f"set {node.id}")

    @rule(size=st.integers(1, 9))
    def change_a_block(self, size: int) -> None:
        inside = Graph.of(
            [
                Node("bi", BLOCK_INPUT, "x"),
                Node("bl", "Linear", "fc", (("out_features", size),)),
                Node("bo", BLOCK_OUTPUT, "y"),
            ],
            [Edge("bi", "output", "bl", "input"), Edge("bl", "output", "bo", "input")],
        )
        project = self.document.project
        blocks = MappingProxyType({**project.blocks, "b": Block("b", "block", inside)})
        self.edit("Change block", replace(project, blocks=blocks))

    @rule(seed=st.integers(0, 3))
    def choose_data(self, seed: int) -> None:
        self.edit("Data", self.document.project.with_data("iris", DatasetSettings("iris", seed=seed)))

    @rule(epochs=st.integers(1, 5))
    def train_longer(self, epochs: int) -> None:
        project = self.document.project
        self.edit("Epochs", replace(project, training=replace(project.training, epochs=epochs)), merge="epochs")

    @rule()
    def undo(self) -> None:
        before = self.document.project
        if self.document.undo():
            assert self.document.redo()
            assert self.document.project == before
            assert order_of(self.document.project) == order_of(before)
            self.document.undo()

    @rule()
    def redo(self) -> None:
        self.document.redo()

    @rule()
    def save_and_load(self) -> None:
        project = self.document.project
        again = from_text(to_text(project))
        known = project.all_nodes()
        assert again == replace(project, positions={key: at for key, at in project.positions.items() if key in known})
        assert order_of(again) == order_of(project)

    @invariant()
    def heard_everything(self) -> None:
        assert self.heard is self.document.project

    def teardown(self) -> None:
        if not hasattr(self, "document"):
            return
        while self.document.undo():
            pass
        assert self.document.project is self.start


def order_of(project: Project) -> list[list[object]]:
    return [list(project.graph.nodes), list(project.graph.edges), list(project.data), list(project.blocks)]


RandomUser.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestRandomUser = RandomUser.TestCase


def test_steps_with_one_merge_key_are_one_step_of_undo() -> None:
    document = Document(lenet())
    start = document.project
    for size in (1, 12, 121):
        node = document.project.graph.nodes["fc1"].with_params(out_features=size)
        document.edit("Set", replace(document.project, graph=document.project.graph.replace_node(node)), merge="fc1")
    assert document.past == ("Set",)
    document.undo()
    assert document.project is start


def test_what_is_amended_is_one_step_with_the_last_one() -> None:
    document = Document(lenet())
    first = document.project
    document.edit("Name", replace(first, name="One"), merge="name")
    document.end_merge()
    assert document.amend("Name more", replace(document.project, name="Two"))
    assert document.past == ("Name more",)
    document.edit("Words", replace(document.project, description="three"))
    document.undo()
    assert document.project.name == "Two"
    document.amend("Late", replace(document.project, name="Late"))  # what was undone is over: a step of its own
    assert document.past == ("Name more", "Late")
    document.undo()
    document.undo()
    assert document.project is first


def test_a_merge_ends_when_something_is_undone_or_saved() -> None:
    document = Document(lenet())
    node = document.project.graph.nodes["fc1"]

    def set_size(size: int) -> None:
        graph = document.project.graph.replace_node(node.with_params(out_features=size))
        document.edit("Set", replace(document.project, graph=graph), merge="fc1")

    set_size(1)
    document.saved(Path("a.chain"), document.project)
    set_size(2)
    assert document.past == ("Set", "Set")
    document.undo()
    assert document.project.graph.nodes["fc1"].param("out_features") == 1


def test_modified_is_whether_the_file_would_differ() -> None:
    document = Document(lenet())
    assert not document.modified
    document.edit("Move", document.project.with_positions({"fc1": (1, 2)}))
    assert document.modified
    document.undo()
    assert not document.modified
    document.redo()
    document.saved(Path("a.chain"), document.project)
    assert not document.modified
    document.undo()
    assert document.modified


def test_the_history_keeps_what_differs_and_no_more() -> None:
    many = Graph.of(Node(f"n{place}", "ReLU", f"relu{place}") for place in range(2000))
    old = Project(graph=many)
    new = replace(old, graph=many.replace_node(replace(many.nodes["n7"], name="other")))
    changes = differences(old, new)
    assert len(changes) == 1
    assert applied(old, changes) == new


def test_steps_that_end_where_they_began_leave_none() -> None:
    document = Document(lenet())
    start = document.project
    for size in (1, 120):
        node = document.project.graph.nodes["fc1"].with_params(out_features=size)
        document.edit("Set", replace(document.project, graph=document.project.graph.replace_node(node)), merge="fc1")
    assert document.past == ()
    assert document.project is start
