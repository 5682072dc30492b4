"""What the random hand found, each in as few gestures as show it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import SIGNAL
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from gui.app import App
from tests.gui.hand import CTRL, KEY, Hand
from tests.gui.mirror import assert_window_mirrors


@pytest.fixture
def hand(lenet: App, qtbot: QtBot) -> Hand:
    lenet.window.resize(1600, 1000)
    made = Hand(lenet)
    made.canvas.fit()
    made.canvas.setFocus()
    qtbot.waitUntil(made.view.hasFocus)
    return made


def test_del_removes_a_wire_where_nothing_else_was_selected_before(hand: Hand) -> None:
    key = next(iter(hand.graph.into(hand.node("fc2").id))).key
    spot = hand.on_wire(key)
    assert spot is not None
    hand.click(spot)
    assert_window_mirrors(hand.app)
    hand.key(KEY.Key_Delete)
    assert key not in hand.graph.edges


def test_del_removes_a_note_that_was_just_added(hand: Hand) -> None:
    before = hand.work.document.project.annotations
    hand.double_click(next(hand.ground(60)))
    hand.answer("note")
    hand.key(KEY.Key_Escape)
    assert_window_mirrors(hand.app)
    hand.key(KEY.Key_Delete)
    assert hand.work.document.project.annotations == before


def test_a_new_wire_at_a_selected_card_is_lit_like_its_others(hand: Hand) -> None:
    conv, tanh = hand.node("conv1").id, hand.node("tanh2").id
    hand.click(hand.card(conv))
    hand.wire(conv, "output", tanh, "input")
    (key,) = (edge.key for edge in hand.graph.into(tanh))
    assert hand.graph.edges[key].source == conv
    assert hand.scene.edges[key].is_lit
    hand.key(KEY.Key_Z, CTRL)
    assert_window_mirrors(hand.app)


def test_a_click_in_another_field_leaves_the_search_at_the_pointer_and_the_keyboard_there(hand: Hand) -> None:
    search = hand.work.palette.search
    hand.key(KEY.Key_Tab)
    hand.click_on(search)
    assert search.hasFocus()
    assert hand.canvas.popup.isHidden()


def test_a_click_in_another_field_leaves_the_finder_and_the_keyboard_there(hand: Hand) -> None:
    search = hand.work.palette.search
    hand.key(KEY.Key_F, CTRL)
    hand.click_on(search)
    assert search.hasFocus()


def test_a_wire_that_comes_in_the_place_of_a_selected_one_is_selected_too(hand: Hand) -> None:
    first, second, third = (hand.node(name).id for name in ("conv1", "tanh1", "pool1"))
    (key,) = (edge.key for edge in hand.graph.into(third))
    hand.drag(hand.port(second, "output", "output"), hand.port(first, "output", "output"), CTRL)
    assert hand.graph.edges[key].source == first
    spot = hand.on_wire(key)
    assert spot is not None
    hand.click(spot)
    hand.key(KEY.Key_Z, CTRL)
    assert hand.graph.edges[key].source == second
    assert_window_mirrors(hand.app)


def test_the_line_at_the_bottom_follows_a_selected_layer_to_its_new_name(hand: Hand) -> None:
    hand.click(hand.card(hand.node("fc1").id))
    hand.key(KEY.Key_F2)
    hand.type("dense", KEY.Key_Return)
    assert "Selected: dense" in hand.app.window.status.text


def test_a_closed_project_leaves_no_item_to_the_collector_which_would_crash_over_it(hand: Hand) -> None:
    scene = hand.scene
    items = [*scene.near.items, scene.far.item, hand.canvas.stage.trace, *scene.annotations.items.values()]
    assert all(map(isValid, items))
    hand.app.close_others(None)
    hand.await_(lambda: not any(map(isValid, items)), "every item is gone")


def test_a_closed_project_is_kept_from_the_collector_until_its_widgets_are_gone(hand: Hand) -> None:
    """Some hundred gestures later the collector took parents and children in any order, and the window crashed."""
    opened = hand.app.projects.front
    assert opened is not None
    page, told = opened.page, SIGNAL("destroyed(QObject*)")
    before = page.receivers(told)
    hand.app.close_others(None)
    assert page.receivers(told) > before, "the page's end is awaited by what keeps the project"
    hand.await_(lambda: not isValid(page), "the widgets are gone")
