"""The inspector: typing changes the document, bad values are explained, inferred ones can be pinned."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from core import planning
from core.amounts import bytes_text
from core.catalog import KINDS
from core.catalog.initialization import INITS
from core.data.builtin.listing import SOURCES
from core.data.settings import dataset_kind, split_sizes
from core.document import Document
from core.errors import ChainruleError
from core.graph import Graph, Node
from core.project import Project
from core.training.schedules import rate_factor
from gui.app import App
from gui.fields import number_text, of_param
from gui.forms import Field, Inferred
from gui.inspector import Inspector
from gui.inspector_data import DataPage
from gui.inspector_node import NodePage
from gui.inspector_project import ProjectPage
from gui.inspector_several import SeveralPage
from gui.session import Editor
from gui.theme import Themes
from tests.gui.conftest import TEMPLATES


class Bench:
    """An inspector on a document, with the hands of a user."""

    def __init__(self, qtbot, project: Project) -> None:
        self.document = Document(project)
        self.editor = Editor(self.document)
        self.inspector = Inspector(Themes(), self.editor)
        self.fixes: list[object] = []
        self.inspector.fix_asked.connect(self.fixes.append)
        qtbot.addWidget(self.inspector, before_close_func=lambda _inspector: self.editor.close())
        self.inspector.resize(300, 900)
        self.inspector.show()
        qtbot.waitExposed(self.inspector)

    def select(self, *names: str) -> None:
        self.editor.select(self.editor.graph.by_name(name).id for name in names)

    @property
    def page(self):
        return self.inspector.page

    def type(self, name: str, text: str) -> None:
        line = self.page.form.fields[name].control
        line.setFocus()
        line.selectAll()
        QTest.keyClicks(line, text)

    def param(self, node: str, name: str):
        return self.editor.graph.by_name(node).param(name)


@pytest.fixture
def lenet_bench(dressed, qtbot) -> Bench:
    from core.files import load

    bench = Bench(qtbot, load(TEMPLATES / "lenet5.chain"))
    bench.select("conv2")
    return bench


def test_a_bypassed_layer_says_so_and_a_button_lets_it_run_again(lenet_bench: Bench):
    tanh = next(node for node in lenet_bench.editor.graph.nodes.values() if node.kind in ("Tanh", "ReLU", "Sigmoid"))
    lenet_bench.select(tanh.name)
    head = lenet_bench.page.head
    assert not head.run_again.isVisible()
    lenet_bench.document.edit("Bypass", planning.with_bypass(lenet_bench.document.project, (tanh.id,), True))
    head = lenet_bench.page.head  # as it is now
    assert head.state.text() == "bypassed"
    assert lenet_bench.page.shapes.isVisible()
    assert len(set(lenet_bench.page.shapes.text.split(" to "))) == 1
    QTest.mouseClick(head.run_again, Qt.MouseButton.LeftButton)
    assert not lenet_bench.editor.node(tanh.id).bypassed
    assert lenet_bench.document.past[-1] == f"Stop bypassing {tanh.name}"
    assert not head.run_again.isVisible()
    assert head.state.text() == ""


def test_typing_a_number_changes_the_document_and_is_one_step_of_undo(lenet_bench: Bench):
    start = lenet_bench.document.project
    lenet_bench.type("out_channels", "24")
    assert lenet_bench.param("conv2", "out_channels") == 24
    assert len(lenet_bench.document.past) == 1
    lenet_bench.document.undo()
    assert lenet_bench.document.project is start
    assert lenet_bench.page.form.field("out_channels").control.text() == "16"


def test_leaving_the_field_ends_the_step(lenet_bench: Bench):
    lenet_bench.type("out_channels", "24")
    lenet_bench.page.form.field("kernel_size").control.setFocus()
    lenet_bench.type("out_channels", "8")
    assert len(lenet_bench.document.past) == 2


@pytest.mark.parametrize("text", ["0", "-3", "many", "2.5", ""])
def test_a_bad_value_is_explained_and_leaves_the_document_as_it_was(lenet_bench: Bench, text: str):
    before = lenet_bench.document.project
    line = lenet_bench.page.form.field("out_channels").control
    line.setFocus()
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    QTest.keyClicks(line, text)
    field = lenet_bench.page.form.field("out_channels")
    assert lenet_bench.document.project is before
    assert lenet_bench.document.past == ()
    assert not field.problem.isHidden()
    assert "out_channels wants a whole number" in field.problem.findChildren(type(field._message))[0].text()
    QTest.keyClicks(line, "12") if text == "" else lenet_bench.type("out_channels", "12")
    assert field.problem.isHidden()
    assert lenet_bench.param("conv2", "out_channels") == 12


@pytest.mark.parametrize(("text", "value"), [("7", 7), ("3 × 5", (3, 5)), ("3x5", (3, 5)), ("3, 5", (3, 5))])
def test_a_size_is_one_number_or_one_for_each_direction(lenet_bench: Bench, text: str, value: object):
    lenet_bench.type("kernel_size", text)
    assert lenet_bench.param("conv2", "kernel_size") == value


def test_an_inferred_value_follows_the_wire_until_it_is_pinned(lenet_bench: Bench):
    shown = lenet_bench.page.form.fields["in_channels"]
    assert isinstance(shown, Inferred)
    assert shown._value.whole == "6"
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton)
    assert lenet_bench.param("conv2", "in_channels") == 6
    pinned = lenet_bench.page.form.fields["in_channels"]
    assert isinstance(pinned, Field)
    pinned.inferred_again.emit("in_channels")
    assert lenet_bench.param("conv2", "in_channels") is None
    assert isinstance(lenet_bench.page.form.fields["in_channels"], Inferred)


def test_a_pinned_value_that_does_not_fit_offers_its_fixes_under_the_field(lenet_bench: Bench):
    QTest.mouseClick(lenet_bench.page.form.fields["in_channels"], Qt.MouseButton.LeftButton)
    lenet_bench.type("in_channels", "7")
    field = lenet_bench.page.form.field("in_channels")
    assert not field.problem.isHidden()
    words = [field._fixes.itemAt(index).widget().text() for index in range(2)]
    assert words == ["Use 6", "Infer"]
    QTest.mouseClick(field._fixes.itemAt(0).widget(), Qt.MouseButton.LeftButton)
    assert [fix.value for fix in lenet_bench.fixes] == [6]


def test_the_default_is_not_written_into_the_document(lenet_bench: Bench):
    lenet_bench.type("stride", "2")
    assert lenet_bench.param("conv2", "stride") == 2
    lenet_bench.type("stride", "1")
    assert lenet_bench.param("conv2", "stride") is None


def test_shapes_and_cost_are_those_of_the_formulas(lenet_bench: Bench):
    page = lenet_bench.page
    assert page.shapes.text == "B×6×14×14 to B×16×10×10"
    assert page.figures.figure("Parameters") == "2,416"  # 16 * (6 * 5 * 5 + 1)
    assert page.figures.figure("MACs / sample") == "240.0 k"  # 16 * 10 * 10 * 6 * 5 * 5
    assert page.figures.figure("Activations") == "6.2 KiB"  # 16 * 10 * 10 * 4 bytes


def test_a_name_can_be_changed_in_place_and_a_bad_one_is_refused(lenet_bench: Bench):
    name = lenet_bench.page.head.name
    for text, stands in (("encoder", "encoder"), ("2nd layer", "encoder"), ("fc1", "encoder")):
        name.setFocus()
        name.selectAll()
        QTest.keyClicks(name, text)
        QTest.keyClick(name, Qt.Key.Key_Return)
        assert lenet_bench.editor.node(lenet_bench.editor.selection[0]).name == stands
    assert not lenet_bench.page.head._error.isHidden()


def test_what_is_selected_decides_the_page(lenet_bench: Bench):
    for names, page in (
        ((), ProjectPage),
        (("digits",), DataPage),
        (("conv1",), NodePage),
        (("conv1", "fc1"), SeveralPage),
    ):
        lenet_bench.select(*names)
        assert type(lenet_bench.page) is page


def test_a_removed_layer_leaves_the_inspector(lenet_bench: Bench):
    graph = lenet_bench.editor.graph
    node = graph.by_name("conv2").id
    lenet_bench.editor.edit("Delete", lenet_bench.document.project.with_scope(graph.remove_nodes((node,))))
    assert type(lenet_bench.page) is ProjectPage


def test_training_settings_are_edited_and_checked(lenet_bench: Bench):
    lenet_bench.select()
    line = lenet_bench.page.training.field("epochs").control
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "7")
    assert lenet_bench.document.project.training.epochs == 7
    line.selectAll()
    QTest.keyClicks(line, "0")
    assert lenet_bench.document.project.training.epochs == 20
    assert not lenet_bench.page.training.field("epochs").problem.isHidden()


def test_choosing_an_optimizer_shows_what_it_reads(lenet_bench: Bench):
    lenet_bench.select()
    assert "momentum" in lenet_bench.page.optimizer.fields
    lenet_bench.page.optimizer.field("name").control.activated.emit(2)
    assert lenet_bench.document.project.training.phases[0].optimizer.name == "Adam"
    assert {"beta1", "beta2"} <= set(lenet_bench.page.optimizer.fields)
    assert "momentum" not in lenet_bench.page.optimizer.fields


def test_long_names_leave_room_for_what_stands_beside_them(lenet_bench: Bench, qtbot):
    long = "a_name_of_a_layer_that_goes_on_and_on_and_on_until_nobody_reads_it"
    node = replace(lenet_bench.editor.graph.by_name("conv2"), name=long)
    lenet_bench.editor.replace_node("Rename", node)
    head = lenet_bench.page.head
    head.show_state("warn", "warn", "vanishing")
    QApplication.processEvents()
    parts = [head.name, head.kind, head.state]
    edges = [(part.geometry().left(), part.geometry().right()) for part in parts]
    assert all(left[1] < right[0] for left, right in pairwise(edges))
    assert edges[-1][1] <= head.width()
    assert head.kind.width() >= head.kind.sizeHint().width()
    assert head.name.cursorPosition() == 0
    assert head.name.toolTip().startswith(long)
    lenet_bench.select()
    lenet_bench.document.edit("Name", replace(lenet_bench.document.project, name=4 * long))
    title = lenet_bench.page._title
    assert title.text().endswith("…")
    assert title.toolTip() == 4 * long


def test_another_optimizer_takes_its_usual_rate_and_says_so(lenet_bench: Bench):
    lenet_bench.select()
    page, document = lenet_bench.page, lenet_bench.document
    before = document.project
    offer = page.phases.offer
    assert lenet_bench.page.phases.offer.isHidden()
    control = page.optimizer.field("name").control
    control.setFocus()
    while control.currentText() != "Adam":
        QTest.keyClick(control, Qt.Key.Key_Down)
    assert page.optimizer.field("learning_rate").control.text() == "0.001"
    assert offer.isVisibleTo(page)
    assert offer.words.text() == "The learning rate is now 0.001, as is usual with Adam."
    assert offer.button.text() == "Keep 0.05"
    QTest.mouseClick(offer.button, Qt.MouseButton.LeftButton)
    optimizer = document.project.training.phases[0].optimizer
    assert (optimizer.name, optimizer.learning_rate) == ("Adam", 0.05)
    assert lenet_bench.page.phases.offer.isHidden()
    document.undo()
    assert document.project is before


def test_a_rate_that_was_set_is_kept_and_the_usual_one_offered_within_the_same_step(lenet_bench: Bench):
    lenet_bench.select()
    page, document = lenet_bench.page, lenet_bench.document
    line = page.optimizer.field("learning_rate").control
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "0.1")
    before = document.project
    choose = page.optimizer.field("name").control
    choose.setFocus()
    choose.activated.emit(choose.findText("Adam"))
    offer = page.phases.offer
    assert document.project.training.phases[0].optimizer.learning_rate == 0.1
    assert offer.words.text() == "Adam usually begins at a learning rate of 0.001."
    offer.button.setFocus()
    QTest.keyClick(offer.button, Qt.Key.Key_Space)
    optimizer = document.project.training.phases[0].optimizer
    assert (optimizer.name, optimizer.learning_rate) == ("Adam", 0.001)
    document.undo()
    assert document.project == before
    assert lenet_bench.page.phases.offer.isHidden()
    document.redo()
    document.edit("Name", replace(document.project, name="Other"))
    choose.activated.emit(choose.findText("AdamW"))
    assert lenet_bench.page.phases.offer.isHidden()


def test_the_schedule_is_chosen_and_its_rates_are_drawn_before_the_run(lenet_bench: Bench):
    lenet_bench.select()
    schedule = lenet_bench.page.schedule
    assert set(schedule.curve.factors(50)) == {1.0}
    control = schedule.form.field("name").control
    control.activated.emit(control.findText("Cosine"))
    line = schedule.form.field("warmup").control
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "2")
    settings = lenet_bench.document.project.training
    assert (settings.schedule.name, settings.schedule.warmup) == ("Cosine", 2.0)
    factors = schedule.curve.factors(201)
    assert factors[0] < 0.02
    assert max(factors) == pytest.approx(1.0, abs=0.01)
    assert factors[110] == pytest.approx(rate_factor(settings.schedule, 1374, 125, 2500), abs=1e-3)
    picture = schedule.curve.grab().toImage()
    ink = Themes().current.color("accent")
    wide, tall = picture.width(), picture.height()
    drawn = [
        next((row for row in range(tall) if close(picture.pixelColor(column, row), ink)), tall)
        for column in (wide // 10, wide // 2, wide - 3)
    ]
    assert drawn[0] < drawn[1] < drawn[2]
    for _ in range(2):
        lenet_bench.document.undo()
    assert lenet_bench.document.project.training.schedule.name == "Constant"


def close(one: QColor, other: QColor) -> bool:
    """Whether a drawn pixel has this colour, its edge smoothed."""
    return max(abs(one.red() - other.red()), abs(one.green() - other.green()), abs(one.blue() - other.blue())) < 60


def test_the_memory_that_training_takes_follows_the_batch_size(lenet_bench: Bench, qtbot):
    lenet_bench.select()
    page, editor = lenet_bench.page, lenet_bench.editor
    qtbot.waitUntil(lambda: page.memory_fold.note.whole == f"≈ {bytes_text(editor.reading.memory.peak)} with batch 32")
    assert f"Weights {bytes_text(4 * 61706)}" in page.memory.text
    before = editor.reading.memory.peak
    field = page.training.fields["batch_size"].control
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "512")
    assert editor.reading.memory.peak > 2 * before
    qtbot.waitUntil(lambda: page.memory_fold.note.whole.endswith("with batch 512"))


def test_a_batch_that_does_not_fit_is_mended_by_one_edit(lenet_bench: Bench, monkeypatch):
    whole = lenet_bench.editor.reading.memory.peak
    monkeypatch.setattr("gui.session.free_memory", lambda: whole * 3)
    large = replace(lenet_bench.editor.project.training, batch_size=512)
    lenet_bench.editor.set_training(large, "Set batch size")
    (problem,) = lenet_bench.editor.reading.problems
    assert (problem.code, problem.severity) == ("W307", "warning")
    (fix,) = problem.fixes
    assert lenet_bench.editor.edit(fix.label, planning.apply_fix(lenet_bench.editor.project, fix))
    assert lenet_bench.editor.reading.problems == ()
    assert lenet_bench.editor.project.training.batch_size in (32, 64, 128)
    lenet_bench.document.undo()
    assert [told.code for told in lenet_bench.editor.reading.problems] == ["W307"]


def test_the_split_of_a_data_set_is_edited_and_an_empty_part_refused(lenet_bench: Bench):
    lenet_bench.select("digits")
    page = lenet_bench.page
    line = page.split.field("validation").control
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "0.5")
    (settings,) = lenet_bench.document.project.data.values()
    assert split_sizes(settings) == (2500, 2500)
    assert page._sizes.text() == "2,500 for training, 2,500 for validation"
    assert page.balance.accessibleName().startswith("0: 500, 1: 500")


@pytest.mark.parametrize("kind", sorted(name for name, kind in KINDS.items() if kind.role in ("layer", "loss")))
def test_every_kind_has_a_form_whose_fields_read_what_they_show(dressed, qtbot, kind: str):
    project = Project(graph=Graph.of((Node("n1", kind, "layer1"),)))
    bench = Bench(qtbot, project)
    bench.select("layer1")
    code = {param.name for param in KINDS[kind].params if param.type == "code"}
    assert set(bench.page.form.fields) == {param.name for param in KINDS[kind].params} - code
    if code:
        assert bench.page.code.edit.code == KINDS[kind].param("source").default
    for param in KINDS[kind].params:
        if param.default is not None and param.type not in ("bool",):
            asked = of_param(param)
            assert asked.read(asked.shown(param.default)) == param.default


def test_a_parameter_is_left_out_while_it_says_nothing(lenet_bench: Bench):
    lenet_bench.select("fc1")
    form = lenet_bench.page.form
    assert form.fields["init_value"].isHidden()
    form.field("weight_init").control.activated.emit(INITS.index("normal"))
    assert not form.fields["init_value"].isHidden()
    lenet_bench.type("init_value", "0.5")
    form.field("weight_init").control.activated.emit(INITS.index("zeros"))
    assert not form.fields["init_value"].isHidden()  # it was set by hand, so it stays to be seen
    assert lenet_bench.param("fc1", "init_value") == 0.5


def test_what_a_parameter_goes_with_is_another_of_its_kind_and_values_that_it_takes():
    for kind in KINDS.values():
        for param in kind.params:
            name, values = param.only_with
            assert not name or all(kind.param(name).check(value) == value for value in values)


@pytest.mark.parametrize("value", [0.05, 1e-8, 1e-5, 0.1, 3.0, 123456.789, 1e22, 2.5e-7])
def test_a_number_is_shown_as_short_as_it_can_be_and_reads_as_itself(value: float):
    text = number_text(value)
    assert float(text) == value
    assert len(text) <= len(repr(value))


def test_bytes_are_counted_in_1024s():
    assert bytes_text(400) == "400 B"
    assert bytes_text(6400) == "6.2 KiB"
    assert bytes_text(5 * 2**30) == "5.0 GiB"


def test_a_check_that_fails_says_all_it_should():
    with pytest.raises(ChainruleError, match="out_channels wants a whole number"):
        of_param(KINDS["Conv2d"].param("out_channels"), "conv1").read("x")


@pytest.mark.parametrize(
    ("source", "drawn", "figures", "note"),
    [
        ("penguins", False, ["bill length", "bill depth", "flipper length", "body mass"], "333 samples"),
        ("sunspots", True, ["past"], ""),
        ("shakespeare", True, [], "62 tokens"),
        ("scenes", True, [], "1,000 samples"),
        ("mnist", True, ["image"], "5,000 samples"),
    ],
)
def test_a_data_page_shows_samples_classes_and_statistics(
    qtbot, source: str, drawn: bool, figures: list[str], note: str
) -> None:
    project, node = planning.add(Project("Data"), f"data:{source}", (0.0, 0.0))
    bench = Bench(qtbot, project)
    bench.editor.select((node,))
    page = bench.page
    assert isinstance(page, DataPage)
    assert page._samples.isVisibleTo(page) == drawn
    assert [one.name for one in page.figures.columns] == figures
    assert page._columns.isVisibleTo(page) == bool(figures)
    assert page._classes.isVisibleTo(page) == bool(note)
    assert not note or page._classes.note.text() == note
    assert ("split" in page.split.fields) == (len(SOURCES[source].splits) > 1)


def test_an_option_that_changes_a_field_changes_what_is_wired_to_it(qtbot) -> None:
    project, node = planning.add(Project("Data"), "data:sunspots", (0.0, 0.0))
    bench = Bench(qtbot, project)
    bench.editor.select((node,))
    bench.type("window", "30")
    (settings,) = bench.document.project.data.values()
    assert dataset_kind(settings).fields[0].shape == (30, 1)
    lines = bench.page._fields.layout()
    texts = [one.text() for place in range(lines.count()) for one in lines.itemAt(place).widget().findChildren(QLabel)]
    assert any(text.startswith("30×1") for text in texts)
    assert not any(text.startswith("22×1") for text in texts)
    assert bench.page._sizes.text() == "223 for training, 56 for validation"  # 309 - 30 windows
    bench.document.undo()
    assert dataset_kind(next(iter(bench.document.project.data.values()))).fields[0].shape == (22, 1)


def test_the_picture_of_a_page_that_goes_stands_until_the_graph_is_painted(lenet: App, qtbot):
    work, window = lenet.workspace, lenet.window

    def picture() -> QImage:
        drawn = window.backingStore().paintDevice()
        assert isinstance(drawn, QImage)
        return drawn.copy(QRect(work.inspector.mapTo(window, QPoint(0, 0)), work.inspector.size()))

    work.canvas.select([work.editor.graph.by_name("conv1").id])
    qtbot.waitUntil(work.inspector.updatesEnabled)
    QApplication.processEvents()
    before = picture()
    work.canvas.delete_selection()
    assert isinstance(work.inspector.page, ProjectPage)
    assert not work.inspector.updatesEnabled()
    QApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest.value)
    assert picture() == before
    qtbot.waitUntil(work.inspector.updatesEnabled)
    QApplication.processEvents()
    assert picture() != before
