"""A remedy is tried beside the network as it is: the box by hand, and the whole way with a real engine."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from core.diagnosis.remedy import Remedy
from core.diagnosis.trial import Branch, Point, Trial
from core.errors import EngineError
from gui.app import App
from gui.doctor.panel import DoctorPanel
from gui.doctor.trial_box import POINTS, TrialBox, curves
from gui.doctor.trying import Tried
from gui.theme import Themes
from tests.gui.doctor.conftest import vanishing_finding
from tests.gui.doctor.test_doctor import parts
from tests.gui.doctor.test_panel import RELU, said

LEFT = Qt.MouseButton.LeftButton
SOON, LONG = 10_000, 120_000


def trial(after: float = 0.3, failed: int = 0) -> Trial:
    """300 steps: the loss stands, and with the remedy it comes to this."""
    before = Branch(tuple(2.3 for _step in range(300)), (Point(300, 2.3, {"accuracy": 0.1}),))
    falling = tuple(2.3 + (after - 2.3) * step / 299 for step in range(300))
    other = Branch(falling, (Point(300, after, {"accuracy": 0.93}),), failed)
    return Trial(before, other, 300, True, "accuracy")


def tried(**more) -> Tried:
    return Tried(vanishing_finding(), RELU, **more)


@pytest.fixture
def box(qtbot, themes: Themes) -> TrialBox:
    made = TrialBox(themes)
    qtbot.addWidget(made)
    made.resize(320, 360)
    return made


def test_a_trial_shows_how_far_it_is_and_can_be_given_up(box: TrialBox, qtbot):
    box.show_tried(tried(words="With the remedy: step 120 of 300, about 4 s left", share=0.7, is_training=True))
    QApplication.processEvents()
    assert box.bar.value() == 700
    assert "about 4 s left. Your run waits meanwhile." in said(box)
    assert not box.plot.isVisible()
    with qtbot.waitSignal(box.cancelled):
        QTest.mouseClick(box.stop, LEFT)
    box.show_tried(None)
    assert box.isHidden()


def test_its_end_shows_both_curves_and_the_verdict(box: TrialBox, qtbot):
    box.show_tried(tried(trial=trial()))
    QApplication.processEvents()
    text = said(box)
    assert "It helps." in text
    assert "instead of 2.3 in 300 steps" in text
    assert "93.0 % instead of 10.0 %" in text
    assert box.apply.isVisible()
    places = box.plot.places()
    assert places is not None
    image = box.plot.grab().toImage()
    ink = box.plot.theme.color("train").name()
    inked = [
        (x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).name() == ink
    ]
    (piece,) = places.line(places.plot.curves[1])
    middle = piece.at(piece.size() // 3)
    assert min(math.hypot(x - middle.x(), y - middle.y()) for x, y in inked) < 2
    with qtbot.waitSignal(box.apply_asked):
        QTest.mouseClick(box.apply, LEFT)


def test_what_does_not_help_or_cannot_be_tried_is_not_offered(box: TrialBox):
    box.show_tried(tried(trial=trial(failed=12)))
    QApplication.processEvents()
    assert "It does not help." in said(box)
    assert not box.apply.isVisible()
    box.show_tried(tried(error=EngineError("an answer was wanted", "the process died", "Engine")))
    QApplication.processEvents()
    assert "It could not be tried." in said(box)
    assert "the process died" in said(box)
    assert not box.plot.isVisible()


def test_long_runs_are_drawn_as_means_that_keep_their_steps():
    plot = curves(trial())
    for curve, losses in zip(plot.curves, (trial().before.losses, trial().after.losses), strict=True):
        assert len(curve.y) <= POINTS
        assert sum(curve.y) / len(curve.y) == pytest.approx(sum(losses) / len(losses))
        assert 1 <= curve.x[0] <= curve.x[-1] <= 300
    assert not plot.logarithmic
    assert curves(trial(0.01)).logarithmic


def test_the_card_of_the_finding_shows_its_trial(qtbot, themes: Themes):
    from gui.doctor.standing import Standing

    panel = DoctorPanel(themes)
    qtbot.addWidget(panel)
    panel.remedies = lambda _finding: (RELU,)
    panel.resize(352, 500)
    panel.show()
    panel.show_standing(Standing("judged", (vanishing_finding(),), step=900))
    QApplication.processEvents()
    panel.show_tried(tried(trial=trial()))
    QApplication.processEvents()
    QApplication.processEvents()
    box = panel.cards[0].trial
    assert box.isVisible()
    top = box.mapTo(panel.view.viewport(), QPoint(0, 0)).y()
    assert panel.view.viewport().rect().contains(5, top)  # it was scrolled to
    with qtbot.waitSignal(panel.remedy_chosen) as asked:
        QTest.mouseClick(box.apply, LEFT)
    assert asked.args == [vanishing_finding(), RELU]


@pytest.mark.slow
def test_trying_the_first_remedy_of_a_deep_network_shows_that_it_helps(vanishing: App, qtbot):
    work, doctor = parts(vanishing)
    vanishing.window.actions_["doctor"].trigger()
    (card,) = doctor.panel.cards
    qtbot.waitUntil(lambda: card.isVisible() and len(card.rows) > 1, timeout=SOON)
    before = work.document.project
    QTest.mouseClick(card.try_button, LEFT)
    menu = next(one for one in card.try_button.findChildren(QMenu))
    labels = [action.text() for action in menu.actions()]
    assert labels == [row.remedy.label for row in card.rows]
    menu.actions()[0].trigger()
    menu.close()
    qtbot.waitUntil(lambda: card.trial.isVisible() and card.trial.bar.value() > 0, timeout=LONG)
    qtbot.waitUntil(lambda: doctor.trying.tried is not None and not doctor.trying.tried.is_running, timeout=LONG)
    told = doctor.trying.tried
    assert told is not None
    assert told.trial is not None
    assert isinstance(told.remedy, Remedy)
    assert told.trial.verdict.outcome == "better"
    assert "It helps." in said(card.trial)
    assert work.document.project == before  # a trial edits nothing
    assert work.run.state.phase == "paused"
    assert work.run.state.step == 160
    QTest.mouseClick(card.trial.apply, LEFT)
    assert work.document.past[-1:] == (told.remedy.label,)
    work.run.stop()
    qtbot.waitUntil(lambda: not work.run.state.active, timeout=SOON)
