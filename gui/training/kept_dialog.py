"""The checkpoints of the newest run: what they were judged, and what can be made of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QHeaderView, QTreeWidget, QTreeWidgetItem

from core.amounts import bytes_text
from core.engine.messages import AnyEvent, Kept, Started
from core.errors import ChainruleError
from core.project import Weights
from core.runs.checkpoints import Checkpoint, checkpoints, extract
from core.training.metric_kinds import LOSS, METRICS, metric_text, title
from gui.asking import Asking
from gui.held import Held
from gui.message_bar import MessageBar
from gui.theme import Themes
from gui.throttle import Throttle
from gui.widgets import column, label, line, prose, push, row
from gui.workspace import Workspace

MILLISECONDS = 500
"""Between two readings of the folder while a run writes into it."""
TITLES = {"last": "Last", "best": "Best"}
HEADS = ("Checkpoint", "Step", "Epoch", "Val. loss", "Size")
_NAME = Qt.ItemDataRole.UserRole


class KeptDialog(QDialog):
    """A window beside the work; it follows the run while it is open."""

    def __init__(self, themes: Themes, work: Workspace, held: Held) -> None:
        super().__init__(work.canvas.window())
        self._themes, self._work, self._held = themes, work, held
        self.asking = Asking(work.line, self)
        self.found: tuple[Checkpoint, ...] = ()
        self.list = QTreeWidget()
        self.note = prose("", "caption2")
        self.message = MessageBar(themes)
        self.use, self.on = push("Use these weights", "primary"), push("Go on from here")
        self.close_ = push("Close")
        self._soon = Throttle(self.refresh, MILLISECONDS, self)
        self._lay_out()
        self._connect()
        self.refresh()

    @property
    def chosen(self) -> Checkpoint | None:
        """The checkpoint that is marked."""
        item = self.list.currentItem()
        name = item.data(0, _NAME) if item is not None else ""
        return next((one for one in self.found if one.name == name), None)

    def choose(self, name: str) -> None:
        """Mark this one."""
        for place in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(place)
            if item is not None and item.data(0, _NAME) == name:
                self.list.setCurrentItem(item)

    def refresh(self) -> None:
        """Read the folder anew; what was marked stays marked."""
        marked = self.chosen
        folder = self._work.run.folder
        self.found = checkpoints(folder) if folder is not None else ()
        metric = self._metric()
        heads = (*HEADS[:4], title(metric), HEADS[4]) if metric else HEADS
        self.list.clear()
        self.list.setColumnCount(len(heads))
        self.list.setHeaderLabels(heads)
        for one in self.found:
            self._add(one, metric)
        self.choose(marked.name if marked is not None else "best" if "best" in self._names() else "last")
        self._show_chosen()

    def use_weights(self) -> None:
        """Let the document have these weights; saving it puts them beside its file."""
        one, folder = self.chosen, self._work.run.folder
        if one is None or folder is None:
            return
        try:
            file = folder / f"weights-{one.name}.safetensors"
            sha256 = extract(one.path, file)
        except ChainruleError as error:
            self.message.say_error("The weights were not taken.", error)
            return
        self._held.trained(
            Weights(sha256, float(one.epoch), one.judged.get(LOSS), one.judged.get("accuracy")),
            file,
            f"Use weights of {name_of(one).lower()}",
        )
        self._let_engine_have(file)
        text = "the project has these weights now. Save keeps them beside its file."
        self.message.say("info", f"{name_of(one)}:", text)

    def go_on(self) -> None:
        """Train on from the chosen checkpoint, in a run of its own."""
        if (one := self.chosen) is not None:
            self._work.run.train(resume=one.path)
            self.accept()

    def done(self, result: int) -> None:
        """Close, and follow the run no more."""
        self._soon.cancel()
        super().done(result)

    def _let_engine_have(self, file: Path) -> None:
        """What looks at the run's network shall see what the document has."""
        if self._work.looking.has_run():
            self.asking.ask("load", msgspec.json.encode({"weights": str(file)}).decode())

    def _lay_out(self) -> None:
        px = self._themes.current.px
        self.setWindowTitle("Checkpoints")
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName("Checkpoints of the newest run")
        self.list.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.list.header().setStretchLastSection(True)
        self.message.hide()
        for button in (self.on, self.close_):
            button.setAutoDefault(False)
        self.use.setDefault(True)
        layout = column(spacing=10, margins=(20, 18, 20, 16))
        layout.addWidget(label("Checkpoints of the newest run", "name"))
        layout.addWidget(self.list, 1)
        for widget in (self.note, self.message):
            layout.addWidget(widget)
        layout.addWidget(line())
        layout.addLayout(row(self.close_, None, self.on, self.use))
        self.setLayout(layout)
        self.resize(px(620), px(380))

    def _connect(self) -> None:
        self.list.currentItemChanged.connect(lambda _now, _before: self._show_chosen())
        self.use.clicked.connect(self.use_weights)
        self.on.clicked.connect(self.go_on)
        self.close_.clicked.connect(self.reject)
        self._work.run.events.connect(self._take)
        self._work.run.changed.connect(self._follow)  # methods, which Qt lets go with the dialog
        self._work.editor.changed.connect(self._follow)
        self.asking.failed.connect(lambda error: self.message.say_error("The engine has other weights still.", error))
        self.asking.answered.connect(lambda _body: self._work.looking.look())

    def _take(self, events: Sequence[AnyEvent]) -> None:
        if any(isinstance(event, Kept | Started) for event in events):
            self._soon.ask()

    def _follow(self, *_news: object) -> None:
        self._show_chosen()

    def _names(self) -> set[str]:
        return {one.name for one in self.found}

    def _metric(self) -> str:
        """The first metric that checkpoints were judged by, beside the loss."""
        return next((name for one in self.found for name in METRICS if name in one.judged), "")

    def _add(self, one: Checkpoint, metric: str) -> None:
        theme = self._themes.current
        loss = f"{one.judged[LOSS]:.4g}" if LOSS in one.judged else "–"
        measured = [metric_text(metric, one.judged[metric]) if metric in one.judged else "–"] if metric else []
        texts = [name_of(one), f"{one.step:,}", f"{one.epoch:,}", loss, *measured, bytes_text(one.size)]
        item = QTreeWidgetItem(self.list, texts)
        item.setData(0, _NAME, one.name)
        item.setSizeHint(0, QSize(0, theme.px(26)))
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{texts[0]}, step {texts[1]}, loss {loss}")
        for place in range(1, len(texts)):
            item.setFont(place, theme.mono(11))

    def _show_chosen(self) -> None:
        """Say what can be done with the chosen one, and why not."""
        one, run = self.chosen, self._work.run
        project, trained = self._work.document.project, run.trained
        same = trained is not None and (trained.graph, trained.blocks) == (project.graph, project.blocks)
        words = ""
        if not self.found:
            words = "None yet: they are written every five seconds, at a pause and at the end of a run."
        elif run.state.active:
            words = "The run is under way: stop it to use the weights of a checkpoint or to go on from it."
        elif not same:
            words = "The graph has changed since: these weights are for the one before. Going on keeps what still fits."
        elif one is not None and not one.whole:
            words = "The best are weights alone; a run goes on from the others."
        self.note.setText(words)
        self.note.setVisible(bool(words))
        idle = one is not None and not run.state.active
        self.use.setEnabled(idle and same)
        self.on.setEnabled(idle and one is not None and one.whole and not self._work.editor.reading.errors)


def name_of(one: Checkpoint) -> str:
    """Last, Best, Epoch 5, Step 1,000."""
    what, _, number = one.name.partition("-")
    return TITLES.get(one.name) or (f"{what.capitalize()} {int(number):,}" if number.isdigit() else one.name)
