"""The outputs of a network in words: classes and their probabilities, yes or no, or values in their natural units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.normalisation import Normalisation, undo
from core.data.sources import FieldSpec
from core.plan import Plan, Value


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an output stands for: `target` as the loss's kind has it, or empty where no loss reads it."""

    target: str = ""
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
    if meaning.target == "classes" and outputs.ndim == 2:
        return [_classes(meaning, row) for row in softmax(outputs)]
    if meaning.target == "probabilities" and outputs.shape[1:] == (1,):
        return [_yes_or_no(meaning, float(score)) for score in outputs[:, 0]]
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
    ranked = sorted(answer["probabilities"].items(), key=lambda item: -item[1])[:3]
    return "   ".join(f"{name} {100 * share:5.1f} %" for name, share in ranked)


def _meaning(plan: Plan, value: Value) -> Meaning:
    for step in plan.losses:
        first, *rest = (values for _port, values in step.inputs)
        if value not in first:
            continue
        source = plan.by_path.get(rest[0][0].path) if rest and rest[0] else None
        if source is None or not source.fields:
            return Meaning(step.kind.target)
        field = next((one for one in source.fields if one.name == rest[0][0].port), None)
        classes = next((one.classes for one in source.fields if one.classes), ())
        return Meaning(step.kind.target, field, source.dataset, classes)
    return Meaning()


def _classes(meaning: Meaning, row: NDArray[np.float64]) -> dict[str, Any]:
    names = [*meaning.classes, *map(str, range(len(meaning.classes), len(row)))]
    return {"class": names[int(row.argmax())], "probabilities": dict(zip(names, row.tolist(), strict=False))}


def _yes_or_no(meaning: Meaning, score: float) -> dict[str, Any]:
    names = meaning.classes if len(meaning.classes) == 2 else ("no", "yes")
    share = 1 / (1 + np.exp(-score)) if score >= 0 else np.exp(score) / (1 + np.exp(score))
    return {"class": names[int(score > 0)], "probabilities": {names[0]: float(1 - share), names[1]: float(share)}}
