"""A monitor: a header of controls over a plot, following the feed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from core.engine.messages import RowInfo, Validated
from core.errors import FileError
from gui.compact import Compact
from gui.monitors import saving
from gui.monitors.cursor import Cursor
from gui.monitors.plot import Plot
from gui.monitors.row_keys import RowKeys
from gui.theme import Theme, Themes
from gui.training.feed import Feed

TICK = 16
"""Milliseconds between two ticks of the window."""


class Header(QWidget):
    """The title at the left, the controls and a menu at the right; a dock may take it as its title bar."""

    grown = Signal()
    """It needs another width."""

    def __init__(self, title: str, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.title = QLabel(title)
        self._captions: list[tuple[QLabel, bool]] = []
        self._spare: list[QLabel] = []
        self.controls = QHBoxLayout()
        self.menu = QMenu(self)
        self.more = QToolButton()
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(self.menu)
        self.more.setAutoRaise(True)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.setToolTip(f"{title}: more")
        self.more.setAccessibleName(f"{title}: more")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 8, 1)
        layout.setSpacing(8)
        self.moment = QLabel()
        """Which step is shown, while one looks back."""
        self.moment.hide()
        layout.addWidget(self.title, 1)
        layout.addWidget(self.moment)
        layout.addLayout(self.controls)
        layout.addWidget(self.more)
        self.controls.setSpacing(8)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def caption(self, text: str, mono: bool = False, spare: bool = True) -> QLabel:
        """A label in the caption's style, to be added to the controls; a spare one goes where there is little room."""
        label = QLabel(text)
        self._captions.append((label, mono))
        if spare:
            self._spare.append(label)
        self._restyle(self._themes.current)
        return label

    def width_when(self, compact: bool) -> int:
        """The pixels that controls and menu take; with less, captions go and choices become drop-downs."""
        parts = [self.more.sizeHint().width()]
        for part in self._parts():
            if isinstance(part, Compact):
                parts.append(part.width_when(compact))
            elif not compact or part not in self._words():
                parts.append(part.sizeHint().width())
        if not self.moment.isHidden():
            parts.append(self.moment.sizeHint().width())
        return sum(parts) + self.controls.spacing() * (len(parts) - 1)

    def say_moment(self, words: str) -> None:
        """Say which step is shown; nothing where it is what is now."""
        if words != self.moment.text():
            self.moment.setText(words)
            self.moment.setVisible(bool(words))
            self.grown.emit()

    def set_compact(self, compact: bool) -> None:
        """Show the controls with less, or whole."""
        for part in self._parts():
            if isinstance(part, Compact):
                part.set_compact(compact)
        for words in self._words():
            words.setVisible(not compact)

    def _parts(self) -> list[QWidget]:
        items = (self.controls.itemAt(index) for index in range(self.controls.count()))
        return [widget for item in items if item is not None and (widget := item.widget()) is not None]

    def _words(self) -> list[QWidget]:
        return list(self._spare)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The dock's ground and the hairline under it."""
        theme = self._themes.current
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), theme.color("line1"))

    def _restyle(self, theme: Theme) -> None:
        self.setFixedHeight(theme.px(32))
        self.title.setFont(theme.ui(12, 600))
        self.title.setStyleSheet(f"color: {theme.hex('text')}; background: transparent")
        self.moment.setFont(theme.ui(11, 600))
        self.moment.setStyleSheet(f"color: {theme.hex('accent')}; background: transparent")
        for label, mono in self._captions:
            label.setFont(theme.mono(11) if mono else theme.ui(11))
            label.setStyleSheet(f"color: {theme.hex('text2')}; background: transparent")
        self.more.setIcon(theme.icon("more"))
        self.more.setStyleSheet(
            "QToolButton { border: 1px solid transparent; background: transparent; border-radius: 4px; padding: 2px }"
            "QToolButton::menu-indicator { image: none }"
            f"QToolButton:hover, QToolButton:pressed {{ background: {theme.hex('hover')} }}"
            f"QToolButton:focus {{ border-color: {theme.hex('accent')} }}"
        )


class Explanation(QLabel):
    """The sentence below a plot that says what it shows; hidden until it is asked for."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hide()
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.ui(12))
        self.setContentsMargins(theme.px(12), theme.px(6), theme.px(12), theme.px(8))
        self.setStyleSheet(
            f"color: {theme.hex('text2')}; background: {theme.hex('panel')}; border-top: 1px solid {theme.hex('line1')}"
        )


class Monitor(QWidget):
    """The frame that every monitor shares: header, plot, and what makes the plot draw itself anew."""

    SENTENCE = ""
    node_clicked = Signal(str, int)
    """The node of the row or line that was clicked, and the step."""
    failed = Signal(object)
    """A ChainruleError: a file could not be written."""

    def __init__(self, title: str, plot: Plot, feed: Feed, themes: Themes, turn: int = 0) -> None:
        """A monitor waits `turn` ticks with its drawing; a late turn, past the next rows, makes one drawing of two."""
        super().__init__()
        self.feed, self.themes, self.plot = feed, themes, plot
        self.setObjectName(f"monitor-{title.lower().replace(' ', '-')}")
        self.header = Header(title, themes)
        plot.setAccessibleName(title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(plot, 1)
        self.words = Explanation(themes)
        layout.addWidget(self.words)
        self._fill_menu()
        plot.setAccessibleDescription(self.sentence)
        plot.crosshair.picked.connect(self.show_moment)
        feed.started.connect(plot.restart)
        feed.changed.connect(self._draw_in_turn)
        self._log_time: QAction | None = None
        """Whether the first steps are as wide as the last ones, where that is offered."""
        self._timer = QTimer(self, singleShot=True, interval=turn * TICK)
        self._timer.timeout.connect(self._draw)
        themes.changed.connect(plot.refresh)

    @property
    def sentence(self) -> str:
        """What one is looking at, in one sentence."""
        return type(self).SENTENCE

    def say_sentence(self) -> None:
        """Say it anew, as something else is looked at."""
        self.words.setText(self.sentence)
        self.plot.setAccessibleDescription(self.sentence)

    def moment_words(self, step: int) -> str:
        """What of the run is shown, where one looks back at this step."""
        return f"step {step:,}"

    def show_moment(self, *_news: object) -> None:
        """Say what is shown while one looks back, and draw it."""
        step = self.plot.crosshair.pinned
        self.header.say_moment(self.moment_words(step) if step is not None else "")
        self.plot.refresh()

    def state(self) -> dict[str, str]:
        """What was chosen, to be kept with the session."""
        switches = {"explains": self.explains, "log_time": self._log_time}
        return {name: "1" if switch.isChecked() else "" for name, switch in switches.items() if switch is not None}

    def restore(self, state: dict[str, str]) -> None:
        """Choose the same again; what is not known is left alone."""
        self.explains.setChecked(bool(state.get("explains")))
        if self._log_time is not None:
            self._log_time.setChecked(bool(state.get("log_time")))

    def offer_log_time(self) -> QAction:
        """Let time be drawn by its logarithm, by a switch in the menu."""
        made = self._log_time = QAction("Logarithmic time", self, checkable=True)
        made.setToolTip("The first steps as wide as the last ones")
        made.toggled.connect(self._use_log_time)
        self.header.menu.addAction(made)
        return made

    def go_by_keys(
        self, plot: Plot, rows: Callable[[], Sequence[RowInfo]], selected: Callable[[], frozenset[str]]
    ) -> None:
        """Let Up and Down go to the layer before or after, as a click on its row does."""
        RowKeys(plot, rows, selected).chosen.connect(
            lambda node: self.node_clicked.emit(node, round(plot.crosshair.step or plot.steps().high))
        )

    def set_selected(self, ids: frozenset[str]) -> None:
        """Mark what belongs to these nodes, where there is anything."""

    def save(self, path: Path) -> None:
        """Write the picture or the numbers into a file, by its ending; raises FileError."""
        saving.save(self.plot, path)

    def _fill_menu(self) -> None:
        menu = self.header.menu
        self.explains = QAction("What am I looking at?", self, checkable=True)
        self.explains.toggled.connect(self._explain)
        menu.addAction(self.explains)
        menu.addSeparator()
        menu.addAction("Copy picture", lambda: saving.copy_picture(self.plot))
        menu.addAction("Copy numbers", lambda: saving.copy_numbers(self.plot))
        menu.addAction("Save as…", self._ask_to_save)
        menu.addSeparator()
        menu.addAction("Fit view", self.plot.refit)

    def _use_log_time(self, on: bool) -> None:
        self.plot.log_time = on
        self.plot.refresh()

    def _explain(self, on: bool) -> None:
        self.say_sentence()
        self.words.setVisible(on)

    def _ask_to_save(self) -> None:
        path = saving.ask(self, self.header.title.text())
        if path is None:
            return
        try:
            self.save(path)
        except FileError as error:
            self.failed.emit(error)

    def _draw_in_turn(self) -> None:
        if not self.feed.frame or not self._timer.interval():
            self._draw()
        elif not self._timer.isActive():
            self._timer.start()

    def _draw(self) -> None:
        self.feed.turns.ask(self.plot.advance)


def shared(cursor: Cursor | None) -> Cursor:
    """The cursor of the other monitors, or one of its own."""
    return cursor if cursor is not None else Cursor()


def judged_words(judged: Validated | None) -> str:
    """Of which validation something is, while one looks back."""
    return f"judged at step {judged.step:,}" if judged is not None else "not judged yet"
