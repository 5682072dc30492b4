"""What the engine does, with torch: warms up, trains, saves, and answers questions."""

from __future__ import annotations

import faulthandler
import os
import platform
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import MappingProxyType

import torch

import resources
from core.data.load import LoadedData, load
from core.data.settings import DatasetSettings, plain
from core.engine.activations import Peeked
from core.engine.answers import answer
from core.engine.histograms import Distributed
from core.engine.means import Means
from core.engine.messages import Answer, Ask, Event, Ready, SaveWeights, StepRows, Train, WeightsSaved
from core.engine.network_answers import OF_NETWORKS
from core.engine.predictions import Trained
from core.engine.service import Service, Tell, Trade
from core.engine.traces import Trace
from core.errors import ChainruleError, TrainingError
from core.files import from_text
from core.files import load as load_project
from core.lowering import lower
from core.plan import Value
from core.project import Project
from core.python.trust import vouched
from core.runs.recording import recorded
from core.training.checkpoint import read_weights, save_weights
from core.training.control import Control
from core.training.evaluate import with_weights
from core.training.loop import start, train
from core.training.moments import Moments
from core.training.predicting import Predictor
from core.training.run import Job
from core.training.tracing import Tracer

FIRST_RUN = Path(resources.__file__).parent / "templates" / "lenet5.chain"
"""What is trained for a moment while warming up: its layers wake most of torch, its data are asked for most."""


class Worker:
    """What one engine remembers between two requests: the last run's data and weights."""

    def __init__(self) -> None:
        self._data: Mapping[DatasetSettings, LoadedData] = MappingProxyType({})
        self._last: Control | None = None
        self._built: tuple[tuple[str, str, int], Predictor] | None = None
        """A network with the weights of a file, by the project's text, the file and when it was written."""
        self._traced: tuple[tuple[str, str, int], Tracer] | None = None
        """The same with its losses, of a file or as its seed starts it."""

    def warm(self) -> Ready:
        """Make the first real run start at once: torch's own first step costs 1.5 s of imports."""
        torch.set_num_interop_threads(1)
        try:
            self._train_for_a_moment(load_project(FIRST_RUN))
        except ChainruleError as error:  # the engine works without; its log says what is missing
            sys.stderr.write(f"{error}\n")
        return Ready(
            torch=str(torch.__version__),
            python=platform.python_version(),
            device="CPU",
            threads=torch.get_num_threads(),
            pid=os.getpid(),
        )

    def train(self, request: Train, control: Control) -> Iterator[Event]:
        """One run; raises a ChainruleError where the project cannot be read."""
        project = from_text(request.project, "Project")
        torch.set_num_threads(project.training.threads)
        self._last = control
        with vouched(request.trusted):
            yield from train(self._job(request, project), control)

    def answer(self, item: Ask | SaveWeights, tell: Tell) -> Event:
        """Whatever is not training; raises a ChainruleError where it cannot be done."""
        if isinstance(item, SaveWeights):
            return WeightsSaved(path=item.path, sha256=save_weights(self._weights(), Path(item.path)))
        with vouched(item.trusted):
            means = Means(
                self._loaded,
                self._weights,
                self._peek,
                self._predictor,
                tell,
                self._load,
                self._tracer,
                self._distribute,
                self._moments,
            )
            with self._standing(item) as moment:
                return Answer(id=item.id, body=answer(item.kind, item.body, means), moment=moment)

    def _standing(self, question: Ask) -> AbstractContextManager[int]:
        """The last run's network as the question wants it; which step that is, -1 where it is not looked back at."""
        if question.moment < 0 or question.kind not in OF_NETWORKS or self._last is None or self._last.moments is None:
            return nullcontext(-1)
        return self._last.moments.at(question.moment)

    def _job(self, request: Train, project: Project) -> Job:
        before = from_text(request.before, "Project") if request.before else None
        data_before = self._loaded(before) if before is not None else {}
        return Job(
            project,
            self._loaded(project),
            _path(request.folder),
            _path(request.weights),
            _path(request.resume),
            request.watch,
            True,
            Path(request.folder).name,
            before,
            data_before,
        )

    def _loaded(self, project: Project) -> Mapping[str, LoadedData]:
        """The data sets that the network reads, by id; those of the last time are kept."""
        read = {step.dataset for step in lower(project).sources}
        used = {key: plain(settings) for key, settings in project.data.items() if key in read}
        kept = {settings: self._data.get(settings) or load(settings) for settings in used.values()}
        self._data = MappingProxyType(kept)
        return {key: kept[settings] for key, settings in used.items()}

    def _weights(self, within: str = "") -> Mapping[str, torch.Tensor]:
        """A copy of the weights of the run that is under way, or of the last; raises TrainingError without one.

        With a text, only those whose path begins so.
        """
        if self._last is None or self._last.weights is None:
            raise TrainingError("trained weights were wanted", "nothing was trained yet", "Engine", "Train first.")
        return self._last.weights(within)

    def _load(self, weights: Path) -> None:
        """Give the network of the last run these weights; raises TrainingError where there is none that is over."""
        if self._last is None or self._last.load is None:
            raise TrainingError("a run that is over was wanted", "there is none", "Engine", "Stop it, or train first.")
        self._last.load(read_weights(weights))

    def _peek(self, wanted: Sequence[Value]) -> Peeked:
        """What these values are in the run that is under way, or the last; raises TrainingError without one."""
        if self._last is None or self._last.peek is None:
            raise TrainingError("a trained network was wanted", "nothing was trained yet", "Engine", "Train first.")
        return self._last.peek(wanted)

    def _distribute(self, paths: Sequence[str]) -> Distributed:
        """How the numbers of layers are spread in the run that is under way, or the last; raises TrainingError."""
        if self._last is None or self._last.histograms is None:
            raise TrainingError("a trained network was wanted", "nothing was trained yet", "Engine", "Train first.")
        return self._last.histograms(paths)

    def _moments(self) -> Moments:
        """Who shows the run that is under way, or the last, as it was; raises TrainingError without one."""
        if self._last is None or self._last.moments is None:
            raise TrainingError("a trained network was wanted", "nothing was trained yet", "Engine", "Train first.")
        return self._last.moments

    def _predictor(self, question: Trained) -> Predictor:
        """The network of the run that is under way, or the last; or the project's own with the weights of a file.

        Raises TrainingError without a run, FileError for weights of another network.
        """
        if not question.weights:
            if self._last is None or self._last.predictor is None:
                raise TrainingError("a trained network was wanted", "nothing was trained yet", "Engine", "Train first.")
            return self._last.predictor
        path = Path(question.weights)
        key = (question.project, question.weights, path.stat().st_mtime_ns if path.exists() else 0)
        if self._built is None or self._built[0] != key:
            project = from_text(question.project, "Project")
            plan = lower(project)
            network, analysis = with_weights(plan.for_inference(), path)
            self._built = (key, Predictor(network, analysis, self._loaded(project), plan))
        return self._built[1]

    def _tracer(self, question: Trace) -> Tracer:
        """The network of the run that is under way, or the last; or the project's own, as its seed or a file has it.

        Raises TrainingError without a run, CheckError for a project that cannot be trained, FileError.
        """
        if question.weights or question.fresh:
            path = _path(question.weights)
            key = (question.project, question.weights, path.stat().st_mtime_ns if path and path.exists() else 0)
            if self._traced is None or self._traced[0] != key:
                project = from_text(question.project, "Project")
                run = start(Job(project, self._loaded(project), weights=path))
                self._traced = (key, Tracer(run.network, run.job.data, run.settings))
            return self._traced[1]
        if self._last is None or self._last.tracer is None:
            raise TrainingError("a trained network was wanted", "nothing was trained yet", "Engine", "Train first.")
        return self._last.tracer

    def _train_for_a_moment(self, project: Project) -> None:
        control = Control()
        for event in train(Job(project, self._loaded(project)), control):
            if isinstance(event, StepRows):
                control.stop()


def main(requests: int, events: int) -> None:
    """Serve the pipe until it is over; does not return."""
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the window, which then ends us
    worker = Worker()
    trade = Trade(worker.warm, lambda request: Control(request.paused), worker.train, recorded, worker.answer)
    Service(requests, events, trade).run()


def _path(text: str) -> Path | None:
    return Path(text) if text else None
