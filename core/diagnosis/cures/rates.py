"""How fast and how long: rates that suit an optimizer, clipping, schedules, decay, batches and epochs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.diagnosis.cures.editing import with_optimizer, with_optimizers, with_training
from core.diagnosis.cures.patient import Patient
from core.diagnosis.remedy import Remedy
from core.project import Project
from core.training.optimizers import Optimizer, defaults
from core.training.schedules import Schedule

CLIP = 1.0
"""The norm to which gradients are clipped so that no single step runs away (Pascanu et al. 2013)."""
ADAPTIVE = 3e-3
"""A rate of Adam and its kin for small networks; it is divided by the root of the parameters above SMALL."""
PLAIN = 0.1
"""A rate of SGD; with momentum m a step goes 1 / (1 - m) times as far, so the rate is so much less."""
MOMENTUM = 0.5
"""The same with momentum, whose steps in changing directions cancel."""
SMALL = 100_000
"""Parameters up to which a network is small."""
ENOUGH = 1500
"""Steps that a small network needs to learn what it can."""
LONGER = 3
"""How many times longer a run is made at most."""
FAR = 4.0
"""How many times a suitable rate is one that is too high."""
_FIXED = {"SGD": PLAIN, "ASGD": PLAIN, "Adagrad": 0.01, "Adadelta": 1.0, "Rprop": 0.01}


def suitable(optimizer: Optimizer, parameters: int = 0) -> float:
    """A rate with which this optimizer trains most networks of so many parameters."""
    if optimizer.name in _FIXED:
        return _FIXED[optimizer.name]
    if optimizer.name == "Momentum":
        return float(f"{MOMENTUM * (1 - min(optimizer.momentum, 0.99)):.2g}")
    large = max(parameters / SMALL, 1.0) ** 0.5
    return float(f"{max(ADAPTIVE / large, 1e-4):.1g}")


def is_hasty(patient: Patient) -> bool:
    """Whether the rate is far above one that suits."""
    optimizer = patient.optimizer
    return optimizer.learning_rate > FAR * suitable(optimizer, patient.analysis.total_parameters)


def is_slow(patient: Patient) -> bool:
    """Whether the rate is far below one that suits."""
    optimizer = patient.optimizer
    return optimizer.learning_rate * FAR < suitable(optimizer, patient.analysis.total_parameters)


def is_odd(optimizer: Optimizer) -> bool:
    """Whether the optimizer's memory is one that hardly ever trains."""
    long = optimizer.name in ("Momentum", "RMSprop") and optimizer.momentum > 0.99
    adam = optimizer.name in ("Adam", "AdamW", "Adamax", "NAdam", "RAdam")
    return long or (adam and (optimizer.beta1 > 0.99 or optimizer.beta2 < 0.9 or optimizer.eps > 1e-3))


def steady(patient: Patient, project: Project) -> Project:
    """With a rate that suits every phase's optimizer, clipped where it is SGD, and epochs enough to learn."""
    parameters = patient.analysis.total_parameters
    project = with_optimizers(
        project, lambda optimizer: replace(optimizer, learning_rate=suitable(optimizer, parameters))
    )
    return longer(patient, clipped(project))


def calmed(patient: Patient, project: Project) -> Project:
    """The same where the rate is not near one that suits already; a rate that works is left as it is."""
    rate, good = patient.optimizer.learning_rate, suitable(patient.optimizer, patient.analysis.total_parameters)
    if good / FAR <= rate <= good * FAR:
        return longer(patient, clipped(project))
    return steady(patient, project)


def walking(patient: Patient, project: Project) -> Project:
    """What suits a network that walks along a sequence: Adam in the place of SGD, and clipped gradients."""
    if patient.optimizer.name in ("SGD", "Momentum", "ASGD"):
        made = replace(defaults("Adam"), learning_rate=suitable(defaults("Adam"), patient.analysis.total_parameters))
        project = with_optimizers(project, lambda _old: made)
        return longer(patient, with_training(project, clip_norm=CLIP))
    return calmed(patient, project)


def clipped(project: Project) -> Project:
    """With gradients clipped where the optimizer's step grows with them and nothing clips them yet."""
    if (
        project.training.phases[0].optimizer.name not in ("SGD", "Momentum", "ASGD")
        or project.training.clip_norm >= CLIP
    ):
        return project
    return with_training(project, clip_norm=CLIP)


def longer(patient: Patient, project: Project) -> Project:
    """With so many epochs that a small network learns what it can, as far as that is not much more than now."""
    epochs = project.training.epochs
    wanted = -(-ENOUGH // patient.steps_per_epoch)
    return with_training(project, epochs=max(epochs, min(wanted, epochs * LONGER)))


def told(patient: Patient, project: Project) -> str:
    """What of rate, clipping and length is another, as the end of a sentence."""
    old, new = patient.project.training, project.training
    parts = []
    rate = new.phases[0].optimizer.learning_rate
    if new.phases[0].optimizer.name != old.phases[0].optimizer.name:
        parts.append(f"trains with {new.phases[0].optimizer.name}")
    if rate != old.phases[0].optimizer.learning_rate:
        parts.append(f"sets the learning rate to {rate:g}")
    if new.clip_norm != old.clip_norm:
        parts.append(f"clips gradients to norm {new.clip_norm:g}")
    if new.batch_size != old.batch_size:
        parts.append(f"takes batches of {new.batch_size}")
    if new.epochs != old.epochs:
        parts.append(f"trains for {new.epochs:,} epochs instead of {old.epochs:,}")
    return (", ".join(parts[:-1]) + " and " + parts[-1]) if len(parts) > 1 else "".join(parts)


def sentence(patient: Patient, project: Project, rest: str = "") -> str:
    """The same as a sentence, behind what else it does."""
    settings = told(patient, project)
    if rest and settings:
        return f"{rest}; it {settings}."
    return f"{rest or 'It ' + (settings or 'changes one setting')}."


def lower_rate(patient: Patient) -> Iterator[Remedy]:
    """A rate that suits the optimizer, or a tenth of one that seems to."""
    good = suitable(patient.optimizer, patient.analysis.total_parameters)
    rate = good if is_hasty(patient) else patient.optimizer.learning_rate / 10
    effect = "Steps no longer overshoot, so the loss falls instead of bouncing."
    yield _at_rate(patient, rate, "LR_DOWN", "Lower", effect)


def higher_rate(patient: Patient) -> Iterator[Remedy]:
    """A rate that suits the optimizer, or ten times one that seems to."""
    good = suitable(patient.optimizer, patient.analysis.total_parameters)
    rate = good if patient.optimizer.learning_rate < good / 1.5 else patient.optimizer.learning_rate * 10
    effect = "Weights move about a thousandth of their size a step, and the loss falls at once."
    yield _at_rate(patient, rate, "LR_UP", "Raise", effect)


def _at_rate(patient: Patient, rate: float, code: str, verb: str, effect: str) -> Remedy:
    def apply(project: Project) -> Project:
        return longer(patient, clipped(with_optimizer(project, learning_rate=rate)))

    return Remedy(
        code, f"{verb} the learning rate to {rate:g}", sentence(patient, apply(patient.project)), effect, apply
    )


def other_optimizer(patient: Patient) -> Iterator[Remedy]:
    """Adam with its usual memory in the place of what is there; that itself where it is Adam with odd settings."""
    usual = defaults("Adam")
    made = replace(usual, learning_rate=suitable(usual, patient.analysis.total_parameters))
    if patient.optimizer.name in ("Adam", "AdamW") and not is_odd(patient.optimizer):
        return

    def apply(project: Project) -> Project:
        return longer(
            patient, with_optimizers(project, lambda old: replace(made, weight_decay=min(old.weight_decay, 0.01)))
        )

    yield Remedy(
        "CHANGE_OPT",
        f"Train with Adam at {made.learning_rate:g}",
        sentence(patient, apply(patient.project), "Adam keeps two more numbers a weight"),
        "Steps are of one size whatever the gradient's, so neither tiny nor huge gradients spoil them.",
        apply,
    )


def usual_memory(patient: Patient) -> Iterator[Remedy]:
    """The optimizer with the momentum, betas and epsilon that it usually has."""
    if not is_odd(patient.optimizer):
        return
    usual = defaults(patient.optimizer.name)
    kept = {name: getattr(usual, name) for name in ("momentum", "beta1", "beta2", "eps")}

    def apply(project: Project) -> Project:
        return steady(patient, with_optimizer(project, **kept))

    said = f"momentum {usual.momentum:g}" if "omentum" in usual.name else "the usual betas and epsilon"
    yield Remedy(
        "CHANGE_OPT",
        f"Give {usual.name} {said}",
        sentence(patient, apply(patient.project)),
        "Old gradients are forgotten after some ten steps, so steps follow the slope that is there now.",
        apply,
    )


def clip_on(patient: Patient) -> Iterator[Remedy]:
    """Gradients clipped to norm 1."""
    if 0 < patient.project.training.clip_norm <= CLIP:
        return
    yield Remedy(
        "CLIP_ON",
        f"Clip gradients to norm {CLIP:g}",
        "Every step whose gradient is longer is shortened; this costs nothing measurable.",
        "A single huge gradient no longer throws the weights away.",
        lambda project: with_training(project, clip_norm=CLIP),
    )


def clip_relaxed(patient: Patient) -> Iterator[Remedy]:
    """Gradients clipped to norm 1 where they were clipped to much less."""
    if not patient.project.training.clip_norm and not patient.project.training.clip_value:
        return

    def apply(project: Project) -> Project:
        return longer(patient, with_training(project, clip_norm=CLIP, clip_value=0.0))

    yield Remedy(
        "CLIP_RELAX",
        f"Clip gradients to norm {CLIP:g} only",
        sentence(patient, apply(patient.project)),
        "Steps are as long as the gradient says, and only outliers are shortened.",
        apply,
    )


def other_schedule(patient: Patient) -> Iterator[Remedy]:
    """A cosine over the whole run, or a constant rate; both from a rate that suits."""
    for name, title in (
        ("Cosine", "Let the rate fall along a cosine over the whole run"),
        ("Constant", "Keep the rate constant"),
    ):
        if patient.project.training.schedule.name == name:
            continue
        schedule = Schedule(name, warmup=min(1.0, patient.project.training.epochs / 20) if name == "Cosine" else 0.0)

        def apply(project: Project, schedule: Schedule = schedule) -> Project:
            made = replace(project, training=replace(project.training, schedule=schedule))
            return steady(patient, made)

        yield Remedy(
            "CHANGE_SCHED",
            title,
            sentence(patient, apply(patient.project), "The schedule counts in epochs of this run"),
            "The rate stays large enough to learn until the end is near.",
            apply,
        )


def trained_longer(patient: Patient) -> Iterator[Remedy]:
    """As it is, for three times as long."""
    epochs = patient.project.training.epochs * LONGER
    yield Remedy(
        "TRAIN_LONGER",
        f"Train for {epochs:,} epochs",
        "Nothing else is changed; the run takes three times as long.",
        "The loss goes on falling from where it was cut off.",
        lambda project: with_training(project, epochs=epochs),
    )


def less_decay(patient: Patient) -> Iterator[Remedy]:
    """A weight decay that does not outweigh the data."""
    wanted = 0.01 if patient.optimizer.name == "AdamW" else 1e-4
    if patient.optimizer.weight_decay <= wanted and patient.project.training.l2 <= wanted:
        return

    def apply(project: Project) -> Project:
        return with_training(with_optimizer(project, weight_decay=wanted), l2=min(patient.project.training.l2, wanted))

    yield Remedy(
        "WD_DOWN",
        f"Lower the weight decay to {wanted:g}",
        "Weights are pulled to zero less; a network with much room may fit noise a little more.",
        "The gradient of the data outweighs the pull, and the weights keep their size.",
        apply,
    )


def larger_batch(patient: Patient) -> Iterator[Remedy]:
    """Batches of 64 or four times what they are, for about as many steps as a small network needs."""
    training = patient.project.training
    size = 64 if training.batch_size < 32 else training.batch_size * 4
    per_epoch = max(patient.steps_per_epoch * training.batch_size * training.accumulate // size, 1)
    steps = min(training.epochs * patient.steps_per_epoch, ENOUGH)

    def apply(project: Project) -> Project:
        made = with_training(
            project, batch_size=size, accumulate=1, epochs=max(training.epochs, -(-steps // per_epoch))
        )
        return clipped(_slower(patient, made))

    yield Remedy(
        "BATCH_UP",
        f"Take batches of {size}",
        sentence(patient, apply(patient.project), "Each step sees more samples and needs their memory"),
        "Means over a batch say more of the data, so gradients and batch statistics are less noisy.",
        apply,
    )


def _slower(patient: Patient, project: Project) -> Project:
    """With a suitable rate where the present one is far above."""
    good = suitable(patient.optimizer, patient.analysis.total_parameters)
    return with_optimizer(project, learning_rate=good) if patient.optimizer.learning_rate > good * 1.5 else project
