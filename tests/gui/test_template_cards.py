"""The cards of every template: those on the start page, and those in the window with the previews of their data."""

import json
import shutil
from collections import Counter
from itertools import combinations
from pathlib import Path
from statistics import median

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from core.commands.opening import templates
from core.files import load
from core.gallery import CATEGORIES
from core.lowering import lower
from core.shapes import analyse
from gui.app import App
from gui.template_card import TemplateCard
from gui.template_preview import TemplatePreview
from gui.templates import templates as listed
from gui.welcome import Welcome
from tests.gui.conftest import TEMPLATES, opened

LEFT = Qt.MouseButton.LeftButton


def test_no_card_of_a_template_lies_on_another_once_the_data_is_shown(app: App, qtbot) -> None:
    on_each_other = []
    for name in templates():
        opened(app, qtbot, name)
        assert app.workspace is not None
        cards = app.workspace.canvas.scene.nodes.values()
        on_each_other += [
            (name, a.card.name, b.card.name) for a, b in combinations(cards, 2) if a.rect.intersects(b.rect)
        ]
        app.close_project(app.projects.front)
    assert on_each_other == []


@pytest.fixture
def page(app: App, qtbot) -> Welcome:
    """The start page with all of its cards."""
    found = app.window.findChild(Welcome)
    assert found is not None
    qtbot.waitUntil(lambda: found.is_complete)
    return found


def catalog() -> list[dict]:
    return json.loads((TEMPLATES / "gallery.json").read_text(encoding="utf-8"))


def shown(page: Welcome) -> list[str]:
    return [card.template.path.stem for card in page.cards if card.isVisible()]


def card_of(page: Welcome, name: str) -> TemplateCard:
    return next(card for card in page.cards if card.template.path.stem == name)


def words_on(widget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget) and label.text()]


def preview_of(page: Welcome) -> TemplatePreview | None:
    return next((one for one in page.window().findChildren(TemplatePreview) if one.isVisible()), None)


def test_no_file_is_read_before_the_first_frame(app: App) -> None:
    page = Welcome(app.themes, (), app.window.actions_.keymap)
    assert page.cards
    assert not any(card.is_filled or "project" in vars(card.template) for card in page.cards)
    page.deleteLater()


def test_cards_stand_by_category_and_tell_the_measured_time_and_the_true_size(page: Welcome) -> None:
    raw = catalog()
    wanted = [item["name"] for category in CATEGORIES for item in raw if item["category"] == category]
    assert shown(page) == [*wanted, "repair-lenet5", "wire-iris"]
    results = json.loads((TEMPLATES / "results.json").read_text())
    assert page.measured.isVisible()
    for name in wanted:
        card = card_of(page, name)
        project = load(TEMPLATES / f"{name}.chain")
        assert project.name in words_on(card)
        assert card.template.parameters == analyse(lower(project)).total_parameters
        if name in results:
            seconds = median(seed["seconds"] for seed in results[name]["seeds"])
            texts = [label.text() for label in card.findChildren(QLabel)]  # a card under the pointer hides its time
            (told,) = [text for text in texts if text.endswith((" s", " min"))]
            unit = 60 if told.endswith("min") else 1
            assert float(told.split()[0]) * unit == pytest.approx(seconds, abs=0.51 * unit)
    assert "61.7 k params" in [label.text() for label in card_of(page, "lenet5").findChildren(QLabel)]


def test_a_category_and_words_filter_together_and_the_counts_follow(page: Welcome) -> None:
    counts = Counter(item["category"] for item in catalog()) + Counter({"Lessons": 2})
    for name in CATEGORIES:
        assert page.tabs.buttons[name].text().split() == [name, str(counts[name])]
    QTest.mouseClick(page.tabs.buttons["Start"], LEFT)
    assert set(shown(page)) == {item["name"] for item in catalog() if item["category"] == "Start"}
    QTest.keyClicks(page.search, "sigmoid turns")
    assert shown(page) == ["logistic-regression"], "words of the lesson are found"
    assert page.tabs.buttons["Start"].text().split()[1] == "1"
    QTest.mouseClick(page.tabs.buttons["Vision"], LEFT)
    assert shown(page) == []
    assert "No template about “sigmoid turns” in Vision." in words_on(page)
    QTest.keyClick(page.search, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(page.search, Qt.Key.Key_Delete)
    assert set(shown(page)) == {item["name"] for item in catalog() if item["category"] == "Vision"}


def test_the_words_of_the_tabs_are_whole_in_a_small_window_with_large_text(page: Welcome, app: App, qtbot) -> None:
    app.themes.scale(1.5)
    app.window.resize(1200, 800)
    qtbot.waitUntil(lambda: app.window.width() == 1200)
    for button in page.tabs.buttons.values():
        words = button.fontMetrics().horizontalAdvance(button.text())
        qtbot.waitUntil(lambda button=button, words=words: button.width() >= words + 16)
        assert page.rect().contains(button.mapTo(page, button.rect().bottomRight()))
    shown_line = page.measured.geometry()
    assert not shown_line.intersects(page.tabs.geometry())


def test_keys_go_from_card_to_card_and_into_the_preview_and_open(page: Welcome, app: App, qtbot) -> None:
    first, second = page.cards[:2]
    first.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(first, Qt.Key.Key_Right)
    assert second.hasFocus()
    QTest.keyClick(second, Qt.Key.Key_Tab)
    assert second.preview is not None
    assert second.preview.hasFocus(), "the button stays while the focus is on it"
    QTest.keyClick(second.preview, Qt.Key.Key_Tab)
    assert page.cards[2].hasFocus()
    assert not second.preview.isVisible()
    QTest.keyClick(page.cards[2], Qt.Key.Key_Left)
    QTest.keyClick(second, Qt.Key.Key_Space)
    preview = preview_of(page)
    assert preview is not None
    item = next(item for item in catalog() if item["name"] == second.template.path.stem)
    assert [sentence.text() for sentence in preview.lesson] == item["lesson"]
    assert item["source"] in words_on(preview)
    QTest.keyClick(preview, Qt.Key.Key_Escape)
    assert preview_of(page) is None
    assert not app.window.is_working
    QTest.keyClick(second, Qt.Key.Key_Space)
    QTest.keyClick(preview_of(page), Qt.Key.Key_Return)
    assert app.window.is_working
    assert app.filing.document.project == load(second.template.path)


def test_the_last_card_is_brought_into_view_by_the_keys(page: Welcome) -> None:
    page.cards[0].setFocus(Qt.FocusReason.TabFocusReason)
    for _row in range(len(page.cards)):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    focused = QApplication.focusWidget()
    assert focused in page.cards[-8:]
    assert focused.visibleRegion().boundingRect().height() >= focused.height() - 1


def test_the_pointer_brings_the_buttons_and_preview_tells_what_was_reached(page: Welcome, qtbot) -> None:
    card = card_of(page, "iris")
    QTest.mouseMove(page.search)
    QTest.mouseMove(card, QPoint(60, 60))
    qtbot.waitUntil(lambda: card.preview is not None and card.preview.isVisible())
    QTest.mouseClick(card.preview, LEFT)
    preview = preview_of(page)
    assert preview is not None
    assert "131 parameters" in words_on(preview)
    seeds = json.loads((TEMPLATES / "results.json").read_text())["iris"]["seeds"]
    share = 100 * median(seed["value"] for seed in seeds)
    (told,) = [text for text in words_on(preview) if text.startswith("Validation accuracy")]
    assert told == f"Validation accuracy: {share:.1f} % (median of {len(seeds)} seeds; goal: at least 90.0 %)"
    QTest.mouseClick(preview.close_, LEFT)
    assert preview_of(page) is None


def test_what_was_never_measured_tells_no_time(app: App, tmp_path: Path, monkeypatch) -> None:
    for name in ("iris", "spiral"):
        shutil.copy(TEMPLATES / f"{name}.chain", tmp_path)
    bare = listed(tmp_path)
    assert [(one.time, one.size, one.figure) for one in bare] == [("", "131 params", ""), ("", "157 params", "")]
    monkeypatch.setattr("gui.welcome.templates", lambda: bare)
    app.show_start()
    (page,) = [one for one in app.window.findChildren(Welcome) if one.isVisible()]
    assert not page.measured.isVisible()
