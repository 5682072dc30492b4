"""Six tasks of a newcomer, done by real mouse and key events: what comes of them, and how many gestures they take."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from torch import nn

from core.build import build
from core.document import Document
from core.lowering import lower
from core.plan import Step
from core.project import Project
from core.reading import read
from gui.app import App
from tests.gui.hand import CTRL, KEY
from tests.gui.newcomers.keystrokes import keystrokes
from tests.gui.newcomers.newcomer import Newcomer
from tests.gui.newcomers.tasks import TASKS, Task
from tools.make_newcomers import PAGE, RECORD, Counted, row

SOURCES = Path(__file__).parent / "python"
LONG = 60_000


def opened(app: App, qtbot: QtBot, task: Task) -> Newcomer:
    """A hand on a large window with what the task begins with."""
    app.window.resize(1600, 1000)
    hand = Newcomer(app)
    hand.await_(lambda: app.window.width() == 1600, "the window has its size")
    if task.begin is not None:
        app.filing.take(Document(task.begin()))
        qtbot.waitUntil(lambda: hand.work.feed is not None, timeout=LONG)
        QApplication.processEvents()
        hand.canvas.setFocus()
    return hand


@pytest.mark.parametrize("task", TASKS, ids=[task.name for task in TASKS])
def test_a_newcomer_gets_there_and_the_page_tells_in_how_many_gestures(app: App, qtbot: QtBot, task: Task) -> None:
    hand = opened(app, qtbot, task)
    task.script(hand)
    made = hand.work.document.project
    assert read(made).problems == ()
    assert structure(made) == structure(task.wanted())
    counted = Counted(task.words, dict(hand.count), keystrokes(*sources(task)))
    trains_two_steps(hand, qtbot)
    compare(task, counted)


def structure(project: Project) -> list[tuple[object, ...]]:
    """What is run, in order: kinds, all their arguments, and by place what feeds them; names do not count."""
    plan = lower(project)
    analysis = read(project).analysis
    place = {step.path: number for number, step in enumerate(plan.steps)}

    def fed(step: Step) -> tuple[tuple[str, tuple[tuple[int, str], ...]], ...]:
        return tuple((port, tuple((place[value.path], value.port) for value in values)) for port, values in step.inputs)

    def told(step: Step) -> tuple[tuple[str, object], ...]:
        return tuple(
            (name, value) for name, value in sorted(analysis.arguments[step.path].items()) if name != "dataset"
        )

    order = sorted(plan.steps, key=lambda step: depth(plan.by_path, step))
    place = {step.path: number for number, step in enumerate(order)}
    return [(step.kind.name, told(step), fed(step)) for step in order]


def depth(steps: dict[str, Step], step: Step) -> int:
    """How many steps lie between the data and this one, at most."""
    return max((depth(steps, steps[value.path]) + 1 for value in step.values()), default=0)


def trains_two_steps(hand: Newcomer, qtbot: QtBot) -> None:
    """One step twice, in the engine: the loss is a number both times."""
    for number in (1, 2):
        qtbot.waitUntil(hand.app.window.actions_["step"].isEnabled, timeout=LONG)
        hand.canvas.setFocus()
        hand.key(KEY.Key_Period, CTRL)
        qtbot.waitUntil(lambda number=number: recorded(hand) == number, timeout=LONG)
    losses = hand.work.feed.record.column("loss").values()  # type: ignore[union-attr]  # a run has a record
    assert torch.isfinite(torch.as_tensor(losses.copy())).all()
    hand.work.run.stop()
    qtbot.waitUntil(lambda: not hand.work.run.state.active, timeout=LONG)


def recorded(hand: Newcomer) -> int:
    feed = hand.work.feed
    return 0 if feed is None or feed.record is None else len(feed.record.column("loss"))


def sources(task: Task) -> tuple[str, str]:
    """The Python texts before and after the task."""
    before, after = ((SOURCES / f"{name}.py.txt").read_text("utf-8") if name else "" for name in task.python)
    return before, after


@pytest.mark.parametrize("task", TASKS, ids=[task.name for task in TASKS])
def test_the_python_it_is_compared_with_is_the_same_network(task: Task) -> None:
    space: dict[str, nn.Module] = {}
    exec(sources(task)[1], space)
    plan = lower(task.wanted())
    ours = build(plan, read(task.wanted()).analysis.arguments, 0).root
    assert shapes(space["model"]) == shapes(ours)
    assert isinstance(space["loss"], nn.CrossEntropyLoss)
    images = torch.rand(3, 1, 28, 28)
    assert space["model"](images).shape == (3, 10)


def shapes(module: nn.Module) -> list[tuple[int, ...]]:
    """Of all parameters, in order of their sizes."""
    return sorted(tuple(parameter.shape) for parameter in module.parameters())


def test_keys_are_letters_typed_and_deleted_and_indentation_is_free() -> None:
    assert keystrokes("", "a = 1\n") == 6
    assert keystrokes("a = 1\n", "a = 12\n") == 1
    assert keystrokes("a = 1\nb = 2\n", "a = 1\n") == 2
    assert keystrokes("f(\n    x,\n)\n", "f(\n    x,\n    yz,\n)\n") == 4
    assert keystrokes("f()\n", "    f()\n") == 1
    assert keystrokes("same\n", "same\n") == 0


def compare(task: Task, counted: Counted) -> None:
    """The page has this row; the tool that writes the page takes the counts instead."""
    record = os.environ.get(RECORD)
    if record:
        (Path(record) / f"{task.name}.json").write_text(json.dumps(counted._asdict()), "utf-8")
        return
    assert row(counted) in PAGE.read_text("utf-8").splitlines(), "python -m tools.make_newcomers writes the page"
