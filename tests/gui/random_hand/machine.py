"""What every gesture of the random hand stands on: a project to begin with, the checks after each step, and the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from random import Random
from typing import ClassVar, TypeVar

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from core.document import Document
from core.files import load, to_text
from core.layout import arrange
from core.planning import move
from core.project import Project
from gui.app import App
from tests.core.random_edits import with_blocks
from tests.gui.conftest import TEMPLATES
from tests.gui.hand import ALT, CTRL, KEY, MIDDLE, NONE, SHIFT, Hand
from tests.gui.mirror import assert_window_mirrors

T = TypeVar("T")
PICK = st.integers(0, 999)
"""Of what is there, one by its place; few bits, so that long runs of steps stay small."""
MANY = 26
"""Nodes, from which on nothing is added."""
_CALM = 5
"""Of six gestures are not interrupted."""


class NothingThere(Exception):
    """Nothing of what the gesture works on is there now."""


def gesture(**picks: st.SearchStrategy[int]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A rule whose gesture is left out where there is nothing for it, and after which the window is looked at."""

    def made(work: Callable[..., None]) -> Callable[..., None]:
        @wraps(work)
        def done(self: Machine, **picked: int) -> None:
            was, self.is_sound = self.is_sound, False
            with suppress(NothingThere):
                work(self, **picked)
                Machine.done += 1
            assert_window_mirrors(self.app)
            self.is_sound = was

        return rule(**picks)(done)

    return made


class Machine(RuleBasedStateMachine):
    """One window in which a random user works; a subclass sets the window, the rules are in the other files."""

    app: ClassVar[App]
    done: ClassVar[int] = 0
    """Gestures of all runs."""

    def __init__(self) -> None:
        super().__init__()
        self.hand = Hand(self.app)
        self.start = ""
        self.is_sound = False
        """Whether all was well so far, so that the way back is to be tried."""

    @initialize(luck=PICK, pick=PICK)
    def open(self, luck: int, pick: int) -> None:
        """Begin with one of three projects; the run in which every choice is the first one teaches nothing."""
        assume(luck)
        project = self.of([load(TEMPLATES / "lenet5.chain"), placed(with_blocks()), Project()], pick)
        self.start = to_text(project)
        QApplication.clipboard().clear()
        self.app.close_others(None)
        self.app.filing.take(Document(project))
        QTest.qWait(20)
        self.hand.canvas.setFocus()
        assert_window_mirrors(self.app)
        self.is_sound = True

    def teardown(self) -> None:
        """Undo leads back to the start, redo to the end, to the byte."""
        if not self.is_sound:
            return
        self.settle()
        document = self.hand.work.document
        steps = len(document.past) + len(document.future)
        self.run(KEY.Key_Y, 2 * steps + 2)
        end = to_text(document.project)
        self.run(KEY.Key_Z, 2 * steps + 2)
        assert not document.past
        assert to_text(document.project) == self.start, "undo leads back to the start"
        assert_window_mirrors(self.app)
        self.run(KEY.Key_Y, 2 * steps + 2)
        assert not document.future
        assert to_text(document.project) == end, "redo leads to the end again"
        assert_window_mirrors(self.app)

    def run(self, key: Qt.Key, times: int) -> None:
        """Press the keys so often, as long as they do anything; a block that would go is asked for twice."""
        document = self.hand.work.document
        for _time in range(times):
            if not (document.past if key == KEY.Key_Z else document.future):
                return
            self.hand.key(key, CTRL)

    # What the rules share.

    @staticmethod
    def need(there: object) -> None:
        """Leave the gesture out where this is not so."""
        if not there:
            raise NothingThere

    @classmethod
    def of(cls, found: Sequence[T], pick: int) -> T:
        """One of these by a number."""
        cls.need(found)
        return found[pick % len(found)]

    @property
    def is_full(self) -> bool:
        """Whether the project has nodes enough."""
        return len(self.hand.work.document.project.all_nodes()) >= MANY

    def settle(self) -> None:
        """Let the hand be empty and the keyboard with the graph: what is open is closed, what is under way given up."""
        for _time in range(8):
            if self.hand.view.hasFocus() and not self.hand.view.busy:
                break
            self.hand.key(KEY.Key_Escape)
        self.focus()

    def focus(self) -> None:
        """Give the graph the keyboard with a click of the middle button, which chooses nothing."""
        hand = self.hand
        if not hand.view.hasFocus():
            spot = next(hand.ground(), None)
            hand.click(spot, button=MIDDLE) if spot is not None else hand.canvas.setFocus()
        if not hand.view.hasFocus():
            hand.canvas.setFocus()

    def seen(self) -> list[str]:
        """The nodes whose cards the mouse can take hold of; all are brought into sight where there are none."""
        for _time in range(2):
            found = [key for key in self.hand.graph.nodes if self.takes(key)]
            if found or not self.hand.graph.nodes:
                return found
            self.focus()
            self.hand.key(KEY.Key_Home)
        return []

    def takes(self, node: str) -> bool:
        """Whether a press in the middle of its header takes hold of this card."""
        hand, spot = self.hand, self.hand.card(node)
        at = hand.view.mapToScene(spot)
        near = hand.scene.port_near(at, 12 / hand.view.transform().m11())
        return hand.reaches(spot) and near is None and hand.scene.node_at(at) == node

    def ports(self, side: str) -> list[tuple[str, str]]:
        """The ports of a side that the mouse can take hold of."""
        hand = self.hand
        reach = 12 / hand.view.transform().m11()
        found = []
        for key, item in hand.scene.nodes.items():
            for where, port in item.ports():
                spot = hand.port(key, where, port.name)
                near = hand.scene.port_near(hand.view.mapToScene(spot), reach) if where == side else None
                if near == (key, side, port.name) and hand.reaches(spot):
                    found.append((key, port.name))
        return found

    def wires(self) -> list[QPoint]:
        """Places at which the mouse hits a wire."""
        spots = (self.hand.on_wire(key) for key in self.hand.scene.edges)
        return [spot for spot in spots if spot is not None]

    def free(self, pick: int, room: int = 60) -> QPoint:
        """A place on empty ground, with room for a card if there is any."""
        chance, size = Random(pick), self.hand.view.viewport().size()
        for wanted in (room, 0):
            for _try in range(25):
                spot = QPoint(chance.randrange(4, size.width() - 4), chance.randrange(4, size.height() - 4))
                if self.hand.is_ground(spot, wanted):
                    return spot
        found = next(self.hand.ground(), None)
        if found is None:
            raise NothingThere
        return found

    def anywhere(self, pick: int) -> QPoint:
        """Any place of the view, and a little beyond."""
        chance, size = Random(pick), self.hand.view.viewport().size()
        return QPoint(chance.randrange(-30, size.width() + 30), chance.randrange(-30, size.height() + 30))

    def drag(self, start: QPoint, end: QPoint, held: object = NONE, trouble: int = 0) -> None:
        """A drag, which something may interrupt."""
        hand = self.hand
        with hand.holding(held):
            hand.hold(start, end, held)
            self.interrupt(trouble)
            hand.point(end)
            hand.release(end, held)

    def interrupt(self, trouble: int) -> None:
        """Sometimes do in the middle of a gesture what nobody does."""
        hand = self.hand
        if trouble % (_CALM + 1):
            return
        keys = [
            (KEY.Key_Escape, NONE),
            (KEY.Key_Z, CTRL),
            (KEY.Key_Y, CTRL),
            (KEY.Key_Delete, NONE),
            (KEY.Key_A, CTRL),
            (KEY.Key_D, CTRL),
            (KEY.Key_G, CTRL),
            (KEY.Key_L, CTRL),
            (KEY.Key_Return, NONE),
            (KEY.Key_F2, NONE),
            (KEY.Key_A, SHIFT),
            (KEY.Key_Home, NONE),
            (KEY.Key_Right, NONE),
            (KEY.Key_Right, ALT),
            (KEY.Key_W, NONE),
            (KEY.Key_F6, NONE),
            (KEY.Key_Space, NONE),
        ]
        which = trouble // (_CALM + 1) % (len(keys) + 2)
        if which < len(keys):
            hand.key(*keys[which])
        elif which == len(keys):
            hand.wheel(hand.view.viewport().rect().center(), 1)
        else:
            self.look_away()

    def look_away(self) -> None:
        """Another window takes the keyboard, and gives it back."""
        other = QLineEdit()
        other.show()
        other.activateWindow()
        self.hand.await_(other.isActiveWindow, "the other window has the keyboard")
        other.close()
        self.app.window.activateWindow()
        self.hand.await_(self.app.window.isActiveWindow, "the window has the keyboard again")
        other.deleteLater()
        QTest.qWait(1)


def placed(project: Project) -> Project:
    """With every card, those in blocks too, where the layout puts it."""
    for graph in (project.graph, *(block.graph for block in project.blocks.values())):
        project = move(project, arrange(graph))
    return replace(project, name="blocks")


def between(one: QPoint, other: QPoint, share: float) -> QPoint:
    """A place on the way from one to the other."""
    return (QPointF(one) + QPointF(other - one) * share).toPoint()
