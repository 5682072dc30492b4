"""A panel's line to the engine: as seldom as its share of the training allows, at once where nothing trains."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from core.engine.messages import Answer, Problem
from core.engine.predictions import Sweep, Swept, packed
from core.engine.reviews import Show
from gui.network_asking import Asking
from gui.subject import Subject


class Engine(QObject):
    """Answers when it is told to."""

    came, died = Signal(object), Signal(object)
    is_ready, moment = True, -1

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def ask(self, kind: str, _body: str, _trusted: object) -> int:
        self.asked.append(kind)
        return len(self.asked)

    def refuse(self) -> None:
        self.came.emit([Answer(id=len(self.asked), problem=Problem("something", "nothing"))])

    def answer(self, seconds: float) -> None:
        numbers = packed(np.zeros(1, np.float32))
        told = Swept(step=1, seconds=seconds, values=numbers, samples=numbers)
        self.came.emit([Answer(id=len(self.asked), body=msgspec.json.encode(told).decode())])


@pytest.fixture
def engine(qapp: object) -> Engine:
    return Engine()


def sweep() -> Sweep:
    return Sweep(project="", low=[0.0], high=[1.0], count=2)


def answered_once(engine: Engine, qtbot: QtBot) -> Asking:
    """Who asks while a network trains, after one answer that took 30 ms."""
    asking = Asking(engine, engine, share=0.02)  # type: ignore[arg-type]  # it looks like a line
    asking.about(Subject(None, None, None))  # type: ignore[arg-type]  # nothing is asked of it
    asking.is_training = True
    asking.ask(sweep())
    qtbot.waitUntil(lambda: engine.asked == ["sweep"])
    engine.answer(0.03)
    return asking


def test_answers_take_their_share_of_the_time_of_training_and_no_more(engine: Engine, qtbot: QtBot):
    asking = answered_once(engine, qtbot)
    assert asking.pause == pytest.approx(1500)
    asking.ask(sweep())
    qtbot.wait(250)
    assert engine.asked == ["sweep"]  # not before a second and a half
    asking.is_training = False
    qtbot.waitUntil(lambda: len(engine.asked) == 2, timeout=500)  # nobody is kept from training now


def test_what_is_small_is_asked_at_once_and_hastens_nothing_else(engine: Engine, qtbot: QtBot):
    asking = answered_once(engine, qtbot)
    asking.ask(Show(project="", places=(1,)), is_small=True)
    asking.ask(sweep())
    qtbot.waitUntil(lambda: engine.asked == ["sweep", "review"], timeout=500)
    engine.refuse()
    assert asking.pause == pytest.approx(1500)  # not shorter for having been asked something small
    qtbot.wait(250)
    assert engine.asked == ["sweep", "review"]
    assert asking.is_waiting
    asking.about(None)
    assert not asking.is_waiting


def test_only_the_newest_question_of_a_kind_is_asked_and_nothing_while_nobody_looks(engine: Engine, qtbot: QtBot):
    asking = Asking(engine, engine)  # type: ignore[arg-type]  # it looks like a line
    asking.about(Subject(None, None, None))  # type: ignore[arg-type]  # nothing is asked of it
    seen = False
    asking.is_seen = lambda: seen
    for _time in range(5):
        asking.ask(sweep())
    qtbot.wait(60)
    assert engine.asked == []
    seen = True
    asking.wake()
    qtbot.waitUntil(lambda: engine.asked == ["sweep"])
    qtbot.wait(60)
    assert engine.asked == ["sweep"]
