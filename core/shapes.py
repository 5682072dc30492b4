"""Plan to shapes: dtype and size on every wire, parameters and cost of every step, or the problem at its node.

The kinds' formulas are memoised by kind, parameters and input types, so an edit costs what it changes. Analysis goes on
past an error; what lies behind it is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from core.catalog.kind import Arguments, Inputs, LayerKind, Shaped, TensorType
from core.catalog.sources import DATASET
from core.errors import ChainruleError, ParameterError, ShapeError
from core.graph import Parameters
from core.graph import Value as Setting
from core.plan import Plan, Step, Value
from core.ports import field_type
from core.problems import Fix, Problem, SetParam


class Shapes(NamedTuple):
    """What one step comes to: its arguments and types, or the error."""

    arguments: Arguments
    inferred: Mapping[str, Setting]
    shaped: Shaped | None
    error: ChainruleError | None = None
    param: str = ""


Key = tuple[str, Parameters, tuple[tuple[str, TensorType | tuple[TensorType, ...]], ...]]
Memo = dict[Key, Shapes]
"""What is known of kinds, parameters and inputs; owned by the caller, so that it lives as long as the document."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What every wire carries and every step costs; a step that is not in `types` is unknown."""

    types: Mapping[Value, TensorType]
    arguments: Mapping[str, Arguments]
    """By path: every parameter with its value, defaults and inferred ones filled in."""
    inferred: Mapping[str, Mapping[str, Setting]]
    """By path: what follows from the wires, whether or not it was set by hand."""
    parameters: Mapping[str, int]
    macs: Mapping[str, int]
    """By path: multiply-accumulates of one sample's forward pass."""
    problems: tuple[Problem, ...]
    modules: Mapping[str, int]
    """Parameters by module path: shared ones count once."""

    @property
    def total_parameters(self) -> int:
        """Learnable numbers, shared ones counted once."""
        return sum(self.modules.values())

    @property
    def total_macs(self) -> int:
        """Multiply-accumulates of one sample's forward pass."""
        return sum(self.macs.values())


def analyse(plan: Plan, memo: Memo | None = None) -> Analysis:
    """Shapes, parameters and cost of the whole plan; never fails."""
    known: Memo = {} if memo is None else memo
    types: dict[Value, TensorType] = {}
    results: dict[str, Shapes] = {}
    for step in plan.steps:
        result = _step(step, types, known)
        if result is None:
            continue
        results[step.path] = result
        if result.shaped is not None:
            types.update({Value(step.path, port): kind for port, kind in result.shaped.outputs.items()})
    return _gathered(plan, types, results)


def complete(kind: LayerKind, params: Parameters, inferred: Mapping[str, Setting]) -> dict[str, Setting]:
    """Every parameter of the kind: set by hand, inferred, or its default; raises ParameterError for a bad one."""
    values: dict[str, Setting] = {param.name: param.default for param in kind.params}
    values.update(inferred)
    for name, value in params:
        values[name] = kind.param(name).check(value)
        if value is None and name in inferred:
            values[name] = inferred[name]
    return values


def _gathered(plan: Plan, types: Mapping[Value, TensorType], results: Mapping[str, Shapes]) -> Analysis:
    shaped = {path: result.shaped for path, result in results.items() if result.shaped is not None}
    modules: dict[str, int] = {}
    for step in plan.steps:
        if step.path in shaped:
            modules.setdefault(step.module, shaped[step.path].parameters)
    return Analysis(
        types,
        {path: result.arguments for path, result in results.items()},
        {path: result.inferred for path, result in results.items()},
        {path: item.parameters for path, item in shaped.items()},
        {path: item.macs for path, item in shaped.items()},
        tuple(_problem(plan.by_path[path], result) for path, result in results.items() if result.error is not None),
        modules,
    )


def _step(step: Step, types: Mapping[Value, TensorType], memo: Memo) -> Shapes | None:
    """The step's shapes; None where an input is unknown or loose, for then nothing can be said."""
    if step.fields:
        outputs = {field.name: field_type(field) for field in step.fields}
        return Shapes(dict(step.params), {}, Shaped(outputs))
    inputs = _inputs(step, types)
    if inputs is None or step.kind.name == DATASET:
        return None
    key: Key = (step.kind.name, step.params, tuple(inputs.items()))
    result = memo.get(key)
    if result is None:
        result = memo[key] = shapes_of(step.kind, step.params, inputs)
    return result


def _inputs(step: Step, types: Mapping[Value, TensorType]) -> dict[str, TensorType | tuple[TensorType, ...]] | None:
    inputs: dict[str, TensorType | tuple[TensorType, ...]] = {}
    for (name, values), port in zip(step.inputs, step.kind.inputs, strict=True):
        found = tuple(types[value] for value in values if value in types)
        if len(found) < len(values) or (not values and not port.optional):
            return None
        if values:
            inputs[name] = found if port.variadic else found[0]
    return inputs


def shapes_of(kind: LayerKind, params: Parameters, inputs: Inputs) -> Shapes:
    """What the kind makes of these inputs, with these parameters set by hand."""
    inferred: Mapping[str, Setting] = {}
    try:
        inferred = kind.infer(inputs)
        arguments = complete(kind, params, inferred)
    except ParameterError as error:
        named = next((name for name, _value in params if error.wanted.startswith(name)), "")
        return Shapes(dict(params), inferred, None, error, named)
    try:
        return Shapes(arguments, inferred, kind.shape(inputs, arguments))
    except ShapeError as error:
        return Shapes(arguments, inferred, None, error, _contradicted(params, inferred))


def _contradicted(params: Parameters, inferred: Mapping[str, Setting]) -> str:
    """The parameter that was set by hand to something else than the wire brings."""
    return next((name for name, value in params if name in inferred and value not in (None, inferred[name])), "")


def _problem(step: Step, result: Shapes) -> Problem:
    error = result.error
    assert error is not None  # _gathered asks only for these
    told = type(error)(error.wanted, error.came, step.path, error.fix)
    code = "E104" if isinstance(error, ParameterError) else "E103"
    port = step.inputs[0][0] if step.inputs else ""
    return Problem(code, "error", told, step.node, step.path, port, None, result.param, _fixes(step, result))


def _fixes(step: Step, result: Shapes) -> tuple[Fix, ...]:
    name = result.param
    if not name:
        return ()
    if name in result.inferred:
        value = result.inferred[name]
        return (
            SetParam(f"Set {name} to {value}", step.node, name, value),
            SetParam(f"Always infer {name}", step.node, name, None),
        )
    default = step.kind.param(name).default
    return (SetParam(f"Set {name} to {default}", step.node, name, default),)
