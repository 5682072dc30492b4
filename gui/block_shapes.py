"""Asks an engine of its own what Python blocks come to, and keeps what it answered; a block that hangs costs only that.

One question at a time, so that it is known which one did not end: its process is killed and another one started.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from core.engine.client import EngineDied
from core.engine.messages import Answer, AnyEvent, Problem
from core.errors import ChainruleError, CodeError, EngineError
from core.project import Project
from core.python.questions import Code, Question, Told
from core.python.trust import Trust, fingerprint, not_trusted
from core.python.wire import question_text, read_told
from gui.engine_bridge import EngineBridge

SECONDS = 15.0
"""What a block may take to be made and run once on empty tensors."""


class BlockShapes(QObject):
    """What is known of Python blocks, and which of them may run."""

    answered = Signal()
    """Something new is known, or more may run: read the project again."""
    forgotten = Signal()
    """Nothing is known any more: read the project from the beginning."""
    refused = Signal(object)
    """A ChainruleError: trust could not be kept."""

    def __init__(self, bridge: EngineBridge, seconds: float = SECONDS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._trust = Trust()
        self._known: dict[Question, Told] = {}
        self._waiting: deque[Question] = deque()
        self._raised: dict[Code, CodeError] = {}
        self._current: Question | None = None
        self._number = 0
        self._is_ending = False
        """Whether the engine was killed and has not died yet."""
        self._seconds = seconds
        self._patience = QTimer(self, singleShot=True)
        self._patience.setInterval(round(seconds * 1000))
        self._patience.timeout.connect(self._give_up)
        bridge.came.connect(self._take)
        bridge.died.connect(self._lose)
        bridge.ready.connect(self._begin_to_wait)
        bridge.failed.connect(self._fail)

    def oracle(self, question: Question) -> Told | None:
        """What is known of the answer; nothing is asked."""
        if not self._trust.covers(question.code):
            return Told(error=not_trusted(), is_final=False)
        return self._known.get(question)

    def ask(self, questions: Iterable[Question]) -> None:
        """Find these out, in the place of what was to be found out before."""
        self._waiting = deque(
            question
            for question in dict.fromkeys(questions)
            if question not in self._known and question != self._current and self._trust.covers(question.code)
        )
        self._next()

    def ask_again(self, code: Code) -> None:
        """Find out once more what this comes to, where it went wrong."""
        wrong = [question for question, told in self._known.items() if question.code == code and told.error is not None]
        self._raised.pop(code, None)
        for question in wrong:
            del self._known[question]
        self.answered.emit()

    def note(self, code: Code, error: CodeError) -> None:
        """Keep in mind what this raised in a run, until it is asked for again."""
        self._raised[code] = error
        self.answered.emit()

    def raised(self, code: Code) -> CodeError | None:
        """What this raised in a run."""
        return self._raised.get(code)

    def is_asking(self, code: Code) -> bool:
        """Whether an answer about this is still to come."""
        questions = (self._current, *self._waiting)
        return any(question.code == code for question in questions if question is not None)

    def covers(self, code: Code) -> bool:
        """Whether this may run."""
        return self._trust.covers(code)

    def untrusted(self, project: Project) -> tuple[Code, ...]:
        """What the project would run and may not."""
        return self._trust.untrusted(project)

    def trust(self, codes: Iterable[Code]) -> None:
        """Let these run from now on."""
        self.follow(codes)
        self.answered.emit()

    def follow(self, codes: Iterable[Code]) -> None:
        """The same for what the user has written in place of what was trusted; whoever edits reads anew by himself."""
        try:
            self._trust.remember(codes)
        except ChainruleError as error:
            self.refused.emit(error)

    def forget_trust(self) -> None:
        """Let no code run any more before it is trusted anew."""
        try:
            self._trust.forget()
        except ChainruleError as error:
            self.refused.emit(error)
        self._known.clear()
        self._raised.clear()
        self.forgotten.emit()

    def close(self) -> None:
        """Ask nothing more."""
        self._patience.stop()
        self._waiting.clear()
        self._bridge.close()

    def _next(self) -> None:
        if self._current is not None or not self._waiting or self._is_ending:
            return
        self._current = self._waiting.popleft()
        self._number = self._bridge.ask("block", question_text(self._current), [fingerprint(self._current.code)])
        if not self._number:
            self._current = None
        elif self._bridge.is_ready:
            self._patience.start()

    def _begin_to_wait(self, _ready: object) -> None:
        if self._current is not None:
            self._patience.start()

    def _take(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, Answer) and event.id == self._number and self._current is not None:
                self._settle(_told(event))

    def _give_up(self) -> None:
        wanted = f"an answer within {self._seconds:g} s was wanted"
        fix = "Look for a loop that does not end; then change a line, or choose Ask again."
        self._is_ending = True
        self._bridge.kill()
        self._settle(Told(error=CodeError(wanted, "the block still ran, and was ended", "", fix), is_final=False))

    def _lose(self, death: EngineDied) -> None:
        self._is_ending = False
        if self._current is None:
            self._next()
            return
        fix = "Look for what ends a process, as os._exit or a crash in compiled code."
        error = CodeError("an answer was wanted", f"the process that ran the block {death.reason}", "", fix)
        self._settle(Told(error=error, is_final=False))

    def _fail(self, error: ChainruleError) -> None:
        if self._current is not None:
            self._settle(Told(error=CodeError(error.wanted, error.came, "", error.fix), is_final=False))

    def _settle(self, told: Told) -> None:
        assert self._current is not None  # an answer belongs to a question
        self._patience.stop()
        self._known[self._current] = told
        self._current = None
        self.answered.emit()
        self._next()


def _told(event: Answer) -> Told:
    if event.problem is not None:
        return Told(error=_error(event.problem))
    try:
        return read_told(event.body)
    except EngineError as error:
        return Told(error=CodeError(error.wanted, error.came, "", error.fix))


def _error(problem: Problem) -> CodeError:
    return CodeError(problem.wanted, problem.came, "", problem.fix)
