"""Cards dragged from one project to another, over a tab or into another window, with the button held all the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from core.graph import InputKey
from gui.app import App
from gui.carrying import Carry
from gui.opened import Opened
from tests.gui.conftest import TEMPLATES

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def two(app: App, qtbot, tmp_path: Path) -> App:
    """Iris and LeNet-5 in two tabs, LeNet-5 in front."""
    for name in ("iris", "lenet5"):
        path = tmp_path / f"{name}.chain"
        path.write_bytes((TEMPLATES / f"{name}.chain").read_bytes())
        app.filing.open(path)
        qtbot.waitUntil(lambda: app.workspace.feed is not None)
    QTest.qWait(20)
    return app


def node(opened: Opened, name: str) -> str:
    return next(node.id for node in opened.workspace.editor.graph.nodes.values() if node.name == name)


def grip(opened: Opened, name: str) -> QPoint:
    """A place in the header of the card of this name, on the screen."""
    view = opened.workspace.canvas.view
    corner = opened.workspace.canvas.scene.nodes[node(opened, name)].pos()
    return view.viewport().mapToGlobal(view.mapFromScene(corner + QPointF(70, 12)))


def tab(app: App, index: int) -> QPoint:
    tabs = app.window.tabs.tabs
    return tabs.mapToGlobal(tabs.tabRect(index).center())


def move(widget: QWidget, *places: QPoint) -> None:
    for place in places:
        QTest.mouseMove(widget, widget.mapFromGlobal(place))


def take(opened: Opened, name: str, onto: QPoint) -> QWidget:
    """Press on a card and drag it to this place of the screen, the button staying down; what has the mouse."""
    viewport = opened.workspace.canvas.view.viewport()
    start = grip(opened, name)
    QTest.mousePress(viewport, LEFT, pos=viewport.mapFromGlobal(start))
    move(viewport, start + QPoint(20, 10), start + (onto - start) / 2, onto)
    return QWidget.mouseGrabber() or viewport


def let_go(widget: QWidget, at: QPoint) -> None:
    QTest.mouseRelease(widget, LEFT, pos=widget.mapFromGlobal(at))


def said(app: App) -> str:
    hints = [
        one.text() for one in app.window.findChildren(QLabel) if one.property("role") == "hint" and one.isVisible()
    ]
    return " ".join(hints)


def test_a_card_dragged_over_a_tab_opens_it_and_is_copied_where_it_is_let_go(two: App, qtbot):
    iris, lenet = two.projects.all
    before, places = set(iris.workspace.editor.graph.nodes), lenet.held.document.project.positions
    holder = take(lenet, "conv1", tab(two, 0))
    assert said(two) == "Copy conv1 to iris"
    qtbot.waitUntil(lambda: two.projects.front is iris, timeout=3000)
    view = iris.workspace.canvas.view
    goal = view.viewport().mapToGlobal(QPoint(300, 420))
    move(holder, goal)
    assert said(two) == "Copy conv1 to iris"
    let_go(holder, goal)
    (added,) = set(iris.workspace.editor.graph.nodes) - before
    copied, original = (
        iris.workspace.editor.graph.nodes[added],
        lenet.workspace.editor.graph.nodes[node(lenet, "conv1")],
    )
    assert (copied.kind, copied.params) == (original.kind, original.params)
    held_at = iris.workspace.canvas.scene.nodes[added].pos() + QPointF(70, 12)
    assert (view.mapFromScene(held_at) - QPoint(300, 420)).manhattanLength() <= 3
    assert iris.workspace.canvas.selection() == (added,)
    assert iris.held.document.past == ("Copy conv1 from lenet5",)
    assert lenet.held.document.past == ()
    assert lenet.held.document.project.positions is places
    assert QWidget.mouseGrabber() is None
    assert said(two) == ""
    iris.held.document.undo()
    assert set(iris.workspace.editor.graph.nodes) == before


def test_several_cards_come_with_their_wires_and_let_go_on_the_tab_stand_in_the_middle(two: App):
    iris, lenet = two.projects.all
    chosen = [node(lenet, name) for name in ("conv1", "tanh1", "pool1")]
    lenet.workspace.canvas.select(chosen)
    before = set(iris.workspace.editor.graph.nodes)
    holder = take(lenet, "tanh1", tab(two, 0))
    assert said(two) == "Copy 3 layers to iris"
    let_go(holder, tab(two, 0))
    assert two.projects.front is iris
    added = {
        iris.workspace.editor.graph.nodes[key].kind: key for key in set(iris.workspace.editor.graph.nodes) - before
    }
    assert set(added) == {"Conv2d", "Tanh", "AvgPool2d"}
    edges = iris.workspace.editor.graph.edges
    assert edges[InputKey(added["Tanh"], "input")].source == added["Conv2d"]
    assert edges[InputKey(added["AvgPool2d"], "input")].source == added["Tanh"]
    assert iris.workspace.canvas.view.visible().intersects(iris.workspace.canvas.scene.bounds(added.values()))


def test_escape_gives_the_drag_up_and_no_project_is_changed(two: App, qtbot):
    iris, lenet = two.projects.all
    projects = [opened.held.document.project for opened in two.projects.all]
    holder = take(lenet, "conv1", tab(two, 0))
    qtbot.waitUntil(lambda: two.projects.front is iris, timeout=3000)
    QTest.keyClick(two.window, Qt.Key.Key_Escape)
    let_go(holder, iris.workspace.canvas.view.viewport().mapToGlobal(QPoint(300, 300)))
    assert [opened.held.document.project for opened in two.projects.all] == projects
    assert QWidget.mouseGrabber() is None
    assert said(two) == ""


def test_back_on_its_own_canvas_or_beside_every_canvas_nothing_is_copied(two: App):
    lenet = two.projects.all[1]
    project = lenet.held.document.project
    holder = take(lenet, "conv1", tab(two, 1))
    assert said(two) == "Conv1 stays here"
    back = lenet.workspace.canvas.view.viewport().mapToGlobal(QPoint(200, 300))
    move(holder, back)
    let_go(holder, back)
    assert lenet.held.document.project is project
    holder = take(lenet, "conv1", tab(two, 0))
    beside = two.window.status.mapToGlobal(QPoint(20, 8))
    move(holder, beside)
    assert said(two) == "Drag conv1 onto a canvas"
    let_go(holder, beside)
    assert [opened.held.document.past for opened in two.projects.all] == [(), ()]


def test_a_card_goes_into_another_window_without_a_tab(two: App, qtbot):
    iris, lenet = two.projects.all
    other = two.open_window(iris)
    other.window.resize(1000, 700)
    other.window.move(two.window.frameGeometry().bottomLeft() + QPoint(0, 40))
    qtbot.waitUntil(lambda: iris.is_placed and iris.workspace.canvas.isVisible())
    goal = iris.workspace.canvas.view.viewport().mapToGlobal(QPoint(200, 200))
    before = set(iris.workspace.editor.graph.nodes)
    holder = take(lenet, "pool1", goal)
    assert said(other) == "Copy pool1 to iris"
    let_go(holder, goal)
    assert len(set(iris.workspace.editor.graph.nodes) - before) == 1
    assert lenet.held.document.past == ()
    other.filing.ask_save = lambda _name: "discard"
    other.window.close()


def test_an_image_set_that_comes_along_brings_its_settings(two: App):
    iris, lenet = two.projects.all
    before = set(iris.held.document.project.data)
    let_go(take(lenet, "digits", tab(two, 0)), tab(two, 0))
    (added,) = set(iris.held.document.project.data) - before
    assert iris.held.document.project.data[added].source == next(iter(lenet.held.document.project.data.values())).source


def test_moving_a_card_on_its_own_canvas_is_still_a_move(two: App):
    lenet = two.projects.all[1]
    viewport = lenet.workspace.canvas.view.viewport()
    start = viewport.mapFromGlobal(grip(lenet, "conv1"))
    QTest.mousePress(viewport, LEFT, pos=start)
    for step in (1, 2, 3):
        QTest.mouseMove(viewport, start + QPoint(0, 20 * step))
    assert two.findChildren(Carry) == []
    QTest.mouseRelease(viewport, LEFT, pos=start + QPoint(0, 60))
    assert lenet.held.document.past == ("Move conv1",)
