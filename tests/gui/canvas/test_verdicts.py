"""Frames round what the Doctor names: they hold those cards and no others, follow them, and are drawn near and far."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from gui.canvas.canvas import Canvas
from gui.canvas.geometry import RectIndex
from gui.canvas.verdicts import AROUND, Verdict, added, between
from tests.gui.canvas.hands import Hands


def shown(canvas: Canvas, *names: str, words: str = "Gradients vanish, 2 layers") -> tuple[str, ...]:
    """Show a verdict on these nodes; their ids."""
    found = [canvas.scene.graph.by_name(name) for name in names]
    ids = tuple(node.id for node in found if node is not None)
    assert len(ids) == len(names)
    canvas.scene.verdicts.show((Verdict(ids, words),))
    return ids


def is_red(color: QColor) -> bool:
    """Whether it is the ink of errors or, where a line lies between two pixels, half of it."""
    return color.red() - color.blue() > 50


def names(canvas: Canvas, ids: tuple[str, ...]) -> list[str]:
    return [canvas.scene.graph.nodes[key].name for key in ids]


def test_what_has_no_weights_between_two_named_layers_belongs_to_them(lenet_canvas: Canvas) -> None:
    graph = lenet_canvas.scene.graph
    ids = shown(lenet_canvas, "conv1", "conv2")
    assert names(lenet_canvas, between(graph, ids))[0] == "conv1"
    assert names(lenet_canvas, between(graph, ids))[-1] == "conv2"
    inside = {graph.nodes[key].kind for key in between(graph, ids)} - {"Conv2d"}
    assert inside
    assert "Linear" not in inside
    far_apart = shown(lenet_canvas, "conv1", "fc3")
    assert {graph.nodes[key].name for key in between(graph, far_apart)} >= {"conv1", "fc3"}
    assert not {"conv2", "fc1", "fc2"} & {graph.nodes[key].name for key in between(graph, far_apart)}


@pytest.mark.parametrize("named", [("conv1",), ("conv1", "conv2"), ("fc1", "fc2", "fc3"), ("conv1", "fc3")])
def test_frames_hold_the_named_cards_and_none_that_has_nothing_to_do_with_them(
    lenet_canvas: Canvas, named: tuple[str, ...]
) -> None:
    scene = lenet_canvas.scene
    ids = shown(lenet_canvas, *named)
    inside = set(between(scene.graph, ids))
    frames = [item.rect for item in scene.verdicts.items]
    for key, item in scene.nodes.items():
        held = [frame for frame in frames if frame.contains(item.rect)]
        assert (len(held) >= 1) == (key in inside)
        if key not in inside:
            assert not any(frame.adjusted(AROUND, AROUND, -AROUND, -AROUND).intersects(item.rect) for frame in frames)
    assert [bool(item.words) for item in scene.verdicts.items] == [True] + [False] * (len(frames) - 1)


def test_a_frame_goes_with_its_card_and_goes_with_the_last_one(lenet_canvas: Canvas) -> None:
    scene = lenet_canvas.scene
    (node,) = shown(lenet_canvas, "conv1")
    before = scene.verdicts.items[0].rect
    scene.place({node: scene.nodes[node].pos() + QPointF(40, 300)})
    assert scene.verdicts.items[0].rect.contains(scene.nodes[node].rect)
    assert scene.verdicts.items[0].rect != before
    lenet_canvas.select((node,))
    lenet_canvas.delete_selection()
    assert scene.verdicts.items == []
    lenet_canvas.document.undo()
    assert len(scene.verdicts.items) == 1
    scene.verdicts.show(())
    assert scene.verdicts.items == []


@pytest.mark.parametrize("zoom", [1.0, 0.5, 0.2])
def test_the_dashes_and_the_label_are_seen_at_every_zoom(lenet_canvas: Canvas, zoom: float) -> None:
    canvas = lenet_canvas
    shown(canvas, "conv1")
    rect = canvas.scene.verdicts.items[0].rect
    canvas.view.show_at(rect.center(), zoom)
    QApplication.processEvents()
    image = canvas.view.viewport().grab().toImage()
    corner, end = (canvas.view.mapFromScene(at) for at in (rect.bottomLeft(), rect.bottomRight()))
    line = [
        any(is_red(image.pixelColor(QPoint(x, corner.y() + dy))) for dy in (-1, 0, 1))
        for x in range(corner.x() + 6, end.x() - 6)
    ]
    assert any(line)
    assert not all(line)
    label, font = canvas.scene.verdicts.items[0].label(canvas.view.zoom * canvas.themes.current.scale)
    assert font.pixelSize() * canvas.view.zoom >= 10
    spot = canvas.view.mapFromScene(label).boundingRect()
    ground = canvas.themes.current.color("errorBg").name()
    assert any(
        image.pixelColor(x, spot.center().y()).name() == ground for x in range(spot.left(), min(spot.right(), 600))
    )


def test_two_verdicts_on_one_card_are_both_read(lenet_canvas: Canvas) -> None:
    node = lenet_canvas.scene.graph.by_name("conv1")
    assert node is not None
    verdicts = (Verdict((node.id,), "Gradients vanish"), Verdict((node.id,), "Inputs have unlike scales", "warn"))
    lenet_canvas.scene.verdicts.show(verdicts)
    first, second = lenet_canvas.scene.verdicts.items
    assert second.rect.contains(first.rect)
    assert second.rect != first.rect
    for scale in (1.0, 0.4):
        labels = [item.label(scale)[0] for item in (first, second)]
        assert not labels[0].intersects(labels[1])
        assert all(item.boundingRect().contains(label) for item, label in zip((first, second), labels, strict=True))


def test_frames_are_no_part_of_the_mirror(lenet_canvas: Canvas) -> None:
    """A click on a frame reaches what lies there: the ground, from which a selection is drawn."""
    shown(lenet_canvas, "conv1")
    hands = Hands(lenet_canvas)
    rect = lenet_canvas.scene.verdicts.items[0].rect
    hands.click(hands.spot(rect.topLeft() + QPointF(5, 30)))
    assert lenet_canvas.selection() == ()


def test_what_a_frame_grows_by_holds_every_card_that_it_did_not_touch_before():
    chance, index = random.Random(7), RectIndex[str]()
    for number in range(300):
        index.put(f"{number}", QRectF(chance.uniform(0, 4000), chance.uniform(0, 3000), 146, 84))
    for _time in range(200):
        frame = QRectF(chance.uniform(0, 3000), chance.uniform(0, 2000), chance.uniform(1, 900), chance.uniform(1, 900))
        card = index.rects[str(chance.randrange(300))]
        found = {key for part in added(frame, card) for key in index.among(part)}
        assert found | set(index.among(frame)) == set(index.among(frame.united(card)))
