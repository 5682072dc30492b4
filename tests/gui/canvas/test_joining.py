"""A wire let go on another wire, a layer behind each of several, and all of one kind."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt

from core.graph import Edge
from gui.canvas.canvas import Canvas
from tests.gui.canvas.hands import Hands, assert_mirror

SHIFT = Qt.KeyboardModifier.ShiftModifier


def named(hands: Hands, name: str) -> str:
    return next(key for key, node in hands.graph.nodes.items() if node.name == name)


def on(hands: Hands, edge: Edge) -> QPoint:
    """The middle of a wire."""
    path = hands.canvas.scene.edges[edge.key].route.path
    return hands.spot(path.pointAtPercent(0.5))


def dropped_on_the_wire(hands: Hands) -> tuple[str, Edge]:
    conv, tanh = named(hands, "conv1"), named(hands, "tanh1")
    (edge,) = hands.graph.out_of(tanh)
    hands.drag(hands.port(conv, "output", "output"), on(hands, edge))
    return conv, edge


def test_a_wire_let_go_on_a_wire_asks_what_joins_them_and_puts_it_there(lenet_canvas: Canvas, hands: Hands) -> None:
    before = lenet_canvas.document.project
    conv, edge = dropped_on_the_wire(hands)
    popup = lenet_canvas.popup
    assert popup.isVisible()
    assert popup.field.placeholderText() == "Join conv1 with tanh1"
    assert [offer.kind for offer in popup.rows.offers][:2] == ["Add", "Concat"]
    assert all(offer.shape for offer in popup.rows.offers[:2])
    hands.key(Qt.Key.Key_Return, on=popup.field)
    (added,) = set(hands.graph.nodes) - set(before.graph.nodes)
    assert [wire.source for wire in hands.graph.into(added)] == [edge.source, conv]
    assert hands.graph.edges[edge.key].source == added
    assert_mirror(lenet_canvas)
    lenet_canvas.document.undo()
    assert lenet_canvas.document.project is before or lenet_canvas.document.project == before


def test_the_wire_is_lit_before_and_one_that_leads_back_is_not(lenet_canvas: Canvas, hands: Hands) -> None:
    (edge,) = hands.graph.out_of(named(hands, "tanh1"))
    hands.hold(hands.port(named(hands, "conv1"), "output", "output"), on(hands, edge))
    assert lenet_canvas.scene.edges[edge.key].is_target
    hands.key(Qt.Key.Key_Escape)
    assert not lenet_canvas.scene.edges[edge.key].is_target
    hands.release(on(hands, edge))
    hands.hold(hands.port(named(hands, "conv2"), "output", "output"), on(hands, edge))
    assert not lenet_canvas.scene.edges[edge.key].is_target  # it feeds conv2: joined, they would go in a circle
    hands.release(on(hands, edge))
    assert lenet_canvas.popup.field.placeholderText() == "Add layer after conv2"
    hands.key(Qt.Key.Key_Escape, on=lenet_canvas.popup.field)


def test_escape_leaves_both_wires_and_the_next_search_is_an_ordinary_one(lenet_canvas: Canvas, hands: Hands) -> None:
    before = lenet_canvas.document.project
    dropped_on_the_wire(hands)
    hands.key(Qt.Key.Key_Escape, on=lenet_canvas.popup.field)
    assert lenet_canvas.document.project is before
    lenet_canvas.quick_add()
    assert lenet_canvas.popup.field.placeholderText() == "Search layers"
    hands.key(Qt.Key.Key_Escape, on=lenet_canvas.popup.field)


def test_values_are_typed_behind_the_name_at_the_pointer(lenet_canvas: Canvas, hands: Hands) -> None:
    before = set(hands.graph.nodes)
    lenet_canvas.quick_add()
    field = lenet_canvas.popup.field
    field.setText("conv2d 0 3")
    assert [offer.kind for offer in lenet_canvas.popup.rows.offers] == [""]
    hands.key(Qt.Key.Key_Return, on=field)
    assert set(hands.graph.nodes) == before  # the row says why, and nothing is added
    field.setText("conv2d 12 3 pad=same")
    assert lenet_canvas.popup.rows.offers[0].note == "kernel_size 3, out_channels 12, padding same"
    hands.key(Qt.Key.Key_Return, on=field)
    (added,) = set(hands.graph.nodes) - before
    assert dict(hands.graph.nodes[added].params) == {"kernel_size": 3, "out_channels": 12, "padding": "same"}


def test_all_of_a_kind_are_selected_and_one_step_puts_a_layer_behind_each(lenet_canvas: Canvas, hands: Hands) -> None:
    before = lenet_canvas.document.project
    hands.click(hands.card(named(hands, "conv1")))
    lenet_canvas.editing.select_alike()
    convs = lenet_canvas.selection()
    assert [hands.graph.nodes[key].name for key in convs] == ["conv1", "conv2"]
    lenet_canvas.add_wired("BatchNorm2d")
    norms = lenet_canvas.selection()
    assert [hands.graph.nodes[key].kind for key in norms] == ["BatchNorm2d"] * 2
    assert [next(iter(hands.graph.into(key))).source for key in norms] == list(convs)
    assert_mirror(lenet_canvas)
    lenet_canvas.document.undo()
    assert lenet_canvas.document.project == before
    lenet_canvas.select(convs)
    lenet_canvas.add_wired("Noise")  # it has no input, so it can stand behind nothing
    assert lenet_canvas.document.project == before
