"""Losses as a function of what the network gives and of the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from core.code.lines import Line, is_operation, is_sum, statement, tidy
from core.code.model import attribute
from core.code.tree import Argument, Body, field_argument, is_given
from core.compared import gives_each
from core.expressions import call, constructor
from core.plan import Plan, Step, Value
from core.shapes import Analysis


class Other(NamedTuple):
    """What the label of the sample is called with which one is mixed, and the share of the first."""

    name: str
    share: str


def compared(plan: Plan, losses: Sequence[Step], analysis: Analysis) -> tuple[Value, ...]:
    """What the losses need of the network, in their order; what the data brings is left out.

    A loss that holds weights is a part of the network, which then gives the loss itself.
    """
    read = [value for step in losses for value in _needs(step, analysis)]
    return tuple(dict.fromkeys(value for value in read if not _is_field(plan, value)))


def loss_lines(
    plan: Plan,
    losses: Sequence[Step],
    body: Body,
    analysis: Analysis,
    fields: Mapping[Argument, str],
    name: str = "loss",
    share: str = "",
    mixed: Mapping[str, Other] = MappingProxyType({}),
) -> Iterator[Line]:
    """The weighted sum of the losses as a function; nothing where one of them is not known yet.

    Losses that are sums over the samples are multiplied by `share`, where that is given. Those of labels in `mixed` are
    of two, by their shares.
    """
    known = value_names(plan, losses, body, fields, analysis)
    if not losses or not all(step.path in analysis.arguments and _is_known(step, known, analysis) for step in losses):
        return
    targets = target_names(plan, losses, fields, analysis)
    others = [other for target in targets if target in mixed for other in mixed[target]]
    arguments = (*(known[value] for value in results(body)), *targets, *others)
    yield from statement(f"def {name}({', '.join(dict.fromkeys(arguments))}):")
    if len(losses) == 1:
        text = _called(losses[0], analysis, known, mixed)
        yield from statement(f"return {_weighted(losses[0], analysis, text)}", 1, "", (losses[0].node,))
        return
    terms: list[str] = []
    taken = set(arguments)
    for step in losses:
        term = attribute(step.path)
        while term in taken:
            term += "_"
        taken.add(term)
        yield from statement(f"{term} = {_called(step, analysis, known, mixed)}", 1, "", (step.node,))
        shared = f" * {share}" if share and is_summed(step) else ""
        terms.append(f"{_weighted(step, analysis, term)}{shared}")
    yield from statement(f"return {' + '.join(terms)}", 1)


def is_summed(step: Step) -> bool:
    """Whether the loss is a sum over the samples instead of a mean."""
    return dict(step.params).get("reduction") == "sum"


def results(body: Body) -> tuple[Value, ...]:
    """What the body returns, in the plan."""
    return tuple(body.values[source] for _key, source in body.results)


def value_names(
    plan: Plan, losses: Sequence[Step], body: Body, fields: Mapping[Argument, str], analysis: Analysis
) -> dict[Value, str]:
    """What the loss function calls its arguments: a single output by the port it goes to, others by their paths."""
    given = results(body)
    taken = {*fields.values(), "model", "loss", "accuracy", "rmse"}
    names: dict[Value, str] = {}
    for value in given:
        port = next((port for step in losses for port, values in step.inputs if value in values), "prediction")
        name = port if len(given) == 1 else attribute(value.path if value.port == "output" else ".".join(value))
        names[value] = f"{name}_" if name in taken else name
        taken.add(names[value])
    for argument in target_arguments(plan, losses, analysis):
        names.update(dict.fromkeys(_values_of(plan, argument), fields[argument]))
    return names


def target_names(
    plan: Plan, losses: Sequence[Step], fields: Mapping[Argument, str], analysis: Analysis
) -> tuple[str, ...]:
    """What the loss function calls the fields of the data that the losses read."""
    return tuple(fields[argument] for argument in target_arguments(plan, losses, analysis))


def target_arguments(plan: Plan, losses: Sequence[Step], analysis: Analysis) -> tuple[Argument, ...]:
    """The fields of the data that the losses read, in their order."""
    read = [value for step in losses for value in _needs(step, analysis) if _is_field(plan, value)]
    return tuple(dict.fromkeys(field_argument(plan.by_path[path], port) for path, port in read))


def holds_weights(step: Step, analysis: Analysis) -> bool:
    """Whether the loss has numbers of its own, which then stand among the network's."""
    if not step.kind.module:
        return False
    arguments = analysis.arguments.get(step.path, {})
    kept = any(param.tensor and arguments.get(param.name) is not None for param in step.kind.params)
    return kept or bool(analysis.parameters.get(step.path))


def _needs(step: Step, analysis: Analysis) -> tuple[Value, ...]:
    return (Value(step.path, "loss"),) if holds_weights(step, analysis) else tuple(step.values())


def _is_field(plan: Plan, value: Value) -> bool:
    return value.path in plan.by_path and is_given(plan.by_path[value.path])


def _values_of(plan: Plan, argument: Argument) -> Iterator[Value]:
    for step in plan.sources:
        for port in step.outputs:
            if is_given(step) and field_argument(step, port) == argument:
                yield Value(step.path, port)


def _is_known(step: Step, known: Mapping[Value, str], analysis: Analysis) -> bool:
    return all(value in known for value in _needs(step, analysis))


def _weighted(step: Step, analysis: Analysis, text: str) -> str:
    weight = analysis.arguments[step.path].get("weight", 1.0)
    if weight == 1.0:
        return text
    return f"{weight!r} * ({text})" if is_sum(text) else f"{weight!r} * {text}"


def _called(step: Step, analysis: Analysis, known: Mapping[Value, str], mixed: Mapping[str, Other]) -> str:
    """The loss as one number: the mean of one that gives each number for itself."""
    text = _of_both(step, analysis, known, mixed)
    if not gives_each(analysis.arguments[step.path]):
        return text
    return f"({text}).mean()" if is_operation(text) else f"{text}.mean()"


def _of_both(step: Step, analysis: Analysis, known: Mapping[Value, str], mixed: Mapping[str, Other]) -> str:
    """The loss of both labels by their shares; as it is where it reads none that is mixed."""
    text = _own(step, analysis, known)
    read = [known[value] for value in _needs(step, analysis) if known[value] in mixed]
    if not read:
        return text
    other = _own(step, analysis, {value: mixed[name].name if name in mixed else name for value, name in known.items()})
    first, second = (f"({one})" if is_operation(one) else one for one in (text, other))
    share = mixed[read[0]].share
    return f"{share} * {first} + (1 - {share}) * {second}"


def _own(step: Step, analysis: Analysis, known: Mapping[Value, str]) -> str:
    if holds_weights(step, analysis):
        return known[Value(step.path, "loss")]
    arguments = analysis.arguments[step.path]
    ports: dict[str, str | tuple[str, ...]] = {"training": "True"}
    if step.kind.module:
        ports["self"] = constructor(step.kind, arguments)
    for (port, values), spec in zip(step.inputs, step.kind.inputs, strict=True):
        names = tuple(known[value] for value in values)
        ports[port] = names if spec.variadic else (names[0] if names else "None")
    return tidy(call(step.kind, step.kind.form(arguments).forward, arguments, ports))
