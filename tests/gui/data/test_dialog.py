"""A file is added by the dialog: what is in it is shown, types and use are changed, and undo takes it all away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from core.data.settings import dataset_kind
from core.ports import output_ports
from gui.app import App
from gui.data.dialog import DataDialog
from tests.gui.data.conftest import settled

Open = Callable[..., DataDialog]


def test_a_table_is_added_with_a_node_in_one_step(app: App, dialog: Open, qtbot, table: Path) -> None:
    shown = dialog(table)
    assert [shown.sight.columns.combo(name, "Type").currentText() for name in ("species", "bill", "remark")] == [
        "category",
        "number",
        "text",
    ]
    assert shown.sight.rows.rows.rows[0] == ("Adelie", "Biscoe", "39.1", "3750", "first seen")
    assert "7 samples, 2 left out" in shown.words.text()
    assert "line 7" in shown.notes.text()
    qtbot.mouseClick(shown.accept_, Qt.MouseButton.LeftButton)
    document = app.workspace.document
    (node,) = document.project.graph.nodes.values()
    assert [port.name for port in output_ports(document.project, node)] == ["features", "mass"]
    assert app.workspace.canvas.selection() == (node.id,)
    assert app.workspace.canvas.view.visible().contains(QPointF(*document.project.positions[node.id]))
    app.workspace.undo()
    assert not document.project.graph.nodes
    assert not document.project.data


def test_types_and_use_are_chosen_by_hand(app: App, dialog: Open, qtbot, table: Path) -> None:
    shown = dialog(table)
    columns = shown.sight.columns
    for name, part, choice in (
        ("species", "Use", "to predict"),
        ("mass", "Use", "input"),
        ("remark", "Type", "category"),
        ("island", "Use", "left out"),
    ):
        box = columns.combo(name, part)
        box.setCurrentIndex(box.findText(choice))
        box.activated.emit(box.currentIndex())
        settled(qtbot, shown)
    missing = shown.sides.reading.field("missing")
    missing.control.setCurrentText("fill")
    missing.control.activated.emit(missing.control.currentIndex())
    settled(qtbot, shown)
    kind = dataset_kind(shown.settings)
    assert kind.fields[1].classes == ("Adelie", "Chinstrap", "Gentoo")
    assert kind.fields[0].columns[:2] == ("bill", "mass")
    assert all(name.startswith("remark=") for name in kind.fields[0].columns[2:])
    assert kind.samples == 8


def test_what_cannot_be_used_is_told_and_cannot_be_added(dialog: Open, qtbot, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("x,y\n1,a\n2,a\n3,a\n")
    shown = dialog(path)
    assert "two classes were wanted" in shown.message.words
    assert not shown.accept_.isEnabled()
    box = shown.sight.columns.combo("x", "Use")
    box.activated.emit(box.findText("to predict"))
    settled(qtbot, shown)
    box = shown.sight.columns.combo("y", "Use")
    box.activated.emit(box.findText("input"))
    settled(qtbot, shown)
    assert shown.accept_.isEnabled()
    assert shown.message.isHidden()


def test_a_file_that_cannot_be_read_is_told(dialog: Open, qtbot, tmp_path: Path) -> None:
    shown = dialog()
    for name in ("none.csv", "film.xyz"):
        shown.open_path(tmp_path / name)
        settled(qtbot, shown)
        assert shown.message.words.startswith("Not readable.")
        assert not shown.accept_.isEnabled()


def test_pictures_among_arrays_are_shown(dialog: Open, qtbot, tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    np.savez(path, image=np.random.default_rng(0).random((12, 3, 6, 6)), label=np.arange(12) % 3)
    shown = dialog(path)
    assert shown.sight.columns.cellWidget(0, 1) is None
    assert shown.sight.picture.isVisible()


def test_esc_ends_what_is_under_way_and_then_the_dialog(dialog: Open, qtbot, table: Path) -> None:
    shown = dialog()
    shown.open_path(table)
    assert shown.reader.is_busy
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert not shown.reader.is_busy
    assert shown.isVisible()
    assert "Cancelled" in shown.message.words
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert not shown.isVisible()


def test_a_file_let_go_on_the_canvas_opens_the_dialog_with_it(app: App, qtbot, table: Path) -> None:
    app.filing.new()
    canvas = app.workspace.canvas
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(table))])
    drop = QDropEvent(
        QPointF(20, 20), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    canvas.dropEvent(drop)
    (shown,) = app.window.findChildren(DataDialog)
    settled(qtbot, shown)
    assert shown.settings is not None
    assert shown.settings.path == str(table)
    shown.reject()


def test_a_file_let_go_on_the_start_page_begins_a_project(app: App, qtbot, table: Path) -> None:
    assert app.workspace is None
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(table))])
    drop = QDropEvent(
        QPointF(20, 20), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    app.window.dropEvent(drop)
    (shown,) = app.window.findChildren(DataDialog)
    settled(qtbot, shown)
    qtbot.mouseClick(shown.accept_, Qt.MouseButton.LeftButton)
    assert list(app.workspace.document.project.data) == ["birds"]


def test_the_search_at_the_pointer_and_the_palette_offer_it(app: App, qtbot) -> None:
    app.filing.new()
    app.workspace.canvas.quick_add()
    popup = app.workspace.canvas.popup
    qtbot.keyClicks(popup.field, "csv")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    (shown,) = app.window.findChildren(DataDialog)
    shown.reject()
    search = app.workspace.palette.search
    qtbot.keyClicks(search, "from a file")
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert len([one for one in app.window.findChildren(DataDialog) if one.isVisible()]) == 1
    for one in app.window.findChildren(DataDialog):
        one.reject()


def test_a_table_in_another_encoding_can_be_read_after_it_was_refused(dialog: Open, qtbot, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_bytes("größe,art\n1,ä\n2,ö\n3,ä\n4,ö\n".encode("utf-16-le"))
    shown = dialog(path)
    assert "zero bytes" in shown.message.words
    assert not shown.accept_.isEnabled()
    path.write_bytes("größe,art\n1,ä\n2,ö\n3,ä\n4,ö\n".encode("utf-16"))
    encoding = shown.sides.reading.field("encoding")
    encoding.control.setCurrentText("utf-16")
    encoding.control.activated.emit(encoding.control.currentIndex())
    settled(qtbot, shown)
    assert shown.accept_.isEnabled()
    order = shown.sides.reading.field("order").control
    assert [order.itemText(place) for place in range(order.count())] == ["", "größe", "art"]
    order.setCurrentIndex(1)
    order.activated.emit(1)
    settled(qtbot, shown)
    assert dict(shown.settings.options) == {"encoding": "utf-16", "order": "größe"}
