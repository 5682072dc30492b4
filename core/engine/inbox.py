"""The reading end of the pipe: what steers a run acts at once, all else waits its turn."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, NamedTuple, Protocol, TypeVar

from core.engine.failure import problem
from core.engine.messages import (
    VERSION,
    AnyRequest,
    Ask,
    Cancel,
    Event,
    Failed,
    Hello,
    Pause,
    Resume,
    SaveWeights,
    SetLearningRate,
    Shutdown,
    Stop,
    Train,
    decode_request,
)
from core.engine.pipe import frames
from core.errors import ChainruleError, EngineError


class Controls(Protocol):
    """What steers a run from another thread."""

    def pause(self) -> None:
        """Stand still after the step that is under way."""

    def resume(self, steps: int = 0, until_epoch: bool = False) -> None:
        """Go on."""

    def stop(self) -> None:
        """End after the step that is under way."""

    def set_learning_rate(self, value: float, phase: int = 0) -> None:
        """Use another learning rate from the next step on."""


Steering = TypeVar("Steering", bound=Controls)


class Run(NamedTuple, Generic[Steering]):
    """A run that was asked for and what steers it, made together: a Stop right behind its Train is not lost."""

    request: Train
    control: Steering


class Inbox(Generic[Steering]):
    """One thread that reads requests; `gone` is called in it when the engine shall end."""

    def __init__(
        self,
        descriptor: int,
        tell: Callable[[Event], None],
        control: Callable[[Train], Steering],
        gone: Callable[[], None],
    ) -> None:
        self._descriptor = descriptor
        self._tell = tell
        self._control = control
        self._gone = gone
        self._steered: Steering | None = None
        self._waiting: deque[Run[Steering] | Ask | SaveWeights | Shutdown] = deque()
        self._change = threading.Condition()
        self._cancelled: set[int] = set()

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._read, name="engine inbox", daemon=True).start()

    def next(self) -> Run[Steering] | Ask | SaveWeights | Shutdown:
        """Wait for the next thing to do."""
        with self._change:
            while not self._waiting:
                self._change.wait()
            return self._waiting.popleft()

    def question(self) -> Ask | SaveWeights | None:
        """The first question that waits, for a moment in which a run can spare the time; None when there is none."""
        with self._change:
            for item in self._waiting:
                if isinstance(item, Ask | SaveWeights):
                    self._waiting.remove(item)
                    return item
        return None

    def is_cancelled(self, question: int) -> bool:
        """Whether the answer to this question is not wanted any more."""
        return question in self._cancelled

    def end(self) -> None:
        """Stop the run, and have nothing more to do after it."""
        if self._steered is not None:
            self._steered.stop()
        self._put(Shutdown())
        self._gone()

    def _put(self, item: Run[Steering] | Ask | SaveWeights | Shutdown) -> None:
        with self._change:
            self._waiting.append(item)
            self._change.notify()

    def _read(self) -> None:
        try:
            for body in frames(self._descriptor):
                self._take(body)
        except EngineError as error:
            self._tell(Failed(problem=problem(error)))
        finally:  # deaf is as good as dead
            self.end()

    def _take(self, body: bytes) -> None:
        try:
            self._serve(decode_request(body))
        except ChainruleError as error:
            self._tell(Failed(problem=problem(error)))

    def _serve(self, request: AnyRequest) -> None:
        match request:
            case Hello(version=version):
                _check(version)
            case Train():
                self._steered = self._control(request)
                self._put(Run(request, self._steered))
            case Ask() | SaveWeights():
                self._put(request)
            case Cancel(id=question):
                self._cancelled.add(question)
            case Shutdown():
                self.end()
            case _ if self._steered is not None:
                _steer(self._steered, request)


def _steer(control: Controls, request: AnyRequest) -> None:
    match request:
        case Pause():
            control.pause()
        case Resume(steps=steps, until_epoch=until_epoch):
            control.resume(steps, until_epoch)
        case Stop():
            control.stop()
        case SetLearningRate(value=value, phase=phase):
            control.set_learning_rate(value, phase)


def _check(version: int) -> None:
    if version != VERSION:
        wanted = f"messages of version {VERSION} were wanted"
        raise EngineError(wanted, f"the window speaks version {version}", "Engine pipe", "Update both to one version.")
