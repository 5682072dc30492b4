"""Rules on the network itself: linear layers in a row, what does not learn, narrow layers, dropout, batch norms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from core.diagnosis.chain import is_layer, units
from core.diagnosis.finding import Evidence, Finding, Severity
from core.diagnosis.network import Network
from core.diagnosis.objective import PASSING
from core.diagnosis.saying import finding, listed
from core.diagnosis.thresholds import limit
from core.plan import Step, Value
from core.training.reach import asked, losses_of, reached, shares

LINEAR = frozenset({"Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"})
BATCH_NORMS = frozenset({"BatchNorm1d", "BatchNorm2d", "BatchNorm3d"})
DROPOUTS = frozenset({"Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FunctionalDropout", "AlphaDropout"})
_STRAIGHT = PASSING | BATCH_NORMS | DROPOUTS | {"AvgPool1d", "AvgPool2d", "AvgPool3d", "AdaptiveAvgPool2d", "Scale"}
"""Kinds that bend nothing; a batch normalization is a scale and a shift in use."""


def straight_layers(network: Network) -> Iterator[Finding]:
    """Linear layers one behind the other with nothing bent between them, the first of them no bottleneck."""
    pairs = [(step, after) for step in network.trained if (after := _straight_after(network, step)) is not None]
    told = [pair for pair in pairs if not _is_factored(network, *pair)]
    if not told:
        return
    first, second = told[0]
    paths = [path for pair in told for path in (pair[0].path, pair[1].path)]
    text = f"{len(told)} pairs of linear layers" if len(told) > 1 else f"{first.path} and {second.path}"
    evidence = Evidence(f"{text} have no activation between them.", float(len(told)), 0.0)
    cause = f"Behind {listed(pair[0].path for pair in told)} an activation is missing."
    yield finding(network, "MISSING_NONLINEARITY", "warning", evidence, cause, paths)


def _straight_after(network: Network, step: Step) -> Step | None:
    """The linear layer behind this one, where all that stands between passes on or scales."""
    if step.kind.name not in LINEAR:
        return None
    current = step
    while True:
        following = network.readers.get(Value(current.path, current.outputs[0]), ())
        if len(following) != 1:
            return None
        current = network.plan.by_path[following[0]]
        if current.kind.name in LINEAR:
            return current
        if current.kind.name not in _STRAIGHT:
            return None


def _is_factored(network: Network, first: Step, second: Step) -> bool:
    """Whether the two are one map in two factors, to save weights: narrow between, or channel by channel."""
    arguments = network.analysis.arguments.get(first.path, {})
    if isinstance(groups := arguments.get("groups"), int) and groups > 1:
        return True
    before, between, after = units(network, first, "in"), units(network, first, "out"), units(network, second, "out")
    return 0 < between < min(before, after)


def unlearning_layers(network: Network) -> Iterator[Finding]:
    """Layers with weights that are frozen, or that no loss reaches."""
    rates = shares(network.plan, network.project.training.rates)
    frozen = [step.path for step in network.trained if is_layer(step) and _is_frozen(network, step, rates)]
    learning = _learning(network)
    cut = [
        step.path
        for step in network.plan.steps
        if is_layer(step) and step.path not in frozen and step.module not in learning
    ]
    if frozen:
        total = sum(is_layer(step) for step in network.trained)
        meant = network.project.weights is not None
        text = f"{len(frozen)} of {total} layers with weights are frozen, and begin as they are drawn."
        severity: Severity = "hint" if meant else "warning"
        cause = f"{listed(frozen)} {'are' if len(frozen) > 1 else 'is'} set to keep the weights."
        evidence = Evidence(text, float(len(frozen)), 0.0, "update")
        yield finding(network, "UNTRAINED_LAYER", severity, evidence, cause, frozen)
    if cut and learning:
        text = f"No gradient comes to {listed(cut)}."
        detached = any(step.kind.name == "Detach" for step in network.plan.steps)
        cause = "A Detach stands between them and the loss." if detached else "No wire leads from them to a loss."
        evidence = Evidence(text, float(len(cut)), 0.0, "gradient")
        yield finding(network, "UNTRAINED_LAYER", "warning", evidence, cause, cut)


def _is_frozen(network: Network, step: Step, rates: Mapping[str, float]) -> bool:
    return bool(network.analysis.arguments.get(step.path, {}).get("frozen")) or rates.get(step.module) == 0


def _learning(network: Network) -> set[str]:
    """The modules that some phase trains."""
    found: set[str] = set()
    for phase in network.project.training.phases:
        losses = losses_of(network.plan, phase)
        needed = network.plan.reaching(Value(step.path, "loss") for step in losses)
        found.update(asked(network.plan, needed, phase, reached(needed, losses)))
    return found


def narrow_layers(network: Network) -> Iterator[Finding]:
    """A hidden layer with fewer units than a quarter of the classes, or with one alone."""
    classes = max((objective.classes for objective in network.objectives), default=0)
    known = [objective.field for objective in network.objectives]
    if not all(known) or any(field is not None and network.is_input(field) for field in known):
        return
    least = max(1.0, min(classes * limit("units_per_class"), limit("small_width")))
    hidden = [step for step in network.trained if step.kind.category in ("Linear", "Recurrent") and is_layer(step)]
    hidden = [step for step in hidden if network.is_hidden(step)]
    hidden += [step for step in network.trained if classes > 2 and _reads_all(network, step)]
    narrow = [step for step in hidden if 0 < units(network, step, "out") <= least]
    if not narrow:
        return
    width = units(network, narrow[0], "out")
    told = f"{classes} classes" if classes else "the whole input"
    text = f"{narrow[0].path} has {width} unit{'s' if width > 1 else ''}, through which {told} have to pass."
    cause = f"{narrow[0].path} is too narrow for what comes behind it."
    evidence = Evidence(text, float(width), least, "rank")
    yield finding(network, "UNDERFITTING_CAPACITY", "warning", evidence, cause, [step.path for step in narrow])


def _reads_all(network: Network, step: Step) -> bool:
    """Whether it is an embedding through which everything comes that the network is given."""
    inputs = [field for field in network.fields_read if network.is_input(field)]
    return step.kind.name == "Embedding" and all(network.readers_of(field) == [step.path] for field in inputs)


def harsh_dropout(network: Network) -> Iterator[Finding]:
    """Dropout with a rate near 1, above a half where few units are left, or behind the last layer."""
    harsh: list[tuple[Step, float]] = []
    for step in network.trained:
        rate = network.analysis.arguments.get(step.path, {}).get("p") if step.kind.name in DROPOUTS else None
        if not isinstance(rate, float) or not rate:
            continue
        left = (1 - rate) * network.width_before(step)
        if rate > limit("dropout") or (rate > limit("dropout_half") and 0 < left < limit("units_left")):
            harsh.append((step, rate))
    if harsh:
        step, rate = max(harsh, key=lambda pair: pair[1])
        text = f"{step.path} takes {rate:.0%} of {network.width_before(step) or 'its'} numbers away at every step."
        cause = f"Of what comes into {step.path}, {1 - rate:.0%} is left to learn from."
        evidence = Evidence(text, rate, limit("dropout") if rate > limit("dropout") else limit("dropout_half"))
        yield finding(network, "DROPOUT_TOO_HIGH", "warning", evidence, cause, [one.path for one, _rate in harsh])
    yield from _dropout_at_the_end(network)


def _dropout_at_the_end(network: Network) -> Iterator[Finding]:
    for objective in network.objectives:
        last = [step for step in objective.ahead if step.kind.name in DROPOUTS]
        for step in last[:1]:
            rate = network.analysis.arguments.get(step.path, {}).get("p")
            if isinstance(rate, float) and rate > 0:
                text = f"{step.path} strikes out {rate:.0%} of the answers themselves."
                cause = f"{step.path} stands behind the last layer, right before the loss."
                found = finding(network, "DROPOUT_TOO_HIGH", "warning", Evidence(text, rate, 0.0), cause, [step.path])
                yield replace(found, title="Dropout at the output")


def dropout_before_norm(network: Network) -> Iterator[Finding]:
    """A batch normalization behind dropout."""
    for step in network.trained:
        rate = network.analysis.arguments.get(step.path, {}).get("p") if step.kind.name in DROPOUTS else None
        if not isinstance(rate, float) or not rate:
            continue
        value = Value(step.path, step.outputs[0])
        for path in network.behind(value, PASSING | LINEAR | {"ReLU", "LeakyReLU", "GELU"}):
            if network.plan.by_path[path].kind.name in BATCH_NORMS:
                text = f"{path} measures its variance behind {step.path}, of {rate:.0%} in training alone."
                cause = f"{step.path} stands before {path}."
                evidence = Evidence(text, rate, 0.0)
                yield finding(network, "DROPOUT_BEFORE_NORM", "hint", evidence, cause, [step.path, path])
                break


def small_batches(network: Network) -> Iterator[Finding]:
    """Batch normalization over few samples."""
    norms = [step.path for step in network.trained if step.kind.name in BATCH_NORMS]
    size = network.project.training.batch_size
    if norms and size <= limit("norm_batch"):
        text = f"{listed(norms)} measure{'s' if len(norms) == 1 else ''} mean and variance over {size} samples."
        cause = f"The batch size is {size}."
        evidence = Evidence(text, float(size), limit("norm_batch"))
        yield finding(network, "BN_SMALL_BATCH", "warning", evidence, cause, norms)
    yield from _lonely_rest(network, size)


def _lonely_rest(network: Network, size: int) -> Iterator[Finding]:
    """A last batch of one sample, of which a batch normalization of rows has no variance."""
    rows = [step.path for step in network.trained if step.kind.name == "BatchNorm1d" and _is_a_row(network, step)]
    samples = [field.samples for field in network.fields_read]
    if rows and samples and size > 1 and min(samples) % size == 1 and not network.project.training.drop_last:
        text = f"The last batch of an epoch holds 1 sample: {min(samples)} = {min(samples) // size} × {size} + 1."
        cause = "The batch size leaves one sample over."
        found = finding(network, "BN_SMALL_BATCH", "critical", Evidence(text, 1.0, 2.0), cause, rows)
        yield replace(found, title="A last batch of one sample")


def _is_a_row(network: Network, step: Step) -> bool:
    value = next(step.values(), None)
    found = network.analysis.types.get(value) if value is not None else None
    return found is not None and len(found.shape) == 2
