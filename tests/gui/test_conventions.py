"""What people who know other node editors try first, by mouse and keys on the whole window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from core.files import load
from gui.app import App
from gui.canvas.geometry import GRID
from tests.gui.conftest import opened
from tests.gui.hand import ALT, CTRL, KEY, LEFT, NONE, SHIFT, Hand

LONG = 60_000


@pytest.fixture
def hand(lenet: App, qtbot) -> Hand:
    made = Hand(lenet)
    lenet.window.activateWindow()
    made.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    return made


def id_of(hand: Hand, name: str) -> str:
    return hand.node(name).id


def click_card(hand: Hand, name: str, held: Qt.KeyboardModifier = NONE) -> None:
    hand.click(hand.card(id_of(hand, name)), held)


def wheel(hand: Hand, turned: QPoint, phase: Qt.ScrollPhase, held: Qt.KeyboardModifier = NONE) -> None:
    viewport = hand.view.viewport()
    at = QPointF(viewport.rect().center())
    place = QPointF(viewport.mapToGlobal(at.toPoint()))
    pixels = turned if phase != Qt.ScrollPhase.NoScrollPhase else QPoint()
    event = QWheelEvent(at, place, pixels, turned, Qt.MouseButton.NoButton, held, phase, False)
    QApplication.sendEvent(viewport, event)


def test_keys_zoom_and_frame(hand: Hand) -> None:
    view = hand.view
    hand.key(KEY.Key_0, CTRL)
    assert view.zoom == pytest.approx(1.0)
    hand.key(KEY.Key_Equal, CTRL)
    assert view.zoom > 1.0
    hand.key(KEY.Key_Minus, CTRL, times=2)
    assert view.zoom < 1.0
    click_card(hand, "fc1")
    for key in (KEY.Key_F, KEY.Key_Period):
        hand.key(key)
        assert view.zoom == pytest.approx(1.0)
        assert (view.middle() - hand.scene.nodes[id_of(hand, "fc1")].rect.center()).manhattanLength() < 3
        for fit in (KEY.Key_A, KEY.Key_Home):
            hand.key(fit)
            assert view.visible().contains(hand.scene.bounds())


def test_two_fingers_pan_and_pinch_and_a_wheel_with_shift_pans_sideways(hand: Hand) -> None:
    view, update = hand.view, Qt.ScrollPhase.ScrollUpdate
    before, zoom = view.middle(), view.zoom
    wheel(hand, QPoint(-30, -20), update)
    moved = (view.middle() - before) * view.transform().m11()
    assert (moved.x(), moved.y()) == (pytest.approx(30, abs=1), pytest.approx(20, abs=1))
    assert view.zoom == zoom
    before = view.middle()
    wheel(hand, QPoint(0, -120), Qt.ScrollPhase.NoScrollPhase, SHIFT)
    assert view.middle().x() > before.x()
    assert view.middle().y() == pytest.approx(before.y(), abs=0.01)
    wheel(hand, QPoint(0, 120), update, CTRL)
    assert view.zoom > zoom
    zoom, viewport = view.zoom, view.viewport()
    at = QPointF(100, 80)
    still = view.mapToScene(at.toPoint())
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        at,
        at,
        QPointF(viewport.mapToGlobal(at.toPoint())),
        -0.25,
        QPointF(),
    )
    QApplication.sendEvent(viewport, pinch)
    assert view.zoom == pytest.approx(0.75 * zoom)
    assert (view.mapToScene(at.toPoint()) - still).manhattanLength() < 5


def test_the_minimap_comes_and_goes_by_the_menu_shows_frames_and_leads_along_while_it_is_dragged(hand: Hand) -> None:
    minimap = hand.canvas.minimap
    for _twice in range(2):
        was = minimap.isVisible()
        hand.menu("View", "Minimap")
        assert minimap.isVisible() != was
    if not minimap.isVisible():
        hand.menu("View", "Minimap")
    click_card(hand, "fc1")
    hand.key(KEY.Key_0, CTRL)
    plain = minimap.grab().toImage()
    hand.key(KEY.Key_G, CTRL | ALT)
    hand.key(KEY.Key_Return)
    hand.key(KEY.Key_Escape)
    assert minimap.grab().toImage() != plain
    places = [QPoint(40, 30), QPoint(70, 40), QPoint(120, 60)]
    seen = []
    QTest.mousePress(minimap, LEFT, NONE, places[0])
    for place in places:
        QTest.mouseMove(minimap, place)
        seen.append(hand.view.middle())
    QTest.mouseRelease(minimap, LEFT, NONE, places[-1])
    assert seen[0].x() < seen[1].x() < seen[2].x()
    assert seen[0].y() < seen[2].y()


def test_all_is_selected_and_escape_clears(hand: Hand) -> None:
    hand.key(KEY.Key_A, CTRL)
    assert set(hand.canvas.selection()) == set(hand.graph.nodes)
    hand.key(KEY.Key_Escape)
    assert hand.canvas.selection() == ()


def test_four_ways_open_the_search_with_its_text_chosen_and_what_was_added_last_comes_first(hand: Hand) -> None:
    popup = hand.canvas.popup
    empty = next(hand.ground(90))
    hand.double_click(empty)
    hand.answer("dropout")
    for key, held in ((KEY.Key_Space, NONE), (KEY.Key_Tab, NONE), (KEY.Key_A, SHIFT)):
        hand.canvas.setFocus()
        hand.key(key, held)
        hand.await_(popup.isVisible, "the search opens")
        assert popup.field.hasFocus()
        assert popup.rows.offers[0].kind == "Dropout"
        hand.key(KEY.Key_Escape)
        assert not popup.isVisible()


def test_letters_in_between_may_be_left_out_and_arrows_choose(hand: Hand) -> None:
    hand.key(KEY.Key_A, SHIFT)
    hand.type("batnor")
    offers = [offer.kind for offer in hand.canvas.popup.rows.offers]
    assert offers[0].startswith("BatchNorm")
    hand.key(KEY.Key_Down)
    hand.key(KEY.Key_Return)
    (made,) = hand.canvas.selection()
    assert hand.graph.nodes[made].kind == offers[1]


def test_the_clipboard_by_keys(hand: Hand) -> None:
    count = len(hand.graph.nodes)
    click_card(hand, "fc1")
    hand.key(KEY.Key_C, CTRL)
    hand.key(KEY.Key_V, CTRL)
    hand.key(KEY.Key_D, CTRL)
    assert len(hand.graph.nodes) == count + 2
    hand.key(KEY.Key_X, CTRL)
    assert len(hand.graph.nodes) == count + 1
    assert hand.work.document.past[-3:-1] == ("Paste", "Duplicate fc4")


def test_del_and_backspace_delete_and_ctrl_del_joins_what_was_apart(hand: Hand) -> None:
    for key in (KEY.Key_Delete, KEY.Key_Backspace):
        click_card(hand, "tanh4")
        hand.key(key)
        assert "tanh4" not in hand.names
        hand.key(KEY.Key_Z, CTRL)
    click_card(hand, "tanh4")
    hand.key(KEY.Key_Delete, CTRL)
    fc3 = id_of(hand, "fc3")
    assert [edge.source for edge in hand.graph.into(fc3)] == [id_of(hand, "fc2")]


def test_undo_and_redo_have_their_usual_keys_and_say_what_they_do_in_the_menu(hand: Hand) -> None:
    fc1 = id_of(hand, "fc1")
    home = hand.scene.nodes[fc1].pos()
    hand.drag(hand.card(fc1), hand.card(fc1) + QPoint(20, 30))
    undo, redo = (hand.app.window.actions_[name] for name in ("undo", "redo"))
    assert "Move fc1" in undo.text()
    hand.key(KEY.Key_Z, CTRL)
    assert hand.scene.nodes[fc1].pos() == home
    assert "Move fc1" in redo.text()
    for keys in ((KEY.Key_Y, CTRL), (KEY.Key_Z, CTRL | SHIFT)):
        hand.key(*keys)
        assert hand.scene.nodes[fc1].pos() != home
        hand.key(KEY.Key_Z, CTRL)


def test_ctrl_l_lays_out(hand: Hand) -> None:
    fc1 = id_of(hand, "fc1")
    hand.drag(hand.card(fc1), hand.card(fc1) + QPoint(20, 30))
    hand.key(KEY.Key_Escape)
    home = hand.scene.nodes[fc1].pos()
    for _twice in range(2):
        hand.key(KEY.Key_L, CTRL)
        assert hand.work.document.past == ("Move fc1", "Auto layout"), "what is laid out already stays"
        assert hand.scene.nodes[fc1].pos() != home


def test_f5_trains_and_shift_f5_stops(app: App, qtbot) -> None:
    opened(app, qtbot, "iris")
    assert app.workspace is not None
    run = app.workspace.run
    app.workspace.canvas.setFocus()
    QTest.keyClick(app.workspace.canvas.view, KEY.Key_F5)
    qtbot.waitUntil(lambda: run.state.step > 0, timeout=LONG)
    QTest.keyClick(app.workspace.canvas.view, KEY.Key_F5, SHIFT)
    qtbot.waitUntil(lambda: not run.state.active, timeout=LONG)
    assert run.state.phase in ("stopped", "finished")


def test_ctrl_enter_trains_and_pauses(app: App, qtbot) -> None:
    opened(app, qtbot, "iris")
    assert app.workspace is not None
    run = app.workspace.run
    app.workspace.canvas.setFocus()
    QTest.keyClick(app.workspace.canvas.view, KEY.Key_Return, CTRL)
    qtbot.waitUntil(lambda: run.state.step > 0, timeout=LONG)
    QTest.keyClick(app.workspace.canvas.view, KEY.Key_Return, CTRL)
    qtbot.waitUntil(lambda: run.state.phase in ("paused", "finished"), timeout=LONG)
    run.stop()
    qtbot.waitUntil(lambda: not run.state.active, timeout=LONG)


def test_saving_proposes_the_projects_name_and_the_title_is_marked_until_then(hand: Hand, tmp_path: Path) -> None:
    asked: list[Path] = []

    def choose(_purpose: str, start: Path) -> Path:
        asked.append(start)
        return tmp_path / start.name

    hand.app.filing.choose = choose
    click_card(hand, "fc1")
    hand.key(KEY.Key_Delete)
    assert hand.work.document.modified
    hand.key(KEY.Key_S, CTRL)
    assert asked
    assert asked[0].name == f"{hand.work.document.project.name}.chain"
    assert not hand.work.document.modified
    assert load(tmp_path / asked[0].name) == hand.work.document.project


def test_f2_renames_in_place(hand: Hand) -> None:
    click_card(hand, "fc1")
    hand.key(KEY.Key_F2)
    field = hand.canvas.furniture.name_field
    assert field.isVisible()
    assert field.hasFocus()
    hand.key(KEY.Key_A, CTRL)
    hand.type("dense", KEY.Key_Return)
    assert "dense" in hand.names


def test_a_recent_file_is_opened_by_a_click_on_the_start_page(hand: Hand, tmp_path: Path, qtbot) -> None:
    app = hand.app
    app.filing.choose = lambda _purpose, _start: tmp_path / "mine.chain"
    hand.key(KEY.Key_S, CTRL)
    hand.key(KEY.Key_W, CTRL)
    qtbot.waitUntil(lambda: not app.window.is_working)
    page = app.window.start_message(app.themes).window()
    recent = next(one for one in page.findChildren(QWidget) if one.property("role") == "recent" and one.isVisible())
    QTest.mouseClick(recent, LEFT, NONE, recent.rect().center())
    qtbot.waitUntil(lambda: app.window.is_working)
    assert app.filing.document.path == tmp_path / "mine.chain"


def test_a_layer_from_the_palette_goes_into_the_wire_it_is_let_go_on_and_with_alt_stays_beside(hand: Hand) -> None:
    fc3 = id_of(hand, "fc3")
    key = next(key for key in hand.graph.edges if key.node == fc3)
    before = hand.graph.edges[key].source
    place = hand.on_wire(key)
    assert place is not None
    tree = hand.work.palette.tree.viewport()
    start = hand.palette_row("ReLU").center()
    end = tree.mapFromGlobal(hand.view.viewport().mapToGlobal(place))
    QTest.mousePress(tree, LEFT, NONE, start)
    QTest.mouseMove(tree, start + QPoint(30, 0))
    QTest.mouseMove(tree, end)
    assert hand.scene.edges[key].is_target
    QTest.mouseRelease(tree, LEFT, ALT, end)
    assert hand.graph.edges[key].source == before
    hand.canvas.setFocus()
    hand.key(KEY.Key_Z, CTRL)
    made = hand.drop("ReLU", place)
    assert hand.graph.edges[key].source == made


def test_a_paste_with_incoming_wires_has_its_keys(hand: Hand) -> None:
    click_card(hand, "fc3")
    hand.key(KEY.Key_C, CTRL)
    hand.key(KEY.Key_V, CTRL | SHIFT)
    (made,) = hand.canvas.selection()
    assert [edge.source for edge in hand.graph.into(made)] == [id_of(hand, "tanh4")]


def test_cards_are_brought_in_line_and_onto_the_grid_by_the_menus(hand: Hand) -> None:
    click_card(hand, "fc1")
    click_card(hand, "fc2", CTRL)
    hand.menu("Graph", "Align left")
    fc1, fc2 = id_of(hand, "fc1"), id_of(hand, "fc2")
    assert hand.scene.nodes[fc1].x() == hand.scene.nodes[fc2].x()
    hand.key(KEY.Key_Z, CTRL)
    hand.menu("View", "Snap to grid")
    hand.key(KEY.Key_Escape)
    hand.drag(hand.card(fc2), hand.card(fc2) + QPoint(17, 23))
    place = hand.scene.nodes[fc2].pos()
    assert (place.x() % GRID, place.y() % GRID) == (0, 0)
