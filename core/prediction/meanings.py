"""What the outputs of a network mean: classes and their probabilities, yes or no, pictures, values in natural units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.compared import prediction, target
from core.data.normalisation import Normalisation, undo
from core.data.sources import FieldSpec
from core.plan import Plan, Step, Value

_SHAPING = frozenset({"Flatten", "Unflatten", "Reshape", "Squeeze", "Unsqueeze", "Cast", "Detach"})
"""The kinds that leave the numbers in their order."""
Form = Literal["classes", "yes or no", "sign", "labels", "values", "series", "picture", "mask", "tokens"]
"""How an answer is shown."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an output stands for: `target` and `prediction` as the loss's kind has them, or empty without a loss."""

    target: str = ""
    prediction: str = ""
    field: FieldSpec | None = None
    dataset: str = ""
    classes: tuple[str, ...] = ()
    margin: float = 0.0
    """How far from zero a score of ±1 must be to cost nothing; 0 where the loss has no margin."""


class Source(NamedTuple):
    """The field of a data set that a value comes from, however it was shaped on the way."""

    step: Step
    port: str


def meanings(plan: Plan) -> dict[str, Meaning]:
    """By the path of the output what it stands for."""
    return {name: _meaning(plan, value) for value in plan.predictions() for name in [output_name(value)]}


def compared_meaning(plan: Plan, step: Step) -> Meaning:
    """What a loss compares stands for: its own scores, where it is one with weights, else the output that it reads."""
    if step.kind.judged:
        return _against(plan, step, step.kind.target, step.kind.prediction)
    value = prediction(step)
    return _meaning(plan, value) if value is not None else Meaning()


def output_name(value: Value) -> str:
    """What an output is called."""
    return value.path if value.port == "output" else f"{value.path}.{value.port}"


def form(meaning: Meaning, shape: tuple[int, ...]) -> Form:
    """How an answer of this shape, the batch left out, is shown."""
    kind = meaning.target
    if kind in ("classes", "shares") and len(shape) > 1:
        return "mask" if len(shape) == 3 else "tokens" if len(shape) == 2 else "values"
    if kind in ("classes", "shares"):
        return "classes"
    if kind == "signs" and shape in ((1,), ()):
        return "sign"
    if kind == "probabilities":
        return "mask" if len(shape) == 3 else "yes or no" if shape in ((1,), ()) else "labels"
    natural = natural_shape(meaning, shape)
    if len(natural) == 3 and natural[0] in (1, 3, 4) and min(natural[1:]) > 1:
        return "picture"
    named = meaning.field is not None and bool(meaning.field.columns)
    return "series" if math.prod(natural) > 1 and len(natural) in (1, 2) and meaning.field and not named else "values"


def natural_shape(meaning: Meaning, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the field that an answer is held against, where it has as many numbers; else its own."""
    known = meaning.field.shape if meaning.field is not None else shape
    return known if math.prod(known) == math.prod(shape) else shape


def shown(meaning: Meaning, outputs: NDArray[Any], scale: Normalisation | None) -> NDArray[np.float32]:
    """The outputs (N, ...) as they are shown: probabilities, scores where the loss knows none, or natural units."""
    if meaning.target in ("classes", "shares") and outputs.ndim > 1:
        return outputs if meaning.prediction == "scores" else softmax(outputs).astype(np.float32)
    if meaning.target == "probabilities":
        given = meaning.prediction == "probabilities"
        return outputs if given else _sigmoid(outputs).astype(np.float32)
    if meaning.target == "signs":
        return outputs
    natural = outputs.reshape(len(outputs), *natural_shape(meaning, outputs.shape[1:]))
    return undo(scale, natural) if scale is not None else natural


def answers(meaning: Meaning, outputs: NDArray[Any], scale: Normalisation | None) -> list[dict[str, Any]]:
    """Per sample of the outputs (N, ...) what they say."""
    if meaning.target in ("classes", "shares") and outputs.ndim == 2:
        if meaning.prediction == "scores":
            return [_best(meaning, row) for row in outputs]
        return [_classes(meaning, row) for row in softmax(outputs)]
    if meaning.target == "probabilities" and outputs.shape[1:] == (1,):
        shares = outputs[:, 0] if meaning.prediction == "probabilities" else _sigmoid(outputs[:, 0])
        return [_yes_or_no(meaning, float(share)) for share in shares]
    natural = outputs.reshape(len(outputs), *natural_shape(meaning, outputs.shape[1:]))
    values = undo(scale, natural) if scale is not None else natural
    return [{"value": row.tolist()} for row in values]


def softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities (N, C, ...) of scores (N, C, ...)."""
    exact = scores.astype(np.float64)
    powers = np.exp(exact - exact.max(axis=1, keepdims=True))
    found: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return found


def class_names(meaning: Meaning, count: int) -> list[str]:
    """So many names: those of the classes, then numbers."""
    return [*meaning.classes[:count], *map(str, range(len(meaning.classes), count))]


def two_names(meaning: Meaning) -> tuple[str, str]:
    """What a target of 0 or −1, and one of 1, are called."""
    return (meaning.classes[0], meaning.classes[1]) if len(meaning.classes) == 2 else ("no", "yes")


def text(answer: Mapping[str, Any]) -> str:
    """An answer in a few words, the likeliest classes first."""
    if "value" in answer:
        return " ".join(f"{number:.6g}" for number in np.asarray(answer["value"]).reshape(-1))
    if "scores" in answer:
        return f"{answer['class']} {answer['scores'][answer['class']]:.6g}"
    ranked = sorted(answer["probabilities"].items(), key=lambda item: -item[1])[:3]
    return "   ".join(f"{name} {100 * share:5.1f} %" for name, share in ranked)


def _meaning(plan: Plan, value: Value) -> Meaning:
    for step in plan.losses:
        if value != prediction(step):
            continue
        # the scores of a loss with weights are its own; what comes in before them is no answer yet
        if step.kind.judged:
            return Meaning("", step.kind.prediction, margin=_margin(step))
        return _against(plan, step, *_compared(step))
    return Meaning()


def _against(plan: Plan, step: Step, stands_for: str, given: str) -> Meaning:
    """What is held against the target of a loss."""
    source = _source(plan, target(step))
    if source is None:
        return Meaning(stands_for, given, margin=_margin(step))
    found = next((one for one in source.step.fields if one.name == source.port), None)
    own = found.classes if found is not None else ()
    classes = own or next((one.classes for one in source.step.fields if one.classes), ())
    return Meaning(stands_for, given, found, source.step.dataset, classes, margin=_margin(step))


def _compared(step: Step) -> tuple[str, str]:
    """What the loss's target and its prediction are: an overlap of masks says it by its activation."""
    activation = _param(step, "activation") if step.kind.target == "probabilities" else None
    if activation == "softmax":
        return "shares", step.kind.prediction
    return step.kind.target, "probabilities" if activation == "none" else step.kind.prediction


def _margin(step: Step) -> float:
    margin = _param(step, "margin") if step.kind.target == "signs" else None
    return float(margin) if isinstance(margin, int | float) else 0.0


def _param(step: Step, name: str) -> object:
    known = next((param for param in step.kind.params if param.name == name), None)
    return dict(step.params).get(name, known.default) if known is not None else None


def _source(plan: Plan, value: Value | None) -> Source | None:
    """Where a target comes from, through layers that only shape it."""
    while value is not None:
        step = plan.by_path.get(value.path)
        if step is None or step.fields:
            return Source(step, value.port) if step is not None else None
        given = list(step.values())
        value = given[0] if step.kind.name in _SHAPING else None
    return None


def _best(meaning: Meaning, row: NDArray[Any]) -> dict[str, Any]:
    """Of scores that are no logarithms: the best class, and the scores as they are."""
    names = class_names(meaning, len(row))
    return {"class": names[int(row.argmax())], "scores": dict(zip(names, row.tolist(), strict=False))}


def _classes(meaning: Meaning, row: NDArray[np.float64]) -> dict[str, Any]:
    names = class_names(meaning, len(row))
    return {"class": names[int(row.argmax())], "probabilities": dict(zip(names, row.tolist(), strict=False))}


def _sigmoid(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Shares of scores, without overflow."""
    small = np.exp(-np.abs(scores.astype(np.float64)))
    found: NDArray[np.float64] = np.where(scores >= 0, 1, small) / (1 + small)
    return found


def _yes_or_no(meaning: Meaning, share: float) -> dict[str, Any]:
    names = two_names(meaning)
    return {"class": names[int(share > 0.5)], "probabilities": {names[0]: float(1 - share), names[1]: float(share)}}
