"""The panel with findings by hand: what stands in it, what its buttons ask, and that it keeps still."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from core.diagnosis.remedy import Remedy
from core.project import Project
from gui.doctor.finding_card import FindingCard
from gui.doctor.panel import DoctorPanel
from gui.doctor.remedy_row import RemedyRow
from gui.doctor.standing import Check, Standing
from gui.theme import Themes
from tests.gui.doctor.conftest import flat_finding, vanishing_finding

LEFT = Qt.MouseButton.LeftButton


def same(project: Project) -> Project:
    return project


RELU = Remedy("SWAP_ACT", "Replace sigmoid with ReLU", "resets weights", "est. ratio 0.2", same)
NORM = Remedy("ADD_NORM", "Add batch norm", "A norm before each of 11 activations: 1,408 further parameters.", "", same)


@pytest.fixture
def panel(qtbot, themes: Themes) -> DoctorPanel:
    made = DoctorPanel(themes)
    made.remedies = lambda finding: (RELU, NORM) if finding.code == "VANISHING_GRADIENT" else ()
    qtbot.addWidget(made)
    made.resize(352, 820)
    made.show()
    QApplication.processEvents()
    return made


def standing(*findings, **more) -> Standing:
    return Standing("judged", findings, step=900, **more)


def show(panel: DoctorPanel, told: Standing) -> None:
    """Let the panel show it, and lay it out."""
    panel.show_standing(told)
    QApplication.processEvents()


def said(widget: QWidget) -> str:
    """All that can be read in it."""
    found = [one for one in widget.findChildren(QLabel) if one.isVisible()]
    return "\n".join(getattr(one, "words", one.text()) for one in found)


def test_findings_stand_below_one_another_the_first_one_open(panel: DoctorPanel):
    show(panel, standing(vanishing_finding(), flat_finding()))
    QApplication.processEvents()
    first, second = panel.cards
    assert first.y() < second.y()
    assert (first.is_open, second.is_open) == (True, False)
    text = said(panel)
    assert "Gradients vanish in fc1–fc5" in text
    assert "The gradient at fc1 is 1e-08 of that at fc9." in text
    assert "2 further symptoms explained by this: not learning, lr too low." in text
    assert "Loss flat" in text
    assert first.plots[0].isVisible()
    assert not any(plot.isVisible() for plot in second.plots)
    assert panel.controls.checked.text() == "checked at step 900"
    QTest.mouseClick(second.head, LEFT, pos=second.head.rect().center())
    assert second.plots[0].isVisible()
    QTest.keyClick(second.head, Qt.Key.Key_Return)
    assert not second.plots[0].isVisible()


def test_nothing_is_cut_off_and_nothing_lies_on_anything_else(panel: DoctorPanel):
    show(panel, standing(vanishing_finding(), flat_finding(), passed=(Check("NONFINITE", "Not finite"),)))
    panel.cards[0].explain(True)
    for scale in (1.0, 1.5):
        panel._themes.scale(scale)
        panel.resize(round(352 * scale), round(820 * scale))
        QApplication.processEvents()
        for card in panel.cards:
            assert card.width() <= panel.view.viewport().width()
            inner = [one for one in card.children() if isinstance(one, QWidget) and one.isVisible()]
            boxes = [one.geometry() for one in inner]
            assert all(card.rect().contains(box) for box in boxes)
            assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])
            for told in card.findChildren(QLabel):
                if told.isVisible() and told.wordWrap():
                    assert told.height() >= told.heightForWidth(told.width()) - 1


def test_remedies_are_buttons_the_first_accented_and_a_click_asks_for_it(panel: DoctorPanel, qtbot):
    show(panel, standing(vanishing_finding()))
    QApplication.processEvents()
    relu, norm = panel.cards[0].rows
    theme = panel._themes.current
    corner = QPoint(4, relu.height() - 4)
    assert relu.grab().toImage().pixelColor(corner).name() == theme.color("accent").name()
    assert norm.grab().toImage().pixelColor(corner).name() == theme.color("control").name()
    assert (relu.is_tall, norm.is_tall) == (True, True)
    assert "est. ratio 0.2" in relu.accessibleName()
    with qtbot.waitSignal(panel.remedy_chosen) as asked:
        QTest.mouseClick(norm, LEFT)
    assert asked.args == [vanishing_finding(), NORM]


def test_a_short_note_stands_at_the_right_of_its_button(qtbot, themes: Themes):
    row = RemedyRow(themes, Remedy("REINIT", "Kaiming init", "resets weights", "", same), first=False)
    qtbot.addWidget(row)
    row.resize(310, 32)
    row.show()
    assert not row.is_tall
    image = row.grab().toImage()
    ground = themes.current.color("control").name()
    inked = [x for x in range(310) for y in range(10, 22) if image.pixelColor(x, y).name() != ground]
    assert min(inked) < 30
    assert 290 < max(inked) < 302


def test_the_explanation_opens_and_closes(panel: DoctorPanel):
    show(panel, standing(vanishing_finding()))
    card = panel.cards[0]
    assert not card.why.isVisible()
    QTest.mouseClick(card.why_button, LEFT)
    assert card.why.isVisible()
    text = said(card.why)
    assert "Each sigmoid passes on at most a quarter." in text
    assert "Source: Hochreiter 1991" in text
    assert card.why.factors.isVisible()
    QTest.mouseClick(card.why_button, LEFT)
    assert not card.why.isVisible()


def test_new_numbers_go_into_the_same_card_and_what_is_open_stays_so(panel: DoctorPanel):
    show(panel, standing(vanishing_finding(), flat_finding()))
    cards, rows = list(panel.cards), list(panel.cards[0].rows)
    cards[1].set_open(True)
    cards[0].explain(True)
    show(panel, standing(vanishing_finding(950, 2e-9), flat_finding()))
    assert panel.cards == cards
    assert panel.cards[0].rows == rows
    assert cards[1].is_open
    assert cards[0].why.isVisible()
    assert "2e-09" in said(cards[0])
    show(panel, standing(flat_finding()))
    assert panel.cards == [cards[1]]
    assert not cards[0].isVisible()


def test_mute_show_and_try_are_asked_for(panel: DoctorPanel, qtbot):
    show(panel, standing(vanishing_finding()))
    card = panel.cards[0]
    for button, signal in ((card.mute_button, panel.muted), (card.show_button, panel.shown_asked)):
        with qtbot.waitSignal(signal) as asked:
            QTest.mouseClick(button, LEFT)
        assert asked.args == [vanishing_finding()]
    panel.remedies = lambda _finding: (RELU,)
    panel.refresh_remedies()
    with qtbot.waitSignal(panel.trial_asked) as asked:
        QTest.mouseClick(card.try_button, LEFT)
    assert asked.args == [vanishing_finding(), RELU]
    show(panel, standing(muted=(vanishing_finding(),)))
    assert "1 finding muted for this run" in said(panel)
    with qtbot.waitSignal(panel.unmuted):
        QTest.mouseClick(panel.unmute, LEFT)


@pytest.mark.parametrize(
    ("told", "words", "button"),
    [
        (Standing(), "Nothing to check yet.", ""),
        (Standing("wrong", errors=2), "The graph has 2 errors.", "Show problems"),
        (Standing("before"), "No findings before training.", "Train"),
        (Standing("waiting"), "The first check runs at step 20.", ""),
        (Standing("judged", step=120), "The run was looked at up to step 120", ""),
        (Standing("judged", step=120, ended=True), "The run was looked at to its end", ""),
        (Standing("judged", step=3, failure="NaN came."), "The run failed.", ""),
    ],
)
def test_every_state_without_findings_says_what_is_and_how_to_go_on(panel, told: Standing, words: str, button: str):
    show(panel, told)
    assert words in said(panel)
    assert (panel.empty.button.text() if panel.empty.button.isVisible() else "") == button


def test_a_run_of_another_project_and_what_was_withdrawn_are_said(panel: DoctorPanel, qtbot):
    show(panel, standing(vanishing_finding(), is_stale=True, withdrawn=(flat_finding(),)))
    text = said(panel)
    assert "The project has changed since this run." in text
    assert "No longer found: Loss flat." in text
    with qtbot.waitSignal(panel.train_asked):
        QTest.mouseClick(panel.again, LEFT)


def test_what_passed_is_counted_and_listed_with_what_was_seen(panel: DoctorPanel):
    passed = (Check("a", "Exploding", "norm 0.3, limit 10"), Check("b", "Dead units"))
    show(panel, standing(passed=passed))
    assert "2 checks passed" in said(panel)
    assert "norm 0.3" not in said(panel)
    QTest.mouseClick(panel.passed.head, LEFT)
    QApplication.processEvents()
    assert "Exploding: norm 0.3, limit 10" in said(panel)
    show(panel, standing(passed=(replace(passed[0], seen="norm 0.4, limit 10"),)))
    assert "norm 0.4" in said(panel)
    assert "Dead units" not in said(panel)


def test_the_keyboard_reaches_every_button_and_everything_has_a_name(panel: DoctorPanel):
    show(panel, standing(vanishing_finding(), flat_finding(), passed=(Check("a", "Exploding"),)))
    card = panel.cards[0]
    wanted = {card.head, *card.rows, card.why_button, card.show_button, card.mute_button, card.try_button}
    wanted |= {panel.passed.head}
    card.head.setFocus()
    seen: set[QWidget] = set()
    for _press in range(30):
        focus = QApplication.focusWidget()
        if isinstance(focus, QWidget):
            seen.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert wanted <= seen
    assert all(one.accessibleName() or getattr(one, "text", str)() for one in wanted)
    assert all(
        isinstance(one, FindingCard) and one.accessibleName().startswith(("critical", "warning")) for one in panel.cards
    )
