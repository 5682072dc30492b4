"""What is done to the data before the network sees them: scale, order, parts, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.data.settings import (
    DatasetSettings,
    dataset_kind,
    normalisation_kind,
    option_values,
    split_kind,
    strata_field,
)
from core.diagnosis.cures.editing import with_data, with_training
from core.diagnosis.cures.patient import Patient
from core.diagnosis.cures.rates import calmed, longer, sentence
from core.diagnosis.remedy import Remedy
from core.errors import ChainruleError
from core.project import Project

LEFT_OUT = "Numbers are shifted and scaled by figures of the training part, for new samples too"


def standardised(patient: Patient) -> Iterator[Remedy]:
    """Inputs and targets shifted and scaled to mean 0 and deviation 1, found on the training part."""
    names = [name for name, settings in patient.project.data.items() if _is_raw(settings)]
    if not names:
        return
    is_target = patient.finding.code.startswith("TARGET")

    def apply(project: Project) -> Project:
        return calmed(patient, with_data(project, names, normalise="standardise"))

    yield Remedy(
        "STANDARDIZE_Y" if is_target else "STANDARDIZE_X",
        f"Standardise the numbers of {' and '.join(names)}",
        sentence(patient, apply(patient.project), LEFT_OUT),
        "Targets are of the size that a fresh network gives; answers are told in their own units still."
        if is_target
        else "All features come in at one size, so one learning rate suits all weights.",
        apply,
    )


def shuffled(patient: Patient) -> Iterator[Remedy]:
    """The samples in a new order every epoch."""
    if patient.project.training.shuffle:
        return

    def apply(project: Project) -> Project:
        return longer(patient, with_training(project, shuffle=True))

    yield Remedy(
        "SHUFFLE",
        "Shuffle the samples every epoch",
        sentence(patient, apply(patient.project), "The order is drawn by the seed"),
        "Each batch holds samples of all kinds, so its gradient points where that of all data does.",
        apply,
    )


def filled(patient: Patient) -> Iterator[Remedy]:
    """Missing inputs filled with the mean of the training part."""
    names = [name for name, settings in patient.project.data.items() if _can_fill(settings)]
    if not names:
        return

    def apply(project: Project) -> Project:
        for name in names:
            options = {**dict(project.data[name].options), "missing": "fill"}
            project = with_data(project, (name,), options=tuple(sorted(options.items())))
        return longer(patient, project)

    yield Remedy(
        "CLEAN_DATA",
        f"Fill what is missing in {' and '.join(names)}",
        sentence(patient, apply(patient.project), "A missing number becomes the mean of its feature in training"),
        "No NaN comes into the network any more, from which every weight would become one.",
        apply,
    )


def split_anew(patient: Patient) -> Iterator[Remedy]:
    """The parts drawn from all samples alike."""
    able = []
    for name, settings in patient.project.data.items():
        kinds = [kind for kind in ("stratified", "random") if kind in dataset_kind(settings).splits]
        if settings.validation and split_kind(settings) not in ("random", "stratified") and kinds:
            able.append((name, _drawn(settings, kinds)))
    if not able:
        return

    def apply(project: Project) -> Project:
        for name, kind in able:
            project = with_data(project, (name,), split=kind)
        return project

    yield Remedy(
        "SAME_PREPROC",
        "Draw both parts from all samples",
        "What is held out is others than before, so figures of earlier runs do not compare with new ones.",
        "Both parts hold samples of one kind, prepared in one way.",
        apply,
    )


def _drawn(settings: DatasetSettings, kinds: Sequence[str]) -> str:
    """The first split that the data set can have."""
    if "stratified" in kinds and strata_field(replace(settings, split="stratified")) is not None:
        return "stratified"
    return "random"


def _is_raw(settings: DatasetSettings) -> bool:
    """Whether its numbers come as they stand, and could be scaled."""
    return normalisation_kind(settings) == "none" and any(field.scaled for field in dataset_kind(settings).fields)


def _can_fill(settings: DatasetSettings) -> bool:
    try:
        return option_values(settings).get("missing", "fill") != "fill"
    except ChainruleError:
        return False
