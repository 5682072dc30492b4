"""The questions an engine answers, as a table: JSON in, JSON out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from core.catalog.sources import DATASET
from core.diagnosis.told_facts import Know, plain
from core.diagnosis.trial import Try
from core.engine.means import Means, plain_of, read
from core.engine.moments import Leave, Left, Recall
from core.engine.network_answers import OF_NETWORKS
from core.engine.predictions import Trained
from core.engine.variants import Vary
from core.errors import EngineError
from core.exchange.formats import find
from core.exchange.incoming import source
from core.filedata import data_line, dataset_of
from core.fileformat import FileDataset
from core.files import from_text, to_text
from core.graph import Graph, Node
from core.project import Project
from core.python.probing import probed
from core.python.wire import read_question, told_text
from core.training.carrying import compared
from core.training.evaluate import evaluate, predict
from core.training.facts import facts_of
from core.training.pair import try_out
from core.training.rate_finder import find_rate
from core.training.run import Job


class Evaluate(Trained, kw_only=True):
    """Answered by `loss`, `metric`, `metric_name` and `samples`."""

    part: Literal["train", "validation"] = "validation"


class Predict(Trained, kw_only=True):
    """Answered by the outputs (N, ...), by the path of their node."""

    inputs: dict[str, Any]
    """Normalised inputs (N, ...) as nested lists, by field."""


class Rates(Trained, kw_only=True):
    """A learning-rate range test; answered as `rate_finder.RateTest` has it.

    From `weights`, else from those of the engine's last run where `last` says so, else from those of the seed.
    """

    last: bool = False
    steps: int = 100
    lowest: float = 1e-7
    highest: float = 10.0


class Load(msgspec.Struct, kw_only=True):
    """Give the network of the last run, which is over, the weights of this file; answered by `loaded`."""

    weights: str


class Carry(msgspec.Struct, kw_only=True):
    """What becomes of every weight of a network that was edited; answered by `weights`, as `carrying.Weight` has it."""

    before: str
    """The text of the project as it was."""
    project: str


class Export(Trained, kw_only=True):
    """Answered by what is known of the file: `path`, `size`, `trained` and `difference`."""

    format: str
    path: str
    initial: bool = False
    """Whether the network shall be as its seed starts it, trained or not."""


class Import(msgspec.Struct, kw_only=True):
    """Runs a stranger's code, so it is asked once the user has agreed, of an engine that does nothing else.

    Answered by `project` (its text), `report` and `difference`.
    """

    source: str
    """As the user typed it."""
    weights: str
    """Where the safetensors file of its weights is written."""
    inputs: list[str] = []
    folders: list[str] = []
    """Where its packages are looked for first."""


class Inspect(msgspec.Struct, kw_only=True):
    """A file or folder of data: answered by `dataset`, the line that stands for it in a project file."""

    path: str
    source: str = ""
    """Its format; empty: as its name tells."""
    options: dict[str, int | float | str | bool] = {}


def answer(kind: str, body: str, means: Means) -> str:
    """The answer to a question of this kind; raises EngineError for an unknown one, and what its handler raises."""
    if kind not in QUESTIONS:
        wanted = f"one of the questions {', '.join(QUESTIONS)} was wanted"
        raise EngineError(wanted, f"“{kind}” came", "Engine", "Update Chainrule.")
    return msgspec.json.encode(QUESTIONS[kind](body, means)).decode()


def _evaluate(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Evaluate)
    project = from_text(question.project, "Project")
    return asdict(evaluate(project, means.of(question), means.data(project), question.part))


def _predict(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Predict)
    outputs = predict(from_text(question.project, "Project"), means.of(question), question.inputs)
    return {path: values.tolist() for path, values in outputs.items()}


def _export(body: str, means: Means) -> dict[str, Any]:
    from core.exchange.models import export_model

    question = read(body, Export)
    project = from_text(question.project, "Project")
    weights = None if question.initial else means.of(question)
    return asdict(export_model(project, find(question.format), Path(question.path), weights, means.tell))


def _facts(body: str, means: Means) -> dict[str, Any]:
    project = from_text(read(body, Know).project, "Project")
    return plain(facts_of(means.data(project), project.training))


def _rates(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Rates)
    project = from_text(question.project, "Project")
    weights = means.of(question) if question.weights or question.last else None
    job = Job(project, means.data(project))
    return asdict(find_rate(job, weights, means.tell, question.steps, question.lowest, question.highest))


def _trial(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Try)
    before, after = (from_text(text, "Project") for text in (question.before, question.after))
    return asdict(try_out(before, after, means.data, means.tell, question.steps))


def _load(body: str, means: Means) -> dict[str, Any]:
    means.load(Path(read(body, Load).weights))
    return {"loaded": True}


def _recall(body: str, means: Means) -> dict[str, Any]:
    return plain_of(means.moments().recalled(read(body, Recall).hold))


def _leave(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Leave)
    means.moments().leave(question.step, Path(question.path))
    return plain_of(Left(path=question.path, step=question.step))


def _carry(body: str, _means: Means) -> dict[str, Any]:
    question = read(body, Carry)
    found = compared(from_text(question.before, "Project"), from_text(question.project, "Project"))
    return {"weights": [asdict(weight) for weight in found.weights]}


def _block(body: str, _means: Means) -> dict[str, Any]:
    told = told_text(probed(read_question(body)))
    return plain_of(told)


def _import(body: str, means: Means) -> dict[str, Any]:
    from core.exchange.importing import Wish, bring

    question = read(body, Import)
    wish = Wish(source(question.source), tuple(question.inputs), tuple(question.folders))
    brought = bring(wish, Path(question.weights), means.tell)
    told = {"report": asdict(brought.report), "difference": brought.difference}
    return {"project": to_text(brought.project), **told}


def _inspect(body: str, _means: Means) -> dict[str, Any]:
    from core.data.own import inspected

    question = read(body, Inspect)
    return {"dataset": data_line("", inspected(Path(question.path), question.options, question.source))}


def _vary(body: str, means: Means) -> dict[str, Any]:
    from core.data.variants import varied

    question = read(body, Vary)
    settings = dataset_of(read(question.dataset, FileDataset))
    node = Node("data", DATASET, "data", (("dataset", "data"),))
    project = Project(graph=Graph.of([node]), data=MappingProxyType({"data": settings}))
    told = varied(settings, means.data(project)["data"], question.seed, question.samples, question.draws)
    return plain_of(told)


QUESTIONS: Mapping[str, Callable[[str, Means], dict[str, Any]]] = MappingProxyType(
    {
        **OF_NETWORKS,
        "block": _block,
        "carry": _carry,
        "evaluate": _evaluate,
        "export": _export,
        "facts": _facts,
        "import": _import,
        "inspect": _inspect,
        "leave": _leave,
        "predict": _predict,
        "load": _load,
        "rates": _rates,
        "recall": _recall,
        "trial": _trial,
        "vary": _vary,
    }
)
