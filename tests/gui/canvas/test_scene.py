from __future__ import annotations

import random
from dataclasses import replace
from types import MappingProxyType

import pytest

from core import pasting, planning
from core.errors import ChainruleError
from core.graph import Block, Edge, Graph, InputKey, Node
from core.ports import input_ports, output_ports
from core.project import Project
from gui.canvas.canvas import Canvas
from gui.theme import Themes
from tests.gui.canvas.hands import assert_mirror

KINDS = ("Conv2d", "ReLU", "Linear", "Add", "CrossEntropy", "LSTM", "data:mnist", "MaxPool2d", "Flatten")


def anything(project: Project, chance: random.Random) -> Project:
    """One random plan."""
    ids = list(project.graph.nodes)
    what = chance.randrange(8)
    if what < 3 or len(ids) < 2:
        return planning.add(project, chance.choice(KINDS), (chance.randrange(900), chance.randrange(600)))[0]
    a, b = chance.sample(ids, 2)
    if what < 6:
        source, target = project.graph.nodes[a], project.graph.nodes[b]
        output, entry = output_ports(project, source), input_ports(project, target)
        if not output or not entry:
            return project
        return planning.connect(project, Edge(a, chance.choice(output).name, b, chance.choice(entry).name))
    if what == 6:
        return planning.move(planning.delete(project, [a]), {b: (chance.randrange(900), 20.0)})
    return pasting.duplicate(project, [a, b])[0]


@pytest.mark.parametrize("seed", range(6))
def test_the_scene_is_the_document_after_any_edits_undone_and_redone(empty: Canvas, seed: int) -> None:
    chance, document = random.Random(seed), empty.document
    for _step in range(40):
        if chance.random() < 0.2:
            chance.choice([document.undo, document.redo])()
        else:
            try:
                document.edit("random", anything(document.project, chance))
            except ChainruleError:
                continue
        assert_mirror(empty)
    while document.undo():
        assert_mirror(empty)
    assert not empty.scene.nodes


def test_an_edit_touches_only_the_items_that_differ(lenet_canvas: Canvas) -> None:
    scene = lenet_canvas.scene
    before, wires = dict(scene.nodes), dict(scene.edges)
    document = lenet_canvas.document
    document.edit("set", planning.set_param(document.project, "fc1", "out_features", 64))
    assert all(scene.nodes[key] is item for key, item in before.items())
    assert all(scene.edges[key] is item for key, item in wires.items())
    assert scene.nodes["fc1"].card.left[1] == "400 → 64"
    assert scene.edges[InputKey("tanh3", "input")].wire.text == "64"


def test_cards_say_what_the_analysis_found(lenet_canvas: Canvas) -> None:
    cards = {key: item.card for key, item in lenet_canvas.scene.nodes.items()}
    assert cards["conv1"].left == ("Conv2d", "6 @ 5×5 pad 2")
    assert cards["conv1"].right[0] == "156"
    assert cards["fc1"].right[0] == "48,120"
    assert cards["pool1"].left[1] == "2×2 stride 2"
    assert cards["data"].left == ("28×28", "4,000 train")
    assert cards["data"].rest == "batch 32"
    assert [port.shape for port in cards["loss"].inputs] == ["circle", "diamond"]


def test_wires_say_their_shape_and_state(lenet_canvas: Canvas) -> None:
    wires = {key.node + key.port: item.wire for key, item in lenet_canvas.scene.edges.items()}
    assert (wires["conv2input"].state, wires["conv2input"].text) == ("tensor", "6×14×14")
    assert (wires["losslabel"].state, wires["losslabel"].text) == ("label", "label · int64")


def test_a_mismatch_marks_the_wire_and_what_lies_behind_waits(lenet_canvas: Canvas) -> None:
    document, scene = lenet_canvas.document, lenet_canvas.scene
    document.edit("set", planning.set_param(document.project, "fc1", "in_features", 256))
    wire = scene.edges[InputKey("fc1", "input")].wire
    assert (wire.state, wire.text, wire.needs) == ("error", "400", "256")
    assert scene.nodes["fc1"].card.errors == 1
    assert scene.nodes["fc1"].card.bad == "256"
    assert scene.nodes["fc3"].card.rest == "waiting for fc1"
    assert scene.edges[InputKey("fc3", "input")].wire.state == "unconfirmed"
    document.undo()
    assert scene.edges[InputKey("fc1", "input")].wire.state == "tensor"


def test_a_loose_input_port_is_hollow(lenet_canvas: Canvas) -> None:
    document = lenet_canvas.document
    assert lenet_canvas.scene.nodes["fc2"].card.inputs[0].known
    document.edit("cut", planning.disconnect(document.project, [InputKey("fc2", "input")]))
    assert not lenet_canvas.scene.nodes["fc2"].card.inputs[0].known


def test_nodes_without_a_place_do_not_lie_on_each_other(open_canvas: object) -> None:
    from tests.core.networks import lenet

    canvas = open_canvas(lenet())  # type: ignore[operator]  # the fixture's function
    places = {(item.x(), item.y()) for item in canvas.scene.nodes.values()}
    assert len(places) == len(canvas.scene.nodes)


def test_another_theme_keeps_every_item(lenet_canvas: Canvas) -> None:
    themes: Themes = lenet_canvas.themes
    before = lenet_canvas.grab().toImage()
    themes.use("light")
    after = lenet_canvas.grab().toImage()
    assert before != after
    assert after.pixelColor(5, 300) == themes.current.color("canvas")
    assert_mirror(lenet_canvas)


def test_the_card_of_a_block_counts_what_is_inside(empty: Canvas) -> None:
    def block(features: int) -> Block:
        inside = [
            Node("i", "BlockInput", "x"),
            Node("l", "Linear", "fc", (("out_features", features),)),
            Node("o", "BlockOutput", "y"),
        ]
        return Block(
            "b", "mlp", Graph.of(inside, [Edge("i", "output", "l", "input"), Edge("l", "output", "o", "input")])
        )

    outer = Graph.of(
        [Node("z", "Noise", "z"), Node("m", "Block", "mlp", block="b"), Node("r", "ReLU", "relu")],
        [Edge("z", "output", "m", "x"), Edge("m", "y", "r", "input")],
    )
    project = Project(graph=outer, blocks=MappingProxyType({"b": block(4)}))
    empty.document.edit("open", project)
    assert empty.scene.nodes["m"].card.right[0] == "68"
    assert empty.scene.edges[InputKey("r", "input")].wire.text == "4"
    empty.document.edit("widen", replace(project, blocks=MappingProxyType({"b": block(8)})))
    assert empty.scene.nodes["m"].card.right[0] == "136"
    assert empty.scene.edges[InputKey("r", "input")].wire.text == "8"


def test_a_card_counts_one_wire_less_as_soon_as_one_is_cut(empty: Canvas) -> None:
    nodes = [Node("a", "ReLU", "a"), Node("b", "ReLU", "b"), Node("s", "Add", "sum")]
    graph = Graph.of(nodes, [Edge("a", "output", "s", "inputs", 0), Edge("b", "output", "s", "inputs", 1)])
    scene = empty.scene
    scene.follow(Project(graph=graph))
    assert scene.nodes["s"].card.left[1] == "2 inputs"
    scene.follow(Project(graph=graph.disconnect((InputKey("s", "inputs", 1),))))
    assert scene.nodes["s"].card.left[1] == "1 input"
