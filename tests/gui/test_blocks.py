"""Blocks in the window, by mouse and keys: made, opened, edited, placed again, linked, repeated, kept, and undone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PySide6.QtCore import QDeadlineTimer, QModelIndex, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core import blocklib, planning
from core.engine.messages import RowInfo, SampleRows, Started
from core.graph import BLOCK
from core.lowering import lower
from core.shapes import analyse
from core.trail import prefix
from gui.app import App
from gui.canvas.canvas import Canvas
from gui.forms import Line
from gui.inspector_block import BlockPage
from gui.palette_tree import ENTRY
from gui.workspace import Workspace
from tests.gui.canvas.hands import Hands, assert_mirror

LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
MIDDLE = ("conv2", "tanh2", "pool2")


class User:
    """Mouse and keys on the whole window."""

    def __init__(self, app: App, qtbot: QtBot) -> None:
        assert app.workspace is not None
        self.app, self.qtbot = app, qtbot
        self.work: Workspace = app.workspace
        self.canvas: Canvas = self.work.canvas
        self.hands = Hands(self.canvas)
        app.window.resize(1600, 1000)
        self.canvas.fit()
        self.canvas.setFocus()

    @property
    def names(self) -> set[str]:
        return {node.name for node in self.hands.graph.nodes.values()}

    def node(self, name: str) -> str:
        found = self.hands.graph.by_name(name)
        assert found is not None
        return found.id

    def choose(self, *names: str) -> None:
        """Click one card after the other with Ctrl held."""
        for index, name in enumerate(names):
            self.hands.click(self.hands.card(self.node(name)), CTRL if index else Qt.KeyboardModifier.NoModifier)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.canvas.view, key, held)

    def fold(self, *names: str) -> str:
        self.choose(*names)
        self.key(Qt.Key.Key_G, CTRL)
        (node,) = self.canvas.selection()
        return self.hands.graph.nodes[node].name

    def open(self, name: str) -> None:
        self.hands.double_click(self.hands.card(self.node(name)))

    def _blocks(self) -> tuple[QModelIndex, dict[tuple[str, str], QModelIndex]]:
        """The head of the palette's blocks, and their rows by title and hint."""
        model = self.work.palette.tree.model()
        head = next(model.index(row, 0) for row in range(model.rowCount()) if model.index(row, 0).data() == "Blocks")
        rows = [model.index(row, 0, head) for row in range(model.rowCount(head))]
        return head, {(row.data(ENTRY).title, row.data(ENTRY).hint): row for row in rows if row.data(ENTRY)}

    def drop(self, title: str, hint: str, at: QPoint) -> str:
        """Drag a row of the palette's blocks onto the canvas."""
        before = set(self.hands.graph.nodes)
        tree = self.work.palette.tree
        head, rows = self._blocks()
        deadline = QDeadlineTimer(2000)
        while (row := rows.get((title, hint))) is None and not deadline.hasExpired():
            QTest.qWait(5)  # the list of blocks follows an edit a frame later
            head, rows = self._blocks()
        assert row is not None
        tree.setExpanded(head, True)
        tree.scrollTo(row)
        start = tree.visualRect(row).center()
        end = tree.viewport().mapFromGlobal(self.canvas.mapToGlobal(at))
        QTest.mousePress(tree.viewport(), LEFT, pos=start)
        for share in (0.05, 0.5, 1.0):
            QTest.mouseMove(tree.viewport(), start + (end - start) * share)
        QTest.mouseRelease(tree.viewport(), LEFT, pos=end)
        added = set(self.hands.graph.nodes) - before
        return self.hands.graph.nodes[added.pop()].name if added else ""

    @property
    def page(self) -> BlockPage:
        page = self.work.inspector.page
        assert isinstance(page, BlockPage)
        return page

    def type(self, name: str, text: str) -> None:
        form = self.page.form if name in self.page.form.fields else self.page.ports
        line = form.field(name).control
        assert isinstance(line, Line)
        line.setFocus()
        line.selectAll()
        QTest.keyClicks(line, text)
        self.canvas.setFocus()

    def press(self, button: QPushButton) -> None:
        self.qtbot.waitUntil(button.isVisible)
        QTest.mouseClick(button, LEFT)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder of blocks, empty."""
    folder = tmp_path / "blocks"
    monkeypatch.setattr(blocklib, "own_folder", lambda: folder)
    return folder


@pytest.fixture
def user(library: Path, lenet: App, qtbot: QtBot) -> User:
    return User(lenet, qtbot)


def parameters(user: User) -> int:
    return analyse(lower(user.work.document.project)).total_parameters


def test_ctrl_g_folds_the_selection_as_one_step_and_ctrl_shift_g_unfolds_it(user: User) -> None:
    first, count = user.work.document.project, parameters(user)
    name = user.fold(*MIDDLE)
    assert user.work.document.past == ("Fold 3 layers into a block",)
    assert set(MIDDLE).isdisjoint(user.names)
    card = user.canvas.scene.nodes[user.node(name)].card
    assert (card.title, card.left[1], card.right) == ("Block 1", "3 layers", ("2,416", "16×5×5"))
    assert user.page.shapes.text == "B×6×14×14 to B×16×5×5"
    assert parameters(user) == count
    assert user.work.editor.reading.problems == ()
    assert_mirror(user.canvas)
    user.key(Qt.Key.Key_G, CTRL | SHIFT)
    assert {user.hands.graph.nodes[key].name for key in user.canvas.selection()} == set(MIDDLE)
    assert_mirror(user.canvas)
    user.key(Qt.Key.Key_Z, CTRL)
    user.key(Qt.Key.Key_Z, CTRL)
    assert user.work.document.project is first


def test_a_double_click_enters_and_the_breadcrumb_leads_back(user: User) -> None:
    name = user.fold(*MIDDLE)
    seen = user.canvas.view.middle()
    user.open(name)
    assert user.names == {*MIDDLE, "input", "output"}
    assert user.canvas.furniture.breadcrumb.text == f"Main graph › {name}"
    assert user.work.document.past == ("Fold 3 layers into a block",)
    assert str(user.work.editor.path(user.node("conv2"))) == f"{name}.conv2"
    assert user.canvas.scene.nodes[user.node("conv2")].card.right[0] == "2,416"
    assert user.canvas.scene.nodes[user.node("input")].card.left == ("Block input", "6×14×14")
    assert {item.wire.state for item in user.canvas.scene.edges.values()} == {"tensor"}
    assert_mirror(user.canvas)
    (root,) = user.canvas.furniture.breadcrumb.steps
    QTest.mouseClick(root, LEFT)
    assert "conv1" in user.names
    assert user.canvas.selection() == (user.node(name),)
    assert (user.canvas.view.middle() - seen).manhattanLength() < 0.01
    assert_mirror(user.canvas)


def test_enter_opens_the_selected_block_and_esc_leaves_it_when_nothing_is_selected(user: User) -> None:
    inner = user.fold("tanh2", "pool2")
    outer = user.fold("conv2", inner)
    user.key(Qt.Key.Key_Return)
    user.choose(inner)
    user.key(Qt.Key.Key_Return)
    assert user.canvas.furniture.breadcrumb.text == f"Main graph › {outer} › {inner}"
    assert user.names == {"input", "tanh2", "pool2", "output"}
    user.choose("tanh2")
    user.key(Qt.Key.Key_Escape)
    assert user.canvas.selection() == ()
    assert len(user.canvas.trail) == 2
    user.key(Qt.Key.Key_Escape)
    assert user.canvas.selection() == (user.node(inner),)
    user.key(Qt.Key.Key_Escape)
    user.key(Qt.Key.Key_Escape)
    assert user.canvas.trail == ()
    assert user.canvas.selection() == (user.node(outer),)
    user.key(Qt.Key.Key_Escape)
    user.key(Qt.Key.Key_Escape)
    user.key(Qt.Key.Key_Return)
    assert user.canvas.trail == ()
    assert_mirror(user.canvas)


def test_layers_dropped_and_wired_inside_stay_inside(user: User) -> None:
    name = user.fold(*MIDDLE)
    user.open(name)
    wire = user.canvas.scene.edges[next(iter(user.hands.graph.into(user.node("tanh2")))).key]
    made = user.canvas.drop("Dropout", wire.route.path.pointAtPercent(0.5))
    assert user.hands.graph.nodes[made].name == "dropout1"
    assert f"{name}.dropout1" in user.work.editor.reading.plan.by_path
    user.key(Qt.Key.Key_Escape)
    user.key(Qt.Key.Key_Escape)
    assert "dropout1" not in user.names
    assert user.canvas.scene.nodes[user.node(name)].card.left[1] == "4 layers"


def test_an_edit_inside_changes_every_instance_at_once_and_undo_stays_inside(user: User) -> None:
    first = user.fold("tanh1", "pool1")
    second = user.drop("Block 1", "2 layers", QPoint(60, 500))
    assert second != first
    user.open(second)
    before = user.canvas.trail
    pool = user.node("pool1")
    user.work.editor.edit("Set", planning.set_param(user.work.document.project, pool, "kernel_size", 3))
    plan = user.work.editor.reading.plan
    assert dict(plan.by_path[f"{first}.pool1"].params) == dict(plan.by_path[f"{second}.pool1"].params)
    assert dict(plan.by_path[f"{first}.pool1"].params)["kernel_size"] == 3
    user.key(Qt.Key.Key_Z, CTRL)
    assert user.canvas.trail == before
    assert_mirror(user.canvas)


def test_undo_asks_before_it_takes_the_opened_block_away(user: User) -> None:
    name = user.fold(*MIDDLE)
    user.open(name)
    user.app.do("undo")
    assert len(user.canvas.trail) == 1
    assert "leave this block" in user.work.message.words
    user.app.do("undo")
    assert user.canvas.trail == ()
    assert set(MIDDLE) <= user.names
    assert_mirror(user.canvas)
    user.app.do("redo")
    assert name in user.names
    assert_mirror(user.canvas)


def test_a_linked_instance_shares_its_weights_and_a_copy_does_not(user: User) -> None:
    name = user.fold("fc2", "tanh4")
    count = parameters(user)
    linked = user.drop("Block 1", "linked", QPoint(60, 520))
    assert user.hands.graph.nodes[user.node(linked)].link == user.hands.graph.nodes[user.node(name)].link != ""
    assert user.canvas.scene.nodes[user.node(linked)].card.shares
    assert user.work.document.past[-1] == f"Add {linked}"
    copied = user.drop("Block 1", "2 layers", QPoint(300, 520))
    assert user.hands.graph.nodes[user.node(copied)].link == ""
    for extra in (linked, copied):
        source, target = user.node("fc1"), user.node(extra)
        edge = next(iter(user.hands.graph.into(user.node(name))))
        user.work.editor.edit("Wire", planning.connect(user.work.document.project, edge._replace(target=target)))
        assert source
    assert parameters(user) == count + 120 * 84 + 84


def test_a_double_click_in_the_palette_adds_a_block_behind_the_selection(user: User) -> None:
    name = user.fold("fc2", "tanh4")
    user.choose(name)
    tree = user.work.palette.tree
    user.work.palette.show_only("Blocks")
    model = tree.model()
    head = model.index(model.rowCount() - 1, 0)
    rows = [model.index(place, 0, head) for place in range(model.rowCount(head))]
    row = next(found for found in rows if found.data(ENTRY).title == "Block 1")
    QTest.mouseDClick(tree.viewport(), LEFT, pos=tree.visualRect(row).center())
    (made,) = user.canvas.selection()
    (wire,) = user.hands.graph.into(made)
    assert wire.source == user.node(name)
    assert user.work.document.past[-1] == f"Add {user.hands.graph.nodes[made].name}"
    assert_mirror(user.canvas)


def test_the_search_at_the_pointer_offers_blocks_by_name(user: User) -> None:
    user.fold("fc2", "tanh4")
    user.key(Qt.Key.Key_A, SHIFT)
    QTest.keyClicks(user.canvas.popup.field, "inception")
    QTest.keyClick(user.canvas.popup.field, Qt.Key.Key_Return)
    (made,) = user.canvas.selection()
    assert user.canvas.scene.nodes[made].card.title == "Inception"
    assert_mirror(user.canvas)


def test_the_inspector_repeats_links_renames_and_parts(user: User) -> None:
    user.fold("tanh3", "fc2", "tanh4")
    name = "dense"
    user.hands.key(Qt.Key.Key_F2)
    QTest.keyClicks(user.canvas.furniture.name_field, name)
    QTest.keyClick(user.canvas.furniture.name_field, Qt.Key.Key_Return)
    user.type("block", "Dense step")
    assert user.canvas.scene.nodes[user.node(name)].card.title == "Dense step"
    user.type("repeat", "3")
    assert user.hands.graph.nodes[user.node(name)].repeat == 3
    assert user.canvas.scene.nodes[user.node(name)].card.badge == "×3"
    assert f"{name}[2].fc2" in user.work.editor.reading.plan.by_path
    user.type("repeat", "0")
    assert "0 came" in user.page.form.field("repeat").problem.findChildren(type(user.page.words))[0].text()
    user.choose(name)
    ports = list(user.page.ports.fields)
    user.type(ports[0], "features")
    assert [edge.input for edge in user.hands.graph.into(user.node(name))] == ["features"]
    other = user.drop("Dense step", "3 layers", QPoint(60, 540))
    user.choose(other)
    weights = user.page.form.field("weights").control
    weights.setCurrentText(f"shared with {name}")
    weights.activated.emit(weights.currentIndex())
    assert user.hands.graph.nodes[user.node(other)].link
    assert user.hands.graph.nodes[user.node(other)].repeat == 3
    user.press(user.page.part)
    nodes = user.hands.graph.nodes
    assert nodes[user.node(other)].block != nodes[user.node(name)].block
    assert nodes[user.node(other)].link == nodes[user.node(name)].link == ""
    assert_mirror(user.canvas)


def test_the_breadcrumb_goes_from_one_repetition_to_the_next(user: User) -> None:
    name = user.fold("fc2", "tanh4")
    user.choose(name)
    user.type("repeat", "2")
    user.open(name)
    assert user.work.editor.path(user.node("fc2")) == f"{name}[0].fc2"
    button = user.canvas.furniture.breadcrumb.repetitions[1]
    assert button.text() == "1 of 2"
    QTest.mouseClick(button, LEFT)
    assert user.canvas.furniture.breadcrumb.repetitions[1].text() == "2 of 2"
    assert user.work.editor.path(user.node("fc2")) == f"{name}[1].fc2"
    assert user.canvas.scene.nodes[user.node("fc2")].card.left[1] != ""
    assert_mirror(user.canvas)


def test_cards_inside_show_the_gradients_of_the_instance_that_was_opened(user: User) -> None:
    first = user.fold("tanh1", "pool1")
    second = user.drop("Block 1", "2 layers", QPoint(60, 520))
    paths = [f"{name}.{layer}" for name in (first, second) for layer in ("tanh1", "pool1")]
    rows = [RowInfo(path, user.node(path.split(".")[0]), "Tanh", "Activation") for path in paths]
    columns = [f"output:{path}" for path in paths]
    started = Started(
        run="",
        weights=[],
        outputs=rows,
        step_columns=["loss", "metric", "learning_rate", "gradient_norm"],
        sample_columns=columns,
        epochs=1,
        steps_per_epoch=1,
        total_steps=1,
    )
    import numpy as np

    values = np.array([[1e-1, 1e-2, 1e-3, 1e-4]], np.float32)
    feed = user.work.feed
    assert feed is not None
    feed.take([started, SampleRows(steps=np.array([1], np.int64).tobytes(), data=values.tobytes())])
    for name, wanted in ((first, (1e-1, 1e-2)), (second, (1e-3, 1e-4))):
        user.canvas.select((user.node(name),))
        user.key(Qt.Key.Key_Return)
        shown = [user.canvas.scene.nodes[user.node(layer)].health for layer in ("tanh1", "pool1")]
        assert [health.value if health else None for health in shown] == pytest.approx(wanted)
        user.canvas.tour.leave()
    outside = user.canvas.scene.nodes[user.node(second)].health
    assert outside is not None
    assert outside.value == pytest.approx(1e-3)


def test_an_error_inside_shows_on_the_block_and_the_problem_list_leads_there(user: User) -> None:
    name = user.fold("flatten", "fc1")
    user.open(name)
    inner = user.node("fc1")
    user.work.editor.edit("Set", planning.set_param(user.work.document.project, inner, "in_features", 7))
    user.canvas.tour.leave()
    assert user.canvas.scene.nodes[user.node(name)].card.errors == 1
    (problem,) = user.work.editor.reading.errors
    user.work.go_to(problem)
    assert user.canvas.selection() == (inner,)
    assert prefix(user.work.document.project, user.canvas.trail) == f"{name}."
    assert_mirror(user.canvas)


def test_a_block_saved_to_the_library_comes_back_in_another_project(user: User, library: Path, qtbot: QtBot) -> None:
    user.fold(*MIDDLE)
    user.type("block", "Conv step")
    user.press(user.page.save)
    (path,) = library.iterdir()
    assert path.name == "conv_step.chain"
    user.press(user.page.save)
    assert "there already" in user.work.message.words
    user.press(next(b for b in user.work.message.findChildren(QPushButton) if b.text() == "Replace it"))
    user.app.do("new")
    other = User(user.app, qtbot)
    made = other.drop("Conv step", "library", QPoint(200, 200))
    assert made == "conv_step1"
    assert other.work.document.past == ("Add conv_step1",)
    again = other.drop("Conv step", "3 layers", QPoint(500, 200))
    assert again == "conv_step2"
    assert len(other.work.document.project.blocks) == 1
    third = other.drop("Conv step", "library", QPoint(200, 400))
    assert third == "conv_step3"
    assert len(other.work.document.project.blocks) == 1
    assert_mirror(other.canvas)


def test_a_broken_file_in_the_library_is_told_and_hides_no_other(user: User, library: Path) -> None:
    library.mkdir()
    (library / "bad.chain").write_text("no project")
    said: list[str] = []
    user.work.said.connect(said.append)
    user.work.read_shelf()
    assert any("bad.chain" in line for line in said)


def test_a_block_inside_itself_is_refused_with_words(user: User) -> None:
    name = user.fold(*MIDDLE)
    block = user.hands.graph.nodes[user.node(name)].block
    user.open(name)
    said: list[str] = []
    user.work.said.connect(said.append)
    before = user.work.document.project
    assert user.canvas.drop(f"block:{block}", QPointF(0, 0)) == ""
    assert "hold itself" in said[-1]
    assert user.work.document.project is before
    shown = [entry.kind for entry in user.work._blocks()]
    assert f"block:{block}" not in shown
    assert "BlockInput" in shown


def test_unused_blocks_are_deleted_by_command_and_come_back_by_undo(user: User) -> None:
    name = user.fold(*MIDDLE)
    assert not user.app.window.actions_["delete_unused_blocks"].isEnabled()
    user.choose(name)
    user.key(Qt.Key.Key_Delete)
    assert user.app.window.actions_["delete_unused_blocks"].isEnabled()
    user.app.do("delete_unused_blocks")
    assert not user.work.document.project.blocks
    user.app.do("undo")
    assert len(user.work.document.project.blocks) == 1


STEPS = 150
OFTEN = ("choose", "fold", "open")
GESTURES = (
    *(*OFTEN, *OFTEN, "more", "unfold", "leave", "delete", "dissolve", "move", "undo", "redo"),
    *("place", "copy", "paste", "rename", "duplicate", "crumb"),
)


@pytest.fixture(params=range(3))
def chance(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


def test_a_random_hand_leaves_the_view_a_mirror_of_the_document(user: User, chance: random.Random) -> None:
    """Any gesture in any order, in the main graph and in blocks; undoing all leads back to the start."""
    first = user.work.document.project
    hand = RandomHand(user, chance)
    for _step in range(STEPS):
        hand.do_something()
        assert_mirror(user.canvas)
        assert user.work.editor.trail == user.canvas.trail
        assert user.work.editor.graph is user.canvas.scene.graph
        assert user.work.editor.selection == user.canvas.selection()
    assert len(hand.done) >= 8
    while user.work.document.undo():
        assert_mirror(user.canvas)
    assert user.work.document.project is first


class RandomHand:
    """Draws one gesture after the other."""

    def __init__(self, user: User, chance: random.Random) -> None:
        self.user, self.chance = user, chance
        self.done: set[str] = set()

    def do_something(self) -> None:
        gesture = self.chance.choice(GESTURES)
        self.done.add(gesture)
        getattr(self, gesture)()

    def any_node(self) -> str | None:
        nodes = list(self.user.hands.graph.nodes)
        return self.chance.choice(nodes) if nodes else None

    def spot(self) -> QPoint | None:
        """A card that can be hit, brought into view."""
        node = self.any_node()
        if node is None:
            return None
        self.user.canvas.view.show_at(self.user.canvas.scene.nodes[node].rect.center(), 1.0)
        return self.user.hands.card(node)

    def choose(self) -> None:
        if (spot := self.spot()) is not None:
            self.user.hands.click(spot)

    def more(self) -> None:
        for _time in range(3):
            if (spot := self.spot()) is not None:
                self.user.hands.click(spot, CTRL)

    def fold(self) -> None:
        self.user.key(Qt.Key.Key_G, CTRL)

    def unfold(self) -> None:
        self.user.key(Qt.Key.Key_G, CTRL | SHIFT)

    def open(self) -> None:
        blocks = [node.id for node in self.user.hands.graph.nodes.values() if node.kind == BLOCK]
        if blocks:
            self.user.canvas.select((self.chance.choice(blocks),))
            self.user.key(Qt.Key.Key_Return)

    def leave(self) -> None:
        self.user.key(Qt.Key.Key_Escape)
        self.user.key(Qt.Key.Key_Escape)

    def crumb(self) -> None:
        steps = self.user.canvas.furniture.breadcrumb.steps
        if steps:
            QTest.mouseClick(self.chance.choice(steps), LEFT)

    def delete(self) -> None:
        if self.chance.random() < 0.4:
            self.user.key(Qt.Key.Key_Delete)

    def dissolve(self) -> None:
        if self.chance.random() < 0.4:
            self.user.key(Qt.Key.Key_Delete, CTRL)

    def move(self) -> None:
        if (spot := self.spot()) is not None:
            self.user.hands.drag(spot, spot + QPoint(self.chance.randint(-80, 80), self.chance.randint(-80, 80)))

    def undo(self) -> None:
        self.user.key(Qt.Key.Key_Z, CTRL)

    def redo(self) -> None:
        self.user.key(Qt.Key.Key_Z, CTRL | SHIFT)

    def place(self) -> None:
        entries = [entry.kind for entry in self.user.work._blocks() if not entry.kind.startswith("library:")]
        if entries:
            self.user.canvas.drop_at_view(self.chance.choice(entries), QPoint(300, 300))

    def copy(self) -> None:
        self.user.key(Qt.Key.Key_C, CTRL)

    def paste(self) -> None:
        self.user.key(Qt.Key.Key_V, CTRL)

    def duplicate(self) -> None:
        self.user.key(Qt.Key.Key_D, CTRL)

    def rename(self) -> None:
        node = self.any_node()
        if node is not None:
            self.user.canvas.editing.rename(node, self.chance.choice(["stem", "head", "port", "again"]))
