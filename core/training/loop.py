"""Training, from the first step to the last: one generator of messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

from torch import Tensor

from core.engine.failure import problem
from core.engine.messages import (
    Event,
    Failed,
    Finished,
    Progress,
    RateChanged,
    Said,
    State,
    Validated,
)
from core.errors import ChainruleError, DataError, FileError, TrainingError
from core.project import Project
from core.python.execution import block_line
from core.training.activations import Probe
from core.training.checkpoint import (
    WEIGHTS,
    load_checkpoint,
    load_weights,
    read_weights,
    save_weights,
)
from core.training.control import Control
from core.training.counting import Counting
from core.training.determinism import deterministic
from core.training.evaluate import Evaluation, Evaluator
from core.training.keeping import Keeper
from core.training.moments import Moments
from core.training.nonfinite import diagnose
from core.training.pace import Pace
from core.training.passing import NonFinite
from core.training.predicting import Predictor
from core.training.recent import Recents
from core.training.report import placed, started, torch_problem
from core.training.run import Job, Run
from core.training.tracing import Tracer
from core.training.transplant import transplant

SEND_EVERY = 1 / 60
"""Seconds between packets of rows."""
TELL_EVERY = 0.25
"""Seconds between messages of progress."""
ANSWER_EVERY = 0.1
"""Seconds between the messages of a run that stands still: moments in which its reader may ask something."""
SAVE_EVERY = 5.0
"""Seconds between checkpoints."""


def train(job: Job, control: Control) -> Iterator[Event]:
    """Train the job's project and tell what happens; what goes wrong is the last message, Failed.

    Settings, data and weights are judged before Started. The number of threads is the caller's to set.
    """
    try:
        run = start(job)
    except ChainruleError as error:
        yield Failed(problem=placed(problem(error), job.project))
        return
    session = _Session(run, control)
    yield started(run, session.judge.samples)
    try:
        with deterministic(run.settings.deterministic):
            yield from session.events()
    except NonFinite as error:
        yield from session.rows()
        failed = Failed(problem=diagnose(run, error), step=run.step_number, is_bad_step=True)
        session.moments.broke()
        yield failed
    except DataError as error:  # data that are read beside training are judged then
        yield from session.rows()
        yield Failed(problem=placed(problem(error), job.project), step=run.step_number)
    except (Exception, SystemExit) as error:  # a Python block may raise whatever it likes
        if not isinstance(error, RuntimeError | ValueError | IndexError) and not block_line(error)[1]:
            raise
        yield from session.rows()
        yield Failed(problem=torch_problem(run, error), step=run.step_number)
    finally:
        session.counting.is_over = True
        run.batches.close()


def start(job: Job) -> Run:
    """The job's run before its first step, or where its checkpoint stands; raises a ChainruleError."""
    if job.before is not None:
        return _edited(job, job.before)
    run = Run(job)
    if job.weights is not None:
        run.kept = load_weights(run.network.root, read_weights(job.weights), str(job.weights), run.plan)
    if job.resume is not None:
        load_checkpoint(run, job.resume)
    if not all(group.flat.intact() for group in run.groups):
        raise TrainingError("parameters that are views of the flat ones were wanted", "some are not", "Training")
    return run


def _edited(job: Job, before: Project) -> Run:
    """The job's run with what still fits of the project as it was before."""
    old = Run(replace(job, project=before, data=job.data_before, before=None, watch=False))
    run = Run(job)
    transplant(run, old)
    return run


class _Session:
    """One pass through the run: what was told, when, and how long it took."""

    def __init__(self, run: Run, control: Control) -> None:
        self.run = run
        self.control = control
        control.weights = run.weights
        control.peek = Probe(run).look
        self.counting = Counting(run)
        control.histograms = self.counting.look
        control.predictor = Predictor(
            run.network, run.analysis, run.job.data, step=lambda: run.step_number, judged=run.average.shown
        )
        control.tracer = Tracer(run.network, run.job.data, run.settings, lambda: run.step_number, run.average.shown)
        losses = list(dict.fromkeys(step for phase in run.phases for step in phase.part.losses))
        settings = run.settings
        self.judge = Evaluator(
            run.network, run.analysis, run.job.data, losses, settings.batch_size, "validation", settings.metrics
        )
        self.keeper = Keeper(run)
        self.recents = Recents(run, settings.look_back if run.job.look_back else 0)
        self.moments = control.moments = Moments(run, self.recents)
        self.judged: Evaluation | None = None
        self.stopped = False
        self.began = self.sent = self.told = self.saved = perf_counter()
        self.told_step = run.step_number
        self.pace = Pace()

    def events(self) -> Iterator[Event]:
        """Epochs of batches: obey, step, tell."""
        run, control, table, keeps = self.run, self.control, self.run.table, self.run.settings.keep_steps
        recents, counting = self.recents, self.counting
        if run.average.wanted:
            yield Said(level="info", text="What is judged, predicted with and saved is the average of the weights.")
        while run.epoch < run.settings.epochs and not run.best.over:
            if run.between_epochs:
                run.batches.begin_epoch()
                run.metric_sums = (0.0, 0)
            while not run.batches.ended:
                if control.attention:
                    yield from self._obey()
                    if self.stopped:
                        yield from self._end("stopped")
                        return
                run.step()
                if recents.due(run.step_number):
                    recents.keep()
                if counting.due(run.step_number):
                    yield from counting.count()
                if keeps and run.step_number % keeps == 0:
                    yield from self.keeper.step_ended()
                if table.full or perf_counter() - self.sent >= SEND_EVERY:
                    yield from self.rows()
                    yield from self._progress()
            run.epoch += 1
            yield from self._epoch_ended()
        if run.best.over:
            text = f"Stopped early: no lower validation loss for {run.best.waited} epochs."
            yield Said(level="info", text=text)
        yield from self._keep_best()
        yield from self._end("finished")

    def _keep_best(self) -> Iterator[Event]:
        """Let the network have the weights of its best epoch, where it was to stop early."""
        best = self.run.best
        yield from self._note_last()
        if best.weights and best.waited:
            self.moments.is_now = False
            load_weights(self.run.network.root, best.weights, "the best epoch")
            self.run.average.begin()
            self.judged = self.judge.evaluate()
            yield Said(level="info", text=f"The weights are those of epoch {best.epoch}, the best one.")

    def rows(self) -> Iterator[Event]:
        """What was measured since the last time."""
        self.sent = perf_counter()
        if self.run.table.count:
            yield self.run.table.packed()
        if self.run.samples.waiting:
            yield self.run.samples.packed()
        yield from self.counting.taken()

    def _obey(self) -> Iterator[Event]:
        """Do what was asked, and stand still while that is asked."""
        waited = 0.0
        while True:
            orders = self.control.take()
            for phase, value in orders.rates:
                if self.run.set_learning_rate(phase, value):
                    yield RateChanged(step=self.run.step_number, value=value, phase=phase)
                else:
                    yield Said(level="warning", text=f"There is no phase {phase} whose learning rate could change.")
            self.stopped = orders.stop
            if orders.stop or not orders.wait:
                break
            if not waited:
                self.recents.keep()
                self._note_pace()
                yield from self.rows()
                yield from self._checkpoint()
            began = perf_counter()
            yield self._state("paused")
            yield from self.counting.taken()
            self.control.wait(ANSWER_EVERY)
            waited += perf_counter() - began
        if waited:
            self.began, self.told, self.told_step = self.began + waited, perf_counter(), self.run.step_number
            yield self._state("training")

    def _progress(self) -> Iterator[Event]:
        now = perf_counter()
        if now - self.told >= TELL_EVERY:
            self._note_pace()
            yield self._state("training")
        if now - self.saved >= SAVE_EVERY:
            yield from self._checkpoint()

    def _note_pace(self) -> None:
        now = perf_counter()
        self.pace.note(self.run.step_number - self.told_step, now - self.told)
        self.told, self.told_step = now, self.run.step_number

    def _state(self, state: State) -> Progress:
        run = self.run
        rate = self.pace.rate
        return Progress(
            state=state,
            step=run.step_number,
            epoch=run.epoch,
            samples_per_second=rate * run.batches.samples / run.steps_per_epoch,
            seconds_left=(run.total_steps - run.step_number) / rate if rate else 0.0,
            learning_rate=run.phases[0].learning_rate,
            watching=run.samples.schedule.cost,
            watching_seconds=run.samples.schedule.seconds,
        )

    def _epoch_ended(self) -> Iterator[Event]:
        run = self.run
        yield from self.rows()
        if self.judge.samples:
            with run.average.shown():
                self.judged = self.judge.evaluate()
            trained = run.metric.value(*run.metric_sums) if run.metric is not None else None
            yield Validated(
                step=run.step_number,
                epoch=run.epoch,
                loss=self.judged.loss,
                metric=self.judged.metric,
                train_metric=trained,
                task=self.judged.judged.task or "",
                metrics=self.judged.judged.values,
                table=[list(row) for row in self.judged.judged.table],
            )
            yield from self._tell_missing(self.judged.judged.missing)
            self._judge_epoch(self.judged.loss)
            yield from self.keeper.judged(self.judged)
        yield from self.keeper.epoch_ended()
        for loaded in run.job.data.values():
            if text := loaded.told():
                yield Said(level="warning", text=text)
        yield from self._progress()
        self.control.epoch_ended()

    def _tell_missing(self, names: tuple[str, ...]) -> Iterator[Event]:
        """Say once which metrics cannot be measured here."""
        if names and self.run.epoch == 1:
            wanted = " and ".join(names)
            yield Said(level="warning", text=f"{wanted} wants torchmetrics: pip install “chainrule[metrics]”.")

    def _judge_epoch(self, loss: float) -> None:
        """Let what waits for the validation loss take note of it."""
        run = self.run
        if run.settings.schedule.name == "Plateau":
            run.plateau.note(loss)
        if run.best.patience:
            run.best.note(loss, run.epoch, run.weights)

    def _take_weights(self, tensors: dict[str, Tensor]) -> None:
        """Let the network of a run that is over have these; an average of its own goes with it."""
        load_weights(self.run.network.root, tensors, "Weights", self.run.plan)
        self.run.average.tensors = []
        self.moments.is_now = False

    def _note_last(self) -> Iterator[Event]:
        """Keep the last step, before the network is given any other weights."""
        self.recents.keep()
        yield from self.counting.count()

    def _checkpoint(self) -> Iterator[Event]:
        self.saved = perf_counter()
        yield from self.keeper.save()

    def _end(self, state: State) -> Iterator[Event]:
        run, judged = self.run, self.judged
        self.control.load = self._take_weights
        yield from self._note_last()
        yield from self.rows()
        yield from self._checkpoint()
        weights, sha256 = "", ""
        if run.job.folder is not None:
            try:
                sha256 = save_weights(run.weights(), run.job.folder / WEIGHTS)
                weights = str(run.job.folder / WEIGHTS)
            except FileError as error:
                yield Said(level="error", text=str(error))
        yield Finished(
            state=state,
            step=run.step_number,
            epoch=run.epoch,
            seconds=perf_counter() - self.began,
            weights=weights,
            sha256=sha256,
            validation_loss=judged.loss if judged is not None else None,
            validation_metric=judged.metric if judged is not None else None,
            validation_metrics=judged.judged.values if judged is not None else {},
        )
