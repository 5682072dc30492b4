"""Plan to shapes: dtype and size on every wire, parameters and cost of every step, or the problem at its node.

After an edit only those steps are analysed that differ, and what reads a type that became another. Analysis goes on
past an error; what lies behind it is unknown. What has no formula, a Python block, is asked of an oracle; until it
answers, its shapes are unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from core.catalog.kind import Arguments, Inputs, LayerKind, Shaped, TensorType
from core.catalog.saving import saving
from core.catalog.sources import DATASET
from core.errors import ChainruleError, CodeError, ParameterError, ShapeError, TrustError
from core.graph import Parameters
from core.graph import Value as Setting
from core.plan import Plan, Step, Value, changes, readers
from core.ports import field_type
from core.problems import CODE_FAILED, CODE_UNTRUSTED, Problem
from core.python.questions import Oracle, Question, question, silent


class Shapes(NamedTuple):
    """What one step comes to: its arguments and types, or the error."""

    arguments: Arguments
    inferred: Mapping[str, Setting]
    shaped: Shaped | None
    error: ChainruleError | None = None
    param: str = ""
    asked: Question | None = None
    """What the oracle has not answered for good."""
    held: int = 0
    """Bytes of one sample's outputs."""


Key = tuple[str, Parameters, tuple[tuple[str, TensorType | tuple[TensorType, ...]], ...]]
Memo = dict[Key, Shapes]
"""What is known of kinds, parameters and inputs, so that equal layers are worked out once."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What every wire carries and every step costs, in no order; a step that is not in `types` is unknown."""

    types: Mapping[Value, TensorType]
    arguments: Mapping[str, Arguments]
    """By path: every parameter with its value, defaults and inferred ones filled in."""
    inferred: Mapping[str, Mapping[str, Setting]]
    """By path: what follows from the wires, whether or not it was set by hand."""
    parameters: Mapping[str, int]
    macs: Mapping[str, int]
    """By path: multiply-accumulates of one sample's forward pass."""
    held: Mapping[str, int]
    """By path: bytes of one sample's outputs; none where they are the input's, seen in another way."""
    modules: Mapping[str, int]
    """Parameters by module path: shared ones count once, as the first step of the module has them."""
    wrong: Mapping[str, Problem]
    """By path of the steps whose shapes do not fit."""
    plan: Plan = field(compare=False, repr=False)
    awaited: Mapping[str, Question] = field(default_factory=lambda: MappingProxyType({}))
    """By path of the steps without a formula, what is asked and not answered for good."""
    oracle: Oracle = field(default=silent, compare=False, repr=False)
    """Who is asked for what has no formula."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What does not fit, in running order."""
        return tuple(self.wrong[step.path] for step in self.plan.steps if step.path in self.wrong) if self.wrong else ()

    @property
    def total_parameters(self) -> int:
        """Learnable numbers, shared ones counted once."""
        return sum(self.modules.values())

    @property
    def total_macs(self) -> int:
        """Multiply-accumulates of one sample's forward pass."""
        return sum(self.macs.values())

    @property
    def total_held(self) -> int:
        """Bytes of all outputs of one sample."""
        return sum(self.held.values())


class Tried(NamedTuple):
    """What steps would come to: every type that is known, and the first error."""

    types: Mapping[Value, TensorType]
    error: ChainruleError | None


def analyse(plan: Plan, before: Analysis | None = None, oracle: Oracle | None = None) -> Analysis:
    """Shapes, parameters and cost of the whole plan; never fails.

    With the analysis of the plan before an edit, costs what the edit changes. What the oracle had not answered then is
    asked again; without one, that of the analysis before is asked.
    """
    known = before if before is not None else Analysis({}, {}, {}, {}, {}, {}, {}, {}, plan)
    working = _Working(known, oracle if oracle is not None else known.oracle)
    differing = changes(plan, before.plan if before is not None else None)
    old = {step.path: step for step in differing.gone}
    for step in differing.gone:
        if step.path not in plan.by_path:
            working.forget(step)
    if before is None:
        for step in plan.steps:
            working.analyse(step, None)
        return working.done(plan)
    reading = plan.origin.readers if plan.origin is not None else readers(plan)
    stale = {step.path for step in differing.new} | (before.awaited.keys() & plan.by_path.keys())
    stale.update(path for value in working.changed for path in reading.get(value, ()))
    for step in plan.steps if stale else ():
        if step.path in stale:
            working.changed.clear()
            working.analyse(step, old.get(step.path, step))
            stale.update(path for value in working.changed for path in reading.get(value, ()))
    return working.done(plan)


class _Working:
    """An analysis in the making: what is known so far, and which types became others."""

    def __init__(self, known: Analysis, oracle: Oracle) -> None:
        self._oracle = oracle
        self._awaited = dict(known.awaited)
        self.changed: set[Value] = set()
        self._memo: Memo = {}
        self._types = dict(known.types)
        self._arguments = dict(known.arguments)
        self._inferred = dict(known.inferred)
        self._parameters = dict(known.parameters)
        self._macs = dict(known.macs)
        self._held = dict(known.held)
        self._modules = dict(known.modules)
        self._wrong = dict(known.wrong)

    def forget(self, step: Step) -> None:
        """Drop what is known of a step that is gone."""
        self._drop(step.path)
        self._exchange(step, step, {})

    def analyse(self, step: Step, old: Step | None) -> None:
        """Work out one step, all before it being known."""
        result = _step(step, self._types, self._memo, self._oracle)
        shaped = result.shaped if result is not None else None
        if old is not None:
            self._drop(step.path)
        self._exchange(step, old, shaped.outputs if shaped is not None else {})
        if result is None:
            return
        path = step.path
        self._arguments[path], self._inferred[path] = result.arguments, result.inferred
        if shaped is not None:
            self._parameters[path], self._macs[path] = shaped.parameters, shaped.macs
            self._held[path] = result.held
            if step.module == path:
                self._modules[path] = shaped.parameters
        if result.error is not None:
            self._wrong[path] = _problem(step, result)
        if result.asked is not None:
            self._awaited[path] = result.asked

    def _drop(self, path: str) -> None:
        for table in (self._arguments, self._inferred):
            table.pop(path, None)
        for counts in (self._parameters, self._macs, self._held, self._modules):
            counts.pop(path, None)
        self._wrong.pop(path, None)
        self._awaited.pop(path, None)

    def _exchange(self, step: Step, old: Step | None, outputs: Mapping[str, TensorType]) -> None:
        """Put these types in the place of those that the step had."""
        if old is None:
            self._types.update([(Value(step.path, port), kind) for port, kind in outputs.items()])
            return
        for port in (*outputs, *(port for port in old.outputs if port not in outputs)):
            value = Value(step.path, port)
            known = self._types.pop(value, None)
            if port in outputs:
                self._types[value] = outputs[port]
            if known != outputs.get(port):
                self.changed.add(value)

    def done(self, plan: Plan) -> Analysis:
        """What is known now."""
        return Analysis(
            self._types,
            self._arguments,
            self._inferred,
            self._parameters,
            self._macs,
            self._held,
            self._modules,
            self._wrong,
            plan,
            self._awaited,
            self._oracle,
        )


def tried(steps: Sequence[Step], analysis: Analysis) -> Tried:
    """What steps that are not in the plan would make of what is known, in running order."""
    read = [value for step in steps for value in step.values()]
    types = {value: analysis.types[value] for value in read if value in analysis.types}
    error: ChainruleError | None = None
    for step in steps:
        result = _step(step, types, {}, analysis.oracle)
        outputs = result.shaped.outputs if result is not None and result.shaped is not None else {}
        types.update([(Value(step.path, port), tensor) for port, tensor in outputs.items()])
        error = error or (result.error if result is not None else None)
    return Tried(types, error)


def complete(kind: LayerKind, params: Parameters, inferred: Mapping[str, Setting]) -> dict[str, Setting]:
    """Every parameter of the kind: set by hand, inferred, or its default; raises ParameterError for a bad one."""
    values: dict[str, Setting] = {param.name: param.default for param in kind.params}
    values.update(inferred)
    for name, value in params:
        values[name] = kind.param(name).check(value)
        if value is None and name in inferred:
            values[name] = inferred[name]
    return values


def _step(step: Step, types: Mapping[Value, TensorType], memo: Memo, oracle: Oracle) -> Shapes | None:
    """The step's shapes; None where an input is unknown or loose, for then nothing can be said."""
    if step.fields:
        outputs = {field.name: field_type(field) for field in step.fields}
        return Shapes(dict(step.params), {}, Shaped(outputs), held=_held(outputs))
    inputs = inputs_of(step, types)
    if step.kind.opaque:
        return _told(step, inputs, oracle)
    if inputs is None or step.kind.name == DATASET:
        return None
    key: Key = (step.kind.name, step.params, tuple(inputs.items()))
    result = memo.get(key)
    if result is None:
        result = memo[key] = shapes_of(step.kind, step.params, inputs)
    return result


def _told(step: Step, inputs: Inputs | None, oracle: Oracle) -> Shapes | None:
    """What the oracle says of a step without a formula; what is wrong with its source is told before it is wired."""
    try:
        arguments = complete(step.kind, step.params, {})
        asked = question(step.params, inputs if inputs is not None else {})
    except CodeError as error:
        return Shapes(arguments, {}, None, error, "source")
    except ParameterError as error:
        return Shapes(dict(step.params), {}, None, error, error.wanted.split(maxsplit=1)[0])
    if inputs is None:
        return None
    arguments["settings"] = asked.settings
    told = oracle(asked)
    if told is None:
        return Shapes(arguments, {}, None, asked=asked)
    param = "source" if told.error is not None else ""
    held = _held(told.shaped.outputs) if told.shaped is not None else 0
    return Shapes(arguments, {}, told.shaped, told.error, param, None if told.is_final else asked, held)


def inputs_of(step: Step, types: Mapping[Value, TensorType]) -> dict[str, TensorType | tuple[TensorType, ...]] | None:
    """What comes into the step, by port; None where a part of it is loose or unknown."""
    inputs: dict[str, TensorType | tuple[TensorType, ...]] = {}
    for (name, values), port in zip(step.inputs, step.kind.inputs, strict=True):
        if not values:
            if not port.optional:
                return None
        elif port.variadic:
            found = tuple([types[value] for value in values if value in types])
            if len(found) < len(values):
                return None
            inputs[name] = found
        else:
            known = types.get(values[0])
            if known is None:
                return None
            inputs[name] = known
    return inputs


def shapes_of(kind: LayerKind, params: Parameters, inputs: Inputs) -> Shapes:
    """What the kind makes of these inputs, with these parameters set by hand."""
    inferred: Mapping[str, Setting] = {}
    try:
        inferred = kind.infer(inputs)
        arguments = complete(kind, params, inferred)
    except ParameterError as error:
        return Shapes(dict(params), inferred, None, error, _bad_one(kind, params))
    if kind.opaque:
        return Shapes(arguments, inferred, None)
    try:
        shaped = kind.shape(inputs, arguments)
        _ensure_dtype(shaped, inputs)
    except ShapeError as error:
        return Shapes(arguments, inferred, None, error, _contradicted(params, inferred))
    held = 0 if saving(kind.name).is_view else _held(shaped.outputs)
    return Shapes(arguments, inferred, shaped, held=held)


def _bad_one(kind: LayerKind, params: Parameters) -> str:
    """The first parameter that the kind does not have, or not with this value; "" where all are good."""
    for name, value in params:
        try:
            kind.param(name).check(value)
        except ParameterError:
            return name
    return ""


def _ensure_dtype(shaped: Shaped, inputs: Inputs) -> None:
    """Raise ShapeError where numbers of another precision meet weights, which are float32."""
    for port, found in inputs.items() if shaped.parameters else ():
        for tensor in found if isinstance(found, tuple) else (found,):
            if tensor.is_floating and tensor.dtype != "float32":
                fix = "Cast it to float32 before."
                raise ShapeError(f"float32 was wanted at {port}, as the weights are", f"{tensor.dtype} came", fix=fix)


def _held(outputs: Mapping[str, TensorType]) -> int:
    return sum([tensor.bytes() for tensor in outputs.values()])


def _contradicted(params: Parameters, inferred: Mapping[str, Setting]) -> str:
    """The parameter that was set by hand to something else than the wire brings."""
    return next((name for name, value in params if name in inferred and value not in (None, inferred[name])), "")


def _problem(step: Step, result: Shapes) -> Problem:
    error = result.error
    assert error is not None  # the caller asks only for these
    told = type(error)(error.wanted, error.came, step.path, error.fix)
    if isinstance(error, CodeError):
        told = type(error).at_line(told, error.line)
        code = CODE_UNTRUSTED if isinstance(error, TrustError) else CODE_FAILED
        return Problem(code, "error", told, step.node, step.path, param=result.param, line=error.line)
    code = "E104" if isinstance(error, ParameterError) else "E103"
    port = step.inputs[0][0] if step.inputs else ""
    return Problem(code, "error", told, step.node, step.path, port, None, result.param)
