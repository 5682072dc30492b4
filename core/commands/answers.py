"""The outputs of a network in words: classes and their probabilities, yes or no, or values in their natural units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.compared import prediction, target
from core.data.normalisation import Normalisation, undo
from core.data.sources import FieldSpec
from core.plan import Plan, Value


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an output stands for: `target` and `prediction` as the loss's kind has them, or empty without a loss."""

    target: str = ""
    prediction: str = ""
    field: FieldSpec | None = None
    dataset: str = ""
    classes: tuple[str, ...] = ()


def meanings(plan: Plan) -> dict[str, Meaning]:
    """By the path of the output what it stands for."""
    return {name: _meaning(plan, value) for value in plan.predictions() for name in [output_name(value)]}


def output_name(value: Value) -> str:
    """What an output is called."""
    return value.path if value.port == "output" else f"{value.path}.{value.port}"


def answers(meaning: Meaning, outputs: NDArray[Any], scale: Normalisation | None) -> list[dict[str, Any]]:
    """Per sample of the outputs (N, ...) what they say."""
    if meaning.target in ("classes", "shares") and outputs.ndim == 2:
        if meaning.prediction == "scores":
            return [_best(meaning, row) for row in outputs]
        return [_classes(meaning, row) for row in softmax(outputs)]
    if meaning.target == "probabilities" and outputs.shape[1:] == (1,):
        shares = outputs[:, 0] if meaning.prediction == "probabilities" else _sigmoid(outputs[:, 0])
        return [_yes_or_no(meaning, float(share)) for share in shares]
    values = undo(scale, outputs) if scale is not None else outputs
    return [{"value": row.tolist()} for row in values]


def softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities (N, C) of scores (N, C)."""
    exact = scores.astype(np.float64)
    powers = np.exp(exact - exact.max(axis=1, keepdims=True))
    found: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return found


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
        kind, right = step.kind, target(step)
        # the scores of a loss with weights are its own; what comes in before them is no answer yet
        stands_for = "" if kind.judged else kind.target
        source = plan.by_path.get(right.path) if right is not None else None
        if source is None or right is None or not source.fields or kind.judged:
            return Meaning(stands_for, kind.prediction)
        field = next((one for one in source.fields if one.name == right.port), None)
        classes = next((one.classes for one in source.fields if one.classes), ())
        return Meaning(stands_for, kind.prediction, field, source.dataset, classes)
    return Meaning()


def _best(meaning: Meaning, row: NDArray[Any]) -> dict[str, Any]:
    """Of scores that are no logarithms: the best class, and the scores as they are."""
    names = _names(meaning, len(row))
    return {"class": names[int(row.argmax())], "scores": dict(zip(names, row.tolist(), strict=False))}


def _classes(meaning: Meaning, row: NDArray[np.float64]) -> dict[str, Any]:
    names = _names(meaning, len(row))
    return {"class": names[int(row.argmax())], "probabilities": dict(zip(names, row.tolist(), strict=False))}


def _names(meaning: Meaning, count: int) -> list[str]:
    return [*meaning.classes, *map(str, range(len(meaning.classes), count))]


def _sigmoid(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Shares of scores, without overflow."""
    small = np.exp(-np.abs(scores.astype(np.float64)))
    found: NDArray[np.float64] = np.where(scores >= 0, 1, small) / (1 + small)
    return found


def _yes_or_no(meaning: Meaning, share: float) -> dict[str, Any]:
    names = meaning.classes if len(meaning.classes) == 2 else ("no", "yes")
    return {"class": names[int(share > 0.5)], "probabilities": {names[0]: float(1 - share), names[1]: float(share)}}
