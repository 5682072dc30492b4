"""What an exported network takes and gives: its inputs and outputs, by names that every format may hold."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from core.catalog.kind import TensorType
from core.errors import CheckError
from core.plan import Plan, Step, Value
from core.shapes import Analysis


class Port(NamedTuple):
    """One tensor that goes in or out."""

    name: str
    """A word that Python and ONNX take for a name."""
    values: tuple[Value, ...]
    """The values of the plan that it stands for: two data nodes on one data set bring one field."""
    type: TensorType


class Interface(NamedTuple):
    """A network without its losses: its steps, and what goes in and out."""

    plan: Plan
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


def interface(plan: Plan, analysis: Analysis) -> Interface:
    """What the network takes and gives; raises CheckError where it has no output or a shape is not known."""
    used = plan.for_inference()
    results = used.predictions()
    if not results:
        raise CheckError("a network with an output was wanted", "it has none", "Export", "Add a layer.")
    for step in used.steps:
        if step.path in analysis.wrong:
            raise analysis.wrong[step.path].error
        if step.path not in analysis.arguments:
            wanted = "a network whose shapes are all known was wanted"
            raise CheckError(wanted, "those of this layer are not", step.path, "Wire all its inputs.")
    groups = tuple(_given(used)) or tuple(_drawn(used))
    if not groups:
        raise CheckError("a network with an input was wanted", "it has none", "Export", "Add data or an Input.")
    taken: set[str] = set()
    inputs = tuple(Port(_new(name, taken), values, analysis.types[values[0]]) for name, values in groups)
    outputs = tuple(Port(_new(_output(value), taken), (value,), analysis.types[value]) for value in results)
    return Interface(used, inputs, outputs)


def is_input(step: Step) -> bool:
    """Whether the step's tensors come from outside: a source that neither draws nor keeps them."""
    return step.kind.role == "source" and not step.kind.forward and not step.kind.module


def draws(step: Step) -> bool:
    """Whether the step draws random numbers."""
    return step.kind.role == "source" and bool(step.kind.forward) and not step.kind.module


def _given(plan: Plan) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """Every field that is read, once a data set; where two data sets have one of the same name, with theirs."""
    groups = _grouped(plan, (step for step in plan.sources if is_input(step)))
    ports = [port for _owner, port in groups]
    for (owner, port), values in groups.items():
        fields = plan.by_path[values[0].path].fields
        yield (port if ports.count(port) == 1 else f"{owner}_{port}") if fields else owner, values


def _drawn(plan: Plan) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """The random numbers: what a generator, which has no other input, is asked with."""
    for (owner, _port), values in _grouped(plan, filter(draws, plan.sources)).items():
        yield owner, values


def _grouped(plan: Plan, sources: Iterable[Step]) -> dict[tuple[str, str], tuple[Value, ...]]:
    read = {value for step in plan.steps for value in step.values()} | set(plan.predictions())
    groups: dict[tuple[str, str], tuple[Value, ...]] = {}
    for step in sources:
        for port in step.outputs:
            value = Value(step.path, port)
            if value in read:
                key = (step.dataset or step.path, port)
                groups[key] = (*groups.get(key, ()), value)
    return groups


def _output(value: Value) -> str:
    return value.path if value.port == "output" else f"{value.path}_{value.port}"


def _new(text: str, taken: set[str]) -> str:
    """The text as a name that no other has."""
    name = re.sub(r"[^0-9A-Za-z_]+", "_", text).strip("_") or "value"
    if name[0].isdigit() or keyword.iskeyword(name):
        name = f"_{name}"
    found, count = name, 2
    while found in taken:
        found, count = f"{name}_{count}", count + 1
    taken.add(found)
    return found
