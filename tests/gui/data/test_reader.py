"""The process that reads files for the window: answers in order, can be ended at any time, and is missed by nobody."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import ChainruleError
from core.inspecting.told import AskMark, AskSurvey, Surveyed
from gui.data.reader import DataReader


@pytest.fixture
def reader(qapp) -> Iterator[DataReader]:
    made = DataReader()
    yield made
    made.close()


class Answers:
    """What came, in order."""

    def __init__(self, reader: DataReader) -> None:
        self.reader = reader
        self.came: list[object] = []

    def survey(self, path: Path) -> int:
        return self.reader.ask(AskSurvey(str(path)), Surveyed, self.came.append, self.came.append)


def test_answers_come_in_order_and_a_bad_question_costs_no_other(reader: DataReader, qtbot, table: Path) -> None:
    answers = Answers(reader)
    answers.survey(table)
    reader.ask(AskMark("{"), str, answers.came.append, answers.came.append)
    answers.survey(table.with_name("none.csv"))
    answers.survey(table)
    qtbot.waitUntil(lambda: len(answers.came) == 4, timeout=20_000)
    first, second, third, fourth = answers.came
    assert isinstance(first, Surveyed)
    assert first.settings is not None
    assert isinstance(second, ChainruleError)
    assert isinstance(third, ChainruleError)
    assert "no such file" in str(third)
    assert fourth == first
    assert not reader.is_busy


def test_what_is_cancelled_does_not_come_and_the_others_do(reader: DataReader, qtbot, table: Path) -> None:
    answers = Answers(reader)
    begun = answers.survey(table)
    answers.survey(table)
    last = answers.survey(table)
    reader.cancel(begun)
    reader.cancel(last)
    reader.cancel(last)
    qtbot.waitUntil(lambda: not reader.is_busy, timeout=20_000)
    assert len(answers.came) == 1


def test_who_waits_is_told_when_the_process_dies_and_the_next_question_has_a_new_one(
    reader: DataReader, qtbot, table: Path
) -> None:
    answers = Answers(reader)
    answers.survey(table)
    process = reader._process
    assert process is not None
    qtbot.waitUntil(lambda: process.processId() > 0)
    os.kill(process.processId(), signal.SIGKILL)
    qtbot.waitUntil(lambda: bool(answers.came), timeout=20_000)
    assert "has ended" in str(answers.came[0])
    answers.survey(table)
    qtbot.waitUntil(lambda: len(answers.came) == 2, timeout=20_000)
    assert isinstance(answers.came[1], Surveyed)


def test_it_ends_when_nobody_asks(reader: DataReader, qtbot, table: Path) -> None:
    reader._idle.setInterval(10)
    answers = Answers(reader)
    answers.survey(table)
    qtbot.waitUntil(lambda: reader._process is None, timeout=20_000)
    assert isinstance(answers.came[0], Surveyed)
