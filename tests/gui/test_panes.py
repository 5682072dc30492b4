"""Source pane, log, settings, theme, docks' heads, previews and pictures of the window."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFontInfo, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from core import planning
from core.amounts import bytes_text
from core.blocklib import shelf
from core.catalog import KINDS
from core.data.builtin.listing import SOURCES
from core.document import Document
from core.exchange.script import script
from core.files import load
from core.graph import InputKey
from core.grouping import group
from core.project import Project
from core.reading import read
from gui.app import App
from gui.canvas.offers import Offer, Wanted, offers
from gui.code_colors import spans
from gui.log import LINES, Log
from gui.numbers import duration, percent
from gui.palette_entries import block_entries, closest, entries, matching
from gui.palette_tree import CATEGORY, COUNT, ENTRY, GROUP, RECENT
from gui.session import Editor
from gui.settings import SettingsDialog
from gui.shot import Shot, render
from gui.source_pane import SourcePane
from gui.stylesheet import stylesheet
from gui.theme import FOLDER, NAMES, Themes, load_theme, mix
from tests.gui.conftest import TEMPLATES


@pytest.fixture
def pane(dressed, qtbot) -> SourcePane:
    editor = Editor(Document(load(TEMPLATES / "lenet5.chain")))
    made = SourcePane(Themes(), editor)
    made.editor = editor
    qtbot.addWidget(made, before_close_func=lambda _pane: editor.close())
    return made


def test_the_code_is_written_when_it_can_be_seen_and_follows_the_graph(pane: SourcePane, qtbot):
    assert pane.text.toPlainText() == ""
    pane.show()
    qtbot.waitExposed(pane)
    assert pane.text.toPlainText() == pane.editor.source()
    ast.parse(pane.text.toPlainText())
    conv = pane.editor.graph.by_name("conv2")
    pane.editor.replace_node("Set", conv.with_params(out_channels=24))
    assert re.search(r"self\.conv2 = .*24", pane.text.toPlainText())


def test_code_hidden_behind_another_tab_is_not_written(pane: SourcePane):
    conv = pane.editor.graph.by_name("conv2")
    pane.editor.replace_node("Set", conv.with_params(out_channels=24))
    assert pane.text.toPlainText() == ""


def test_the_code_can_be_copied_and_searched_but_not_changed(pane: SourcePane, qtbot):
    pane.show()
    qtbot.waitExposed(pane)
    QTest.mouseClick(pane.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == pane.editor.source()
    pane.search.setText("conv2")
    assert pane.text.textCursor().selectedText().lower() == "conv2"
    before = pane.text.toPlainText()
    QTest.keyClicks(pane.text, "x")
    assert pane.text.toPlainText() == before


def marked(pane: SourcePane) -> list[str]:
    """The lines that are marked."""
    return [mark.cursor.block().text().strip() for mark in pane.text.extraSelections()]


def test_the_lines_of_the_selected_node_are_marked_and_come_into_view(pane: SourcePane, qtbot):
    pane.resize(500, 160)
    pane.show()
    qtbot.waitExposed(pane)
    node = pane.editor.graph.by_name("fc3")
    pane.editor.select([node.id])
    assert marked(pane) == ["self.fc3 = nn.Linear(84, 10)", "return self.fc3(x)  # (B, 10)"]
    first = pane.text.firstVisibleBlock().blockNumber()
    seen = [pane.text.document().findBlockByNumber(first + place).text() for place in range(10)]
    assert any("self.fc3 = " in line for line in seen)
    pane.editor.replace_node("Set", pane.editor.graph.by_name("fc2").with_params(out_features=20))
    assert marked(pane)[0] == "self.fc3 = nn.Linear(20, 10)"
    pane.editor.select([])
    assert marked(pane) == []


def test_the_switch_shows_the_whole_training_as_a_script(pane: SourcePane, qtbot):
    pane.show()
    qtbot.waitExposed(pane)
    QTest.mouseClick(pane.switch.findChildren(QToolButton)[1], Qt.MouseButton.LeftButton)
    assert pane.text.toPlainText() == script(pane.editor.document.project)
    data = next(node for node in pane.editor.graph.nodes.values() if node.kind == "Dataset")
    pane.editor.select([data.id])
    assert marked(pane)[0] == "def load_data():"
    QTest.mouseClick(pane.switch.findChildren(QToolButton)[0], Qt.MouseButton.LeftButton)
    assert pane.text.toPlainText() == pane.editor.source()


def test_where_there_can_be_no_script_it_says_why_and_saves_nothing(pane: SourcePane, qtbot):
    pane.show()
    qtbot.waitExposed(pane)
    pane.show_kind("script")
    loss = next(node for node in pane.editor.graph.nodes.values() if node.kind == "CrossEntropy")
    pane.editor.edit("Delete", planning.delete(pane.editor.project, [loss.id]))
    assert all(line.startswith("# ") for line in pane.text.toPlainText().splitlines())
    assert "loss" in pane.text.toPlainText()
    assert not pane.save.isEnabled()
    pane.editor.document.undo()
    assert pane.save.isEnabled()


def test_the_code_is_saved_where_one_chooses_with_the_data_beside_a_script(pane: SourcePane, qtbot, tmp_path):
    pane.show()
    qtbot.waitExposed(pane)
    asked = []
    pane.choose = lambda start: asked.append(start.name) or tmp_path / "mine.py"
    QTest.mouseClick(pane.save, Qt.MouseButton.LeftButton)
    assert (tmp_path / "mine.py").read_text(encoding="utf-8") == pane.editor.source()
    pane.show_kind("script")
    with qtbot.waitSignal(pane.saved) as saved:
        QTest.mouseClick(pane.save, Qt.MouseButton.LeftButton)
    assert saved.args[0] == (tmp_path / "mine.py", tmp_path / "mine-mnist.npz")
    assert "mine-mnist.npz" in (tmp_path / "mine.py").read_text(encoding="utf-8")
    pane.choose = lambda start: tmp_path / "no" / "such" / "folder" / "a.py"
    with qtbot.waitSignal(pane.editor.refused):
        QTest.mouseClick(pane.save, Qt.MouseButton.LeftButton)
    assert asked == ["network.py", "network.py"]


def test_colours_follow_pythons_own_tokens():
    code = 'class A:\n    """One\n    two."""\n    x = 3  # why\n    def f(self): return "s"\n'
    found = {
        (line, code.splitlines()[line][start : start + length]): kind
        for line, items in spans(code).items()
        for start, length, kind in items
    }
    assert found[(0, "class")] == "keyword"
    assert found[(0, "A")] == "definition"
    assert found[(1, '"""One')] == "string"
    assert found[(2, '    two."""')] == "string"
    assert found[(3, "3")] == "number"
    assert found[(3, "# why")] == "comment"
    assert found[(4, "self")] == "builtin"


def test_code_without_an_end_is_coloured_as_far_as_it_goes():
    assert spans("x = (1,\n")[0]


def test_the_log_keeps_time_and_level_and_the_newest_lines(dressed, qtbot):
    log = Log(Themes())
    qtbot.addWidget(log)
    log.add("warning", "one\ntwo <b>")
    assert [entry.level for entry in log.entries] == ["warning", "warning"]
    assert "two <b>" in log.text.toPlainText().replace("\u00a0", " ")
    for number in range(LINES + 5):
        log.entries.append(log.entries[0]._replace(text=str(number)))
    log.add("info", "last")
    assert len(log.entries) == LINES
    QTest.mouseClick(log.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().endswith("last")


def test_every_token_of_the_stylesheet_is_a_colour_of_both_themes():
    for name in NAMES:
        sheet = stylesheet(load_theme(name, 1.5))
        assert "$" not in sheet
        assert not re.search(r"\d+u\b", sheet)


@pytest.mark.parametrize("name", NAMES)
def test_text_on_its_grounds_is_readable(name: str):
    theme = load_theme(name)

    def luminance(color: QColor) -> float:
        parts = (
            channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
            for channel in (color.redF(), color.greenF(), color.blueF())
        )
        return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    def contrast(ink: str, ground: str) -> float:
        light, dark = sorted((luminance(theme.color(ink)), luminance(theme.color(ground))), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    for ink, grounds in {
        "text": ("window", "canvas", "panel", "raised", "control", "hover", "inset", "accentBg"),
        "text2": ("panel", "raised", "inset", "control", "window"),
        "text3": ("panel", "raised", "inset"),
        "accentInk": ("accent",),
        "error": ("panel", "errorBg"),
        "warn": ("panel", "warnBg"),
        "ok": ("panel", "okBg"),
    }.items():
        for ground in grounds:
            assert contrast(ink, ground) >= 4.5, (ink, ground)
    for color in theme.depth_ramp(12):
        assert (max(luminance(color), luminance(theme.color("inset"))) + 0.05) / (
            min(luminance(color), luminance(theme.color("inset"))) + 0.05
        ) >= 4.5


def test_the_gradient_scale_is_fixed_from_minus_eight_to_one():
    theme = load_theme("dark")
    assert theme.gradient(-8).name().upper() == "#281E47"
    assert theme.gradient(-30) == theme.gradient(-8)
    assert theme.gradient(1).name().upper() == "#F7EC85"
    assert theme.gradient(1.01) == theme.color("explode")


def test_a_header_is_mixed_without_alpha():
    theme = load_theme("dark")
    assert theme.header("Data").name().upper() == "#324A55"
    assert load_theme("light").header("Data").name().upper() == "#D4E3EA"
    assert mix(QColor("#000000"), QColor("#ffffff"), 0.5).lightness() in (127, 128)


def test_the_fonts_come_from_the_package(dressed):
    theme = load_theme("dark")
    for font in (theme.ui(12), theme.ui(12, 600), theme.mono(11)):
        assert QFontInfo(font).family() == font.families()[0]
    assert QFontInfo(theme.ui(12, 600)).weight() == 600
    assert (FOLDER / "fonts" / "OFL.txt").is_file()


def test_every_icon_can_be_drawn_and_takes_its_colour(dressed):
    theme = load_theme("dark")
    for file in sorted((FOLDER / "icons").glob("*.svg")):
        image = theme.pixmap(file.stem, "accent", 24, 2.0).toImage()
        colors = {
            image.pixelColor(x, y).name() for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() == 255
        }
        assert image.width() == 48
        assert file.stem == "logo" or theme.hex("accent") in colors or not colors, file.stem


def test_settings_hold_at_once_and_are_kept(dressed, qtbot, preferences):
    themes = Themes()
    dialog = SettingsDialog(themes, preferences, "CPU, 1 thread")
    qtbot.addWidget(dialog)
    dialog.form.field("theme").changed.emit("theme", "light")
    dialog.form.field("scale").changed.emit("scale", "150 %")
    dialog.form.field("autosave").changed.emit("autosave", 5)
    dialog.form.field("reduced_motion").changed.emit("reduced_motion", True)
    assert (themes.current.name, themes.current.scale) == ("light", 1.5)
    assert (preferences.theme, preferences.scale, preferences.autosave, preferences.reduced_motion) == (
        "light",
        1.5,
        5,
        True,
    )


def test_the_palette_lists_every_kind_one_can_drop_and_every_data_set():
    listed = {entry.kind for entry in entries()}
    assert {name for name, kind in KINDS.items() if kind.role in ("layer", "loss")} <= listed
    assert {"data:mnist", "data:iris", "data:spiral"} <= listed
    assert not listed & {"Dataset", "Block", "BlockInput", "BlockOutput"}


@pytest.mark.parametrize(
    ("text", "first"), [("linear", "Linear"), ("conv2", "Conv2d"), ("mnist", "data:mnist"), ("", "data:mnist")]
)
def test_search_finds_what_is_meant(text: str, first: str):
    assert matching(text, entries())[0].kind == first


def test_a_kind_that_is_spelled_out_comes_before_every_block_that_holds_one():
    blocks = block_entries(Project(), "", shelf()[0])
    listed = (*entries(), *blocks)
    wanted = Wanted(blocks=tuple(Offer(*entry[:5]) for entry in blocks))
    kinds = sorted({entry.kind for entry in listed} & KINDS.keys())
    assert [matching(kind, listed)[0].kind for kind in kinds] == kinds
    assert [offers(wanted, kind)[0].kind for kind in kinds] == kinds
    assert [entry.kind for entry in matching("residual", listed)[:1]] == ["library:ours/residual"]


def test_a_category_that_is_opened_closes_the_others_unless_ctrl_is_held(lenet: App):
    tree = lenet.workspace.palette.tree
    heads = [tree.model().index(row, 0) for row in range(tree.model().rowCount())]

    def press(head, held=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, held, tree.visualRect(head).center())

    assert tree.open_categories() == {"Convolution"}
    press(heads[2])
    assert tree.open_categories() == {"Linear"}
    press(heads[3], Qt.KeyboardModifier.ControlModifier)
    assert tree.open_categories() == {"Linear", "Activation"}
    press(heads[3])
    assert tree.open_categories() == frozenset()
    tree.setCurrentIndex(heads[5])
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert len(tree.open_categories()) == 1


def test_data_sets_stand_under_the_heads_of_their_groups_at_which_nothing_stops(lenet: App):
    tree = lenet.workspace.palette.tree
    model = tree.model()
    lenet.workspace.palette.show_only("Data")
    data = model.index(0, 0)
    rows = [model.index(row, 0, data) for row in range(model.rowCount(data))]
    groups = [row.data(GROUP) for row in rows if row.data(ENTRY) is None]
    assert groups == [*dict.fromkeys(kind.group for kind in SOURCES.values()), "Your own", "Other"]
    assert len(rows) - len(groups) == data.data(COUNT)
    tree.setCurrentIndex(rows[1])
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualRect(rows[0]).center())
    assert tree.open_categories() == {"Data"}
    assert tree.currentIndex() == rows[1]
    place = next(place for place, row in enumerate(rows) if place and row.data(GROUP))
    tree.setCurrentIndex(rows[place - 1])
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert tree.currentIndex() == rows[place + 1]


def test_what_was_used_last_stands_first_once_the_pointer_has_left(lenet: App):
    palette, tree = lenet.workspace.palette, lenet.workspace.palette.tree

    def shown() -> list[str]:
        model = tree.model()
        head = model.index(0, 0)
        rows = (model.index(row, 0, head).data(ENTRY) for row in range(model.rowCount(head)))
        return [entry.kind for entry in rows if entry is not None]

    first = shown()
    for kind in ("Linear", "ReLU", "Linear"):
        tree.activated_kind.emit(kind)
    assert shown() == first  # nothing moves under the pointer
    QApplication.sendEvent(palette, QEvent(QEvent.Type.Leave))
    assert shown() == ["Linear", "ReLU"]
    assert tree.open_categories() == {RECENT, "Convolution"}
    head = tree.model().index(3, 0)
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualRect(head).center())
    assert tree.open_categories() == {RECENT, "Linear"}
    QTest.keyClicks(palette.search, "conv")
    QApplication.sendEvent(palette, QEvent(QEvent.Type.Leave))
    assert tree.model().index(0, 0).data(ENTRY) is not None  # a search lists what it finds alone


def test_a_near_miss_is_named():
    assert closest("lstn", entries()) == "LSTM"
    assert closest("qqqqqq", entries()) == ""


@pytest.mark.parametrize("theme", NAMES)
def test_a_picture_of_the_window_has_its_size_and_colours(dressed, qtbot, tmp_path: Path, theme: str):
    render(None, tmp_path / "start.png", Shot((1100, 700), theme))
    image = QImage(str(tmp_path / "start.png"))
    assert (image.width(), image.height()) == (1100, 700)
    assert image.pixelColor(550, 2) == load_theme(theme).color("window")


def test_windows_of_pictures_leave_nothing_behind_that_the_next_ones_would_be_slowed_by(dressed, tmp_path: Path):
    counts = []
    for _time in range(3):
        render(TEMPLATES / "iris.chain", tmp_path / "iris.png", Shot((900, 600)))
        counts.append(len(QApplication.allWidgets()))
    assert counts[2] - counts[1] == counts[1] - counts[0] <= 2


def test_the_status_line_tells_the_graphs_size(lenet: App, qtbot):
    peak = bytes_text(read(lenet.filing.document.project).memory.peak)
    qtbot.waitUntil(lambda: f"≈ {peak} to train with batch 32" in lenet.window.status.text)
    text = lenet.window.status.text
    assert "14 nodes, 14 wires" in text
    assert "61,706 parameters" in text
    assert "PyTorch 2.13.0" in text


def test_the_status_line_tells_what_watching_costs_beside_its_cap(lenet: App, qtbot):
    run, status = lenet.workspace.run, lenet.window.status
    assert "Watching" not in status.text
    run.train_steps(40)
    qtbot.waitUntil(lambda: run.state.phase == "paused" and run.state.watching > 0, timeout=20_000)
    cost, seconds = run.state.watching, run.state.watching_seconds
    told = f"{duration(seconds)} so far" if cost > 0.03 else f"{percent(cost)} of the time"
    assert f"Watching: {told}, cap 3 %" in status.text
    status.show_watching(0.029, 12.0, 3.0)
    assert "Watching: 2.9 % of the time, cap 3 %" in status.text
    status.show_watching(0.5, 0.82, 3.0)
    assert "Watching: 0.82 s so far, cap 3 %" in status.text
    status.show_watching(0.5, 0.82, None)
    assert "Watching: 50.0 % of the time, every step" in status.text
    lenet.filing.take(Document(load(TEMPLATES / "iris.chain")))
    assert "Watching" not in status.text


def test_another_block_makes_only_the_list_of_blocks_anew_a_frame_later(lenet: App, qtbot):
    tree, document = lenet.workspace.palette.tree, lenet.workspace.document
    model = tree.model()

    def titles(head) -> list[str]:
        return [model.index(row, 0, head).data() for row in range(model.rowCount(head))]

    def listed() -> dict[str, list[str]]:
        heads = [model.index(row, 0) for row in range(model.rowCount())]
        return {head.data(CATEGORY): titles(head) for head in heads}

    before, last = listed(), model.rowCount() - 1
    rows = [QPersistentModelIndex(model.index(row, 0)) for row in range(last)]
    graph = document.project.graph
    project, _node = group(document.project, [graph.by_name(name).id for name in ("conv1", "tanh1")])
    document.edit("Fold", project)
    name = next(iter(project.blocks.values())).name
    qtbot.waitUntil(lambda: listed() == {**before, "Blocks": ["Python", name, name, *before["Blocks"][1:]]})
    assert all(row.isValid() for row in rows)
    document.undo()
    qtbot.waitUntil(lambda: listed() == before)
    QTest.keyClicks(lenet.workspace.palette.search, "conv")
    lenet.workspace.palette.search.clear()
    assert listed() == before
    assert tree.open_categories() == {"Convolution"}


def test_a_number_on_a_tab_is_right_when_its_head_comes_before_the_others(lenet: App, qtbot):
    """The heads that lie behind others are brought up to date when they are seen."""
    docks, document = lenet.window.workbench.docks, lenet.workspace.document
    wire = InputKey(document.project.graph.by_name("conv2").id, "input")
    lenet.window.workbench.use_preset("build")
    for name in ("source", "problems", "source"):
        docks[name].reveal()
        qtbot.wait(30)
        document.edit(
            "Unwire",
            planning.disconnect(document.project, [wire]),
        )
        document.undo() if name == "problems" else None
        qtbot.wait(30)
        count = str(len(lenet.workspace.editor.reading.problems) or "")
        docks["problems"].reveal()
        qtbot.wait(30)
        told = [button.text() for button in docks["problems"].header._buttons if "Problems" in button.text()]
        assert told == [f"Problems  {count}" if count else "Problems"]
