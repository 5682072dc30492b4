"""`chainrule train FILE`: trains in this process, tells how it goes, and keeps weights and figures in a folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from core.checks import errors
from core.commands.allowing import add_allow, allow
from core.commands.assignments import assigned
from core.commands.following import Following
from core.commands.lines import Lines
from core.commands.machine import ready
from core.commands.opening import FILE_HELP, Opened, opened
from core.commands.outcome import save_metrics, save_project
from core.commands.progress import Bar, clock, measures
from core.commands.stopping import stopped_by_signals
from core.commands.telling import plural, problem_text
from core.commands.trusting import add_trust, oracle
from core.engine.messages import Event, Failed, Finished, Train
from core.errors import DataError, FileError, ParameterError, TrainingError
from core.files import to_text
from core.project import Project
from core.reading import read
from core.runs.layout import PROJECT, RUN
from core.runs.recording import recorded

if TYPE_CHECKING:
    from core.training.control import Control

SUMMARY = "train a network"
HELP = (
    "Train here, without a window. Ctrl+C stops after the step and keeps the weights. KEY of --set is a training "
    "setting (epochs, batch_size, seed, accumulate, averaging, precision...); optimizer, learning_rate, momentum, "
    "weight_decay, beta1, beta2 or eps; schedule; rates.NODE, a share of the learning rate; "
    "NODE.PARAMETER (conv1.out_channels=8); or DATA.SETTING (mnist.validation=0.1)."
)
INTERRUPTED = 130
SHORT = {"epochs": "epochs of the whole run", "seed": "seed of weights and order", "threads": "processor cores"}


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", help=FILE_HELP)
    add_trust(parser)
    add_allow(parser)
    for name, text in SHORT.items():
        parser.add_argument(f"--{name}", metavar="N", help=f"{text}, instead of the file's")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="change a setting; repeatable")
    parser.add_argument("--json", action="store_true", help="one JSON object a message on standard output")
    parser.add_argument("--out", metavar="DIR", type=Path, help="keep weights, metrics.json and the run in this folder")
    parser.add_argument("--resume", action="store_true", help="go on exactly where the run in DIR was stopped")


def run(options: argparse.Namespace) -> int:
    """Train; 1 where the network or the run has a problem, 130 where a signal has stopped it."""
    file = opened(options.file)
    allow(file, options, keeps=options.out is not None)
    project = assigned(file.project, _assignments(options))
    asked = oracle(file.project, project, trust=options.trust)
    if wrong := errors(read(project, oracle=asked).problems):
        print("\n".join(map(problem_text, wrong)), file=sys.stderr)
        return 1
    folder = _folder(options, file)
    ready(project.training.threads)
    return _trained(project, folder, options)


def _assignments(options: argparse.Namespace) -> Iterator[str]:
    for name in SHORT:
        if (value := getattr(options, name)) is not None:
            yield f"{name}={value}"
    yield from options.set


def _folder(options: argparse.Namespace, file: Opened) -> Path | None:
    """The run's folder, made and tried; raises FileError where it cannot be used."""
    folder: Path | None = options.out
    if folder is None and options.resume:
        if not (file.path.parent / RUN).is_file():
            raise ParameterError("the folder of the run was wanted", "none came", "--resume", "Add --out DIR.")
        folder = file.path.parent
    if folder is not None:
        _try(folder)
    return folder


def _try(folder: Path) -> None:
    if (folder / PROJECT).exists() and not (folder / RUN).exists():
        came = f"it holds another {PROJECT}"
        raise FileError("a new folder or that of a run was wanted", came, str(folder), "Choose another --out.")
    trial = folder / ".chainrule.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial.write_bytes(bytes(4096))
        trial.unlink()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileError("a folder to write to was wanted", reason, str(folder), "Choose another --out.") from error


def _trained(project: Project, folder: Path | None, options: argparse.Namespace) -> int:
    following = Following(project.training.batch_size)
    bar = Bar(sys.stderr, following)
    bar.wait("Starting PyTorch...")
    from core.training.control import Control

    lines = Lines() if options.json else None
    control, end = Control(), None
    with stopped_by_signals(control.stop) as stopped, closing(_events(project, folder, options, control)) as events:
        for event in events:
            bar.tell(event, following.take(event))
            if lines is not None:
                print(lines.text(event), flush=True)
            end = event if isinstance(event, Finished | Failed) else end
    bar.close()
    if end is None:
        raise TrainingError("a run that ends was wanted", "it broke off", "Training", "Please report this.")
    if folder is not None:
        save_metrics(project, following, end, folder)
    _raise(end)
    return _kept(project, following, end, folder, options.json) or (INTERRUPTED if stopped() else 0)


def _events(project: Project, folder: Path | None, options: argparse.Namespace, control: Control) -> Generator[Event]:
    from core.data.load import load
    from core.training.checkpoint import CHECKPOINT
    from core.training.loop import train
    from core.training.run import Job

    checkpoint = folder / CHECKPOINT if options.resume and folder is not None else None
    if checkpoint is not None and not checkpoint.is_file():
        raise FileError("a run to go on with was wanted", "it has no checkpoint", str(folder), "Leave out --resume.")
    data = {key: load(settings) for key, settings in project.data.items()}
    job = Job(project, data, folder, resume=checkpoint)
    request = Train(project=to_text(project), folder=str(folder or ""), resume=str(checkpoint or ""))
    yield from recorded(request, train(job, control))


def _raise(end: Finished | Failed) -> None:
    """Raise what has ended the run, if it did not end well."""
    if isinstance(end, Failed):
        problem = end.problem
        kind = {"FileError": FileError, "DataError": DataError}.get(problem.kind, TrainingError)
        raise kind(problem.wanted, problem.came, problem.where, problem.fix)


def _kept(project: Project, following: Following, end: Event, folder: Path | None, json: bool) -> int:
    """Tell how the run ended, and keep what was learned; 1 where that cannot be."""
    assert isinstance(end, Finished)  # _raise was asked before
    stream = sys.stderr if json else sys.stdout
    print(_summary(following, end), file=stream)
    if folder is None:
        print("The weights are not kept: add --out DIR for that.", file=sys.stderr)
        return 0
    if not end.weights:
        return 1
    print(f"Trained project: {save_project(project, following, end, folder)}", file=stream)
    return 0


def _summary(following: Following, end: Finished) -> str:
    started = following.started
    assert started is not None  # the run has finished
    done = f"{plural(end.epoch, 'epoch')} ({plural(end.step, 'step')}, {clock(end.seconds)})"
    text = f"{end.state.capitalize()} after {done}"
    if end.validation_loss is None:
        return f"{text}."
    return f"{text}: {', '.join(measures('validation ', started.metric, end.validation_loss, end.validation_metric))}."
