"""What helps against a finding: the table of cures by its code, and the remedies that apply, best first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from core.checks import errors
from core.diagnosis.cures import bends, losses, norms, rates, regularising, samples, sizes, starts
from core.diagnosis.cures.patient import BOUNDED, Cure, Patient
from core.diagnosis.facts import Facts
from core.diagnosis.finding import Finding
from core.diagnosis.network import Network
from core.diagnosis.remedy import Remedy
from core.diagnosis.sides import alone_in
from core.diagnosis.together import as_one, beside
from core.errors import ChainruleError
from core.project import Project
from core.reading import Reading, read

Choice = Callable[[Patient], tuple[Cure, ...]]
"""Which cures are tried for a patient, in this order."""
NOTHING = Facts()
_SLOW: tuple[Cure, ...] = (rates.higher_rate, rates.other_optimizer)
_FAST: tuple[Cure, ...] = (rates.lower_rate, rates.clip_on, rates.other_optimizer, rates.other_schedule)
_HEART: tuple[Cure, ...] = (
    regularising.decayed,
    regularising.augmented,
    regularising.dropped,
    regularising.stopped_early,
)


def _flow(patient: Patient) -> tuple[Cure, ...]:
    """Gradients that vanish: through time, in activations that saturate, or by a start that is too small."""
    if _is_recurrent(patient):
        return _through_time(patient)
    squeezing = any(step.kind.name in BOUNDED and step.kind.name != "Tanh" for step in patient.activations)
    first: tuple[Cure, ...] = (bends.swapped, norms.normalised, starts.started_anew)
    rest: tuple[Cure, ...] = (starts.started_anew, norms.normalised, bends.swapped)
    return (*(first if squeezing else rest), norms.short_cuts, sizes.shallower)


def _through_time(patient: Patient) -> tuple[Cure, ...]:
    """Gradients that vanish along a sequence: gates that are shut, or matrices that shrink."""
    gated = any(step.kind.name in ("LSTM", "GRU") for step in patient.named(patient.recurrent))
    if gated:
        return (starts.with_memory, starts.states_anew)
    return (starts.states_anew, starts.with_memory)


def _growth(patient: Patient) -> tuple[Cure, ...]:
    """Gradients or numbers that grow without bounds: by time, a rate, residual sums or the start."""
    if rates.is_odd(patient.optimizer):
        return (rates.usual_memory, rates.lower_rate, rates.clip_on)
    if patient.recurrent:
        return (starts.states_anew, rates.clip_on, rates.lower_rate)
    if rates.is_hasty(patient) and not starts.is_ill(patient):
        return (rates.lower_rate, rates.other_optimizer, rates.clip_on)
    summed = any(step.kind.name == "Add" for step in patient.steps) and not patient.norms
    first: tuple[Cure, ...] = (
        (norms.normalised, starts.started_anew) if summed else (starts.started_anew, norms.normalised)
    )
    return (*first, rates.clip_on, rates.lower_rate)


def _dead(patient: Patient) -> tuple[Cure, ...]:
    """Units that are zero for every sample: a rate that threw them there, or a start."""
    if rates.is_hasty(patient) and not starts.is_ill(patient):
        return (rates.lower_rate, bends.swapped, norms.normalised)
    return (starts.started_anew, bends.swapped, norms.normalised, rates.lower_rate)


def _saturated(patient: Patient) -> tuple[Cure, ...]:
    """Units at their limits: odd memory, a rate, inputs that are too large, or a start."""
    if rates.is_odd(patient.optimizer):
        return (rates.usual_memory, rates.lower_rate)
    if rates.is_hasty(patient) and not starts.is_ill(patient):
        return (rates.lower_rate, bends.swapped)
    if any(field.rms > 10 for field in patient.facts.fields if not field.classes):
        return (samples.standardised, norms.input_normalised, starts.started_anew)
    squeezing = any(step.kind.name in BOUNDED and step.kind.name != "Tanh" for step in patient.activations)
    first: tuple[Cure, ...] = (bends.swapped, norms.normalised, starts.started_anew)
    return first if squeezing else (starts.started_anew, norms.normalised, bends.swapped)


def _hasty(patient: Patient) -> tuple[Cure, ...]:
    """A rate that is too high, or a memory that makes it so."""
    return (rates.usual_memory, *_FAST) if rates.is_odd(patient.optimizer) else _FAST


def _idle(patient: Patient) -> tuple[Cure, ...]:
    """A loss that does not fall, for no reason that was found: the likeliest one first."""
    if rates.is_odd(patient.optimizer):
        return (rates.usual_memory, *_FAST)
    if rates.is_hasty(patient):
        return (*_FAST, *_SLOW)
    if rates.is_slow(patient):
        return (*_SLOW, starts.started_anew)
    if patient.recurrent:
        return (*_through_time(patient), rates.other_optimizer)
    return (*_flow(patient), rates.other_optimizer, rates.lower_rate)


def _always(*cures: Cure) -> Choice:
    """The same cures for every patient."""
    return lambda _patient: cures


TABLE: Mapping[str, Choice] = MappingProxyType(
    {
        "VANISHING_GRADIENT": _flow,
        "EXPLODING_GRADIENT": _growth,
        "NONFINITE": _growth,
        "NAN_INPUT": _always(samples.filled),
        "DEAD_RELU": _dead,
        "SATURATED_ACTIVATION": _saturated,
        "BAD_INIT_SMALL": _always(starts.started_anew, norms.normalised),
        "BAD_INIT_LARGE": _growth,
        "BAD_INIT_OUTPUT": _always(starts.output_anew, starts.started_anew),
        "SYMMETRIC_INIT": _always(starts.started_anew),
        "LR_TOO_HIGH": _hasty,
        "LR_TOO_LOW": _always(*_SLOW),
        "SLOW_CONVERGENCE": _always(rates.trained_longer, *_SLOW),
        "SCHEDULE_COLLAPSE": _always(rates.other_schedule),
        "CLIP_TOO_TIGHT": _always(rates.clip_relaxed, rates.other_optimizer),
        "OPTIMIZER_CONFIG": _always(rates.usual_memory, rates.other_optimizer, rates.lower_rate),
        "UNSTABLE_LOSS": _always(rates.lower_rate, rates.larger_batch, rates.other_schedule),
        "NOT_LEARNING": _idle,
        "INPUT_NOT_NORMALIZED": _always(samples.standardised, norms.input_normalised),
        "TARGET_NOT_NORMALIZED": _always(samples.standardised),
        "CLASS_IMBALANCE": _always(losses.balanced),
        "LABEL_NOISE": _always(losses.smoothed, regularising.stopped_early),
        "DATA_NOT_SHUFFLED": _always(samples.shuffled),
        "TRAIN_VAL_MISMATCH": _always(samples.split_anew),
        "OVERFITTING": _always(*_HEART),
        "UNDERFITTING_CAPACITY": _always(sizes.widened),
        "MISSING_NONLINEARITY": _always(bends.bent),
        "DOUBLE_SOFTMAX": _always(bends.removed),
        "WRONG_LOSS": _always(losses.cross_entropy, losses.mean_square),
        "MISSING_SOFTMAX": _always(losses.of_raw_scores),
        "OUTPUT_ACTIVATION_MISMATCH": _always(bends.removed),
        "DROPOUT_TOO_HIGH": _always(sizes.less_dropout),
        "DROPOUT_BEFORE_NORM": _always(bends.named_removed),
        "WEIGHT_DECAY_TOO_HIGH": _always(rates.less_decay),
        "BN_SMALL_BATCH": _always(rates.larger_batch, norms.other_norm),
        "BATCH_TOO_SMALL": _always(rates.larger_batch, rates.lower_rate),
        "UNTRAINED_LAYER": _always(sizes.freed),
        "RANK_COLLAPSE": _always(norms.normalised, norms.short_cuts, sizes.widened),
        "GAN_COLLAPSE": _always(regularising.in_balance, losses.smoothed),
    }
)
"""By the code of a finding the cures to try, in the order in which they are offered."""


def remedies(
    project: Project, finding: Finding, facts: Facts = NOTHING, others: Sequence[Finding] = ()
) -> tuple[Remedy, ...]:
    """What helps against this finding, best first; none where no edit of the project does.

    Each was made once on the project as it is: what changes nothing, cannot be made or breaks the graph is left out.
    Where causes that are as certain stand among `others`, one edit against all of them comes first.
    """
    return tuple(offering(project, finding, facts, others=others))


def offering(
    project: Project,
    finding: Finding,
    facts: Facts = NOTHING,
    reading: Reading | None = None,
    others: Sequence[Finding] = (),
) -> Iterator[Remedy]:
    """The same as `remedies`, one after the other, so that a window may do something else between two.

    With the reading of the project, where there is one, it costs what the remedies change.
    """
    reading = reading if reading is not None else read(project)
    alone = _alone(project, finding, facts, reading)
    first = next(alone, None)
    if first is None:
        return
    if besides := beside(finding, others):
        best = partial(_alone, project, facts=facts, reading=reading)
        yield from _sound(project, reading, as_one(first, best, besides))
    yield first
    yield from alone


def _alone(project: Project, finding: Finding, facts: Facts, reading: Reading) -> Iterator[Remedy]:
    """What helps against this finding alone."""
    whole = Patient(Network(project, reading.plan, reading.analysis, facts), finding)
    side = next((part for part in whole.network.apart if finding.side and part.losses[0].path == finding.side), None)
    if side is None:
        yield from _sound(project, reading, _offered(whole))
        return
    alone = Patient(alone_in(whole.network, side), finding)
    told = (replace(remedy, apply=partial(_rejoined, remedy.apply, alone.project)) for remedy in _offered(alone))
    yield from _sound(project, reading, told)


def _rejoined(apply: Callable[[Project], Project], alone: Project, project: Project) -> Project:
    """The project with a remedy made for one of the networks that lie side by side in it: other phases stay."""
    ours = alone.training.phases
    made = apply(replace(project, training=replace(project.training, phases=ours)))
    changed = dict(zip(ours, made.training.phases, strict=True))
    phases = tuple(changed.get(phase, phase) for phase in project.training.phases)
    return replace(made, training=replace(made.training, phases=phases))


def _offered(patient: Patient) -> Iterator[Remedy]:
    chosen = TABLE.get(patient.finding.code)
    for cure in chosen(patient) if chosen is not None else ():
        try:
            found = tuple(cure(patient))
        except ChainruleError:  # an edit that cannot be made here is none to offer
            continue
        yield from found


def _sound(project: Project, reading: Reading, offered: Iterable[Remedy]) -> Iterator[Remedy]:
    """Those whose edit can be made, changes something and leaves no error that was not there."""
    known = _errors(reading)
    seen: set[str] = set()
    for remedy in offered:
        try:
            made = remedy.apply(project)
        except ChainruleError:
            continue
        if remedy.label in seen or made == project or _errors(read(made, reading)) - known:
            continue
        seen.add(remedy.label)
        yield remedy


def _errors(reading: Reading) -> frozenset[str]:
    """The codes and nodes of what keeps a project from training, however much memory is free."""
    return frozenset(f"{problem.code} {problem.node}" for problem in errors(reading.checked.problems))


def _is_recurrent(patient: Patient) -> bool:
    """Whether what the finding is about walks along a sequence."""
    told = {step.path for step in patient.recurrent}
    return bool(told) and (not patient.finding.where or bool(told & set(patient.finding.where)))
