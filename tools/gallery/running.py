"""Trains a template with a seed and judges it; keeps what came out by the hash of all that it depends on."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import process_time
from types import MappingProxyType

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from core.data.identity import data_hash
from core.data.load import load
from core.engine.messages import Failed, Started, StepRows, Validated
from core.errors import TrainingError
from core.exchange.script import written_script
from core.files import to_text, write_atomically
from core.project import Project
from core.reading import read
from core.training.control import Control
from core.training.loop import train
from core.training.run import Job
from tools.gallery.exhibit import Exhibit, Outcome

SEEDS = (0, 1, 2)
MOST_SECONDS = 180.0
RESULTS = Path(__file__).resolve().parents[2] / "resources" / "templates" / "results.json"


class Seed(msgspec.Struct, frozen=True):
    """One run: its seed, the figure, the reference, and the seconds of processor time that training took."""

    seed: int
    value: float
    seconds: float
    reference: float | None = None


class Result(msgspec.Struct, frozen=True):
    """What is known of a template with this hash."""

    hash: str
    parameters: int
    seeds: tuple[Seed, ...] = ()


def exhibit_hash(project: Project) -> str:
    """The sha256 of what is trained: the project without its looks, the script that it is, and its data.

    How the script's lines are laid out does not matter.
    """
    bare = replace(
        project,
        name="",
        description="",
        positions=MappingProxyType({}),
        annotations=MappingProxyType({}),
        reroutes=MappingProxyType({}),
        bodies=MappingProxyType({}),
    )
    script = written_script(read(replace(project, name="network", description=""))).text
    parts = [to_text(bare), ast.dump(ast.parse(script))]
    parts += [data_hash(settings) for settings in project.data.values()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def run(project: Project, seed: int) -> tuple[Outcome, float]:
    """The project trained to its end from this seed, and the seconds of processor time; raises TrainingError."""
    project = replace(project, training=replace(project.training, seed=seed))
    torch.set_num_threads(project.training.threads)
    data = {key: load(settings) for key, settings in project.data.items()}
    control, columns = Control(), tuple[str, ...]()
    validated, rows = list[Validated](), list[NDArray[np.float32]]()
    began = process_time()
    with closing(iter(train(Job(project, data), control))) as events:  # type: ignore[type-var]  # it is a generator
        for event in events:
            match event:
                case Started():
                    columns = tuple(event.step_columns)
                case StepRows():
                    rows.append(np.frombuffer(event.data, np.float32).reshape(event.count, -1))
                case Validated():
                    validated.append(event)
                case Failed(problem=problem):
                    raise TrainingError(problem.wanted, problem.came, problem.where, problem.fix)
    seconds = process_time() - began
    assert control.weights is not None  # the run has begun
    outcome = Outcome(project, data, control.weights(""), tuple(validated), columns, np.concatenate(rows))
    return outcome, seconds


def judged(exhibit: Exhibit, seed: int) -> Seed:
    """The figure of one run."""
    outcome, seconds = run(exhibit.make(), seed)
    figure = exhibit.figure
    reference = figure.reference(outcome) if figure.reference is not None else None
    return Seed(seed, figure.measure(outcome), round(seconds, 1), reference)


def known(path: Path = RESULTS) -> dict[str, Result]:
    """The results so far, by the template's name."""
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Result]) if path.is_file() else {}


def keep(results: Mapping[str, Result], path: Path = RESULTS) -> None:
    """Write the results."""
    text = msgspec.json.format(msgspec.json.encode(dict(sorted(results.items()))), indent=1).decode()
    write_atomically(path, text + "\n")
