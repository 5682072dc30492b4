"""The list of augmentation in the inspector by mouse and keyboard, each edit one undo, and its preview."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.data.augmentation import Augmentation, read_steps, spelled
from core.data.settings import DatasetSettings
from core.document import Document
from core.engine.client import Engine
from core.engine.variants import Varied
from core.files import load
from gui.augmentation_step import StepRow
from gui.augmentation_view import VariantsView, _image
from gui.canvas.canvas import Canvas
from gui.canvas.spoken import spoken
from gui.engine_bridge import EngineBridge
from gui.forms import Line
from gui.inspector import Inspector
from gui.inspector_augmentation import EMPTY, AugmentationForm
from gui.inspector_data import DataPage
from gui.session import Editor
from gui.theme import NAMES, Themes
from gui.variants import DRAWING, WARMING, Variants
from tests.gui.conftest import TEMPLATES, SharedEngine

SOON = 20_000
LEFT = Qt.MouseButton.LeftButton


class Desk:
    """A document with its inspector, without the rest of the window."""

    variants: Variants

    def __init__(self) -> None:
        self.document = Document(load(TEMPLATES / "lenet5.chain"))
        self.editor = Editor(self.document)
        self.inspector = Inspector(Themes(), self.editor)


@pytest.fixture
def desk(dressed: QApplication, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk()
    qtbot.addWidget(made.inspector)
    made.inspector.resize(300, 1200)
    made.inspector.show()
    qtbot.waitExposed(made.inspector)
    yield made
    made.editor.close()


@pytest.fixture
def asked(desk: Desk, qtbot: QtBot, engine: Engine) -> Iterator[Desk]:
    """The same with a line to the warm engine."""
    bridge = EngineBridge(start=lambda wake, _threads: SharedEngine(engine, wake))  # type: ignore[arg-type, return-value]
    desk.variants = Variants(bridge, desk.inspector)
    bridge.start()
    qtbot.waitUntil(lambda: bridge.is_ready)
    yield desk
    bridge.close()


def page(desk: Desk) -> DataPage:
    """The page of the data node, which is selected."""
    desk.editor.select([node.id for node in desk.editor.graph.nodes.values() if node.kind == "Dataset"])
    found = desk.inspector.page
    assert isinstance(found, DataPage)
    return found


def form(desk: Desk) -> AugmentationForm:
    return page(desk).augmentation


def settings(desk: Desk) -> DatasetSettings:
    return next(iter(desk.editor.project.data.values()))


def told(desk: Desk) -> str:
    """The list of the document, as the command line takes it."""
    return spelled(settings(desk).augmentation)


def augment(desk: Desk, text: str) -> AugmentationForm:
    """The form of this list, which was set before."""
    key = next(iter(desk.editor.project.data))
    desk.editor.set_data(key, replace(settings(desk), augmentation=read_steps(text)), "Augment")
    return form(desk)


def undo(desk: Desk) -> None:
    desk.document.undo()
    assert form(desk).isVisible()  # the page as it is now


def add(desk: Desk, title: str) -> None:
    """Choose a step in the menu by the mouse."""
    shown = form(desk)
    QTest.mouseClick(shown.add, LEFT)
    action = next(action for action in shown.menu.actions() if action.text() == title)
    QTest.mouseClick(shown.menu, LEFT, pos=shown.menu.actionGeometry(action).center())


def seen(shown: AugmentationForm) -> Varied | None:
    view = shown.preview.view
    return None if view.isHidden() or view._is_old else view.found


def test_steps_are_added_from_a_menu_and_can_be_undone(desk: Desk, qtbot: QtBot) -> None:
    shown = form(desk)
    assert shown.words.text() == EMPTY
    assert shown.preview.isHidden()
    assert page(desk)._augmentation.note.whole == "none"
    add(desk, "Rotate")
    add(desk, "Mixup")
    assert told(desk) == "rotate, mixup"
    assert [row.head.title.whole for row in shown.rows] == ["Rotate", "Mixup"]
    assert shown.rows[1].is_open
    assert not shown.rows[0].is_open
    assert page(desk)._augmentation.note.whole == "2 steps"
    assert desk.document.past[-1] == "Add mixup to mnist"
    undo(desk)
    assert told(desk) == "rotate"
    undo(desk)
    assert told(desk) == ""
    assert shown.rows == []
    assert shown.preview.isHidden()


def test_the_menu_has_what_suits_the_data(desk: Desk) -> None:
    shown = form(desk)
    QTest.mouseClick(shown.add, LEFT)
    titles = [action.text() for action in shown.menu.actions() if not action.isSeparator()]
    assert "CutMix" in titles
    assert "Feature dropout" not in titles
    assert all(action.toolTip().endswith(".") for action in shown.menu.actions() if not action.isSeparator())
    shown.menu.close()


@pytest.mark.parametrize(
    ("act", "came", "label"),
    [
        (lambda shown: QTest.mouseClick(shown.rows[0].head.down, LEFT), "blur, crop, noise", "Move pad and crop"),
        (lambda shown: QTest.mouseClick(shown.rows[2].head.up, LEFT), "crop, noise, blur", "Move gaussian noise"),
        (lambda shown: QTest.mouseClick(shown.rows[1].head.remove, LEFT), "crop, noise", "Remove gaussian blur"),
        (
            lambda shown: QTest.mouseClick(shown.rows[1].head.box, LEFT),
            "crop, off blur, noise",
            "Switch gaussian blur off",
        ),
        (
            lambda shown: QTest.keyClick(shown.rows[2].head, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier),
            "crop, noise, blur",
            "Move gaussian noise",
        ),
        (lambda shown: QTest.keyClick(shown.rows[2].head, Qt.Key.Key_Delete), "crop, blur", "Remove gaussian noise"),
        (lambda shown: QTest.keyClick(shown.rows[0].head.box, Qt.Key.Key_Space), "off crop, blur, noise", "Switch pad"),
    ],
)
def test_each_edit_is_one_step_of_undo(
    desk: Desk, act: Callable[[AugmentationForm], object], came: str, label: str
) -> None:
    shown = augment(desk, "crop, blur, noise")
    desk.inspector.activateWindow()
    shown.rows[2].head.setFocus()
    act(shown)
    assert told(desk) == came
    assert [row.step for row in shown.rows] == list(settings(desk).augmentation)
    assert desk.document.past[-1].startswith(label)
    undo(desk)
    assert told(desk) == "crop, blur, noise"
    assert [row.step for row in shown.rows] == list(settings(desk).augmentation)


def test_the_keyboard_goes_on_where_it_was(desk: Desk) -> None:
    shown = augment(desk, "crop, blur, noise")
    desk.inspector.activateWindow()
    shown.rows[0].head.setFocus()
    QTest.keyClick(shown.rows[0].head, Qt.Key.Key_Space)
    assert shown.rows[0].is_open
    QTest.keyClick(shown.rows[0].head, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert shown.rows[1].step.name == "crop"
    assert shown.rows[1].is_open
    assert QApplication.focusWidget() is shown.rows[1].head
    QTest.keyClick(shown.rows[1].head, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert told(desk) == "blur, noise, crop"
    QTest.keyClick(shown.rows[2].head, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert told(desk) == "blur, noise, crop"
    QTest.keyClick(shown.rows[2].head, Qt.Key.Key_Delete)
    assert QApplication.focusWidget() is shown.rows[1].head


def drag(row: StepRow, to: StepRow, below: bool, cancel: bool = False) -> None:
    """Take a step by its title and let it go above or below another."""
    QApplication.processEvents()  # the list was made anew: its layout comes first
    head = row.head
    start = head.title.geometry().center()
    goal = QPoint(start.x(), to.height() - 2 if below else 2)
    end = head.mapFromGlobal(to.mapToGlobal(goal))
    QTest.mousePress(head, LEFT, pos=start)
    QTest.mouseMove(head, start + QPoint(0, 12))
    QTest.mouseMove(head, end)
    if cancel:
        head.setFocus()
        QTest.keyClick(head, Qt.Key.Key_Escape)
    QTest.mouseRelease(head, LEFT, pos=end)


def test_steps_are_dragged_to_their_place(desk: Desk) -> None:
    shown = augment(desk, "crop, blur, noise")
    drag(shown.rows[0], shown.rows[2], below=True)
    assert told(desk) == "blur, noise, crop"
    drag(shown.rows[2], shown.rows[0], below=False)
    assert told(desk) == "crop, blur, noise"
    drag(shown.rows[0], shown.rows[2], below=True, cancel=True)
    assert told(desk) == "crop, blur, noise"
    drag(shown.rows[1], shown.rows[1], below=True)
    assert told(desk) == "crop, blur, noise"
    assert not any(row.is_open for row in shown.rows)


def test_parameters_are_typed_and_bad_ones_explained(desk: Desk) -> None:
    shown = augment(desk, "horizontal_flip, crop")
    QTest.mouseClick(shown.rows[1].head, LEFT, pos=shown.rows[1].head.title.geometry().center())
    assert shown.rows[1].is_open
    field = shown.rows[1].form.field("padding")
    assert isinstance(field.control, Line)
    assert "pixels" in field.control.toolTip().lower()
    field.control.selectAll()
    QTest.keyClicks(field.control, "12")
    assert told(desk) == "horizontal_flip, crop(padding=12)"
    assert desk.document.past[-1] == "Set padding of pad and crop for mnist"
    QTest.keyClicks(field.control, "3")  # 123: no picture of 28 pixels can be padded by it
    assert not field.problem.isHidden()
    assert "123" in field._message.text()
    assert told(desk) == "horizontal_flip, crop(padding=12)"
    undo(desk)
    assert told(desk) == "horizontal_flip, crop"
    QTest.mouseClick(shown.rows[0].head, LEFT, pos=shown.rows[0].head.title.geometry().center())
    assert [row.is_open for row in shown.rows] == [True, False]


def test_another_data_set_keeps_the_steps_that_suit_it(desk: Desk) -> None:
    augment(desk, "rotate, noise, mixup")
    shown = page(desk)
    shown._set("source", "iris")
    assert told(desk) == "noise, mixup"
    undo(desk)
    assert told(desk) == "rotate, noise, mixup"


def test_the_preview_shows_what_the_engine_draws(asked: Desk, qtbot: QtBot) -> None:
    shown = augment(asked, "horizontal_flip(p=1.0)")
    qtbot.waitUntil(lambda: seen(shown) is not None, timeout=SOON)
    found = seen(shown)
    assert found is not None
    assert found.shape == [5, 4, 1, 28, 28]
    pixels = np.frombuffer(found.pixels, np.uint8).reshape(found.shape)
    assert np.array_equal(pixels[:, 1], pixels[:, 0, :, :, ::-1])
    assert shown.preview.caption.text() == "As they are, and 3 draws"
    view = shown.preview.view
    assert "0, 1, 2, 3, 4" in view.accessibleName()
    image = view.grab().toImage()
    for sample in range(5):
        first, drawn = (image.copy(view.place(sample, draw).toAlignedRect()) for draw in (0, 1))
        assert _mean(first) > 10
        assert abs(_mean(first) - _mean(drawn)) < 4
    helped = QHelpEvent(QHelpEvent.Type.ToolTip, view.place(3, 2).center().toPoint(), QPoint(0, 0))
    QApplication.sendEvent(view, helped)
    assert view._caption(view.place(3, 2).center().toPoint()) == "3, draw 2"
    assert view._caption(view.place(3, 0).center().toPoint()) == "3, as it is"


def test_the_dice_draw_anew_and_a_change_too(asked: Desk, qtbot: QtBot) -> None:
    shown = augment(asked, "noise")
    qtbot.waitUntil(lambda: seen(shown) is not None, timeout=SOON)
    first = seen(shown)
    QTest.mouseClick(shown.preview.dice, LEFT)
    qtbot.waitUntil(lambda: seen(shown) not in (None, first), timeout=SOON)
    second = seen(shown)
    assert first is not None
    assert second is not None
    assert _plain(first) == _plain(second)
    augment(asked, "noise(deviation=0.5)")
    assert shown.preview.view._is_old
    qtbot.waitUntil(lambda: seen(shown) not in (None, second), timeout=SOON)
    augment(asked, "off noise")
    assert shown.preview.isHidden()


def test_the_preview_says_what_it_waits_for_and_what_failed(asked: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    from core.data.own import inspected

    np.savez(tmp_path / "own.npz", x=np.random.RandomState(0).rand(20, 1, 9, 9).astype(np.float32))
    own = replace(inspected(tmp_path / "own.npz"), augmentation=(Augmentation("noise"),))
    (tmp_path / "own.npz").unlink()
    shown = form(asked)
    heard: list[str] = []
    asked.variants._say = heard.append  # type: ignore[assignment]  # to hear what is said
    asked.variants.ask(own, 0)
    assert heard == [DRAWING]
    qtbot.waitUntil(lambda: not shown.preview.fault.isHidden(), timeout=SOON)
    assert "own.npz" in shown.preview.fault.text()
    assert shown.preview.retry.isVisibleTo(shown.preview)
    assert shown.preview.caption.text() == "No preview"
    assert not shown.preview.dice.isEnabled()
    del asked.variants._say
    shown.preview.say(WARMING)
    assert shown.preview.caption.text() == WARMING
    assert shown.preview.fault.isHidden()


def test_what_is_still_wanted_is_asked_of_the_next_engine(asked: Desk, qtbot: QtBot) -> None:
    shown = augment(asked, "noise")
    variants = asked.variants
    first = variants._asked
    assert first
    variants.forget()
    assert variants._asked not in (0, first)
    qtbot.waitUntil(lambda: seen(shown) is not None, timeout=SOON)
    assert variants._wanted is None


def test_the_card_has_a_mark_while_samples_are_changed(dressed: QApplication, qtbot: QtBot) -> None:
    document = Document(load(TEMPLATES / "lenet5.chain"))
    canvas = Canvas(document, Themes())
    qtbot.addWidget(canvas)
    node = next(node.id for node in document.project.graph.nodes.values() if node.kind == "Dataset")
    key, plain = next(iter(document.project.data.items()))

    def marks(text: str) -> tuple[list[str], str]:
        changed = replace(plain, augmentation=read_steps(text))
        document.edit("Augment", document.project.with_data(key, changed))
        return [mark for mark, _token in canvas.scene.nodes[node]._marks()], spoken(canvas.scene, node)

    assert marks("none")[0] == []
    assert marks("noise")[0] == ["dice"]
    assert "augmented" in marks("noise")[1]
    assert marks("off noise")[0] == []
    assert "augmented" not in marks("off noise")[1]


def test_rows_and_colours_are_drawn(dressed: QApplication, qtbot: QtBot) -> None:
    for name in NAMES:
        view = VariantsView(Themes(name))
        qtbot.addWidget(view)
        view.resize(276, 10)
        row = Varied(form="row", shape=[2, 2, 1, 1, 3], pixels=bytes(range(12)), captions=[["a", "a"], ["b", "b"]])
        view.show_variants(row)
        assert view.height() < 60
        view.grab()
    red = _image(bytes([255] * 4 + [0] * 8), 3, 2, 2)
    assert red.pixelColor(1, 1).getRgb()[:3] == (255, 0, 0)


def test_the_window_loads_no_torch_for_it() -> None:
    import subprocess
    import sys

    code = "import sys, gui.inspector_augmentation, gui.variants\nsys.exit(bool({'torch', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _plain(found: Varied) -> bytes:
    return np.frombuffer(found.pixels, np.uint8).reshape(found.shape)[:, 0].tobytes()


def _mean(image: QImage) -> float:
    pixels = [image.pixelColor(x, y).red() for x in range(image.width()) for y in range(image.height())]
    return sum(pixels) / len(pixels)


def test_a_page_that_was_left_hears_no_answer(asked: Desk, qtbot: QtBot) -> None:
    augment(asked, "noise")
    asked.editor.select(())
    qtbot.waitUntil(lambda: not asked.variants._asked, timeout=SOON)
    assert asked.inspector.variants is None
    shown = form(asked)
    qtbot.waitUntil(lambda: seen(shown) is not None, timeout=SOON)


def test_masks_lie_over_their_pictures_by_class(dressed: QApplication, qtbot: QtBot) -> None:
    themes = Themes("dark")
    view = VariantsView(themes)
    qtbot.addWidget(view)
    view.resize(200, 10)
    masks = bytes([0, 0, 1, 1]) + bytes([1, 1, 0, 0])
    found = Varied(form="picture", shape=[1, 2, 1, 2, 2], pixels=bytes(8), masks=masks, captions=[["a", "a"]])
    view.show_variants(found)
    image = view.grab().toImage()

    def seen(draw: int, down: float) -> tuple[int, int, int]:
        place = view.place(0, draw)
        color = image.pixelColor(round(place.center().x()), round(place.top() + place.height() * down))
        return color.red(), color.green(), color.blue()

    assert seen(0, 0.25) == seen(1, 0.75) == (0, 0, 0)
    assert seen(0, 0.75) == seen(1, 0.25) != (0, 0, 0)
    before = seen(0, 0.75)
    themes.use("light")
    image = view.grab().toImage()
    assert seen(0, 0.75) not in (before, (0, 0, 0))
