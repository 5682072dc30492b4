"""One finding as a card: what was found, the evidence, the remedies, and what can be done with the finding itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.diagnosis.finding import Evidence, Finding
from core.diagnosis.remedy import Remedy
from gui.compact import drop_down
from gui.doctor.pressable import Pressable
from gui.doctor.prose import Told
from gui.doctor.remedy_row import RemedyRow
from gui.doctor.small_plot import SmallPlot
from gui.doctor.standing import headline
from gui.doctor.trial_box import TrialBox
from gui.doctor.trying import Tried
from gui.doctor.why import Why
from gui.theme import Theme, Themes
from gui.widgets import IconLabel, column, label, prose, push, restyled, row

LOOKS = MappingProxyType({"critical": ("error", "error"), "warning": ("warn", "warn"), "hint": ("info", "accent")})
"""The picture of each severity, and its colour."""
PLOTS = 3
"""Small plots of a card at most: a profile over the whole width, lines side by side."""
REMEDIES = 4


class FindingCard(QFrame):
    """Shows one finding; the one that comes first is open, the others open with a click on their head."""

    remedy_chosen = Signal(object, object)
    """The Finding and the Remedy whose button was pressed."""
    trial_asked = Signal(object, object)
    """The same, to be tried beside the network as it is."""
    unfolded = Signal(object)
    """A widget of the card that is to be seen now."""
    trial_given_up = Signal()
    """The trial that is shown is not wanted any more."""
    shown_asked = Signal(object)
    """The Finding whose layers are to be shown."""
    muted = Signal(object)
    """The Finding of which nothing is to be heard during this run."""

    def __init__(self, themes: Themes, finding: Finding) -> None:
        super().__init__()
        self._themes = themes
        self.finding = finding
        self.is_open = True
        self._tried: Tried | None = None
        self.remedies: tuple[Remedy, ...] = ()
        self.shades: Mapping[str, float] = {}
        self.setProperty("role", "finding")
        self.head = _Head(themes)
        self.head.pressed.connect(lambda: self.set_open(not self.is_open))
        self.sentences = [Told(themes) for _index in range(PLOTS)]
        self.plots: list[SmallPlot] = []
        self.captions = [label("", "caption2") for _index in range(PLOTS)]
        self.rows: list[RemedyRow] = []
        self.trial = TrialBox(themes)
        self.why = Why(themes)
        self.why.closed.connect(lambda: self.explain(False))
        self.why_button = push("Why?", "outline")
        self.why_button.clicked.connect(lambda: self.explain(self.why.isHidden()))
        self.show_button, self.mute_button = push("Show on canvas", "quiet"), push("Mute", "quiet")
        self.try_button = push("Try it", "outline")
        self.symptoms = prose("", "caption")
        self._lay_out()
        self._connect()
        self.explain(False)
        self._restyle(themes.current)
        self.show_finding(finding)

    def show_finding(self, finding: Finding, shades: Mapping[str, float] = MappingProxyType({})) -> None:
        """Show what is known of it by now; what stays the same is left alone."""
        self.finding, self.shades = finding, shades
        icon, ink = LOOKS[finding.severity]
        self.head.show_title(icon, ink, headline(finding))
        restyled(self, state=finding.severity)
        evidence = finding.evidence[:PLOTS]
        for place, told in enumerate(self.sentences):
            told.tell(evidence[place].text if place < len(evidence) else "")
        if not evidence:
            self.sentences[0].tell(finding.cause)
        self._show_plots([seen for seen in evidence if seen.plot is not None])
        self.why.show_finding(finding)
        self.show_button.setVisible(bool(finding.where))
        self.symptoms.setText(symptoms_text(finding))
        self.setAccessibleName(f"{finding.severity}: {headline(finding)}. {finding.cause}")
        self.set_open(self.is_open)

    def show_remedies(self, remedies: Sequence[Remedy]) -> None:
        """Offer these, best first."""
        wanted = tuple(remedies)[:REMEDIES]
        if [_words(one) for one in wanted] == [_words(one) for one in self.remedies]:
            for button, remedy in zip(self.rows, wanted, strict=True):
                button.remedy = remedy
            self.remedies = wanted
            return
        self.remedies = wanted
        for button in self.rows:
            button.hide()
            button.deleteLater()
        self.rows = [self._row(remedy, place == 0) for place, remedy in enumerate(wanted)]
        for button in self.rows:
            self._offers.addWidget(button)
        self.set_open(self.is_open)

    def set_open(self, is_open: bool) -> None:
        """Show all of it, or the head and what was seen first."""
        self.is_open = is_open
        self.head.show_open(is_open)
        for place, told in enumerate(self.sentences):
            told.setVisible(bool(told.words) and (is_open or place == 0))
        self._pictures.setVisible(is_open and bool(self.plots))
        self._buttons.setVisible(is_open and bool(self.rows))
        self._foot.setVisible(is_open)
        self.try_button.setVisible(bool(self.rows))
        self.symptoms.setVisible(is_open and bool(self.finding.explains))
        self.trial.setVisible(is_open and self._tried is not None)
        if not is_open:
            self.why.hide()

    def explain(self, shown: bool) -> None:
        """Show why it happens, or not."""
        self.why.setVisible(shown)
        if shown:
            self.unfolded.emit(self.why)
        self.why_button.setAccessibleName("Hide why it happens" if shown else "Why it happens")

    def show_tried(self, tried: Tried | None) -> None:
        """Show how the trial of one of the remedies stands; None where none is tried."""
        before, self._tried = self._tried, tried
        self.trial.show_tried(tried)
        if tried is not None and (before is None or before.is_running != tried.is_running):
            self.set_open(True)
            self.unfolded.emit(self.trial)

    def _choose_trial(self) -> None:
        """Try the only remedy, or ask which."""
        if len(self.remedies) == 1:
            self.trial_asked.emit(self.finding, self.remedies[0])
            return
        choices = {str(place): remedy.label for place, remedy in enumerate(self.remedies)}
        drop_down(self.try_button, choices, lambda key: self.trial_asked.emit(self.finding, self.remedies[int(key)]))

    def _apply_tried(self) -> None:
        if self._tried is not None:
            self.remedy_chosen.emit(self.finding, self._tried.remedy)

    def _row(self, remedy: Remedy, first: bool) -> RemedyRow:
        button = RemedyRow(self._themes, remedy, first)
        button.clicked.connect(lambda: self.remedy_chosen.emit(self.finding, button.remedy))
        return button

    def _show_plots(self, seen: list[Evidence]) -> None:
        forms = [one.plot.form for one in seen if one.plot is not None]
        if forms != [plot.plot.form for plot in self.plots if plot.plot is not None]:
            self._place_plots(seen)
        blamed = frozenset(self.finding.where)
        for place, (evidence, plot) in enumerate(zip(seen, self.plots, strict=True)):
            assert evidence.plot is not None  # only those are handed in
            shades = self.shades if evidence.quantity == "output" else {}
            plot.show_plot(evidence.plot, blamed, shades)
            self.captions[place].setText(_caption(evidence))

    def _place_plots(self, seen: list[Evidence]) -> None:
        """A profile takes the whole width; two lines or bars that follow each other stand side by side."""
        for plot in self.plots:
            plot.hide()
            plot.deleteLater()
        self.plots = [SmallPlot(self._themes) for _one in seen]
        beside: QHBoxLayout | None = None
        for place, one in enumerate(seen):
            box = QWidget()
            box.setProperty("role", "clear")
            self.captions[place] = label("", "caption2")
            box.setLayout(column(self.captions[place], self.plots[place], spacing=4))
            is_wide = one.plot is not None and one.plot.form != "line"
            if is_wide or beside is None or beside.count() == 2:
                beside = row(spacing=12)
                self._drawn.addLayout(beside)
            beside.addWidget(box, 1)
            if is_wide:
                beside = None

    def _lay_out(self) -> None:
        self._drawn, self._offers = QVBoxLayout(), QVBoxLayout()
        for inner, gap in ((self._drawn, 10), (self._offers, 6)):
            inner.setContentsMargins(0, 0, 0, 0)
            inner.setSpacing(gap)
        self._pictures, self._buttons, self._foot = QWidget(), QWidget(), QWidget()
        for box in (self._pictures, self._buttons, self._foot):
            box.setProperty("role", "clear")
        self._pictures.setLayout(self._drawn)
        self._buttons.setLayout(self._offers)
        buttons = (self.why_button, self.try_button, None, self.show_button, self.mute_button)
        self._foot.setLayout(row(*buttons, spacing=4))
        lower = (self._buttons, self.trial, self.symptoms, self._foot, self.why)
        parts = (self.head, *self.sentences, self._pictures, *lower)
        self.setLayout(column(*parts, spacing=8, margins=(12, 10, 12, 10)))

    def _connect(self) -> None:
        self.show_button.clicked.connect(lambda: self.shown_asked.emit(self.finding))
        self.mute_button.clicked.connect(lambda: self.muted.emit(self.finding))
        self.try_button.clicked.connect(self._choose_trial)
        self.trial.cancelled.connect(self.trial_given_up)
        self.trial.apply_asked.connect(self._apply_tried)
        self.show_button.setToolTip("Select these layers and bring them into view.")
        self.mute_button.setToolTip("Hear no more of this during the run.")
        self.try_button.setToolTip("Train a little as it is and with a remedy, from the same seed.")
        self._themes.changed.connect(self._restyle)

    def _restyle(self, theme: Theme) -> None:
        self.why_button.setIcon(theme.icon("info", "accent", 14))
        self.try_button.setIcon(theme.icon("play", "text2", 12))


class _Head(Pressable):
    """The picture of the severity, the title, and the arrow."""

    def __init__(self, themes: Themes) -> None:
        super().__init__(themes)
        self._themes, self._ink = themes, "text"
        self._icon = IconLabel(themes, "error", "error", 16)
        self.title = prose("", "card-title")
        beside = column(self._icon, None, margins=(0, 4, 0, 0))
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addLayout(beside)
        line.addWidget(self.title, 1)
        self.lay(line)
        themes.changed.connect(self._restyle)

    def show_title(self, icon: str, ink: str, words: str) -> None:
        """Show this title in this colour."""
        self._ink = ink
        self._icon.show_icon(icon, ink)
        self.title.setText(words)
        self.setAccessibleName(words)
        self._restyle(self._themes.current)

    def _restyle(self, theme: Theme) -> None:
        self.title.setStyleSheet(f"color: {theme.hex(self._ink)}")


def _caption(evidence: Evidence) -> str:
    assert evidence.plot is not None  # asked for drawn evidence only
    words = evidence.plot.y_title or ", ".join(curve.name for curve in evidence.plot.curves)
    return words[:1].upper() + words[1:]


def _words(remedy: Remedy) -> tuple[str, str, str, str]:
    return remedy.id, remedy.label, remedy.detail, remedy.effect


def symptoms_text(finding: Finding) -> str:
    """What else was found and follows from it: 2 further symptoms explained by this: dead relu, not learning."""
    count = len(finding.explains)
    codes = ", ".join(code.replace("_", " ").lower() for code in finding.explains)
    return f"{count} further symptom{'s' if count != 1 else ''} explained by this: {codes}."
