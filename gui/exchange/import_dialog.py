"""The import dialog: where a network comes from, what of it will run, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QFrame, QLineEdit, QPlainTextEdit, QProgressBar, QWidget

from core.errors import ChainruleError
from core.exchange.incoming import Source, agreed, inputs, source
from gui.exchange.import_job import Import, Imported
from gui.message_bar import MessageBar
from gui.preferences import Preferences
from gui.theme import Themes
from gui.widgets import CheckBox, column, frame, label, line, prose, push, restyled, row

FOLDER = "import folder"
"""Word of the preferences."""
FILTER = "Networks (*.py *.pt2 *.onnx)"


class ImportDialog(QDialog):
    """Asks before it runs anything; the network opens as a new document, and the report stays to be read."""

    def __init__(self, themes: Themes, preferences: Preferences, job: Import, window: QWidget | None = None) -> None:
        super().__init__(window)
        self._themes, self._preferences, self.job = themes, preferences, job
        self.choose: Callable[[Path], Path | None] = self._ask_path
        self.source = QLineEdit()
        self.source.setPlaceholderText("nets.py:ResNet, package.module:factory, net.pt2 or net.onnx")
        self.source.setAccessibleName("Source")
        self.sizes = QLineEdit()
        self.sizes.setPlaceholderText("3x224x224, or tokens=16:int64; empty: as the first layer asks")
        self.sizes.setAccessibleName("Sizes of one sample")
        self.browse = push("Choose…")
        self.note = prose("", "caption2")
        self.runs = prose("", "")
        self.trust = CheckBox(themes, "I know this code, and want it to run")
        self.bar = QProgressBar(textVisible=False, maximum=100)
        self.status = label("", "secondary")
        self.message = MessageBar(themes)
        self.report = QPlainTextEdit(readOnly=True)
        self.report.setAccessibleName("Report")
        self.begin, self.close_ = push("Import", "primary"), push("Close")
        self._lay_out()
        self._connect()
        self._show_source()
        self.source.setFocus()

    def reject(self) -> None:
        """Esc and Close: end what is under way, or close the dialog."""
        if self.job.is_busy:
            self.job.cancel()
            self._show_idle()
            self.message.say("warning", "Cancelled.", "Nothing was opened.")
        else:
            super().reject()

    def _lay_out(self) -> None:
        px = self._themes.current.px
        self.setWindowTitle("Import a network")
        for button in (self.browse, self.close_):
            button.setAutoDefault(False)
        self.begin.setDefault(True)
        names = [label("Source", "secondary"), label("Sample", "secondary")]
        for name, field in zip(names, (self.source, self.sizes), strict=True):
            name.setBuddy(field)
            name.setFixedWidth(px(52))
        self.consent: QFrame = frame("warn-box", column(self.runs, self.trust, spacing=8, margins=(12, 10, 12, 10)))
        self._progress = frame("clear", column(self.status, self.bar, spacing=6))
        self._progress.hide()
        self.report.hide()
        self.report.setMinimumHeight(px(150))
        layout = column(spacing=10, margins=(20, 18, 20, 16))
        layout.addWidget(label("Import a network", "name"))
        layout.addLayout(row(names[0], self.source, self.browse))
        layout.addLayout(row(names[1], self.sizes))
        for widget in (self.note, self.consent, self._progress, self.message):
            layout.addWidget(widget)
        layout.addWidget(self.report, 1)
        layout.addWidget(line())
        layout.addLayout(row(None, self.close_, self.begin))
        self.setLayout(layout)
        self.resize(px(640), self.sizeHint().height())

    def _connect(self) -> None:
        self.source.textChanged.connect(self._show_source)
        self.sizes.textChanged.connect(self._show_source)
        self.trust.toggled.connect(lambda _on: self._show_ready())
        self.browse.clicked.connect(self._browse)
        self.begin.clicked.connect(self._start)
        self.close_.clicked.connect(self.reject)
        self.job.doing.connect(self._show_doing)
        self.job.done.connect(self._show_done)
        self.job.failed.connect(self._show_failure)

    @property
    def meant(self) -> Source | None:
        """What is typed, where it is a source that can be imported here."""
        try:
            found = source(self.source.text())
            inputs(list(self._sizes()))
        except ChainruleError:
            return None
        return found if found.kind != "weights" else None

    def _sizes(self) -> tuple[str, ...]:
        return tuple(part for part in self.sizes.text().replace(",", " ").replace(";", " ").split() if part)

    def _show_source(self) -> None:
        """Say what is wrong with what is typed, or what will run of it; consent is for this very text."""
        self.trust.setChecked(False)
        found, told = self.meant, ""
        if found is None and self.source.text().strip():
            told = self._fault()
        self.note.setText(told)
        self.note.setVisible(bool(told))
        restyled(self.note, role="error" if told else "caption2")
        runs = found.runs if found is not None else ""
        self.runs.setText(f"{runs} It can do whatever you can do on this computer." if runs else "")
        self.consent.setVisible(bool(runs))
        self._show_ready()

    def _fault(self) -> str:
        try:
            found = source(self.source.text())
            inputs(list(self._sizes()))
        except ChainruleError as error:
            return str(error)
        return f"Weights are for a network that is there: chainrule import {Path(found.place).name} --into FILE."

    def _show_ready(self) -> None:
        found = self.meant
        agreed = found is not None and (not found.runs or self.trust.isChecked())
        self.begin.setEnabled(agreed and not self.job.is_busy)

    def _browse(self) -> None:
        folder = Path(self._preferences.word(FOLDER, str(Path.home())))
        chosen = self.choose(folder if folder.is_dir() else Path.home())
        if chosen is not None:
            self._preferences.keep_word(FOLDER, str(chosen.parent))
            self.source.setText(str(chosen))

    def _start(self) -> None:
        found = self.meant
        if found is None:
            return
        self.message.hide()
        self.report.hide()
        self._progress.show()
        self._enable(False)
        self.close_.setText("Cancel import")
        self.close_.setFocus()
        self.job.start(found, self._sizes())

    def _enable(self, enabled: bool) -> None:
        for widget in (self.source, self.sizes, self.browse, self.trust):
            widget.setEnabled(enabled)
        self.begin.setEnabled(False)

    def _show_doing(self, text: str, share: float) -> None:
        self.status.setText(f"{text}…")
        self.bar.setValue(round(100 * share))
        self._progress.setAccessibleName(f"{text}, {round(100 * share)} percent")

    def _show_idle(self) -> None:
        self._progress.hide()
        self._enable(True)
        self.close_.setText("Close")
        self._show_ready()

    def _show_done(self, found: Imported) -> None:
        self._show_idle()
        agreement = agreed(found.difference)
        self.consent.hide()
        blocks = f"{found.blocks} block{'s' if found.blocks != 1 else ''}"
        told = f"{found.layers} layers in {blocks}, {found.parameters:,} parameters; {agreement}."
        look = "warning" if found.opaque or (found.difference or 0) > 1e-4 else "info"
        self.message.say(look, f"{found.project.name} is open.", told)
        lines = [f"Kept as Python code: {path}" for path in found.opaque]
        self.report.setPlainText("\n".join([*lines, *found.notes]))
        self.report.setVisible(bool(lines or found.notes))
        self.close_.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_failure(self, error: ChainruleError) -> None:
        self._show_idle()
        self.message.say_error("Not imported.", error)

    def _ask_path(self, start: Path) -> Path | None:
        chosen, _filter = QFileDialog.getOpenFileName(self, "Import a network", str(start), FILTER)
        return Path(chosen) if chosen else None
