"""One export from the window: done here where it is quick, asked of the engine where it needs torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from core.datatrust import not_allowed
from core.engine.client import EngineDied
from core.engine.messages import Answer, AnyEvent, Cancel, Doing, Problem
from core.errors import ChainruleError, EngineError
from core.exchange.card import write_card
from core.exchange.formats import Format, agreement
from core.exchange.python import write_model
from core.files import replaced, to_text
from core.reading import Reading
from core.trail import Trail
from gui.canvas.scene import Scene
from gui.data.reader import DataReader
from gui.data.script_writing import ScriptWriting
from gui.engines import Line
from gui.exchange.picture import Picture, Style


class Subject(NamedTuple):
    """What is exported: the project, what of it the canvas shows, and its trained weights."""

    reading: Reading
    trail: Trail
    scene: Scene
    weights: Path | None = None
    """The file of the trained weights; None where there is none."""
    trains: bool = False
    """Whether a run is under way, whose weights are then the trained ones."""
    unread: tuple[str, ...] = ()
    """Files of data that may not be read."""

    @property
    def is_trained(self) -> bool:
        """Whether there are trained weights."""
        return self.trains or self.weights is not None


class Order(NamedTuple):
    """What the user wants."""

    kind: Format
    path: Path
    initial: bool = False
    """The weights that the seed starts with, though there may be trained ones."""
    style: Style = Style()
    gradients: bool = False
    """Whether the picture shows the gradients that the canvas shows."""


class Export(QObject):
    """One export at a time; tells what is being done and how it ended, never both done and failed."""

    doing = Signal(str, float)
    """What is being done, and the share that is behind."""
    done = Signal(str)
    """A sentence about the file that was written."""
    failed = Signal(object)
    """A ChainruleError; nothing was written."""
    given_up = Signal(str)
    """It was cancelled: a sentence about the file where that came too late, else nothing, and nothing was written."""

    def __init__(self, bridge: Line, parent: QObject | None = None, reader: DataReader | None = None) -> None:
        """`reader` is who reads files of the user's own."""
        super().__init__(parent)
        self._bridge = bridge
        self._question = 0
        self._order: Order | None = None
        self._left: tuple[int, Order] | None = None
        """What was cancelled last, until the engine says whether it had been done by then."""
        self._script = ScriptWriting(reader if reader is not None else DataReader(self), self)
        bridge.came.connect(self._listen)
        bridge.died.connect(self._engine_died)

    @property
    def is_busy(self) -> bool:
        """Whether an export is under way."""
        return self._order is not None

    def start(self, subject: Subject, order: Order) -> None:
        """Begin; what is quick is done at the next turn of the event loop, so that the window shows what it does."""
        self._order = order
        if order.kind.made == "model":
            self.doing.emit("Starting PyTorch" if not self._bridge.is_ready else "Asking the engine", 0.0)
            self._question = self._bridge.ask("export", _question(subject, order))
            if not self._question:
                self._end_badly(EngineError("an engine was wanted", "it could not be started", "Export"))
            return
        self.doing.emit("Drawing the graph" if order.kind.made == "picture" else "Writing the text", 0.5)
        QTimer.singleShot(0, self, lambda: self._write(subject, order))

    def cancel(self) -> None:
        """Give it up: the file that was there, or none, stays as it is, unless the new one is written already."""
        question, order = self._question, self._order
        self._question, self._order = 0, None
        self._script.cancel()
        if question and order is not None:
            self._left = question, order
            self._bridge.send(Cancel(id=question))
        else:
            self.given_up.emit("")

    def _write(self, subject: Subject, order: Order) -> None:
        if self._order is not order:
            return
        if order.kind.name == "script":
            self._write_script(subject, order)
            return
        try:
            said = _WRITERS[order.kind.made](subject, order)
        except ChainruleError as error:
            self._end_badly(error)
            return
        self._order = None
        self.done.emit(said)

    def _write_script(self, subject: Subject, order: Order) -> None:
        if subject.unread:
            self._end_badly(not_allowed(subject.unread))
            return

        def done(written: tuple[Path, ...]) -> None:
            self._order = None
            data = " and ".join(path.name for path in written[1:])
            self.done.emit(f"{order.kind.title}{', with its data ' if data else ''}{data}.")

        self._script.start(subject.reading, order.path, done, self._end_badly, self.doing.emit)

    def _listen(self, events: list[AnyEvent]) -> None:
        for event in events:
            if self._left is not None and isinstance(event, Answer) and event.id == self._left[0]:
                (_question, order), self._left = self._left, None
                self.given_up.emit("" if event.problem is not None else _read(order.kind, event.body))
                continue
            if not self._question or not isinstance(event, Doing | Answer) or event.id != self._question:
                continue
            if isinstance(event, Doing):
                self.doing.emit(event.text, event.share)
            elif event.problem is not None:
                self._end_badly(_error(event.problem))
            else:
                self._end_well(event.body)

    def _end_well(self, body: str) -> None:
        order, self._order, self._question = self._order, None, 0
        if order is not None:
            self.done.emit(_read(order.kind, body))

    def _end_badly(self, error: ChainruleError) -> None:
        self._order, self._question = None, 0
        self.failed.emit(error)

    def _engine_died(self, death: EngineDied) -> None:
        if self._left is not None:
            self._left = None
            self.given_up.emit("")
        if self._question:
            self._end_badly(EngineError("an answer was wanted", f"the engine {death.reason}", "Export", "Try again."))


class _Written(msgspec.Struct):
    """What the engine says of the file."""

    path: str
    size: int
    trained: bool
    difference: float | None = None


def _read(kind: Format, body: str) -> str:
    """The sentence about the file that the engine has written."""
    return _told(kind, msgspec.json.decode(body, type=_Written))


def _question(subject: Subject, order: Order) -> str:
    initial = order.initial or not subject.is_trained
    weights = "" if initial or subject.trains else str(subject.weights)
    body = {
        "project": to_text(subject.reading.project),
        "weights": weights,
        "initial": initial,
        "format": order.kind.name,
        "path": str(order.path),
    }
    return msgspec.json.encode(body).decode()


def _told(kind: Format, written: _Written) -> str:
    weights = "trained weights" if written.trained else "the weights that the seed starts with"
    if kind.name == "safetensors":
        return f"{weights[:1].upper()}{weights[1:]}, {_size(written.size)}."
    checked = f"; {agreement(written.difference)}" if written.difference is not None else ""
    return f"{kind.title} with {weights}, {_size(written.size)}{checked}."


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(count / 1e3, 0.1):.1f} kB"


def _error(problem: Problem) -> ChainruleError:
    return ChainruleError(problem.wanted, problem.came, problem.where, problem.fix)


def _text(subject: Subject, order: Order) -> str:
    if order.kind.name == "python":
        write_model(subject.reading, order.path)
        return f"{order.kind.title}, {_size(order.path.stat().st_size)}."
    beside = order.path.with_suffix(".png")
    _draw(subject, order, beside, "png")
    write_card(subject.reading, order.path, beside.name)
    return f"{order.kind.title}, with its picture {beside.name}."


def _picture(subject: Subject, order: Order) -> str:
    _draw(subject, order, order.path, order.kind.name)
    return f"{order.kind.title} with the project in it, {_size(order.path.stat().st_size)}."


def _draw(subject: Subject, order: Order, path: Path, kind: str) -> None:
    content = picture(subject, order).drawn(kind)
    replaced(path, lambda aside: aside.write_bytes(content))


def picture(subject: Subject, order: Order) -> Picture:
    """The picture that the order asks for; raises CheckError for an empty graph."""
    seen = subject.scene if order.gradients else None
    return Picture(subject.reading, order.style, subject.trail, seen)


_WRITERS: Mapping[str, Callable[[Subject, Order], str]] = MappingProxyType({"text": _text, "picture": _picture})
