"""What keeps a network from learning its samples by heart, and two networks that play in balance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from core.adding import add_behind_each
from core.data.augmentation import read_steps, suiting
from core.data.settings import dataset_kind
from core.diagnosis.cures.editing import count, with_data, with_optimizer, with_optimizers, with_training
from core.diagnosis.cures.patient import Patient, is_dropout, nodes_of
from core.diagnosis.cures.rates import sentence, suitable
from core.diagnosis.remedy import Remedy
from core.project import Project
from core.training.optimizers import defaults

PULL = 3.0
"""By how many times e a weight that the data leave alone shrinks over the run."""
DROPOUT = 0.3
PATIENCE = 5
SHIFT = 2
"""Pixels by which a picture of any size may be shifted and still show what it did."""
GAN_RATE, GAN_BETA = 2e-4, 0.5


def decayed(patient: Patient) -> Iterator[Remedy]:
    """AdamW whose decay pulls weights that the data do not need to zero within the run."""
    usual = defaults("AdamW")
    rate = min(patient.optimizer.learning_rate, suitable(usual, patient.analysis.total_parameters)) / 3
    steps = max(patient.project.training.epochs * patient.steps_per_epoch, 1)
    decay = min(max(float(f"{PULL / (rate * steps):.1g}"), 0.01), 10.0)
    if patient.optimizer.name == "AdamW" and patient.optimizer.weight_decay >= decay:
        return
    made = replace(usual, learning_rate=rate, weight_decay=decay)

    def apply(project: Project) -> Project:
        return with_optimizers(project, lambda _old: made)

    yield Remedy(
        "REGULARIZE",
        f"Train with AdamW and a weight decay of {decay:g}",
        f"The learning rate is {rate:g}; over the run a weight without use shrinks to {100 * math.exp(-PULL):.0f} %.",
        "The network stays smooth, so what it learned on some samples holds for others.",
        apply,
    )


def stopped_early(patient: Patient) -> Iterator[Remedy]:
    """The run ended where the validation loss no longer falls, with its best weights."""
    if 0 < patient.project.training.early_stop <= PATIENCE:
        return
    yield Remedy(
        "EARLY_STOP",
        f"Stop after {PATIENCE} epochs without a lower validation loss",
        "The weights of the best epoch are kept, and those after it are spared.",
        "Training ends before samples are learned by heart.",
        lambda project: with_training(project, early_stop=PATIENCE, best_by="loss"),
    )


def dropped(patient: Patient) -> Iterator[Remedy]:
    """Dropout behind the hidden activations."""
    if any(is_dropout(step) for step in patient.steps) or not patient.activations:
        return
    nodes = nodes_of(patient.activations)

    def apply(project: Project) -> Project:
        return add_behind_each(project, "Dropout", nodes, (("p", DROPOUT),))[0]

    yield Remedy(
        "REGULARIZE",
        f"Insert {count(nodes, 'dropout')} of {DROPOUT:g}",
        "Dropout has no weights; training needs some more epochs.",
        "No unit can rely on another one alone, so fewer accidents of the samples are learned.",
        apply,
    )


def augmented(patient: Patient) -> Iterator[Remedy]:
    """Pictures shifted at random, where nothing is done to them yet."""
    steps = read_steps(f"crop(padding={SHIFT})")
    able = [
        name
        for name, settings in patient.project.data.items()
        if not settings.augmentation and suiting(steps, dataset_kind(settings))
    ]
    if not able:
        return
    yield Remedy(
        "REGULARIZE",
        f"Shift the pictures of {' and '.join(able)} by up to {SHIFT} pixels",
        "Every epoch sees each picture at another place (augmentation); it takes a little time on the processor.",
        "What does not depend on the place is learned, as if there were more pictures.",
        lambda project: with_data(project, able, augmentation=steps),
    )


def in_balance(patient: Patient) -> Iterator[Remedy]:
    """Adam for all phases as DCGAN has it."""

    def apply(project: Project) -> Project:
        return with_optimizer(project, name="Adam", learning_rate=GAN_RATE, beta1=GAN_BETA)

    yield Remedy(
        "CHANGE_OPT",
        f"Train all phases with Adam at {GAN_RATE:g}, beta 1 {GAN_BETA:g}",
        sentence(patient, apply(patient.project), "Both networks learn slowly"),
        "Neither runs away from the other (Radford et al. 2016).",
        apply,
    )
