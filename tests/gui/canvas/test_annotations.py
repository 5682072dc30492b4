"""Frames and notes under a user's hands: one edit each, behind the cards, and nothing to the network."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from core import annotating
from core.annotations import HEAD, Annotation
from core.files import from_text, to_text
from core.graph import InputKey
from gui.canvas.annotation_item import words
from gui.canvas.canvas import Canvas
from gui.canvas.look import Look
from gui.theme import load_theme
from tests.gui.canvas.hands import Hands, assert_mirror

INNER = ("conv1", "tanh1")


def framed(hands: Hands) -> str:
    """A frame around two layers, made by the command that the key is bound to."""
    hands.canvas.select(INNER)
    hands.canvas.annotating.frame_selection()
    hands.key(Qt.Key.Key_Escape, on=hands.canvas.annotating.field)
    return only(hands.canvas).id


def only(canvas: Canvas) -> Annotation:
    (found,) = canvas.document.project.annotations.values()
    return found


def title(hands: Hands, key: str) -> QPoint:
    """A place on the frame's title away from its edges."""
    return hands.spot(hands.canvas.scene.annotations.items[key].rect.topLeft() + QPointF(60, HEAD / 2))


def test_a_frame_goes_around_the_selection_and_its_title_is_typed_at_once(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(INNER)
    hands.key(Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    field = canvas.annotating.field
    assert field.isVisible()
    assert field.hasFocus()
    QTest.keyClicks(field, "Encoder")
    hands.key(Qt.Key.Key_Return, on=field)
    frame = only(canvas)
    assert (frame.text, frame.role) == ("Encoder", "frame")
    for node in INNER:
        assert frame.holds(canvas.scene.nodes[node].rect.getRect())
    assert canvas.document.past == ("Frame the selection", "Rename frame “Frame”")
    assert_mirror(canvas)


def test_dragging_the_title_carries_the_layers_inside_and_leaves_the_graph_the_same_object(hands: Hands) -> None:
    canvas, key = hands.canvas, framed(hands)
    before = canvas.document.project
    count = len(canvas.document.past)
    start = title(hands, key)
    hands.drag(start, start + QPoint(40, -60))
    after = canvas.document.project
    assert after.graph is before.graph
    for node, place in before.positions.items():
        way = (40, -60) if node in INNER else (0, 0)
        assert after.positions[node] == (place[0] + way[0], place[1] + way[1])
    assert after.annotations[key].rect[:2] == (
        before.annotations[key].rect[0] + 40,
        before.annotations[key].rect[1] - 60,
    )
    assert len(canvas.document.past) == count + 1
    assert_mirror(canvas)
    canvas.document.undo()
    assert canvas.document.project == before
    assert_mirror(canvas)


def test_escape_puts_a_dragged_frame_back(hands: Hands) -> None:
    canvas, key = hands.canvas, framed(hands)
    before, start = canvas.document.project, title(hands, key)
    hands.hold(start, start + QPoint(50, 30))
    assert canvas.scene.annotations.items[key].rect.getRect() != before.annotations[key].rect
    hands.key(Qt.Key.Key_Escape)
    hands.release(start)
    assert canvas.document.project is before
    assert_mirror(canvas)


def test_an_edge_makes_it_larger_but_not_smaller_than_can_be_held(hands: Hands) -> None:
    canvas, key = hands.canvas, framed(hands)
    rect = canvas.scene.annotations.items[key].rect
    before = only(canvas).rect
    corner = hands.spot(rect.bottomRight())
    hands.drag(corner, corner + QPoint(30, 40))  # beyond the wire that comes back below the row
    assert only(canvas).rect == (before[0], before[1], before[2] + 30, before[3] + 40)
    corner = hands.spot(canvas.scene.annotations.items[key].rect.bottomRight())
    hands.drag(corner, corner - QPoint(2000, 2000))
    assert only(canvas).rect == (before[0], before[1], 96, 48)
    canvas.document.undo()
    canvas.document.undo()
    assert only(canvas).rect == before
    assert_mirror(canvas)


def test_the_ground_of_a_frame_is_the_canvas_and_a_double_click_on_its_title_renames(hands: Hands) -> None:
    canvas, key = hands.canvas, framed(hands)
    hands.double_click(title(hands, key))
    field = canvas.annotating.field
    QTest.keyClicks(field, "Features")
    hands.key(Qt.Key.Key_Return, on=field)
    assert only(canvas).text == "Features"
    rect = canvas.scene.annotations.items[key].rect
    hands.click(hands.spot(rect.bottomLeft() + QPointF(12, -10)))
    assert not canvas.scene.is_selecting


def test_a_selected_frame_takes_colours_is_copied_and_deleted_without_its_layers(hands: Hands) -> None:
    canvas, key = hands.canvas, framed(hands)
    hands.click(title(hands, key))
    assert canvas.scene.annotations.selection == (key,)
    canvas.annotating.recolor()
    assert only(canvas).color == "green"
    canvas.duplicate()
    assert len(canvas.document.project.annotations) == 2
    assert canvas.scene.annotations.selection != (key,)
    canvas.document.undo()
    hands.click(title(hands, key))
    nodes = canvas.document.project.graph
    hands.key(Qt.Key.Key_Delete)
    assert not canvas.document.project.annotations
    assert canvas.document.project.graph is nodes
    canvas.document.undo()
    assert only(canvas).color == "green"
    assert_mirror(canvas)


def test_a_note_is_written_where_it_stands_and_comes_back_from_the_file(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.annotating.add_note(QPointF(0, -400))
    field = canvas.annotating.field
    QTest.keyClicks(field, "# Why")
    hands.key(Qt.Key.Key_Return, on=field)
    QTest.keyClicks(field, "**tanh** as in 1998")
    hands.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, on=field)
    project = canvas.document.project
    assert only(canvas).text == "# Why\n**tanh** as in 1998"
    again = from_text(to_text(project))
    assert again == project
    line = next(line for line in to_text(project).splitlines() if '"role": "note"' in line)
    assert line.count("rect") == 1
    assert_mirror(canvas)


def test_a_note_reads_no_picture_and_keeps_html_as_text(lenet_canvas: Canvas, tmp_path: Path) -> None:
    picture = tmp_path / "wide.png"
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    assert image.save(str(picture))
    document = words(f"![x]({picture.as_uri()})\n\n<b>bold</b> **strong**", 200, lenet_canvas.scene.look)
    assert document.size().height() < 100
    linked = words("[paper](https://example.org)", 200, lenet_canvas.scene.look)
    (part,) = [entry.fragment() for entry in linked.begin()]
    assert part.charFormat().foreground().color() == lenet_canvas.scene.look.color("accent")
    assert "<b>bold</b> strong" in document.toPlainText()


def test_the_search_at_the_pointer_offers_a_note(hands: Hands) -> None:
    canvas = hands.canvas
    before = canvas.document.project.graph
    hands.double_click(QPoint(12, 400))
    assert canvas.popup.isVisible()
    QTest.keyClicks(canvas.popup.field, "note")
    assert canvas.popup.rows.offers[0].title == "Note"
    hands.key(Qt.Key.Key_Return, on=canvas.popup.field)
    QTest.keyClicks(canvas.annotating.field, "Mind this")
    hands.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, on=canvas.annotating.field)
    assert (only(canvas).role, only(canvas).text) == ("note", "Mind this")
    assert canvas.document.project.graph is before
    assert_mirror(canvas)


def test_auto_layout_draws_frames_around_what_they_held_in_the_same_edit(hands: Hands) -> None:
    canvas, key = hands.canvas, framed(hands)
    start = title(hands, key)
    hands.drag(start, start + QPoint(90, 40))
    before, count = canvas.document.project, len(canvas.document.past)
    canvas.auto_layout()
    assert canvas.document.project.positions["conv1"] != before.positions["conv1"]
    for node in INNER:
        assert only(canvas).holds(canvas.scene.nodes[node].rect.getRect())
    assert len(canvas.document.past) == count + 1
    assert_mirror(canvas)
    canvas.document.undo()
    assert canvas.document.project == before


def test_a_wire_runs_below_a_frames_title(hands: Hands) -> None:
    canvas, key = hands.canvas, framed(hands)
    path = canvas.scene.edges[InputKey("fc2", "input")].route.path
    middle = path.pointAtPercent(0.5)
    color = canvas.grab().toImage().pixelColor(hands.view.mapTo(canvas, hands.spot(middle - QPointF(60, 0))))
    left, top = middle.x() - 300, middle.y() - HEAD / 2
    moved = annotating.reshaped(canvas.document.project, {key: (left, top, 200.0, 90.0)})
    canvas.document.edit("Move", annotating.reworded(moved, key, "M" * 9))
    corner = hands.view.mapTo(canvas, hands.spot(QPointF(left + 10, top + 1)))
    plate = canvas.grab(QRect(corner, QSize(80, int(HEAD) - 2))).toImage()
    seen = {plate.pixelColor(x, y).name() for x in range(plate.width()) for y in range(plate.height())}
    assert color.name() == canvas.scene.look.color("wire").name()
    assert color.name() not in seen
    assert len(seen) > 2  # the ground and the letters


def test_paragraphs_of_a_note_stand_apart_and_its_lists_near_their_edge() -> None:
    laid = words("### Why\n\nOne.\n\n- two\n- three\n\nFour.", 200.0, Look(load_theme("dark")))
    below = {}
    block = laid.begin()
    while block.isValid():
        below[block.text()] = block.blockFormat().bottomMargin()
        block = block.next()
    assert below["two"] < below["One."] == below["Why"] == below["three"]
    assert laid.indentWidth() < 40  # Qt's own
