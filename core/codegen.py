"""Plan to readable Python: a class that needs only torch, written as a person would write it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.catalog.initialization import start
from core.catalog.kind import Arguments, LayerKind
from core.catalog.sources import DATASET, INPUT
from core.expressions import call, class_of, constructor, target
from core.parttext import class_text
from core.plan import Plan, Step, Value
from core.project import Project
from core.python.text import Written, is_writable, written
from core.shapes import Analysis

INDENT = "    "
_OWN = frozenset({"x", "batch"})
"""Variables that the code has of itself."""


@dataclass(frozen=True, slots=True)
class _Names:
    """What every value and module is called."""

    values: Mapping[Value, str]
    modules: Mapping[str, str]
    inputs: tuple[str, ...]


def source(project: Project, plan: Plan, analysis: Analysis) -> str:
    """The network as a module, and its loss as a function where there is one."""
    used = plan.for_inference()
    known = tuple(step for step in used.steps if step.path in analysis.arguments and is_writable(step))
    missing = len(used.steps) - len(known)
    code = written(known, (class_name(project), "loss", *(class_of(step.kind) for step in known if _is_own(step.kind))))
    steps = code.steps
    names = _names(used, steps)
    parts = [_header(steps, plan, missing, code), _class(project, used, steps, analysis, names)]
    loss = _loss(plan, used, analysis, names)
    return "\n\n\n".join([*parts, loss] if loss else parts) + "\n"


def class_name(project: Project) -> str:
    """The project's name as a class is called: LeNet5."""
    words = re.findall(r"[0-9A-Za-z]+", project.name)
    name = "".join(word[:1].upper() + word[1:] for word in words) or "Network"
    return name if name[0].isalpha() else f"Network{name}"


def attribute(path: str) -> str:
    """A module path as one attribute: encoder_2_conv1."""
    return re.sub(r"\W+", "_", path).strip("_")


def _header(steps: tuple[Step, ...], plan: Plan, missing: int, code: Written) -> str:
    lines = ["import torch", "from torch import nn"]
    own = tuple(dict.fromkeys(step.kind.module for step in (*steps, *plan.losses) if _is_own(step.kind)))
    texts = [class_text(module) for module in own]
    used = [*texts, *code.texts, *(step.kind.forward for step in (*steps, *plan.losses))]
    if any("F." in text for text in used):
        lines.append("from torch.nn import functional as F")
    if not any("torch." in text for text in used):
        lines.remove("import torch")
    if any("math." in text for text in texts):
        lines[:0] = ["import math", ""]
    if missing:
        lines += ["", f"# {missing} of the nodes are left out: their shapes are not known yet."]
    lines[:0] = [line for line in code.imports if line.startswith("from __future__")]
    lines += [line for line in code.imports if line not in lines]
    texts += code.texts
    return "\n\n\n".join(["\n".join(lines), *texts])


def _is_own(kind: LayerKind) -> bool:
    return bool(kind.module) and not kind.is_torchs and not kind.opaque


def _names(plan: Plan, steps: tuple[Step, ...]) -> _Names:
    inputs = _input_names(plan)
    readers: dict[Value, list[int]] = {}
    for place, step in enumerate(steps):
        for value in step.values():
            readers.setdefault(value, []).append(place)
    kept = set(plan.predictions())
    values = dict(inputs)
    for place, step in enumerate(steps):
        for port in () if step.kind.name in (DATASET, INPUT) else step.outputs:
            value = Value(step.path, port)
            passing = readers.get(value) in ([place + 1], None) and len(step.outputs) == 1
            last = value in kept and place == len(steps) - 1
            values[value] = "x" if passing and (last or value not in kept) else _variable(step, port, inputs)
    modules = {step.module: attribute(step.module) for step in steps if step.kind.module}
    return _Names(values, modules, tuple(dict.fromkeys(inputs.values())))


def _input_names(plan: Plan) -> dict[Value, str]:
    """The forward pass's arguments: the fields that are read, by name, or with their node's where two share it.

    An Input node is an argument by its own name.
    """
    read = {value for step in plan.steps for value in step.values()} | set(plan.predictions())
    offered: dict[tuple[str, str], list[Value]] = {}
    for step in plan.sources:
        for port in step.outputs if step.kind.name == DATASET else ():
            if Value(step.path, port) in read:
                offered.setdefault((step.dataset, port), []).append(Value(step.path, port))
    ports = [port for _dataset, port in offered]
    names: dict[Value, str] = {}
    for (dataset, port), values in offered.items():
        name = port if ports.count(port) == 1 else attribute(f"{dataset}_{port}")
        names.update(dict.fromkeys(values, name))
    declared = [Value(step.path, "output") for step in plan.sources if step.kind.name == INPUT]
    taken = set(names.values())
    for value in (value for value in declared if value in read):
        name = attribute(value.path)
        names[value] = f"{name}_" if name in taken or name in _OWN else name
    return names


def _variable(step: Step, port: str, inputs: Mapping[Value, str]) -> str:
    name = attribute(step.path) if len(step.outputs) == 1 else attribute(f"{step.path}_{port}")
    return f"{name}_" if name in {*_OWN, *inputs.values()} else name


def _class(project: Project, plan: Plan, steps: tuple[Step, ...], analysis: Analysis, names: _Names) -> str:
    lines = [f"class {class_name(project)}(nn.Module):"]
    if project.description:
        lines += [f'{INDENT}"""{_sentence(project.description)}"""', ""]
    lines += [f"{INDENT}def __init__(self):", f"{INDENT * 2}super().__init__()"]
    lines += [f"{INDENT * 2}{line}" for line in _construction(steps, analysis, names)]
    batch = f"{names.inputs[0]}.shape[0]" if names.inputs else "batch"
    arguments = ", ".join(("self", *names.inputs) if names.inputs else ("self", "batch"))
    lines += ["", f"{INDENT}def forward({arguments}):"]
    lines += [f"{INDENT * 2}{line}" for line in _forward(steps, analysis, names, batch)]
    results = [names.values[value] for value in plan.predictions() if value in names.values]
    return "\n".join([*lines, f"{INDENT * 2}return {', '.join(results) or 'None'}"])


def _construction(steps: tuple[Step, ...], analysis: Analysis, names: _Names) -> Iterator[str]:
    made: set[str] = set()
    for step in steps:
        if step.module in made or step.module not in names.modules:
            continue
        made.add(step.module)
        arguments, name = analysis.arguments[step.path], names.modules[step.module]
        yield f"self.{name} = {constructor(step.kind, arguments)}"
        yield from _start(step.kind, arguments, name)
        if arguments.get("frozen"):
            yield f"self.{name}.requires_grad_(False)"


def _start(kind: LayerKind, arguments: Arguments, name: str) -> Iterator[str]:
    begin = start(arguments)
    if begin is None:
        return
    if kind.many_weights:
        yield f"for name, parameter in self.{name}.named_parameters():"
        yield f'{INDENT}if "bias" in name:'
        yield f"{INDENT * 2}nn.init.zeros_(parameter)"
        yield f"{INDENT}elif parameter.dim() > 1:"
        yield f"{INDENT * 2}{begin.text('parameter')}"
        return
    yield begin.text(f"self.{name}.weight")
    if arguments.get("bias"):
        yield f"nn.init.zeros_(self.{name}.bias)"


def _forward(steps: tuple[Step, ...], analysis: Analysis, names: _Names, batch: str) -> Iterator[str]:
    for step in steps:
        if step.kind.name in (DATASET, INPUT):
            continue
        outputs = {port: names.values[Value(step.path, port)] for port in step.outputs}
        unpack = step.kind.form(analysis.arguments[step.path]).unpack
        yield f"{target(unpack, outputs)} = {_expression(step, analysis, names, batch)}"


def _expression(step: Step, analysis: Analysis, names: _Names, batch: str) -> str:
    module = f"self.{names.modules.get(step.module, '')}"
    ports: dict[str, str | tuple[str, ...]] = {"batch": batch, "self": module, "training": "self.training"}
    for (port, values), spec in zip(step.inputs, step.kind.inputs, strict=True):
        known = tuple(names.values[value] for value in values)
        ports[port] = known if spec.variadic else (known[0] if known else "None")
    arguments = analysis.arguments[step.path]
    return call(step.kind, step.kind.form(arguments).forward, arguments, ports)


def _loss(plan: Plan, used: Plan, analysis: Analysis, names: _Names) -> str:
    """The loss as a function of the prediction and the targets; empty where it needs more than these."""
    predictions = used.predictions()
    terms: list[str] = []
    targets: dict[Value, str] = {}
    results = ("prediction",) if len(predictions) == 1 else tuple(f"prediction{i + 1}" for i in range(len(predictions)))
    known = dict(zip(predictions, results, strict=True))
    for step in plan.losses:
        for value in step.values():
            fields = plan.by_path[value.path].fields
            if fields:
                targets[value] = value.port
            elif value not in known:
                return ""
        if step.path not in analysis.arguments:
            return ""
        terms.append(_term(step, analysis, {**known, **targets}))
    arguments = ", ".join((*results, *dict.fromkeys(targets.values())))
    return f"def loss({arguments}):\n{INDENT}return {' + '.join(terms)}" if terms else ""


def _term(step: Step, analysis: Analysis, known: Mapping[Value, str]) -> str:
    arguments = analysis.arguments[step.path]
    text = call(step.kind, step.kind.forward, arguments, {port: known[values[0]] for port, values in step.inputs})
    weight = arguments.get("weight", 1.0)
    return text if weight == 1.0 else f"{weight!r} * {text}"


def _sentence(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''").rstrip('"')
