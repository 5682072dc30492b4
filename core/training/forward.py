"""Plan to straight-line functions: the catalog's templates with modules and parameters bound, compiled by Python.

The text holds our templates, names that are made here and literals of checked values, so a stranger's file brings no
code into it. The network that runs is this; a test proves it equal to the readable one that is exported.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.build import Network
from core.catalog.kind import Arguments
from core.catalog.sources import INPUT
from core.compared import gives_each, prediction
from core.compared import target as target_of
from core.expressions import builtins, call, target
from core.plan import Plan, Step, Value

FILE = "<chainrule network>"
_SELF = "<self>"
_MEMBER = re.compile(rf"{_SELF}(?:\.(\w+))?")
_FUNCTION = re.compile(r"\b(F|torch)\.(\w+)(?=\()")
_DIRECT: Mapping[str, Callable[..., Tensor]] = MappingProxyType(
    {
        "dropout": torch.dropout,
        "log_softmax": torch.log_softmax,
        "max_pool1d": torch.max_pool1d,
        "max_pool2d": torch.max_pool2d,
        "relu": torch.relu,
        "softmax": torch.softmax,
    }
)
"""What torch.nn.functional calls in the end with the same arguments: saves its Python wrapper at every step."""


class Field(NamedTuple):
    """A tensor that comes from outside: an argument of a function."""

    dataset: str
    """The data set that brings it; empty for an Input node, whose path is then the name."""
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A compiled function of the batch size and the fields, in this order."""

    call: Callable[..., Any]
    fields: tuple[Field, ...]
    text: str
    lines: tuple[str, ...]
    """The path of the step that each line of the text belongs to; empty for the frame."""
    timed: tuple[str, ...] = ()
    """The paths of the steps whose times are noted, in the order of the lines."""
    mixed: tuple[Field, ...] = ()
    """Fields whose losses are of two labels: for each the other label and the share of the first follow the fields."""

    def step_of(self, error: BaseException) -> str:
        """The path of the step in which the error arose; empty where it was elsewhere."""
        trace, found = error.__traceback__, ""
        while trace is not None:
            if trace.tb_frame.f_code is inspect.unwrap(self.call).__code__:
                found = self.lines[trace.tb_lineno - 1]
            trace = trace.tb_next
        return found


def loss_function(
    network: Network,
    plan: Plan,
    losses: Iterable[Step],
    training: bool = True,
    keep: tuple[Value, ...] = (),
    timed: bool = False,
    mixed: Collection[Field] = (),
    walked: Collection[str] = (),
) -> Function:
    """The function from a batch to (total, parts, prediction, target, kept, times).

    These are the weighted sum; each loss before it is weighted, in the order asked for, the mean of one that gives each
    number for itself; what the first loss compares, the target None where it has none; the values of `keep`, which
    retain their gradients, and behind them the inputs of the steps in `walked`, which have one though they be data; and
    where it is `timed` when it began and when each line of `Function.timed` was done, in seconds. The losses of fields
    in `mixed` are of two labels, by their shares.
    """
    writer = _Writer(network, plan, training, mixed, walked=walked)
    timed_paths, times = writer.note_times() if timed else ((), ())
    kept = [*(writer.names[value] for value in keep), *(writer.inputs[path] for path in walked)]
    result = _result(writer, losses, kept, with_gradients=training)
    return replace(writer.compiled(f"{result}, {_tuple(times)}"), timed=timed_paths)


def shown_function(
    network: Network,
    plan: Plan,
    losses: Iterable[Step],
    seen: Mapping[Value, Callable[[Tensor], None]],
    keep: tuple[Value, ...],
    mixed: Collection[Field] = (),
) -> Function:
    """As `loss_function`, but no gradient is kept, and every value in `seen` is shown as soon as it is made."""
    writer = _Writer(network, plan, training=True, mixed=mixed, seen=seen)
    kept = [writer.names[value] for value in keep]
    return writer.compiled(f"{_result(writer, losses, kept, with_gradients=False)}, ()")


def _result(writer: _Writer, losses: Iterable[Step], kept: Sequence[str], with_gradients: bool) -> str:
    """What a loss function returns, its times left out."""
    parts = [(writer.one_number(step, place), step) for place, step in enumerate(losses)]
    total = " + ".join(_weighted(name, writer.network.arguments[step.path]) for name, step in parts)
    if with_gradients:
        writer.lines += [(f"if {name}.requires_grad: {name}.retain_grad()", "") for name in kept]
    judged, right = writer.compared(parts[0][1]) if parts else ("None", "None")
    return f"{total}, {_tuple(name for name, _step in parts)}, {judged}, {right}, {_tuple(kept)}"


class Wire(NamedTuple):
    """What comes in by a port of a step, at its place among several."""

    value: Value
    path: str
    """The step that it comes to."""
    port: str
    place: int = 0


def traced_function(
    network: Network, plan: Plan, losses: Iterable[Step]
) -> tuple[Function, tuple[Value, ...], tuple[Wire, ...]]:
    """The function from a batch to (total, values, wires), and what those are.

    Every wire is a tensor of its own, equal to the value that it carries: the gradient that comes back by it is that of
    the one step that it leads to.
    """
    writer = _Writer(network, plan, training=True, apart=True)
    parts = [(writer.one_number(step, place), step) for place, step in enumerate(losses)]
    total = " + ".join(_weighted(name, network.arguments[step.path]) for name, step in parts)
    values, wires = tuple(writer.names), tuple(writer.wires)
    result = f"{total}, {_tuple(writer.names.values())}, {_tuple(writer.wires.values())}"
    return writer.compiled(result), values, wires


def output_function(network: Network, plan: Plan, outputs: tuple[Value, ...], training: bool = False) -> Function:
    """The function from the sources to these values, as a tuple."""
    writer = _Writer(network, plan, training)
    return writer.compiled(_tuple(writer.names[value] for value in outputs))


def fields_of(plan: Plan) -> tuple[Field, ...]:
    """The data that the plan's steps read, in its order; two nodes on one data set bring one field once."""
    used = {value for step in plan.steps for value in step.values()}
    steps = [step for step in plan.steps if _brings(step)]
    found = [field_of(step, port) for step in steps for port in step.outputs if Value(step.path, port) in used]
    return tuple(dict.fromkeys(found))


def field_of(step: Step, port: str) -> Field:
    """The argument that a data node's port, or an Input node, stands for."""
    return Field(step.dataset, port) if step.dataset else Field("", step.path)


def _brings(step: Step) -> bool:
    return bool(step.dataset) or step.kind.name == INPUT


def _weighted(name: str, values: Arguments) -> str:
    return name if values["weight"] == 1.0 else f"{name} * {values['weight']!r}"


def _tuple(names: Iterable[str]) -> str:
    inside = "".join(f"{name}, " for name in names)
    return f"({inside})"


class _Writer:
    """One function being written: its lines, the names of its values, and what it is bound to."""

    def __init__(
        self,
        network: Network,
        plan: Plan,
        training: bool,
        mixed: Collection[Field] = (),
        apart: bool = False,
        walked: Collection[str] = (),
        seen: Mapping[Value, Callable[[Tensor], None]] = MappingProxyType({}),
    ) -> None:
        """`apart`: every wire has a name of its own; `walked`: the paths of steps whose first input has a gradient."""
        self._seen = seen
        self.network = network
        self.training = training
        self.wires: dict[Wire, str] = {}
        self._apart = apart
        self.fields = fields_of(plan)
        self.mixed = tuple(field for field in self.fields if field in mixed)
        self.bound: dict[str, object] = {}
        self.names: dict[Value, str] = {}
        self.inputs: dict[str, str] = {}
        """By path the first input of each of the steps in `walked`."""
        self._walked = walked
        self.lines: list[tuple[str, str]] = []
        places = {path: f"m{index}" for index, path in enumerate(network.modules)}
        self._places = places
        for index, step in enumerate(plan.steps):
            self._step(index, step)

    def note_times(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Note the time before the first line and after each: the paths of the lines, and the names of the times."""
        self.bound["clock"] = perf_counter
        paths = tuple(path for _line, path in self.lines)
        names = tuple(f"t{place}" for place in range(len(paths) + 1))
        noted = [(f"{line}; {name} = clock()", path) for (line, path), name in zip(self.lines, names[1:], strict=True)]
        self.lines = [(f"{names[0]} = clock()", ""), *noted]
        return paths, names

    def one_number(self, step: Step, place: int) -> str:
        """What stands for a loss: itself, or the mean of its numbers."""
        name = self.names[Value(step.path, "loss")]
        if not gives_each(self.network.arguments[step.path]):
            return name
        self.lines.append((f"p{place} = {name}.mean()", step.path))
        return f"p{place}"

    def compared(self, step: Step) -> tuple[str, str]:
        """What stands for the prediction of a loss and for its target, as the metric compares them."""
        first, second = (
            self.names[value] if value is not None else "None" for value in (prediction(step), target_of(step))
        )
        if not step.kind.judged:
            return first, second
        self.lines.append((f"judged = {self._expression(step, step.kind.judged)}.detach()", step.path))
        return "judged", second

    def compiled(self, result: str) -> Function:
        """The function, returning this expression."""
        others = (f"{part}{self.fields.index(field)}" for field in self.mixed for part in "ys")
        arguments = ", ".join(["batch", *(f"x{index}" for index in range(len(self.fields))), *others])
        head = (f"def bind({', '.join(self.bound)}):", f"    def forward({arguments}):")
        body = [f"        {line}" for line, _path in self.lines]
        tail = (f"        return {result}", "    return forward")
        text = "\n".join((*head, *body, *tail))
        paths = ("", "", *(path for _line, path in self.lines), "", "")
        namespace: dict[str, Any] = {"__builtins__": builtins()}
        exec(compile(text, FILE, "exec"), namespace)
        return Function(namespace["bind"](**self.bound), self.fields, text, paths, mixed=self.mixed)

    def _step(self, index: int, step: Step) -> None:
        if _brings(step):
            for port in step.outputs:
                if (field := field_of(step, port)) in self.fields:
                    self.names[Value(step.path, port)] = f"x{self.fields.index(field)}"
            return
        if self._apart:
            self._part_wires(step)
        if step.path in self._walked:
            self._follow(index, step)
        outputs = {port: f"v{index}_{place}" if place else f"v{index}" for place, port in enumerate(step.outputs)}
        self.names.update({Value(step.path, port): name for port, name in outputs.items()})
        form = step.kind.form(self.network.arguments[step.path])
        made = self._expression(step, form.fast or form.forward)
        if step.kind.role == "loss" and self.mixed:
            made = self._of_both(step, form.fast or form.forward, made)
        self.lines.append((f"{target(form.unpack, outputs)} = {made}", step.path))
        for port, name in outputs.items():
            if (value := Value(step.path, port)) in self._seen:
                self.bound[f"see_{name}"] = self._seen[value]
                self.lines.append((f"see_{name}({name})", step.path))

    def _part_wires(self, step: Step) -> None:
        for port, values in step.inputs:
            for place, value in enumerate(values):
                name, whole = f"w{len(self.wires)}", self.names[value]
                self.wires[Wire(value, step.path, port, place)] = name
                self.lines.append((f"{name} = {whole}.view_as({whole})", step.path))

    def _read(self, step: Step, port: str, values: tuple[Value, ...]) -> tuple[str, ...]:
        """What stands for what comes in by a port."""
        if step.path in self.inputs and port == step.inputs[0][0]:
            return (self.inputs[step.path],)
        if self._apart:
            return tuple(self.wires[Wire(value, step.path, port, place)] for place, value in enumerate(values))
        return tuple(self.names[value] for value in values)

    def _follow(self, index: int, step: Step) -> None:
        """Let the step's first input have a gradient, though it be data; for the step alone."""
        whole, name = self.names[next(step.values())], f"g{index}"
        self.lines.append((f"{name} = {whole} if {whole}.requires_grad else {whole}.detach().requires_grad_()", ""))
        self.inputs[step.path] = name

    def _of_both(self, step: Step, template: str, first: str) -> str:
        """A loss of both labels by their shares; as it is where it reads none that is mixed."""
        read = {value: self.names[value] for value in step.values()}
        others = {f"x{self.fields.index(field)}": f"{self.fields.index(field)}" for field in self.mixed}
        found = [name for name in read.values() if name in others]
        if not found:
            return first
        before = dict(self.names)
        self.names |= {value: f"y{others[name]}" for value, name in read.items() if name in others}
        second = self._expression(step, template)
        self.names = before
        share = f"s{others[found[0]]}"
        return f"{share} * ({first}) + (1 - {share}) * ({second})"

    def _expression(self, step: Step, template: str) -> str:
        direct = _FUNCTION.sub(lambda match: self._function(match[1], match[2]), template)
        names: dict[str, str | tuple[str, ...]] = {"training": repr(self.training), "batch": "batch", "self": _SELF}
        names.update({port: self._read(step, port, values) or "None" for port, values in step.inputs})
        text = call(step.kind, direct, self.network.arguments[step.path], names)
        return _MEMBER.sub(lambda match: self._module(step, match[1]), text)

    def _function(self, library: str, name: str) -> str:
        called = _DIRECT.get(name) or getattr(functional if library == "F" else torch, name)
        self.bound[f"{library}_{name}"] = called
        return f"{library}_{name}"

    def _module(self, step: Step, member: str | None) -> str:
        place, module = self._places[step.module], self.network.modules[step.module]
        if member is None:
            self.bound[place] = _called(module)
            return place
        parameter = getattr(module, member)
        if parameter is None:
            return "None"
        self.bound[f"{place}_{member}"] = parameter
        return f"{place}_{member}"


def _called(module: nn.Module) -> Callable[..., Any]:
    """What calling the module does; past `__call__`, which looks for hooks where there are none."""
    is_hooked = bool(module._forward_hooks or module._forward_pre_hooks or module._backward_hooks)
    return module if is_hooked else module.forward
