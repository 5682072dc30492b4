"""The export dialog, driven by keys and clicks, on the real engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QListWidget
from safetensors.torch import load_file, save_file

from core.document import Document
from core.exchange.embedded import embedded_text, load_embedded
from core.exchange.formats import FORMATS
from core.exchange.network import network
from core.exchange.script import script
from core.files import from_text, load, save
from core.project import Weights
from gui.app import App
from gui.canvas.health import Health
from gui.exchange.dialog import ExportDialog
from tests.gui.conftest import TEMPLATES, opened


@pytest.fixture
def iris(app: App, qtbot) -> App:
    return opened(app, qtbot, "iris")


def dialog_of(app: App, qtbot, folder: Path) -> ExportDialog:
    """The dialog as the menu opens it, its files going to this folder."""
    app.preferences.keep_word("export folder", str(folder))
    app.window.actions_["export"].trigger()
    found = next(child for child in app.window.findChildren(ExportDialog) if child.isVisible())
    qtbot.waitExposed(found)
    return found


def ended(dialog: ExportDialog, qtbot) -> str:
    """What the dialog says once nothing is under way."""
    qtbot.waitUntil(lambda: not dialog.export.is_busy and dialog.message.isVisible(), timeout=30_000)
    return dialog.message.words


@pytest.mark.slow
def test_by_keyboard_alone_a_network_goes_through_the_engine_to_a_file(iris: App, qtbot, tmp_path: Path):
    dialog = dialog_of(iris, qtbot, tmp_path)
    assert dialog.focusWidget() is dialog.formats
    qtbot.keyClicks(dialog.formats, "torch")
    assert dialog.formats.current.name == "pt2"
    assert dialog.path == tmp_path / "Iris MLP.pt2"
    told: list[str] = []
    dialog.export.doing.connect(lambda text, _share: told.append(text))
    qtbot.keyClick(dialog.formats, Qt.Key.Key_Return)
    assert not dialog.write.isEnabled()
    assert ended(dialog, qtbot).startswith("Iris MLP.pt2. torch.export with the weights that the seed starts with")
    assert {"Tracing the network", "Comparing it with the network here"} <= set(told)
    with dialog.path.open("rb") as stream:
        program = torch.export.load(stream).module()
    made = network(iris.workspace.document.project, None)
    hidden = torch.relu(made.modules["fc1"](torch.ones(7, 4)))
    torch.testing.assert_close(program(torch.ones(7, 4))["fc2"], made.modules["fc2"](hidden))
    shown: list[Path] = []
    dialog.reveal = shown.append
    next(button for button in dialog.message.findChildren(QAbstractButton) if "folder" in button.text()).click()
    assert shown == [tmp_path / "Iris MLP.pt2"]
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_esc_gives_up_an_export_and_the_next_one_is_made(iris: App, qtbot, tmp_path: Path):
    dialog = dialog_of(iris, qtbot, tmp_path)
    dialog.formats.choose("pt2")
    pressed: list[str] = []

    def press(text: str, _share: float) -> None:
        """Esc as soon as the engine is at work: a moment later a small network is done."""
        if text.startswith(("Building", "Tracing")) and not pressed:
            pressed.append(text)
            qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    dialog.export.doing.connect(press)
    dialog.write.click()
    qtbot.waitUntil(lambda: bool(pressed), timeout=30_000)
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: "Cancelling" not in dialog.message.words, timeout=30_000)
    late = dialog.path.exists()  # a small network may be written before the engine hears of it
    assert dialog.message.words.startswith("Too late to cancel." if late else "Cancelled.. Nothing was written.")
    dialog.path.unlink(missing_ok=True)
    dialog.formats.choose("safetensors")
    dialog.write.click()
    assert "The weights that the seed starts with" in ended(dialog, qtbot)
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".ini"] == ["Iris MLP.safetensors"]


def test_trained_weights_are_taken_unless_the_initial_ones_are_chosen(app: App, qtbot, tmp_path: Path):
    project = load(TEMPLATES / "iris.chain")
    weights = {name: torch.full_like(value, 0.5) for name, value in network(project, None).root.state_dict().items()}
    save_file(weights, tmp_path / "half.safetensors")
    trained = replace(project, weights=Weights("", 12.0, 0.1, 0.971))
    written = save(trained, tmp_path / "mine.chain", tmp_path / "half.safetensors")
    app.filing.take(Document(written, tmp_path / "mine.chain"))
    dialog = dialog_of(app, qtbot, tmp_path)
    dialog.formats.choose("safetensors")
    assert dialog.options.told.text() == "Trained for 12 epochs, validation accuracy 97.1 %."
    dialog.file.setText(str(tmp_path / "out.safetensors"))
    dialog.write.click()
    assert ". Trained weights, " in ended(dialog, qtbot)
    assert torch.equal(load_file(dialog.path)["fc1.weight"], weights["fc1.weight"])
    initial = next(one for one in dialog.options.weights.findChildren(QAbstractButton) if one.text() == "Initial")
    qtbot.mouseClick(initial, Qt.MouseButton.LeftButton)
    dialog.message.hide()
    dialog.write.click()
    assert "the seed starts with" in ended(dialog, qtbot)
    assert not torch.equal(load_file(dialog.path)["fc1.weight"], weights["fc1.weight"])


def test_what_the_engine_refuses_is_told_and_nothing_is_written(app: App, qtbot, tmp_path: Path):
    project = load(TEMPLATES / "iris.chain")
    save_file({"fc1.weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    written = save(replace(project, weights=Weights("")), tmp_path / "mine.chain", tmp_path / "other.safetensors")
    app.filing.take(Document(written, tmp_path / "mine.chain"))
    dialog = dialog_of(app, qtbot, tmp_path)
    dialog.formats.choose("pt2")
    dialog.write.click()
    words = ended(dialog, qtbot)
    assert words.startswith("Not exported.")
    assert "weights of this network were wanted" in words
    assert not dialog.path.exists()
    assert dialog.write.isEnabled()


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_pictures_are_drawn_as_chosen_and_hold_the_project(iris: App, qtbot, tmp_path: Path, suffix: str):
    dialog = dialog_of(iris, qtbot, tmp_path)
    dialog.formats.choose(suffix)
    dialog.options.theme.choose("dark")
    qtbot.waitUntil(lambda: not dialog.options.preview._image.isNull())
    dialog.write.click()
    assert "with the project in it" in ended(dialog, qtbot)
    assert load_embedded(dialog.path) == iris.workspace.document.project
    assert dialog.options.scale.isVisible() == (suffix == "png")


def test_the_card_has_its_picture_beside_it_and_the_code_is_the_panes(iris: App, qtbot, tmp_path: Path):
    dialog = dialog_of(iris, qtbot, tmp_path)
    dialog.formats.choose("card")
    dialog.write.click()
    assert "Iris MLP.png" in ended(dialog, qtbot)
    assert (tmp_path / "Iris MLP.png").exists()
    assert "(Iris%20MLP.png)" in dialog.path.read_text()
    dialog.formats.choose("python")
    dialog.write.click()
    ended(dialog, qtbot)
    assert dialog.path.read_text() == iris.workspace.editor.source()
    dialog.formats.choose("script")
    assert dialog.path.name == "Iris MLP_train.py"
    dialog.write.click()
    assert "with its data " in ended(dialog, qtbot)
    written_script = dialog.path.read_text()
    assert written_script == script(iris.workspace.document.project, "Iris MLP_train")
    dialog.formats.choose("svg")
    assert dialog.path.name == "Iris MLP.svg"


def test_a_place_that_is_none_is_told_at_once_and_an_old_file_before_it_goes(iris: App, qtbot, tmp_path: Path):
    dialog = dialog_of(iris, qtbot, tmp_path)
    dialog.formats.choose("svg")
    dialog.file.setText(str(tmp_path / "no" / "x.svg"))
    assert (dialog.note.text(), dialog.write.isEnabled()) == ("There is no such folder.", False)
    (tmp_path / "old.svg").write_text("old")
    dialog.file.setText(str(tmp_path / "old.svg"))
    assert dialog.note.text() == "This file is there already: it will be replaced."
    assert dialog.write.text() == "Replace old.svg"
    dialog.choose = lambda _start, _kind: tmp_path / "chosen"
    dialog.browse.click()
    assert dialog.path == tmp_path / "chosen.svg"
    dialog.write.click()
    ended(dialog, qtbot)
    assert dialog.note.text() == ""
    dialog.reject()
    again = dialog_of(iris, qtbot, tmp_path)
    assert again.formats.current.name == "svg"
    assert again.path.parent == tmp_path


def test_everything_in_it_has_a_name_for_screen_readers(iris: App, qtbot, tmp_path: Path):
    dialog = dialog_of(iris, qtbot, tmp_path)
    kinds = (QAbstractButton, QLineEdit, QListWidget)
    for widget in (found for kind in kinds for found in dialog.findChildren(kind)):
        assert widget.accessibleName() or widget.text(), widget
    assert [dialog.formats.item(row).text() for row in range(dialog.formats.count())] == [it.title for it in FORMATS]
    assert dialog.formats.visualItemRect(dialog.formats.item(0)).height() >= 24


def test_the_picture_of_the_graph_is_on_the_clipboard_with_its_gradients(iris: App, qtbot):
    canvas = iris.workspace.canvas
    canvas.set_health({"n2": Health(1e-3, [1e-3, 2e-3])})
    iris.window.actions_["copy_picture"].trigger()
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    text = bytes(data.data("image/svg+xml").data()).decode()
    assert from_text(embedded_text(text.encode(), ".svg")) == iris.workspace.document.project
    assert ">1.0e−3</text>" in text
    canvas.clear_health()
    iris.window.actions_["copy_picture"].trigger()
    plain = bytes(QGuiApplication.clipboard().mimeData().data("image/svg+xml").data()).decode()
    assert "e−3</text>" not in plain
    QApplication.clipboard().clear()
