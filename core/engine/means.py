"""What answers may stand on, and how a question is read and an answer written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from core.engine.activations import Peeked
from core.engine.histograms import Distributed
from core.engine.predictions import Trained
from core.engine.traces import Trace
from core.errors import EngineError
from core.plan import Value
from core.project import Project
from core.training.evaluate import Weights

if TYPE_CHECKING:
    from core.data.load import LoadedData
    from core.training.moments import Moments
    from core.training.predicting import Predictor
    from core.training.tracing import Tracer


def _no_run(_weights: Path) -> None:
    raise EngineError("a run that is over was wanted", "there is none here", "Engine", "Train first.")


def _no_tracer(_question: Trace) -> Tracer:
    raise EngineError("a network was wanted", "there is none here", "Engine", "Train first.")


def _no_counts(_paths: Sequence[str]) -> Distributed:
    raise EngineError("a run was wanted", "there is none here", "Engine", "Train first.")


def _no_moments() -> Moments:
    raise EngineError("a run was wanted", "there is none here", "Engine", "Train first.")


class Means(NamedTuple):
    """What an answer may stand on: a project's data in memory, and the weights of the last run."""

    data: Callable[[Project], Mapping[str, LoadedData]]
    weights: Callable[[str], Weights]
    """Those whose path begins so."""
    peek: Callable[[Sequence[Value]], Peeked]
    """What these values are in the last run."""
    predictor: Callable[[Trained], Predictor]
    """Who answers for new samples."""
    tell: Callable[[str, float], None]
    """Told what a long answer is at; raises EngineError where it is not wanted any more."""
    load: Callable[[Path], None] = _no_run
    """Gives the network of the last run other weights."""
    tracer: Callable[[Trace], Tracer] = _no_tracer
    """Who goes through one batch step by step."""
    distribute: Callable[[Sequence[str]], Distributed] = _no_counts
    """How the numbers of these layers are spread in the last run."""
    moments: Callable[[], Moments] = _no_moments
    """Who shows the last run as it was at an earlier step."""

    def of(self, question: Trained) -> Weights:
        """The weights that the question is about; raises TrainingError where there are none."""
        return Path(question.weights) if question.weights else self.weights("")


def plain_of(told: msgspec.Struct) -> dict[str, Any]:
    """A struct as what JSON knows."""
    plain: dict[str, Any] = msgspec.to_builtins(told)
    return plain


Question = TypeVar("Question", bound=msgspec.Struct)


def read(body: str, wanted: type[Question]) -> Question:
    """The question in this JSON; raises EngineError."""
    try:
        return msgspec.json.decode(body, type=wanted)
    except msgspec.MsgspecError as error:
        raise EngineError(f"a question “{wanted.__name__.lower()}” was wanted", str(error), "Engine pipe") from error
