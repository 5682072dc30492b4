"""The Doctor's panel: findings as cards, root cause first; below them what was looked for and not found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from core.diagnosis.finding import Finding
from core.diagnosis.remedy import Remedy
from gui.doctor.controls import Controls
from gui.doctor.finding_card import FindingCard
from gui.doctor.passed import Passed
from gui.doctor.prose import Told
from gui.doctor.standing import Standing, headline
from gui.doctor.trying import Tried
from gui.doctor.words import Empty, nothing_words, strip_words
from gui.theme import Themes
from gui.widgets import column, frame, label, prose, push, row

WIDTH = 352
LEAST = 260
Offered = Callable[[Finding], Sequence[Remedy]]


class DoctorPanel(QWidget):
    """Shows a Standing; it looks for nothing itself."""

    train_asked = Signal()
    problems_asked = Signal()
    remedy_chosen = Signal(object, object)
    """A Finding, and the Remedy that was chosen for it."""
    trial_asked = Signal(object, object)
    trial_given_up = Signal()
    shown_asked = Signal(object)
    """The Finding whose layers are to be shown on the canvas."""
    muted = Signal(object)
    unmuted = Signal()

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.standing = Standing()
        self.remedies: Offered = lambda _finding: ()
        """What can be done about a finding, best first."""
        self.shades: Callable[[], Mapping[str, float]] = dict
        """By path the logarithm of the newest gradient."""
        self.controls = Controls(themes)
        self.cards: list[FindingCard] = []
        self.empty = Empty()
        self.empty.train_asked.connect(self.train_asked)
        self.empty.problems_asked.connect(self.problems_asked)
        self.passed = Passed(themes)
        self.strip = prose("", "caption2")
        self.again = push("Train again", "small-primary")
        self.again.clicked.connect(self.train_asked)
        self.withdrawn = Told(themes, ink="text3")
        self.muted_line = label("", "caption")
        self.unmute = push("Show again", "link")
        self.unmute.clicked.connect(self.unmuted)
        self._lay_out()
        self.setAccessibleName("Doctor")
        self.show_standing(self.standing)

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(self._themes.current.px(WIDTH), self._themes.current.px(400))

    def show_standing(self, standing: Standing) -> None:
        """Show what was found; cards that stay keep their place and what is open in them."""
        self.standing = standing
        self.controls.show_standing(standing)
        self._show_cards(standing.findings)
        title, hint, button = nothing_words(standing)
        self.empty.say(title, hint, button)
        self.empty.setVisible(not standing.shown)
        told = strip_words(standing)
        self.strip.setText(told)
        self._stale.setVisible(bool(told))
        self.again.setVisible(standing.is_stale)
        self.passed.show_checks(standing.passed)
        gone = "; ".join(headline(finding) for finding in standing.withdrawn)
        self.withdrawn.tell(f"No longer found: {gone}." if gone else "")
        count = len(standing.muted)
        self.muted_line.setText(f"{count} finding{'s' if count != 1 else ''} muted for this run")
        self._muted.setVisible(count > 0)

    def show_tried(self, tried: Tried | None) -> None:
        """Show in the card of its finding how a trial stands."""
        for card in self.cards:
            is_its = tried is not None and tried.finding.code == card.finding.code
            card.show_tried(tried if is_its else None)

    def refresh_remedies(self) -> None:
        """Ask anew what can be done: the project has changed."""
        for card in self.cards:
            card.show_remedies(self.remedies(card.finding))

    def _show_cards(self, findings: Sequence[Finding]) -> None:
        known = {card.finding.code: card for card in self.cards}
        kept = [known.pop(finding.code, None) for finding in findings]
        for card in known.values():
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        shades = self.shades()
        self.cards = [card or self._card(found) for card, found in zip(kept, findings, strict=True)]
        for place, (card, finding) in enumerate(zip(self.cards, findings, strict=True)):
            if self._list.indexOf(card) != place:
                self._list.insertWidget(place, card)
            card.show_finding(finding, shades)
            card.show_remedies(self.remedies(finding))
            if kept[place] is None:
                card.set_open(place == 0)

    def _card(self, finding: Finding) -> FindingCard:
        card = FindingCard(self._themes, finding)
        card.remedy_chosen.connect(self.remedy_chosen)
        card.trial_asked.connect(self.trial_asked)
        card.trial_given_up.connect(self.trial_given_up)
        card.unfolded.connect(self._show_part)
        card.shown_asked.connect(self.shown_asked)
        card.muted.connect(self.muted)
        return card

    def _show_part(self, part: QWidget) -> None:
        """Bring a part of a card into view, once it has its place."""
        QTimer.singleShot(0, part, lambda: self.view.ensureWidgetVisible(part, 0, self._themes.current.px(12)))

    def _lay_out(self) -> None:
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(8)
        strip = row(self.strip, self.again, spacing=8, margins=(10, 6, 10, 6))
        strip.setStretch(0, 1)
        self._stale = frame("info-box", strip)
        self._muted = QWidget()
        self._muted.setProperty("role", "clear")
        self._muted.setLayout(row(self.muted_line, self.unmute, None, spacing=8))
        page = QWidget()
        page.setProperty("role", "page")
        inside = column(self._stale, spacing=8, margins=(12, 10, 12, 12))
        inside.addLayout(self._list)
        for part in (self.empty, self.passed, self.withdrawn, self._muted):
            inside.addWidget(part)
        inside.addStretch(1)
        page.setLayout(inside)
        self.view = QScrollArea()
        self.view.setWidgetResizable(True)
        self.view.setWidget(page)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setAccessibleName("Findings")
        self.pages = QStackedWidget()
        self.pages.addWidget(self.view)
        self.setLayout(column(self.pages, spacing=0))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(LEAST)
