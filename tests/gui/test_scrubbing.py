"""Numbers set by the mouse alone: a drag along the title of a field."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from core.catalog import KINDS
from gui.app import App
from gui.fields import of_param
from gui.inspector_node import NodePage
from gui.scrubbing import ScrubLabel, stepped, steps_of

LEFT = Qt.MouseButton.LeftButton


def title(app: App, name: str) -> QWidget:
    assert app.workspace is not None
    page = app.workspace.inspector.page
    assert isinstance(page, NodePage)
    return next(found for found in page.form.findChildren(ScrubLabel) if found.whole == name)


def value(app: App, node: str, name: str) -> object:
    assert app.workspace is not None
    found = app.workspace.document.project.graph.by_name(node)
    assert found is not None
    return found.param(name, KINDS[found.kind].param(name).default)


def select(app: App, node: str) -> None:
    assert app.workspace is not None
    found = app.workspace.document.project.graph.by_name(node)
    assert found is not None
    app.workspace.canvas.select((found.id,))


def drag(widget: QWidget, pixels: int, let_go: bool = True) -> None:
    start = QPoint(10, widget.height() // 2)
    QTest.mousePress(widget, LEFT, pos=start)
    for share in (0.2, 0.6, 1.0):
        QTest.mouseMove(widget, start + QPoint(round(pixels * share), 0))
    if let_go:
        QTest.mouseRelease(widget, LEFT, pos=start + QPoint(pixels, 0))


def test_a_drag_counts_up_and_down_and_is_one_step_of_undo(lenet: App) -> None:
    assert lenet.workspace is not None
    before = lenet.workspace.document.project
    select(lenet, "conv1")
    drag(title(lenet, "out_channels"), 4 * 6)
    assert value(lenet, "conv1", "out_channels") == 10
    drag(title(lenet, "kernel_size"), -2 * 6)
    assert value(lenet, "conv1", "kernel_size") == 3
    lenet.workspace.document.undo()
    lenet.workspace.document.undo()
    assert lenet.workspace.document.project == before


def test_it_ends_at_the_least_value_and_escape_gives_it_up(lenet: App) -> None:
    assert lenet.workspace is not None
    before = lenet.workspace.document.project
    select(lenet, "conv1")
    drag(title(lenet, "stride"), -300)
    assert value(lenet, "conv1", "stride") == 1
    label = title(lenet, "out_channels")
    drag(label, 60, let_go=False)
    assert value(lenet, "conv1", "out_channels") == 16
    QTest.keyClick(label, Qt.Key.Key_Escape)
    assert value(lenet, "conv1", "out_channels") == 6
    QTest.mouseRelease(label, LEFT, pos=QPoint(70, 5))
    assert lenet.workspace.document.project == before


@pytest.mark.parametrize(("pixels", "steps"), [(0, 0), (5, 0), (6, 1), (-12, -2), (60, 10), (62, 11), (240, 100)])
def test_it_is_slow_at_first_and_faster_farther_on(pixels: int, steps: int) -> None:
    assert steps_of(pixels) == steps
    assert steps_of(244) == 120


def test_steps_of_numbers_are_of_their_second_digit_and_what_is_no_number_has_none() -> None:
    rate, kernel = of_param(KINDS["Dropout"].param("p")), of_param(KINDS["Conv2d"].param("kernel_size"))
    assert stepped(rate, 0.5, 3) == 0.53
    assert stepped(rate, 0.5, 900) == 1.0
    assert stepped(of_param(KINDS["BatchNorm2d"].param("eps")), 1e-5, 2) == pytest.approx(1.2e-5)
    assert stepped(kernel, (3, 5), 1) is None
    assert stepped(of_param(KINDS["Conv2d"].param("bias")), True, 1) is None
