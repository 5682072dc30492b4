"""The export dialog: what to write, how, and where; it shows what goes on and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QDialog, QFileDialog, QFrame, QHBoxLayout, QLineEdit, QProgressBar, QWidget

from core.errors import ChainruleError
from core.exchange.formats import FORMATS, Format
from gui.exchange.formats_list import FormatList
from gui.exchange.jobs import Export, Order, Subject, picture
from gui.exchange.options import Options
from gui.exchange.picture import is_measured
from gui.message_bar import MessageBar
from gui.preferences import Preferences
from gui.theme import Themes
from gui.widgets import column, frame, label, line, push, restyled, row

CANCELLED = ("Cancelled.", "Nothing was written.")
PREVIEWED = 300
"""Cards up to which a preview is drawn at once."""
FOLDER, LAST = "export folder", "export format"
"""Words of the preferences."""


class ExportDialog(QDialog):
    """One window over one subject, which stands still meanwhile; it may export several files in turn."""

    def __init__(
        self, themes: Themes, preferences: Preferences, subject: Subject, export: Export, window: QWidget | None = None
    ) -> None:
        super().__init__(window)
        self._themes, self._preferences = themes, preferences
        self.subject, self.export = subject, export
        self._tail = ""
        """What the name of the file ends in because of its format."""
        self._written = Path()
        """The file that was exported last: to write it again needs no warning."""
        self.reveal: Callable[[Path], object] = _open_folder
        self.choose: Callable[[Path, Format], Path | None] = self._ask_path
        self.formats = FormatList(themes, FORMATS)
        self.options = Options(themes, _trained(subject), _initial(subject), is_measured(subject.scene))
        self.file = QLineEdit()
        self.file.setAccessibleName("File")
        self.note = label("", "caption2")
        self.browse = push("Choose…")
        self.bar = QProgressBar(textVisible=False, maximum=100)
        self.status = label("", "secondary")
        self.message = MessageBar(themes)
        self.write, self.close_ = push("Export", "primary"), push("Close")
        self._drawing = QTimer(self, singleShot=True, interval=0)
        self._lay_out()
        self._connect()
        self.formats.choose(preferences.word(LAST, FORMATS[0].name))
        self._show_format(self.formats.current)
        self.formats.setFocus()

    @property
    def path(self) -> Path:
        """Where the file goes."""
        return Path(self.file.text().strip()).expanduser()

    def reject(self) -> None:
        """Esc and Close: give up what is under way, or close the dialog."""
        if self.export.is_busy:
            self._show_idle()
            self.message.say("warning", "Cancelling.", "The engine stops at its next step.")
            self.export.cancel()
        else:
            super().reject()

    def _lay_out(self) -> None:
        px = self._themes.current.px
        self.setWindowTitle(f"Export {self.subject.reading.project.name}")
        self.formats.setFixedWidth(px(290))
        self.options.setMinimumWidth(px(360))
        upper = QHBoxLayout()
        upper.setSpacing(px(20))
        upper.addWidget(self.formats)
        upper.addWidget(self.options, 1)
        self.close_.setAutoDefault(False)
        self.browse.setAutoDefault(False)
        self.write.setDefault(True)
        name = label("File", "secondary")
        name.setBuddy(self.file)
        name.setFixedWidth(px(40))
        self._progress = QFrame()
        self._progress.setProperty("role", "clear")
        self._progress.setLayout(column(self.status, self.bar, spacing=6))
        self._progress.hide()
        lower: QFrame = frame("clear", column(self._progress, self.message, spacing=8))
        lower.setMinimumHeight(px(46))  # what is said at the end shall not push the rest
        layout = column(spacing=10, margins=(20, 18, 20, 16))
        layout.addWidget(label(f"Export {self.subject.reading.project.name}", "name"))
        layout.addLayout(upper, 1)
        layout.addWidget(line())
        layout.addLayout(row(name, self.file, self.browse))
        layout.addWidget(self.note)
        layout.addWidget(lower)
        layout.addLayout(row(None, self.close_, self.write))
        self.setLayout(layout)
        self.resize(px(760), self.sizeHint().height())

    def _connect(self) -> None:
        self.formats.chosen.connect(self._show_format)
        self.options.changed.connect(self._drawing.start)
        self._drawing.timeout.connect(self._draw)
        self.file.textChanged.connect(lambda _text: self._show_place())
        self.browse.clicked.connect(self._browse)
        self.write.clicked.connect(self._begin)
        self.close_.clicked.connect(self.reject)
        self.export.doing.connect(self._show_doing)
        self.export.done.connect(self._show_done)
        self.export.failed.connect(self._show_failure)
        self.export.given_up.connect(self._show_given_up)

    def _show_given_up(self, written: str) -> None:
        if not self.export.is_busy:
            self.message.say("warning", *(("Too late to cancel.", written) if written else CANCELLED))

    def _show_format(self, kind: Format) -> None:
        self.options.show_format(kind)
        typed = self.path if self.file.text().strip() else self._first_path()
        stem = typed.stem.removesuffix(self._tail) + kind.tail
        self._tail = kind.tail
        self.file.setText(str(typed.with_name(stem + kind.suffix)))
        self.message.hide()
        self._show_place()

    def _first_path(self) -> Path:
        folder = Path(self._preferences.word(FOLDER, self._preferences.word("folder", str(Path.home()))))
        words = "".join(letter if letter.isalnum() or letter in " -_.()" else "-" for letter in self._name)
        return (folder if folder.is_dir() else Path.home()) / (words.strip(" .") or "network").replace(".", "-")

    @property
    def _name(self) -> str:
        return self.subject.reading.project.name

    def _show_place(self) -> None:
        """Say whether the file can be written, and what is there already."""
        path = self.path
        is_there, has_folder = path.is_file() and path != self._written, path.parent.is_dir()
        fits = bool(self.file.text().strip()) and has_folder and not path.is_dir()
        told = "" if fits else "There is no such folder." if not has_folder else "A file was wanted, this is a folder."
        self.note.setText("This file is there already: it will be replaced." if is_there else told)
        restyled(self.note, role="warn" if is_there else "error" if told else "caption2")
        restyled(self.file, state="" if fits else "error")
        self.write.setEnabled(fits and not self.export.is_busy)
        self.write.setText(f"Replace {path.name}" if is_there else f"Export {self.formats.current.title}")

    def _draw(self) -> None:
        """Bring the preview up to date."""
        if not self.options.preview.isVisibleTo(self):
            return
        if len(self.subject.reading.project.all_nodes()) > PREVIEWED:
            self.options.preview.show_image(QImage())
            return
        order = self._order()
        try:
            drawn = picture(self.subject, order._replace(style=order.style._replace(scale=1.0))).image()
        except ChainruleError:
            drawn = QImage()  # what is wrong is told when it is exported
        self.options.preview.show_image(drawn)

    def _order(self) -> Order:
        chosen = self.options
        return Order(self.formats.current, self.path, chosen.initial, chosen.look, chosen.with_gradients)

    def _browse(self) -> None:
        chosen = self.choose(self.path, self.formats.current)
        if chosen is not None:
            suffix = self.formats.current.suffix
            self.file.setText(str(chosen if chosen.suffix else chosen.with_name(chosen.name + suffix)))

    def _begin(self) -> None:
        order = self._order()
        self._preferences.keep_word(FOLDER, str(order.path.parent))
        self._preferences.keep_word(LAST, order.kind.name)
        self.message.hide()
        self._progress.show()
        self._enable(False)
        self.close_.setText("Cancel export")
        self.export.start(self.subject, order)

    def _enable(self, enabled: bool) -> None:
        for widget in (self.formats, self.options, self.file, self.browse, self.write):
            widget.setEnabled(enabled)
        if not enabled:
            self.close_.setFocus()

    def _show_doing(self, text: str, share: float) -> None:
        waits = "; training waits meanwhile" if self.subject.trains and self.formats.current.made == "model" else ""
        self.status.setText(f"{text}…{waits}")
        self.bar.setValue(round(100 * share))
        self._progress.setAccessibleName(f"{text}, {round(100 * share)} percent")

    def _show_idle(self) -> None:
        self._progress.hide()
        self._enable(True)
        self.close_.setText("Close")
        self._show_place()
        self.formats.setFocus()

    def _show_done(self, sentence: str) -> None:
        path = self._written = self.path
        self._show_idle()
        self.message.say("info", path.name, sentence, (("Show in folder", lambda: self.reveal(path)),))

    def _show_failure(self, error: ChainruleError) -> None:
        self._show_idle()
        self.message.say_error("Not exported.", error)

    def _ask_path(self, start: Path, kind: Format) -> Path | None:
        words = f"{kind.title} (*{kind.suffix})"
        chosen, _filter = QFileDialog.getSaveFileName(self, f"Export {kind.title}", str(start), words)
        return Path(chosen) if chosen else None


def _trained(subject: Subject) -> str:
    """Which weights the trained ones are; empty where there are none."""
    if subject.trains:
        return "The weights are those of the run under way, at that moment."
    found = subject.reading.project.weights
    if not subject.is_trained:
        return ""
    if found is None:
        return "The weights are as the last run has left them."
    accuracy = found.validation_accuracy
    reached = f", validation accuracy {100 * accuracy:.1f} %" if accuracy is not None else ""
    return f"Trained for {found.epochs:g} epochs{reached}."


def _initial(subject: Subject) -> str:
    seed = subject.reading.project.training.seed
    return f"{'Not trained: t' if not subject.is_trained else 'T'}he weights are those that seed {seed} starts with."


def _open_folder(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
