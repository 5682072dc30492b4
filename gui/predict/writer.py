"""A network that says the next token, at work: how likely each is, the text that it writes, or a translation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from core.data.sources import FieldSpec
from core.data.tokens import SPECIAL
from core.engine.predictions import Likely, Next, Trained, Write, Written, packed, unpacked
from core.prediction.inputs import reads
from core.prediction.texts import place_of, visible, written
from gui.numbers import percent
from gui.predict.bars import Bar, Bars
from gui.predict.sampler import Sampler
from gui.subject import Output, Subject
from gui.theme import Theme, Themes
from gui.widgets import column, label, prose, push, row

LENGTH = 400
"""Tokens that are written at a press of the button."""
PIECE = 24
"""Tokens that are asked for at a time."""
LISTED = 8
"""Tokens whose probabilities are shown."""


@dataclass(frozen=True)
class Writing:
    """Which input grows, token by token, and which output says how."""

    grown: str
    spec: FieldSpec
    output: Output
    translates: bool
    """Whether other inputs say what is to be written, from a token that starts to one that ends."""


def writing_of(subject: Subject) -> Writing | None:
    """How the network writes; None where it does not."""
    output = next((one for one in subject.outputs if one.form == "tokens"), None)
    if output is None:
        return None
    texts = {name: one.spec for name, one in subject.inputs.items() if reads(one.spec) == "text"}
    classes, length = output.meaning.classes, output.shape[-1]
    fitting = [name for name, spec in texts.items() if spec.classes == classes and spec.shape == (length,)]
    if not fitting:
        return None
    grown = fitting[-1]
    return Writing(grown, texts[grown], output, len(subject.inputs) > 1)


class Writer(QWidget):
    """Asks for tokens and shows them; the text that is typed comes from elsewhere."""

    asked = Signal(object)
    """A question for the engine."""

    def __init__(self, themes: Themes, writing: Writing) -> None:
        super().__init__()
        self._themes, self.writing = themes, writing
        self.prompt: Callable[[], list[int]] = list
        """The tokens that are typed, where the text goes on behind them."""
        self.inputs: Callable[[], Mapping[str, NDArray[Any]]] = dict
        """The other inputs."""
        self.made: list[int] = []
        """The tokens that were written."""
        self.is_writing = False
        self._began: list[int] = []
        self._truth: list[int] | None = None
        self._question: Write | None = None
        """The one whose answer goes on."""
        classes = writing.spec.classes
        self._start, self._end = place_of(SPECIAL[1], classes), place_of(SPECIAL[2], classes)
        self.sampler = Sampler(themes, 0.0 if writing.translates else 0.8)
        self.bars = Bars(themes, "Likeliest next tokens", 1.0)
        self.page = QPlainTextEdit()
        self.page.setReadOnly(True)
        self.page.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.page.setProperty("role", "field")
        self.page.setAccessibleName("What the network writes")
        self.button = push("Write", "small-primary")
        self.count = label("", "caption2")
        self.right = prose("", "secondary")
        self.verdict = label("", "caption2")
        self.note = prose("This network looks at what comes later too: what fills its input counts.", "caption2")
        self.note.hide()
        self._lay_out()
        self.button.clicked.connect(self.toggle)
        self.sampler.changed.connect(self._resampled)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    @property
    def text(self) -> str:
        """What was written."""
        return written(self.made, self.writing.spec.classes)

    def toggle(self) -> None:
        """Write, or stop writing."""
        if self.is_writing:
            self.stop()
        else:
            self.write()

    def write(self) -> None:
        """Write anew, from the text that is typed or from the token that starts."""
        self.made = []
        self._began = self._beginning()
        if self._began:
            self.is_writing = True
            self._go_on()
        if not self.writing.translates:  # whose last answer stands until there is a new one
            self._tell()

    def stop(self) -> None:
        """Write no further; what is on its way comes still."""
        self.is_writing = False
        self._tell()

    def refresh(self) -> None:
        """The network has learnt, or another text is typed: ask what comes next; translate anew."""
        if self.writing.translates:
            if not self.is_writing:
                self.write()
        elif tokens := self._beginning():
            self.asked.emit(Next(**self._common(tokens)))
        else:
            self.bars.show_bars(())

    def changed(self) -> None:
        """Another input is given: what was written was written about another one."""
        self.is_writing = False
        self._truth = None
        self.refresh()

    def take(self, question: Trained, told: object) -> None:
        """Show what came."""
        if isinstance(told, Likely):
            self._show_likely(told)
        elif isinstance(told, Written) and question is self._question:
            self.made += told.tokens
            over = told.ended or len(self.made) >= self._most
            self.note.setVisible(not told.causal)
            if over or not told.tokens:
                self.is_writing = False
            elif self.is_writing:
                self._go_on()
            self._tell()

    def show_truth(self, truth: NDArray[Any] | None) -> None:
        """Show the right translation, where it is known."""
        self._truth = None if truth is None else truth.reshape(-1).tolist()
        self._tell()

    @property
    def _most(self) -> int:
        return self.writing.spec.shape[0] if self.writing.translates else LENGTH

    def _beginning(self) -> list[int]:
        if self.writing.translates:
            return [self._start if self._start is not None else 0]
        return self.prompt()

    def _common(self, tokens: list[int]) -> dict[str, Any]:
        inputs = {name: packed(values) for name, values in self.inputs().items()}
        writing, sampler = self.writing, self.sampler
        return {
            "project": "",
            "inputs": inputs,
            "grown": writing.grown,
            "output": writing.output.name,
            "tokens": tokens[-4 * writing.spec.shape[0] :] if not writing.translates else tokens,
            "temperature": sampler.temperature,
            "top_k": sampler.top_k,
        }

    def _go_on(self) -> None:
        left = self._most - len(self.made)
        question = Write(
            **self._common([*self._began, *self.made]),
            count=min(PIECE, left),
            drawn=len(self.made),
            seed=self.sampler.seed,
            end=self._end if self._end is not None else -1,
            full=self.writing.translates,
        )
        self._question = question
        self.asked.emit(question)

    def _resampled(self) -> None:
        if self.writing.translates:
            self.is_writing = False
            self.write()
        else:
            self.refresh()

    def _show_likely(self, told: Likely) -> None:
        self.note.setVisible(not told.causal)
        shares, names = unpacked(told.shares).tolist(), self.writing.spec.classes
        order = sorted(range(len(shares)), key=lambda at: -shares[at])[:LISTED]
        bars = [Bar(visible(names[at]), shares[at], percent(shares[at]), at == order[0]) for at in order]
        self.bars.show_bars(bars)

    def _tell(self) -> None:
        self.button.setText("Stop" if self.is_writing else "Write")
        self.count.setText(f"{len(self.made)} tokens" if self.made else "")
        self._show_text()
        if self.writing.translates:
            self._judge()

    def _show_text(self) -> None:
        """The text that was typed, paler, and what was written behind it."""
        classes = self.writing.spec.classes
        typed = "" if self.writing.translates else written(self._began, classes)
        if self.page.toPlainText() == typed + self.text:
            return
        self.page.clear()
        cursor = self.page.textCursor()
        for text, ink in ((typed, "text3"), (self.text, "text")):
            form = QTextCharFormat()
            form.setForeground(self._themes.current.color(ink))
            cursor.insertText(text, form)
        self.page.moveCursor(QTextCursor.MoveOperation.End)

    def _judge(self) -> None:
        """How many tokens stand where the right answer has them."""
        self.right.setVisible(self._truth is not None)
        self.verdict.setVisible(self._truth is not None)
        if self._truth is None:
            return
        hidden = {place_of(name, self.writing.spec.classes) for name in SPECIAL[:3]}
        wanted = [token for token in self._truth if token not in hidden]
        said = [token for token in self.made if token not in hidden]
        self.right.setText(f"right: {written(wanted, self.writing.spec.classes)}")
        same = sum(one == other for one, other in zip(said, wanted, strict=False))
        whole = "right" if said == wanted else f"{same} of {len(wanted)} tokens in their place"
        self.verdict.setText("" if self.is_writing else whole)

    def _lay_out(self) -> None:
        layout = column(spacing=8)
        if self.writing.translates:
            layout.addWidget(self.page)
            layout.addWidget(self.right)
            layout.addWidget(self.verdict)
        else:
            layout.addWidget(label("likeliest next", "caption2"))
            layout.addWidget(self.bars)
        layout.addWidget(self.note)
        layout.addWidget(self.sampler)
        if not self.writing.translates:
            layout.addLayout(row(self.button, self.count, None))
            layout.addWidget(self.page)
        self.setLayout(layout)

    def _restyle(self, theme: Theme) -> None:
        spelled = all(len(name) == 1 or name in SPECIAL for name in self.writing.spec.classes)
        self.page.setFont(theme.mono(12) if spelled else theme.ui(12))
        if self.writing.translates:
            self.page.setFixedHeight(theme.px(64))
        else:
            self.page.setFixedHeight(theme.px(190))
        shown, self._began = self._began, []
        self._show_text()  # with the colours of the other theme
        self._began = shown
        self._show_text()
