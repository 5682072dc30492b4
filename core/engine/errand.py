"""One question to an engine that is started for it and ends with it: for a stranger's code, which may do anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType

from core import errors
from core.engine.client import Engine, EngineDied
from core.engine.messages import Answer, Doing, Problem
from core.errors import ChainruleError, EngineError


class Errand:
    """An engine of its own at work on one question; for one thread, its owner's."""

    def __init__(self, kind: str, body: str, wake: Callable[[], None] | None = None) -> None:
        """Start the engine and ask; `wake` is called, in any thread, when there is something to take.

        Raises EngineError where no process can be started.
        """
        self._engine = Engine(wake)
        self._question = self._engine.ask(kind, body)

    def news(self) -> Iterator[Doing | str]:
        """What has come since the last time: what is being done, and at last the answer; raises what went wrong."""
        for notice in self._engine.drain():
            if isinstance(notice, EngineDied):
                fix = "Look at what its code does: it may need more memory, or ends the process itself."
                raise EngineError("an answer was wanted", f"the process {notice.reason}", "Engine", fix)
            if isinstance(notice, Doing):
                yield notice
            elif isinstance(notice, Answer) and notice.id == self._question:
                if notice.problem is not None:
                    raise error_of(notice.problem)
                yield notice.body

    def wait(self, seconds: float | None = None) -> None:
        """Stand still until there is news, for a caller without an event loop."""
        self._engine.wait(seconds)

    def end(self) -> None:
        """End the engine at once, whatever it is at."""
        self._engine.kill()
        self._engine.close()

    def __enter__(self) -> Errand:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


def error_of(problem: Problem) -> ChainruleError:
    """The problem as the exception that it was."""
    kind = getattr(errors, problem.kind, ChainruleError)
    wanted = kind if isinstance(kind, type) and issubclass(kind, ChainruleError) else ChainruleError
    return wanted(problem.wanted, problem.came, problem.where, problem.fix)
