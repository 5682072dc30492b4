"""The questions about a network as it stands: its weights, what its layers give, what it says of samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.engine.activations import Peek
from core.engine.attentions import Attend
from core.engine.embeddings import Embed
from core.engine.features import Feature
from core.engine.histograms import Distribute
from core.engine.landscapes import Survey as SurveyLosses
from core.engine.means import Means, plain_of, read
from core.engine.portraits import Look
from core.engine.predictions import Coefficients, Draw, Guess, Next, Survey, Sweep, Write, unpacked
from core.engine.reviews import Review
from core.engine.sharpness import Curve
from core.engine.traces import Differ, Trace
from core.plan import Value
from core.training.histograms import counted_file
from core.training.portrait import portrait


def _look(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Look)
    weights = Path(question.weights) if question.weights else means.weights(f"{question.module}.")
    return plain_of(portrait(weights, question.module, question.channel, question.alone))


def _peek(body: str, means: Means) -> dict[str, Any]:
    wanted = [Value(*value) for value in read(body, Peek).values]
    return plain_of(means.peek(wanted))


def _distribute(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Distribute)
    if question.weights:
        return plain_of(counted_file(Path(question.weights), question.modules))
    return plain_of(means.distribute(question.paths))


def _survey(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Survey)
    return plain_of(means.predictor(question).survey(question.across))


def _draw(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Draw)
    told = means.predictor(question).draw(question.part, question.place)
    return plain_of(told)


def _guess(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Guess)
    given = {name: unpacked(numbers) for name, numbers in question.inputs.items()}
    return plain_of(means.predictor(question).guess(given))


def _sweep(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Sweep)
    return plain_of(means.predictor(question).sweep(question))


def _coefficients(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Coefficients)
    return plain_of(means.predictor(question).weigh(question))


def _next(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Next)
    return plain_of(means.predictor(question).next(question))


def _write(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Write)
    return plain_of(means.predictor(question).write(question))


def _trace(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Trace)
    return plain_of(means.tracer(question).trace(question))


def _landscape(body: str, means: Means) -> dict[str, Any]:
    from core.training.landscape import survey

    question = read(body, SurveyLosses)
    return plain_of(survey(means.tracer(question), question, means.tell))


def _curve(body: str, means: Means) -> dict[str, Any]:
    from core.training.sharpness import sharpness

    question = read(body, Curve)
    return plain_of(sharpness(means.tracer(question), question, means.tell))


def _attend(body: str, means: Means) -> dict[str, Any]:
    from core.training.attention import attend

    question = read(body, Attend)
    return plain_of(attend(means.tracer(question), question))


def _embed(body: str, means: Means) -> dict[str, Any]:
    from core.training.embedding import embed

    question = read(body, Embed)
    return plain_of(embed(means.tracer(question), question))


def _review(body: str, means: Means) -> dict[str, Any]:
    from core.training.reviewing import review

    question = read(body, Review)
    return plain_of(review(means.tracer(question), question))


def _feature(body: str, means: Means) -> dict[str, Any]:
    from core.training.features import featured

    question = read(body, Feature)
    return plain_of(featured(means.tracer(question), question))


def _differ(body: str, means: Means) -> dict[str, Any]:
    question = read(body, Differ)
    return plain_of(means.tracer(question).differ(question))


OF_NETWORKS: Mapping[str, Callable[[str, Means], dict[str, Any]]] = MappingProxyType(
    {
        "attend": _attend,
        "coefficients": _coefficients,
        "curve": _curve,
        "differ": _differ,
        "distribute": _distribute,
        "draw": _draw,
        "embed": _embed,
        "feature": _feature,
        "guess": _guess,
        "landscape": _landscape,
        "look": _look,
        "next": _next,
        "peek": _peek,
        "review": _review,
        "survey": _survey,
        "sweep": _sweep,
        "trace": _trace,
        "write": _write,
    }
)
