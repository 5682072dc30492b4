"""What is asked before a run goes on with a project that was edited while it stood still."""

from __future__ import annotations

from collections import Counter

import msgspec
from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtWidgets import QDialog, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from core.errors import ChainruleError
from core.files import to_text
from core.project import Project
from gui.asking import Asking
from gui.engines import Line
from gui.message_bar import MessageBar
from gui.session import Editor
from gui.theme import Themes
from gui.training.control import RunControl
from gui.widgets import column, label, line, prose, push, row

TITLES = (("new", "New", "they begin as the seed has them"), ("gone", "Gone", ""), ("kept", "Kept", ""))
GAP = "\u2003"
"""Between the columns."""
FEW = 12
"""Kept weights up to which they are listed at once."""


class Becoming(msgspec.Struct):
    """One weight, as the engine tells of it."""

    name: str
    node: str
    state: str
    why: str
    numel: int


class Answered(msgspec.Struct):
    """The engine's answer."""

    weights: list[Becoming]


class GoingOn(QObject):
    """Opens the dialog when a run is to go on with another project, and does what it says."""

    def __init__(self, themes: Themes, editor: Editor, bridge: Line, run: RunControl, page: QWidget) -> None:
        super().__init__(run)
        self._themes, self._editor, self._bridge, self._run, self._page = themes, editor, bridge, run, page
        run.edited.connect(self._ask)

    def _ask(self) -> None:
        trained = self._run.trained
        if trained is None:
            return
        dialog = GoingOnDialog(self._themes, self._editor, self._bridge, trained, self._run.state.step, self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.edited.clicked.connect(self._run.go_on_edited)
        dialog.as_it_was.clicked.connect(self._run.go_on)
        dialog.open()


class GoingOnDialog(QDialog):
    """What is kept, what is new and why; nothing happens until one of its buttons is pressed."""

    def __init__(
        self, themes: Themes, editor: Editor, bridge: Line, trained: Project, step: int, page: QWidget
    ) -> None:
        super().__init__(page.window())
        self._themes, self._editor = themes, editor
        self.asking = Asking(bridge, self)
        self.words = prose("")
        self.list = QTreeWidget()
        self.place = prose(place_text(trained, editor.project, step))
        self.message = MessageBar(themes)
        self.edited, self.as_it_was = push("Go on with the changes", "primary"), push("Go on as it was")
        self.cancel = push("Cancel")
        self._lay_out()
        for button in (self.edited, self.as_it_was):
            button.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self.asking.doing.connect(lambda _text, _share: self.words.setText("Comparing both networks…"))
        self.asking.answered.connect(self._show)
        self.asking.failed.connect(self._show_failure)
        self._compare(trained)

    def done(self, result: int) -> None:
        """Close; nothing goes on behind it."""
        self.asking.cancel()
        super().done(result)

    def _compare(self, trained: Project) -> None:
        self.edited.setEnabled(False)
        wrong = self._editor.reading.errors
        if wrong:
            self._show_failure(wrong[0].error)
            return
        body = {"before": to_text(trained), "project": to_text(self._editor.project)}
        self.asking.ask("carry", msgspec.json.encode(body).decode(), self._editor.trusted())

    def _lay_out(self) -> None:
        px = self._themes.current.px
        self.setWindowTitle("Go on with the changes")
        self.list.setHeaderHidden(True)
        self.list.setColumnCount(2)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName("Weights")
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        for button in (self.as_it_was, self.cancel):
            button.setAutoDefault(False)
        self.edited.setDefault(True)
        self.edited.setMinimumWidth(px(184))  # its ring, where it has the keyboard, lies inside
        self.message.hide()
        layout = column(spacing=10, margins=(20, 18, 20, 16))
        layout.addWidget(label("The project has changed since the run began", "name"))
        for widget in (self.words, self.message):
            layout.addWidget(widget)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.place)
        layout.addWidget(line())
        layout.addLayout(row(self.cancel, None, self.as_it_was, self.edited))
        self.setLayout(layout)
        self.resize(px(560), px(440))

    def _show(self, body: str) -> None:
        weights = msgspec.json.decode(body, type=Answered).weights
        self.words.setText(summary(weights))
        for state, title, words in TITLES:
            found = [weight for weight in weights if weight.state == state]
            if found:
                self._add(f"{title} ({len(found):,})", words, found, expanded=state != "kept" or len(found) <= FEW)
        self.edited.setEnabled(True)
        self.edited.setFocus()

    def _add(self, title: str, words: str, weights: list[Becoming], expanded: bool) -> None:
        theme = self._themes.current
        head = QTreeWidgetItem(self.list, [title, f"{GAP}{words}"])
        head.setFlags(Qt.ItemFlag.ItemIsEnabled)
        head.setFont(0, theme.ui(12, 600))
        head.setForeground(1, theme.color("text3"))
        for weight in weights:
            said = weight.why or f"{weight.numel:,} numbers"
            item = QTreeWidgetItem(head, [weight.name, f"{GAP}{said}"])
            item.setFont(0, theme.mono(11))
            item.setSizeHint(0, QSize(0, theme.px(20)))
            item.setForeground(1, theme.color("text2"))
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{weight.name}, {weight.state}, {weight.why}")
        head.setExpanded(expanded)

    def _show_failure(self, error: ChainruleError) -> None:
        self.words.setText("The project as it is now cannot be trained.")
        self.message.say_error("It cannot go on with the changes.", error)
        self.as_it_was.setFocus()


def summary(weights: list[Becoming]) -> str:
    """What is kept, in one sentence."""
    counts: Counter[str] = Counter()
    for weight in weights:
        counts[weight.state] += weight.numel
    total = counts["kept"] + counts["new"]
    share = f"{100 * counts['kept'] / total:.1f} %".replace(".0 %", " %") if total else "Nothing"
    return f"{share} of the network's {total:,} numbers are kept, each where its layer and its shape are the same."


def place_text(before: Project, after: Project, step: int) -> str:
    """Where the run would go on."""
    old, new = before.training, after.training
    alike = all(
        getattr(old, name) == getattr(new, name) for name in ("batch_size", "drop_last", "shuffle", "accumulate")
    )
    rounds = [[phase.steps for phase in training.phases] for training in (old, new)]
    if before.data == after.data and alike and rounds[0] == rounds[1]:
        place = f"It goes on at step {step:,}, in the same order of the samples."
    else:
        place = "It begins its epoch again, as the batches are others."
    memory = "Optimizers keep their memory of what is kept."
    if [phase.optimizer.name for phase in old.phases] != [phase.optimizer.name for phase in new.phases]:
        memory = "An optimizer that is another begins without memory."
    return f"{place} {memory} The run so far stays as it is; a new one is recorded."
