"""Asks about files of data beside the window, in a process of its own that can be ended at any moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QProcess, QTimer

from core.engine.errand import error_of
from core.engine.launch import command
from core.errors import ChainruleError, EngineError
from core.inspecting.told import PROGRAM, Ask, AskBring, AskLook, AskMark, AskSurvey, Tell

IDLE = 20_000
"""Milliseconds without a question until the process is ended."""
END = 1_000
"""Milliseconds that it has to end."""
Body = AskSurvey | AskLook | AskMark | AskBring
_KINDS = {AskSurvey: "survey", AskLook: "look", AskMark: "mark", AskBring: "bring"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Who waits for an answer: what becomes of it, of an error, and of word on how far it is."""

    line: bytes
    type: Any
    done: Callable[[Any], None]
    failed: Callable[[ChainruleError], None]
    doing: Callable[[str, float], None]


class DataReader(QObject):
    """One process, started with the first question; answers come in the order of the questions."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._waiting: dict[int, Asked] = {}
        self._count = 0
        self._idle = QTimer(self, singleShot=True, interval=IDLE)
        self._idle.timeout.connect(self.close)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is waited for."""
        return bool(self._waiting)

    def ask(
        self,
        body: Body,
        answer: Any,
        done: Callable[[Any], None],
        failed: Callable[[ChainruleError], None],
        doing: Callable[[str, float], None] = lambda _text, _share: None,
    ) -> int:
        """Ask; `done` is called with an `answer`, the type of what comes. The question's number."""
        self._count += 1
        question = Ask(self._count, _KINDS[type(body)], msgspec.Raw(msgspec.json.encode(body)))  # type: ignore[arg-type]
        self._waiting[self._count] = Asked(msgspec.json.encode(question) + b"\n", answer, done, failed, doing)
        self._idle.stop()
        if self._process is None:
            self._start()
        self._process.write(self._waiting[self._count].line)  # type: ignore[union-attr]  # it was just started
        return self._count

    def cancel(self, number: int) -> None:
        """Want this answer no more; what others wait for is asked anew where the process had to end for it."""
        if number not in self._waiting:
            return
        begun = number == next(iter(self._waiting))
        del self._waiting[number]
        if begun:
            self._end()
            for asked in self._waiting.values():
                self._restart(asked)

    def close(self) -> None:
        """End the process; nobody waits any more."""
        self._idle.stop()
        self._waiting.clear()
        self._end()

    def _restart(self, asked: Asked) -> None:
        if self._process is None:
            self._start()
        self._process.write(asked.line)  # type: ignore[union-attr]  # it was just started

    def _start(self) -> None:
        program, *arguments = command(PROGRAM)
        process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.SeparateChannels)
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broke)
        self._process = process
        process.start(program, arguments)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for signal in (process.readyReadStandardOutput, process.finished, process.errorOccurred):
            signal.disconnect()
        process.kill()
        process.waitForFinished(END)
        process.deleteLater()

    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            self._take(msgspec.json.decode(self._process.readLine().data(), type=Tell))
        if not self._waiting:
            self._idle.start()

    def _take(self, told: Tell) -> None:
        asked = self._waiting.get(told.id)
        if asked is None:
            return
        if told.doing:
            asked.doing(told.doing, told.share)
            return
        del self._waiting[told.id]
        if told.problem is not None:
            asked.failed(error_of(told.problem))
        else:
            asked.done(msgspec.json.decode(told.answer, type=asked.type))

    def _broke(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._finished()

    def _finished(self, *_how: object) -> None:
        """It ended without being asked to, as where memory runs out: whoever waits is told."""
        waiting, self._waiting = tuple(self._waiting.values()), {}
        self._end()
        fix = "The file may be too large for the memory: try a part of it."
        for asked in waiting:
            asked.failed(EngineError("the file was to be read", "the process that read it has ended", "", fix))
