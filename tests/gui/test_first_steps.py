"""The first steps on the start page, each begun by a click and done with the hand."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from core.first_steps import FIRST_STEPS
from core.graph import Graph
from gui.app import App
from gui.step_row import StepRow
from gui.welcome import Welcome
from tests.gui.conftest import TEMPLATES, opened
from tests.gui.hand import LEFT, SHIFT, Hand

KEY = Qt.Key


def rows(app: App) -> dict[str, StepRow]:
    """The rows of the start page that is shown."""
    page = app.window.findChildren(Welcome)[-1]
    return {row.step.name: row for row in page.side.steps}


def begin(app: App, qtbot, name: str) -> Hand:
    """Click a row of the start page, and wait until the window can train what it opens."""
    if app.window.is_working:
        app.show_start()
    row = rows(app)[name]
    qtbot.waitUntil(row.isVisible)
    QTest.mouseClick(row, LEFT)
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    assert row.step.todo in app.workspace.message.words
    return Hand(app)


def await_done(app: App, qtbot, *names: str) -> None:
    qtbot.waitUntil(lambda: app.first_steps.done >= set(names), timeout=20_000)


def train(hand: Hand) -> None:
    hand.canvas.setFocus()
    hand.key(KEY.Key_F5)


def test_wiring_by_hand_does_the_first_step_and_the_page_shows_it(app: App, qtbot) -> None:
    hand = begin(app, qtbot, "wire")
    graph: Graph = hand.graph
    assert not graph.edges
    ids = {node.name: node.id for node in graph.nodes.values()}
    hand.canvas.fit()
    for source, output, target, port in (
        ("iris", "features", "fc1", "input"),
        ("fc1", "output", "relu1", "input"),
        ("relu1", "output", "fc2", "input"),
        ("fc2", "output", "cross_entropy", "logits"),
    ):
        hand.wire(ids[source], output, ids[target], port)
    assert app.first_steps.done == set(), "the label is loose"
    hand.wire(ids["iris"], "label", ids["cross_entropy"], "label")
    assert app.first_steps.done == {"wire"}
    assert app.workspace.message.words == "Done: Wire your first network. 1 of 6 first steps are done."
    app.show_start()
    assert [row.is_done for row in rows(app).values()] == [True, False, False, False, False, False]
    assert rows(app)["wire"].accessibleName().endswith("done")


def test_the_next_step_is_offered_and_a_run_to_its_end_does_it(app: App, qtbot) -> None:
    app.preferences.keep_word("first steps", "wire")
    hand = begin(app, qtbot, "curve")
    train(hand)
    await_done(app, qtbot, "curve")
    (button,) = [one for one in app.workspace.message.findChildren(QPushButton) if one.text().startswith("Next")]
    assert button.text() == "Next: Watch gradients flow back"
    QTest.mouseClick(button, LEFT)
    assert app.workspace.document.project.name == "Deep MLP, healthy"
    qtbot.waitUntil(lambda: app.workspace.feed is not None)
    train(Hand(app))
    await_done(app, qtbot, "curve", "gradients")


def test_batch_norm_behind_every_linear_cures_the_gradient(app: App, qtbot) -> None:
    hand = begin(app, qtbot, "cure")
    hand.canvas.select((hand.node("fc1").id,))
    hand.canvas.setFocus()
    hand.key(KEY.Key_G, SHIFT)
    hand.pick("BatchNorm1d", "BatchNorm1d")
    assert sum(node.kind == "BatchNorm1d" for node in hand.graph.nodes.values()) == 12
    train(hand)
    await_done(app, qtbot, "cure")


def test_a_drawn_digit_does_its_step_and_a_sample_of_the_data_does_not(app: App, qtbot) -> None:
    hand = begin(app, qtbot, "digit")
    app.workspace.run.train_steps(3)
    panel = app.workspace.predict
    app.window.workbench.docks["predict"].show()
    app.window.workbench.docks["predict"].raise_()
    answers = []
    panel.asking.answered.connect(lambda *answer: answers.append(answer))
    qtbot.waitUntil(lambda: panel.page is not None and len(answers) >= 2, timeout=20_000)
    assert "digit" not in app.first_steps.done
    (pad,) = [giving.pad for giving in panel.page.inputs.values()]
    pad.setFocus()
    QTest.keyClick(pad, KEY.Key_Delete)
    sheet = pad._sheet()
    places = [
        (sheet.topLeft() + QPointF(x * sheet.width(), y * sheet.width())).toPoint() for x, y in ((0.5, 0.2), (0.5, 0.8))
    ]
    QTest.mousePress(pad, LEFT, Qt.KeyboardModifier.NoModifier, places[0])
    QTest.mouseMove(pad, places[1])
    QTest.mouseRelease(pad, LEFT, Qt.KeyboardModifier.NoModifier, places[1])
    await_done(app, qtbot, "digit")
    assert hand.work.run.state.step == 3


def test_a_step_done_in_a_project_opened_otherwise_counts_and_nothing_is_said(app: App, qtbot) -> None:
    opened(app, qtbot, "learning-rate")
    train(Hand(app))
    await_done(app, qtbot, "curve")
    assert not app.workspace.message.isVisible()


def test_what_stands_over_the_canvas_of_another_matter_is_left_alone(app: App, qtbot) -> None:
    hand = begin(app, qtbot, "gradients")
    app.workspace.message.say("warning", "Something else", "is the matter.")
    train(hand)
    await_done(app, qtbot, "gradients")
    assert app.workspace.message.words == "Something else. is the matter."


@pytest.mark.parametrize("key", [KEY.Key_Return, KEY.Key_Space])
def test_a_row_is_begun_by_keys(app: App, qtbot, key: Qt.Key) -> None:
    row = rows(app)["block"]
    row.setFocus()
    QTest.keyClick(row, key)
    assert app.workspace.document.project.name == "VGG-like"


def test_import_on_the_start_page_asks_for_a_file(app: App) -> None:
    page = app.window.findChild(Welcome)
    asked = []
    page.asked.connect(asked.append)
    (button,) = [one for one in page.findChildren(QPushButton) if one.text().startswith("Import")]
    page.asked.disconnect(app.do)
    QTest.mouseClick(button, LEFT)
    assert asked == ["import"]


def test_every_step_opens_a_file_that_is_there() -> None:
    assert all((TEMPLATES.parent / step.opens).is_file() for step in FIRST_STEPS)
