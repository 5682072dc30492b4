"""Phases made and changed in the inspector by the mouse; a GAN that was put together so trains."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from core.files import from_text, to_text
from core.trail import Entered
from core.training.optimizers import Optimizer
from core.training.settings import BASIC, FIELDS, Phase
from gui.app import App
from gui.forms import Field
from tests.core.training.projects import gan, small_convnet
from tests.core.training.running import columns, finished
from tests.gui.test_inspector import Bench


def press(widget: QWidget) -> None:
    """At the left, where a box has its tick."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(7, widget.height() // 2))


def write(field: Field, text: str) -> None:
    field.control.setFocus()
    field.control.selectAll()
    QTest.keyClicks(field.control, text)


@pytest.fixture
def bench(dressed, qtbot) -> Bench:
    """A GAN of which nobody has said yet that it has two phases."""
    adam = Phase(optimizer=Optimizer("Adam", 0.01))
    return Bench(qtbot, replace(gan(), training=replace(gan().training, phases=(adam,), epochs=3, batch_size=20)))


def test_a_gan_put_together_by_the_mouse_trains_by_turns_as_it_does_from_its_file(bench: Bench):
    form = bench.page.phases
    assert not form.parts.isVisibleTo(bench.page)
    assert form.losses.isVisibleTo(bench.page)  # there are three, whose weights one may wish to set
    press(form.add)
    assert (form.place, form.note) == (1, "phase 2 of 2")
    assert bench.page.phases_fold.note.whole == "phase 2 of 2"
    for box in (form.losses.boxes["real_loss"], form.losses.boxes["fake_loss"], form.parts.boxes["real"]):
        press(box)
    write(form.optimizer.field("learning_rate"), "0.005")
    assert "at most 0.005" in bench.page.schedule.curve.toolTip()
    press(form.segments.findChildren(QToolButton)[0])
    assert "at most 0.01" in bench.page.schedule.curve.toolTip()
    assert form.place == 0
    for box in (form.losses.boxes["fool_loss"], form.parts.boxes["gen1"], form.parts.boxes["gen2"]):
        press(box)
    write(form.rounds.field("steps"), "3")
    made = bench.document.project
    assert made.training.phases == (
        Phase(("real_loss", "fake_loss"), ("real",), Optimizer("Adam", 0.01), 3),
        Phase(("fool_loss",), ("gen1", "gen2"), Optimizer("Adam", 0.005)),
    )
    assert made.training.phases == gan(3).training.phases
    assert from_text(to_text(made)) == made
    mine, other = (finished(one)[0] for one in (made, gan(3, epochs=3, batch_size=20)))
    assert columns(mine)["loss"].tolist() == columns(other)["loss"].tolist()
    while bench.document.project.training.phases != (Phase(optimizer=Optimizer("Adam", 0.01)),):
        bench.document.undo()
    assert not form.rounds.isVisibleTo(bench.page)


def test_the_last_box_stays_and_what_keeps_a_phase_from_training_is_told(bench: Bench):
    form = bench.page.phases
    press(form.add)
    for name in ("gen1", "gen2"):
        press(form.parts.boxes[name])
    before = bench.document.project
    press(form.parts.boxes["real"])
    assert form.parts.boxes["real"].isChecked()
    assert bench.document.project is before
    assert form.fault.isHidden()
    press(form.losses.boxes["real_loss"])
    press(form.losses.boxes["fake_loss"])
    press(form.parts.boxes["gen1"])
    press(form.parts.boxes["real"])
    press(form.losses.boxes["real_loss"])
    press(form.losses.boxes["fool_loss"])
    assert form.fault.text() == "No weight of what it trains leads to its losses."
    press(form.remove)
    assert len(bench.document.project.training.phases) == 1
    assert form.fault.isHidden()
    assert form.note == ""


def test_how_much_a_loss_counts_is_typed_beside_it(bench: Bench):
    form = bench.page.phases
    write(form.weights["fool_loss"], "0.25")
    assert bench.document.project.graph.nodes["fool_loss"].param("weight") == 0.25
    write(form.weights["fool_loss"], "x")
    assert not form.weights["fool_loss"].problem.isHidden()
    assert bench.document.project.graph.nodes["fool_loss"].param("weight", 1.0) == 1.0
    write(form.weights["fool_loss"], "0.5")
    write(form.weights["fool_loss"], "1")
    assert bench.document.project.graph.nodes["fool_loss"].params == gan().graph.nodes["fool_loss"].params


def test_one_loss_and_one_phase_show_the_optimizer_alone(dressed, qtbot):
    bench = Bench(qtbot, small_convnet())
    form = bench.page.phases
    for widget in (form.losses, form.parts, form.rounds, form.remove, form.segments):
        assert not widget.isVisibleTo(bench.page)
    assert form.optimizer.isVisibleTo(bench.page)


def test_what_few_ask_for_is_folded_away_and_told_where_it_is_set(dressed, qtbot):
    bench = Bench(qtbot, small_convnet())
    page = bench.page
    assert (page.more_fold.is_open, page.more_fold.note.whole) == (False, "")
    assert set(page.training.fields) == set(BASIC)
    assert {*page.training.fields, *page.more.fields} == {field.name for field in FIELDS}
    page.more_fold.set_open(True)
    write(page.more.field("accumulate"), "4")
    page.more.field("precision").control.activated.emit(1)
    press(page.more.field("deterministic").control)
    training = bench.document.project.training
    assert (training.accumulate, training.precision, training.deterministic) == (4, "bfloat16", True)
    assert page.more_fold.note.whole == "Accumulate 4, Precision bfloat16, deterministic"


def test_a_layer_and_a_block_have_a_share_of_the_learning_rate(dressed, qtbot):
    bench = Bench(qtbot, gan())
    bench.select("gen1")
    share = bench.page.share
    assert share.fold.isVisibleTo(bench.page)
    share.fold.set_open(True)
    write(share.field("share"), "0.1")
    assert bench.document.project.training.rates == (("gen1", 0.1),)
    assert share.fold.note.whole == "× 0.1"
    write(share.field("share"), "0")
    assert share.fold.note.whole == "frozen"
    bench.select()
    assert bench.page.schedule.shares.text() == "gen1 frozen"
    bench.select("gen1")
    share = bench.page.share
    write(share.field("share"), "1")
    assert bench.document.project.training.rates == ()
    bench.select("bent")
    assert not bench.page.share.fold.isVisibleTo(bench.page)
    bench.select("fooled")
    bench.page.share.fold.set_open(True)
    write(bench.page.share.field("share"), "0.5")
    assert bench.document.project.training.rates == (("fooled", 0.5),)
    bench.editor.enter((Entered("fooled"),))
    bench.select("hidden")
    assert bench.page.share.path == "fooled.hidden"
    assert bench.page.share.fields["share"].value == 0.5


def test_the_transport_tells_accumulated_batches_and_whose_weights_are_judged(lenet: App, qtbot):
    transport, editor = lenet.window.transport, lenet.workspace.editor
    told = next(one for one in transport.findChildren(QLabel) if one.text() == "Val. accuracy")
    assert told.toolTip() == ""
    editor.set_training(replace(editor.project.training, accumulate=4, averaging=0.99), "Set")
    qtbot.waitUntil(lambda: "32×4" in {one.text() for one in transport.findChildren(QLabel)})
    assert told.toolTip() == "Of the weights' running average (EMA decay 0.99)."
