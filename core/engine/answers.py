"""The questions an engine answers, as a table: JSON in, JSON out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import msgspec

from core.catalog.sources import DATASET
from core.diagnosis.told_facts import Know, plain
from core.diagnosis.trial import Try
from core.engine.activations import Peek, Peeked
from core.engine.attentions import Attend
from core.engine.embeddings import Embed
from core.engine.features import Feature
from core.engine.histograms import Distribute, Distributed
from core.engine.landscapes import Survey as SurveyLosses
from core.engine.portraits import Look
from core.engine.predictions import Coefficients, Draw, Guess, Next, Survey, Sweep, Trained, Write, unpacked
from core.engine.sharpness import Curve
from core.engine.traces import Differ, Trace
from core.engine.variants import Vary
from core.errors import EngineError
from core.exchange.formats import find
from core.exchange.incoming import source
from core.filedata import data_line, dataset_of
from core.fileformat import FileDataset
from core.files import from_text, to_text
from core.graph import Graph, Node
from core.plan import Value
from core.project import Project
from core.python.probing import probed
from core.python.wire import read_question, told_text
from core.training.carrying import compared
from core.training.evaluate import Weights, evaluate, predict
from core.training.facts import facts_of
from core.training.pair import try_out
from core.training.portrait import portrait
from core.training.rate_finder import find_rate
from core.training.run import Job

if TYPE_CHECKING:
    from core.data.load import LoadedData
    from core.training.predicting import Predictor
    from core.training.tracing import Tracer


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


def _no_run(_weights: Path) -> None:
    raise EngineError("a run that is over was wanted", "there is none here", "Engine", "Train first.")


def _no_tracer(_question: Trace) -> Tracer:
    raise EngineError("a network was wanted", "there is none here", "Engine", "Train first.")


def _no_counts(_paths: Sequence[str]) -> Distributed:
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

    def of(self, question: Trained) -> Weights:
        """The weights that the question is about; raises TrainingError where there are none."""
        return Path(question.weights) if question.weights else self.weights("")


def answer(kind: str, body: str, means: Means) -> str:
    """The answer to a question of this kind; raises EngineError for an unknown one, and what its handler raises."""
    if kind not in QUESTIONS:
        wanted = f"one of the questions {', '.join(QUESTIONS)} was wanted"
        raise EngineError(wanted, f"“{kind}” came", "Engine", "Update Chainrule.")
    return msgspec.json.encode(QUESTIONS[kind](body, means)).decode()


def _evaluate(body: str, means: Means) -> dict[str, Any]:
    question = _read(body, Evaluate)
    project = from_text(question.project, "Project")
    return asdict(evaluate(project, means.of(question), means.data(project), question.part))


def _predict(body: str, means: Means) -> dict[str, Any]:
    question = _read(body, Predict)
    outputs = predict(from_text(question.project, "Project"), means.of(question), question.inputs)
    return {path: values.tolist() for path, values in outputs.items()}


def _look(body: str, means: Means) -> dict[str, Any]:
    question = _read(body, Look)
    weights = Path(question.weights) if question.weights else means.weights(f"{question.module}.")
    return _plain(portrait(weights, question.module, question.channel))


def _peek(body: str, means: Means) -> dict[str, Any]:
    wanted = [Value(*value) for value in _read(body, Peek).values]
    return _plain(means.peek(wanted))


def _distribute(body: str, means: Means) -> dict[str, Any]:
    return _plain(means.distribute(_read(body, Distribute).paths))


def _survey(body: str, means: Means) -> dict[str, Any]:
    told = means.predictor(_read(body, Survey)).survey()
    return _plain(told)


def _draw(body: str, means: Means) -> dict[str, Any]:
    question = _read(body, Draw)
    told = means.predictor(question).draw(question.part, question.place)
    return _plain(told)


def _guess(body: str, means: Means) -> dict[str, Any]:
    question = _read(body, Guess)
    given = {name: unpacked(numbers) for name, numbers in question.inputs.items()}
    return _plain(means.predictor(question).guess(given))


def _sweep(body: str, means: Means) -> dict[str, Any]:
    question = _read(body, Sweep)
    return _plain(means.predictor(question).sweep(question))


def _coefficients(body: str, means: Means) -> dict[str, Any]:
    question = _read(body, Coefficients)
    return _plain(means.predictor(question).weigh(question))


def _next(body: str, means: Means) -> dict[str, Any]:
    question = _read(body, Next)
    return _plain(means.predictor(question).next(question))


def _write(body: str, means: Means) -> dict[str, Any]:
    question = _read(body, Write)
    return _plain(means.predictor(question).write(question))


def _trace(body: str, means: Means) -> dict[str, Any]:
    question = _read(body, Trace)
    return _plain(means.tracer(question).trace(question))


def _landscape(body: str, means: Means) -> dict[str, Any]:
    from core.training.landscape import survey

    question = _read(body, SurveyLosses)
    return _plain(survey(means.tracer(question), question, means.tell))


def _curve(body: str, means: Means) -> dict[str, Any]:
    from core.training.sharpness import sharpness

    question = _read(body, Curve)
    return _plain(sharpness(means.tracer(question), question, means.tell))


def _attend(body: str, means: Means) -> dict[str, Any]:
    from core.training.attention import attend

    question = _read(body, Attend)
    return _plain(attend(means.tracer(question), question))


def _embed(body: str, means: Means) -> dict[str, Any]:
    from core.training.embedding import embed

    question = _read(body, Embed)
    return _plain(embed(means.tracer(question), question))


def _feature(body: str, means: Means) -> dict[str, Any]:
    from core.training.features import featured

    question = _read(body, Feature)
    return _plain(featured(means.tracer(question), question))


def _differ(body: str, means: Means) -> dict[str, Any]:
    question = _read(body, Differ)
    return _plain(means.tracer(question).differ(question))


def _export(body: str, means: Means) -> dict[str, Any]:
    from core.exchange.models import export_model

    question = _read(body, Export)
    project = from_text(question.project, "Project")
    weights = None if question.initial else means.of(question)
    return asdict(export_model(project, find(question.format), Path(question.path), weights, means.tell))


def _facts(body: str, means: Means) -> dict[str, Any]:
    project = from_text(_read(body, Know).project, "Project")
    return plain(facts_of(means.data(project), project.training))


def _rates(body: str, means: Means) -> dict[str, Any]:
    question = _read(body, Rates)
    project = from_text(question.project, "Project")
    weights = means.of(question) if question.weights or question.last else None
    job = Job(project, means.data(project))
    return asdict(find_rate(job, weights, means.tell, question.steps, question.lowest, question.highest))


def _trial(body: str, means: Means) -> dict[str, Any]:
    question = _read(body, Try)
    before, after = (from_text(text, "Project") for text in (question.before, question.after))
    return asdict(try_out(before, after, means.data, means.tell, question.steps))


def _load(body: str, means: Means) -> dict[str, Any]:
    means.load(Path(_read(body, Load).weights))
    return {"loaded": True}


def _carry(body: str, _means: Means) -> dict[str, Any]:
    question = _read(body, Carry)
    found = compared(from_text(question.before, "Project"), from_text(question.project, "Project"))
    return {"weights": [asdict(weight) for weight in found.weights]}


def _block(body: str, _means: Means) -> dict[str, Any]:
    told = told_text(probed(read_question(body)))
    return _plain(told)


def _import(body: str, means: Means) -> dict[str, Any]:
    from core.exchange.importing import Wish, bring

    question = _read(body, Import)
    wish = Wish(source(question.source), tuple(question.inputs), tuple(question.folders))
    brought = bring(wish, Path(question.weights), means.tell)
    told = {"report": asdict(brought.report), "difference": brought.difference}
    return {"project": to_text(brought.project), **told}


def _inspect(body: str, _means: Means) -> dict[str, Any]:
    from core.data.own import inspected

    question = _read(body, Inspect)
    return {"dataset": data_line("", inspected(Path(question.path), question.options, question.source))}


def _vary(body: str, means: Means) -> dict[str, Any]:
    from core.data.variants import varied

    question = _read(body, Vary)
    settings = dataset_of(_read(question.dataset, FileDataset))
    node = Node("data", DATASET, "data", (("dataset", "data"),))
    project = Project(graph=Graph.of([node]), data=MappingProxyType({"data": settings}))
    told = varied(settings, means.data(project)["data"], question.seed, question.samples, question.draws)
    return _plain(told)


def _plain(told: msgspec.Struct) -> dict[str, Any]:
    """A struct as what JSON knows."""
    plain: dict[str, Any] = msgspec.to_builtins(told)
    return plain


Question = TypeVar("Question", bound=msgspec.Struct)


def _read(body: str, wanted: type[Question]) -> Question:
    try:
        return msgspec.json.decode(body, type=wanted)
    except msgspec.MsgspecError as error:
        raise EngineError(f"a question “{wanted.__name__.lower()}” was wanted", str(error), "Engine pipe") from error


QUESTIONS: Mapping[str, Callable[[str, Means], dict[str, Any]]] = MappingProxyType(
    {
        "attend": _attend,
        "block": _block,
        "carry": _carry,
        "coefficients": _coefficients,
        "curve": _curve,
        "differ": _differ,
        "distribute": _distribute,
        "draw": _draw,
        "embed": _embed,
        "evaluate": _evaluate,
        "export": _export,
        "facts": _facts,
        "feature": _feature,
        "guess": _guess,
        "import": _import,
        "inspect": _inspect,
        "predict": _predict,
        "landscape": _landscape,
        "load": _load,
        "look": _look,
        "next": _next,
        "peek": _peek,
        "rates": _rates,
        "survey": _survey,
        "sweep": _sweep,
        "trial": _trial,
        "trace": _trace,
        "write": _write,
        "vary": _vary,
    }
)
