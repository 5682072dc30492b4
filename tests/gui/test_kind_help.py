"""F1: the help of what is selected, from the catalog, with real keys."""

from __future__ import annotations

import re
from html import unescape

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core import grouping
from core.catalog import KINDS
from core.catalog.kind import TensorType
from core.catalog.sources import DATASET
from core.catalog.worked import worked
from core.files import load
from core.graph import Node
from core.project import Project
from gui.app import App
from gui.keymap import Keymap
from gui.kind_help import HelpDialog, help_page, kind_page
from tests.gui.conftest import TEMPLATES


def asked(app: App) -> str:
    """The text of the help that F1 opens now."""
    assert app.workspace is not None
    QTest.keyClick(app.workspace.canvas.view, Qt.Key.Key_F1)
    dialog = app.window.findChild(HelpDialog)
    assert dialog is not None
    text = dialog.page.toPlainText()
    dialog.close()
    dialog.deleteLater()
    return f"{dialog.windowTitle()}\n{text}"


def test_f1_tells_the_window_in_short_while_nothing_is_selected(lenet: App):
    text = asked(lenet)
    assert "The window in short" in text
    assert "Ctrl Enter" in text


@pytest.mark.parametrize("name", ["conv1", "cross_entropy", "digits"])
def test_f1_tells_the_kind_of_the_selected_node(lenet: App, name: str):
    assert lenet.workspace is not None
    node = lenet.workspace.editor.graph.by_name(name)
    lenet.workspace.canvas.select((node.id,))
    text = asked(lenet)
    kind = KINDS[node.kind]
    assert node.kind in text
    assert kind.summary in text
    assert all(param.name in text and param.wanted() in text for param in kind.params)
    assert all(port.name in text for port in (*kind.inputs, *kind.outputs))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_with_an_example_has_it_worked_out(kind):
    text = unescape(re.sub("<[^>]+>", " ", kind_page(kind)))
    assert kind.help in text
    if kind.opaque or kind.role == "structure" or kind.name == DATASET or (kind.inputs and not kind.example):
        return
    found = worked(kind)
    assert found is not None
    assert all(isinstance(tensor, TensorType) for tensor in found.shaped.outputs.values())
    assert all(tensor.full in text for tensor in found.shaped.outputs.values())


def test_the_worked_example_of_a_convolution_is_what_arithmetic_says():
    found = worked(KINDS["Conv2d"])
    assert found is not None
    taken, made = found.inputs[0][1], found.shaped.outputs["output"]
    size = found.arguments["kernel_size"]
    assert isinstance(size, int)
    assert found.arguments["padding"] == 0
    assert made.features[1:] == tuple(dim - size + 1 for dim in taken.features[1:])
    assert found.shaped.parameters == made.features[0] * (taken.features[0] * size * size + 1)


def test_f1_in_the_palette_tells_the_row_that_is_marked(lenet: App):
    assert lenet.workspace is not None
    palette = lenet.workspace.palette
    palette.search.setFocus()
    QTest.keyClicks(palette.search, "dropout2d")
    QTest.keyClick(palette.search, Qt.Key.Key_F1)
    dialog = lenet.window.findChild(HelpDialog)
    assert dialog is not None
    assert dialog.windowTitle() == "Help: Dropout2d"
    dialog.close()


def test_a_block_tells_its_ports_and_what_is_inside():
    project = load(TEMPLATES / "lenet5.chain")
    inside = [project.graph.by_name(name) for name in ("conv1", "tanh1")]
    project, made = grouping.group(project, [node.id for node in inside if node is not None], "")
    node = project.graph.nodes[made]
    title, page = help_page(project, node, Keymap())
    block = project.blocks[node.block]
    assert title == block.name
    assert all(name in page for name in (*block.inputs(), *block.outputs(), "Conv2d", "Tanh"))


def test_an_unknown_kind_has_the_window_told_instead():
    assert help_page(Project(), Node("a", "Nothing", "a"), Keymap())[0] == "The window in short"
