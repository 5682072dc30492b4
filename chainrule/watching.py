"""The watch over a training loop: a row at every step of the optimizer, in a folder that the app reads."""

from __future__ import annotations

import logging
import math
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from chainrule.behind import loss_name
from chainrule.folder import ROOT, RunFolder, new_folder
from chainrule.given import inner_model, is_follower, own_optimizer, rows_of
from chainrule.keeping import MEBIBYTES, Keeper
from chainrule.layers import Models, compiled, layers_of, named, settings_of
from chainrule.noticing import Noticing
from chainrule.observing import OF_OUTPUTS, Observer
from chainrule.schedule import ALWAYS, Schedule
from chainrule.sequences import OF_SEQUENCES
from chainrule.steps import Steps

SCALARS = ("loss", "metric", "learning_rate", "gradient_norm", "clip")
BUDGET = 0.03
"""The part of the training time that watching may take."""
FLUSH = 0.25
"""Seconds between two writes to the disk."""
CAPACITY = 1024
"""Rows that are kept before they must be written."""
PATIENCE = 100
"""Calls of `step` without one of the optimizer's, after which something is probably amiss."""
COMPILED = (
    "{name} is compiled. Loss, learning rate and the norms of gradients, weights and updates are recorded; what its "
    "layers give and what gradient comes back to them is not seen."
)
UNUSED = (
    "No layer was seen at work: is the model compiled elsewhere, or called as a function of its parameters? Only loss, "
    "learning rate and norms are recorded."
)
LATE = "Layers that were first called after the first step are not recorded: {names}."
UNSTEPPED = "step() was called {count} times, and no step of the optimizer was seen: nothing is recorded yet."
SHARDED = "Parameters that are spread over several processes are not watched: nothing is recorded."
UNKEPT = "Weights are no longer kept: {error}"
TOLD = "chainrule: {name} is recorded in {folder}; “chainrule watch {folder}” shows it.\n"


def watch(
    model: Models,
    *optimizers: Optimizer | Sequence[Optimizer] | None,
    folder: str | os.PathLike[str] | None = None,
    name: str = "",
    budget: float = BUDGET,
    steps: int = 0,
    keep: int = 0,
    keep_mebibytes: int = MEBIBYTES,
) -> Watch:
    """Watch the training of a model, or of several, by one optimizer or several; to be used with `with`.

    Args:
        model: The model that is trained; several as a list, or by the name that goes before those of their layers.
        optimizers: What trains them. Without any, a step is what happens to the weights from one `step` to the next.
        folder: Where the run is kept; as a rule a new folder in `chainrule-runs`, where the script was started.
        name: What the run is called; as a rule as the class of the model.
        budget: The part of the training time that watching may take. The norms of every step are measured in any case;
            what goes through the layers is measured as often as the budget allows.
        steps: How many steps there will be, where that is known.
        keep: Of how many of the last steps the weights are kept in the run's folder, to look back at, and of some
            earlier ones; as often as the budget, taken once more, allows. As a rule none are.
        keep_mebibytes: What these may take there.

    Raises:
        TypeError: What was given is no optimizer of torch.
    """
    given = [one for each in optimizers for one in (each if isinstance(each, list | tuple) else (each,))]
    own = [own_optimizer(one) for one in given if one is not None]
    return Watch(model, own, folder, name, budget, steps, (keep, keep_mebibytes))


class Watch:
    """Records what a training does; never changes it: with it and without it weights end bitwise equal."""

    def __init__(
        self,
        model: Models,
        optimizers: Sequence[Optimizer],
        folder: str | os.PathLike[str] | None,
        name: str,
        budget: float,
        steps: int,
        keep: tuple[int, int] = (0, MEBIBYTES),
    ) -> None:
        self._models = named(model)
        self._optimizers = list(optimizers)
        self.name = name or " ".join(type(inner_model(one)).__name__ for one in self._models.values())
        self.folder: Path | None = Path(folder) if folder is not None else None
        """Where the run is kept; None before it begins, and in processes that are not the first of several."""
        self._total = steps
        self._schedule = Schedule(budget)
        self._keep, self._budget = keep, budget
        self._keeper: Keeper | None = None
        self._said: dict[str, None] = {}
        self._noticed: list[dict[str, Any]] = []
        self._file: RunFolder | None = None
        self._losses: list[float] = []
        self._loss = ""
        self._metric = math.nan
        self._step = self._waited = self._count = 0
        self._told: list[tuple[float, ...]] = []
        """The SCALARS of the steps whose rows are not written yet."""
        self._sample_steps: list[int] = []
        self._sample_rows: list[np.ndarray[Any, Any]] = []
        self._pid = 0

    @property
    def cost(self) -> float:
        """The part of the training time that watching takes by now."""
        return self._schedule.cost + (self._keeper.cost if self._keeper is not None else 0.0)

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close(error)

    def start(self) -> None:
        """Begin to watch, where a loop is not in one place that a `with` could hold."""
        if is_follower():
            return
        if any(hasattr(parameter, "_local_tensor") for parameter in self._parameters()):
            _log().warning(SHARDED)
            return
        self._pid = os.getpid()
        if self.folder is None:
            self.folder = new_folder(Path(ROOT), self.name)
        self._layers = layers_of(self._models)
        self._weights = rows_of(self._layers)
        self._noticing = Noticing(self._layers, self._optimizers, self._notice)
        self._noticing.parameters(self._parameters())
        self._observer = Observer(self._models, self._layers, self._noticing.inputs)
        self._steps = Steps(list(self._weights.values()), self._parameters, self._optimizers, self._say)
        self._look_ahead()
        self._steps.open()
        self._noticing.open()
        self._observer.begin()
        self._sampling = True
        self._begun = self._flushed = self._before = perf_counter()
        sys.stderr.write(TOLD.format(name=self.name, folder=self.folder))

    def step(self, loss: Tensor | float | None = None, metric: Tensor | float | None = None) -> None:
        """Record a step of the optimizer, after it; where gradients are accumulated it may be called at every batch.

        The losses given since the last step of the optimizer are averaged.
        """
        if os.getpid() != self._pid:  # a process that a loader has forked, or one that does not watch
            return
        began = perf_counter()
        if loss is not None:
            self._losses.append(_number(loss))
            if not self._loss and isinstance(loss, Tensor) and self._step == 0:
                self._loss = loss_name(loss)
        self._metric = _number(metric) if metric is not None else self._metric
        if not self._steps.stepped:
            self._waited += 1
            if self._waited == PATIENCE:
                self._say(UNSTEPPED.format(count=PATIENCE))
            return
        self._record()
        self._note(began)
        self._keep_weights()

    def validated(self, loss: Tensor | float, metric: Tensor | float | None = None) -> None:
        """Record the loss over held-out samples after the steps so far, and how good the predictions are."""
        if os.getpid() != self._pid:
            return
        self._write_rows()
        told = {"step": self._step, "epoch": 0, "loss": _number(loss)}
        self._write("event", "validated", **told, metric=None if metric is None else _number(metric))

    def close(self, error: BaseException | None = None) -> None:
        """End watching, with the error that has ended the training if there was one."""
        if os.getpid() != self._pid:
            return
        self._pid = 0
        self._observer.end()
        self._steps.close()
        self._noticing.close()
        if self._file is None and error is None and self._waited:
            self._say(UNSTEPPED.format(count=self._waited))
        self._write_rows()
        self._tell_end(error)
        if self._file is not None:
            self._file.close()
            self._file = None

    def _record(self) -> None:
        """A row of what has been measured since the last one."""
        if self._step == 0:
            self._open(self._observer.fix())
        scale = self._steps.scale
        taken = self._steps.take(self._norms[self._count])
        loss = sum(self._losses) / len(self._losses) if self._losses else math.nan
        self._told.append((loss, self._metric, taken.rate, taken.gradient_norm, taken.clip))
        self._count += 1
        self._step += 1
        if self._step <= ALWAYS:
            self._noticing.recorded(self._losses)
        if self._step == ALWAYS:
            self._noticing.close()
        self._losses, self._metric, self._waited = [], math.nan, 0
        if self._sampling:
            self._noticing.sampled(self._step, self._observer.modes)
            self._sample_steps.append(self._step)
            self._sample_rows.append(self._observer.row(scale))

    def _note(self, began: float) -> None:
        """Settle what the step has cost, and whether the next is sampled."""
        sampled = self._sampling
        self._sampling = self._schedule.due(self._step + 1)
        if sampled != self._sampling:
            (self._observer.begin if self._sampling else self._observer.end)()
        if self._observer.late:
            self._say(LATE.format(names=", ".join(sorted(self._observer.late))))
        if self._count == CAPACITY or began - self._flushed > FLUSH:
            self._write_rows()
            self._flushed = began
        now, sample = perf_counter(), self._observer.spent()
        norms = self._steps.spent() + max(now - began - sample, 0.0)
        if self._step > 1:  # the first holds what torch and we do once
            self._schedule.note(self._step, now - self._before - norms - sample, norms, sample if sampled else 0.0)
        self._before = now

    def _keep_weights(self) -> None:
        """Keep the weights of this step, where that is wanted and due."""
        keeper = self._keeper
        if keeper is None or not keeper.due(is_last=self._step == self._total):
            return
        try:
            keeper.keep(self._step)
        except OSError as error:
            self._keeper = None
            self._say(UNKEPT.format(error=error))
            return
        if keeper.said:
            self._say(keeper.said)
        self._before = perf_counter()  # it is no part of the next step

    def _open(self, observed: list[str]) -> None:
        """Fix the columns, now that the layers have been seen at work, and begin the files."""
        order = [path for path in observed if path in self._weights]
        order += [path for path in self._weights if path not in order]
        places = {path: index for index, path in enumerate(self._weights)}
        self._steps.reorder([places[path] for path in order])
        triples = [f"{name}:{path}" for path in order for name in ("gradient", "weight", "update")]
        columns = [*SCALARS, *triples]
        self._norms = np.zeros((CAPACITY, len(order), 3), np.float32)
        started = {
            "run": self.folder.name if self.folder is not None else "",
            "weights": [self._row_info(path) for path in order],
            "outputs": [self._row_info(path) for path in observed],
            "step_columns": columns,
            "sample_columns": [
                *(f"{name}:{path}" for name in OF_OUTPUTS for path in observed),
                *(f"{name}:{path}" for path in self._observer.walking for name in OF_SEQUENCES),
            ],
            "epochs": 1,
            "steps_per_epoch": self._total,
            "total_steps": self._total,
            "parameters": sum(parameter.numel() for parameter in self._parameters()),
            "device": str(next(iter(self._parameters()), torch.empty(0)).device),
            "threads": torch.get_num_threads(),
        }
        if not observed and not compiled(self._models.values()):
            self._say(UNUSED)
        try:
            assert self.folder is not None
            self._file = RunFolder(self.folder, self.name, started, self._script())
            if self._keep[0] > 0:
                self._keeper = Keeper(self.folder, self._models, *self._keep, self._budget)
        except OSError as error:
            self._refused(error)
        for text in self._said:
            self._write("event", "said", level="warning", text=text)
        for told in self._noticed:
            self._write("event", "noticed", **told)

    def _row_info(self, path: str) -> dict[str, Any]:
        weights = self._weights.get(path, [])
        kind = type(self._layers[path]).__name__
        numel = sum(weight.numel() for weight in weights)
        return {"path": path, "node": path, "kind": kind, "category": "", "numel": numel}

    def _script(self) -> dict[str, Any]:
        """What is known of a training that is no project."""
        plain = (bool, int, float, str)
        return {
            "loss": self._loss,
            "batch": self._observer.first_batch,
            "layers": {path: settings_of(module) for path, module in self._layers.items()},
            "kinds": {path: type(module).__name__ for path, module in self._layers.items()},
            "model": [type(inner_model(model)).__name__ for model in self._models.values()],
            "optimizers": [
                {"name": type(one).__name__, **{key: value for key, value in one.defaults.items()
                                                if isinstance(value, plain) or key == "betas"}}
                for one in self._optimizers
            ],
        }  # fmt: skip

    def _parameters(self) -> Iterator[nn.Parameter]:
        seen: set[int] = set()
        for model in self._models.values():
            for parameter in model.parameters():
                if id(parameter) not in seen:
                    seen.add(id(parameter))
                    yield parameter

    def _look_ahead(self) -> None:
        """Say at once what will not be seen."""
        if compiled(self._models.values()):
            self._say(COMPILED.format(name=self.name))

    def _say(self, text: str) -> None:
        """Say it once: on standard error, or where the script's logging leads, and in the run."""
        if text not in self._said:
            self._said[text] = None
            _log().warning(text)
            self._write("event", "said", level="warning", text=text)

    def _notice(self, name: str, **told: Any) -> None:
        """Take down what is for the Doctor, once the run is begun."""
        if self._file is None and not self._step:
            self._noticed.append({"name": name, **told})
        self._write("event", "noticed", name=name, **told)

    def _write_rows(self) -> None:
        if self._count:
            norms = self._norms[: self._count].reshape(self._count, -1)
            self._write("rows", np.concatenate([np.array(self._told, np.float32), norms], axis=1))
            self._write("samples", self._sample_steps, self._sample_rows)
        self._count, self._told, self._sample_steps, self._sample_rows = 0, [], [], []

    def _tell_end(self, error: BaseException | None) -> None:
        stopped = isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit)
        if error is not None and not stopped:
            problem = {"wanted": "a training to its end was wanted", "came": str(error), "kind": type(error).__name__}
            self._write("event", "failed", problem=problem, step=self._step)
            return
        state, seconds = "stopped" if stopped else "finished", perf_counter() - self._begun
        self._write("event", "finished", state=state, step=self._step, epoch=0, seconds=seconds)

    def _write(self, method: str, *args: Any, **kwargs: Any) -> None:
        """Write to the folder; a disk that refuses costs the rest of the record, never the training."""
        if self._file is None:
            return
        try:
            getattr(self._file, method)(*args, **kwargs)
        except OSError as error:
            self._file = None
            self._refused(error)

    def _refused(self, error: OSError) -> None:
        _log().warning("The training goes on, but is no longer recorded in %s: %s", self.folder, error)


def _number(value: Tensor | float) -> float:
    return float(value.item() if isinstance(value, Tensor) else value)


def _log() -> logging.Logger:
    return logging.getLogger("chainrule")
