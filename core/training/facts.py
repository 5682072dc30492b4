"""What is known of the data a project reads: figures of its tensors, worked out before training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from core.data.load import LoadedData
from core.data.settings import dataset_kind
from core.data.sources import FieldSpec
from core.diagnosis.facts import Facts, FieldFacts
from core.training.labelfacts import label_facts
from core.training.partfacts import Array, compared, scales, shared_rows
from core.training.settings import TrainingSettings

MOST = 5_000
"""Samples of a part that are looked at, spread over all of it."""
MOST_LAZY = 256
"""The same of a field that stays in its file."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Some samples of a field, of training and of what is held out, each (samples, numbers)."""

    train: Array
    held: Array


def facts_of(data: Mapping[str, LoadedData], training: TrainingSettings) -> Facts:
    """What is known of every field of these data sets, and of samples that stand in both parts."""
    found = [_of_set(name, loaded, training) for name, loaded in data.items()]
    return Facts(
        tuple(field for fields, _leaks in found for field in fields),
        tuple((name, leaks) for name, (_fields, leaks) in zip(data, found, strict=True) if leaks),
    )


def _of_set(name: str, loaded: LoadedData, training: TrainingSettings) -> tuple[list[FieldFacts], int]:
    """The facts of a data set's fields, and how many of its held-out samples stand in training too."""
    specs = dataset_kind(loaded.settings).fields
    parts = {spec.name: _parts(loaded, spec) for spec in specs}
    label = next((spec for spec in specs if spec.classes and not spec.shape), None)
    fields = []
    for spec in specs:
        facts = FieldFacts(name, spec.name, len(loaded.train), len(loaded.validation), names=spec.classes)
        if spec.dtype == "float32":
            facts = _numbers(facts, loaded.fields[spec.name], parts[spec.name])
            if spec.role == "input":
                facts = compared(facts, parts[spec.name], parts[label.name] if label is not None else None)
        if not spec.shape or (spec.role == "target" and spec.shape == (1,)):
            facts = _ordered(facts, loaded, spec, training)
        fields.append(facts)
    inputs = [parts[spec.name] for spec in specs if spec.role == "input"]
    right = label or next((spec for spec in specs if spec.role == "target" and spec.shape in ((), (1,))), None)
    if right is not None and len(inputs) == 1 and inputs[0] is not parts[right.name]:
        place = specs.index(right)
        fields[place] = label_facts(fields[place], inputs[0], parts[right.name])
    return fields, shared_rows(inputs)


def _parts(loaded: LoadedData, spec: FieldSpec) -> Parts:
    """Some samples of both parts of a field."""
    values = loaded.fields[spec.name]
    found = []
    for numbers in (loaded.train, loaded.validation):
        most = MOST if isinstance(values, Tensor) else MOST_LAZY
        chosen = numbers[_spread(len(numbers), most)]
        found.append(values[chosen].reshape(len(chosen), -1).numpy() if len(chosen) else np.zeros((0, 1), np.float32))
    return Parts(*found)


def _spread(count: int, most: int) -> Tensor:
    """So many places at the most, spread over all."""
    return torch.arange(count) if count <= most else torch.linspace(0, count - 1, most).long()


def _numbers(facts: FieldFacts, values: object, parts: Parts) -> FieldFacts:
    """Where a number is missing in the whole field, and how large they are in training."""
    if isinstance(values, Tensor):
        bad = ~torch.isfinite(values.reshape(len(values), -1)).all(1)
        first = int(bad.nonzero()[0]) if bool(bad.any()) else -1
        facts = replace(facts, nonfinite=int(bad.sum()), first_nonfinite=first)
    return scales(facts, parts.train)


def _ordered(facts: FieldFacts, loaded: LoadedData, spec: FieldSpec, training: TrainingSettings) -> FieldFacts:
    """How many samples each class has, and how mixed the batches are that training takes."""
    values = loaded.fields[spec.name]
    if not isinstance(values, Tensor):
        return facts
    train, held = values[loaded.train].reshape(-1).numpy(), values[loaded.validation].reshape(-1).numpy()
    if spec.classes:
        size = len(spec.classes)
        facts = replace(facts, classes=_counts(train, size), held_classes=_counts(held, size))
    elif spec.role != "target":
        return facts
    if training.shuffle or len(train) < 2 * training.batch_size:
        return facts
    from_order, from_chance = mixtures(train, training.batch_size, bool(spec.classes))
    return replace(facts, batch_entropy=from_order, random_entropy=from_chance)


def _counts(labels: Array, size: int) -> tuple[int, ...]:
    """How often each class stands there; numbers that are none are left out."""
    valid = labels[(labels >= 0) & (labels < size)].astype(np.int64)
    return tuple(int(count) for count in np.bincount(valid, minlength=size))


PARTS = 10
"""Into so many parts of equal size a target that is a number is cut, where the order of its samples is judged."""
DRAWN = 100
"""Batches that are drawn at random to compare with."""


def mixtures(targets: Array, batch: int, are_classes: bool) -> tuple[float, float]:
    """The median entropy of the targets of a batch as they stand, and of batches that are drawn at random."""
    labels = targets if are_classes else _ranked(targets)
    size = int(labels.max()) + 1
    whole = [labels[begin : begin + batch] for begin in range(0, len(labels) - batch + 1, batch)]
    random = np.random.default_rng(0)
    drawn = [labels[random.choice(len(labels), batch, replace=False)] for _ in range(DRAWN)]
    return _entropy(whole, size), _entropy(drawn, size)


def _ranked(values: Array) -> Array:
    """The tenth that each number stands in."""
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    found: Array = (ranks * PARTS // len(values)).astype(np.int64)
    return found


def _entropy(batches: Sequence[Array], size: int) -> float:
    """The median entropy of batches of labels, in nats."""
    found = []
    for labels in batches:
        shares = np.bincount(labels.astype(np.int64), minlength=size) / len(labels)
        shares = shares[shares > 0]
        found.append(float(-(shares * np.log(shares)).sum()))
    return float(np.median(found))
