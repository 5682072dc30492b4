from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest
from pytestqt.qtbot import QtBot

from core.checks import check
from core.document import Document
from core.layout import arrange
from core.lowering import lower
from core.planning import move
from core.project import Project
from core.shapes import analyse
from gui.action_set import ActionSet
from gui.canvas.along import join, select_before, select_behind
from gui.canvas.canvas import Canvas
from gui.theme import Themes
from tests.core.networks import lenet
from tests.gui.canvas.hands import Hands

Open = Callable[[Project], Canvas]


def bind_keys(canvas: Canvas) -> None:
    """The keys that the window's table of commands gives the canvas."""
    does: Mapping[str, Callable[[], object]] = {
        "delete": canvas.delete_selection,
        "dissolve": canvas.dissolve_selection,
        "rename": canvas.rename_selected,
        "wire": canvas.keys.wire,
        "join": lambda: join(canvas.stage),
        "select_before": lambda: select_before(canvas.stage),
        "select_behind": lambda: select_behind(canvas.stage),
        "bypass": canvas.editing.bypass,
        "freeze": canvas.editing.freeze,
        "collapse": canvas.unfolding.collapse,
        "activation": canvas.unfolding.toggle,
        "activations": canvas.unfolding.toggle_all,
        "frame": canvas.annotating.frame_selection,
    }
    actions = ActionSet(canvas.themes, canvas)
    actions.bind_canvas(canvas)
    actions.triggered.connect(lambda name: does[name]())


def reading(canvas: Canvas) -> None:
    """What the window does at every change."""
    project = canvas.document.project
    plan = lower(project)
    analysis = analyse(plan)
    canvas.set_analysis(plan, analysis, check(project, plan, analysis))


@pytest.fixture
def open_canvas(qtbot: QtBot) -> Iterator[Open]:
    opened: list[Canvas] = []

    def opening(project: Project) -> Canvas:
        document = Document(project)
        canvas = Canvas(document, Themes())
        document.changed.connect(lambda _old, _new: reading(canvas))
        reading(canvas)
        qtbot.addWidget(canvas)
        canvas.view.animated = False
        canvas.resize(1100, 640)
        bind_keys(canvas)
        canvas.show()
        opened.append(canvas)
        return canvas

    return opening


@pytest.fixture
def empty(open_canvas: Open) -> Canvas:
    return open_canvas(Project())


@pytest.fixture
def lenet_canvas(open_canvas: Open) -> Canvas:
    project = lenet()
    canvas = open_canvas(move(project, arrange(project.graph)))
    canvas.view.show_at(canvas.scene.bounds().center(), 1.0)
    return canvas


@pytest.fixture
def hands(lenet_canvas: Canvas) -> Hands:
    return Hands(lenet_canvas)
