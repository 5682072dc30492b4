"""Edits that mend a step whose shapes do not fit; each is tried on the formulas before it is offered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from math import isqrt
from types import MappingProxyType
from typing import NamedTuple

from core.catalog import KINDS
from core.catalog.kind import Inputs, LayerKind, Param, TensorType
from core.errors import CodeError, ParameterError
from core.graph import Edge, Parameters
from core.graph import Value as Setting
from core.plan import Plan, Step, Value
from core.problems import ChangeKind, Fix, InsertOn, Problem, Rewire, SetParam
from core.project import Project
from core.shapes import Analysis, inputs_of, shapes_of

MOST = 4
"""Fixes offered for one problem."""
_LOSSES = ("CrossEntropy", "BCEWithLogits", "MSE")
"""The losses that are offered in the place of one that does not fit."""
WIDTHS = ("out_features", "out_channels")
"""The parameters that say how wide an output is."""


class _Insertion(NamedTuple):
    """A layer that may stand on a wire."""

    kind: str
    params: Parameters = ()
    title: str = ""


class _Wire(NamedTuple):
    """What comes into a step by one wire."""

    port: str
    place: int
    """Among the wires of its port."""
    value: Value
    type: TensorType
    takes_int: bool
    """Whether the port is for whole numbers."""
    edge: Edge | None
    """In the graph of the step's node; None where it is not told from others."""


def mended(project: Project, plan: Plan, analysis: Analysis) -> Iterator[Problem]:
    """The problems of shapes, each with the edits that mend it."""
    for problem in analysis.problems:
        if isinstance(problem.error, CodeError):
            yield problem
            continue
        case = _Case(project, plan, analysis, plan.by_path[problem.path], problem)
        fixes = list(dict.fromkeys(case.fixes()))
        yield replace(problem, fixes=tuple(fixes[:MOST]))


def resized(plan: Plan, analysis: Analysis, value: Value, dim: int, size: int) -> Iterator[SetParam]:
    """The layer further up whose width makes dimension `dim` of this value so large, if there is one."""
    for fix, made in _resizings(plan, analysis, value, size):
        if len(made.shape) > dim and made.shape[dim] == size:
            yield fix


class _Case:
    """One step that does not fit, and what may mend it."""

    def __init__(self, project: Project, plan: Plan, analysis: Analysis, step: Step, problem: Problem) -> None:
        self.project = project
        self.plan = plan
        self.analysis = analysis
        self.step = step
        self.problem = problem
        self.wires = tuple(_wires(project, step, analysis))
        others = (other for other in plan.steps if other.node == step.node)
        found = (inputs_of(other, analysis.types) for other in others)
        self._instances = [inputs for inputs in found if inputs is not None]
        """What comes into the step, and into the others of its node: an edit of the node must suit them all."""

    def fixes(self) -> Iterator[Fix]:
        """Every edit that lets the shapes fit, the plainest first."""
        if isinstance(self.problem.error, ParameterError):
            yield from self._bad_parameter()
            return
        if inputs_of(self.step, self.analysis.types) is None:
            return
        yield from self._contradicted()
        if self.step.kind.role == "loss":
            yield from self._flattened()
            yield from self._losses()
        yield from self._siblings()
        yield from self._upstream()
        yield from self._insertions()
        yield from self._parameters()

    def _bad_parameter(self) -> Iterator[Fix]:
        known = {param.name: param for param in self.step.kind.params}
        for name, value in self.step.params:
            if name != self.problem.param:
                continue
            if name not in known:
                yield SetParam(f"Remove {name}", self.step.node, name, None)
            elif not _is_legal(known[name], value):
                default = known[name].default
                label = f"Set {name} to {default}" if default is not None else f"Always infer {name}"
                yield SetParam(label, self.step.node, name, default if default != value else None)

    def _contradicted(self) -> Iterator[Fix]:
        name = self.problem.param
        if not name:
            return
        value = self.analysis.inferred[self.step.path].get(name)
        if self._fits_with(name, value):
            yield SetParam(f"Set {name} to {value}", self.step.node, name, value)
        if self._fits_with(name, None):
            yield SetParam(f"Always infer {name}", self.step.node, name, None)

    def _flattened(self) -> Iterator[Fix]:
        """A Flatten before the first Linear, where that was given pictures and took each of their rows for a sample."""
        for wire in self.wires[:1]:
            chain = _from_linear(self.plan, self.analysis, wire.value)
            entering = list(_wires(self.project, chain[0], self.analysis)) if chain else []
            flat = shapes_of(KINDS["Flatten"], (), {"input": entering[0].type}).shaped if entering else None
            if flat is None or entering[0].edge is None:
                continue
            made = _run(self.analysis, chain, entering={entering[0].value: flat.outputs["output"]})
            if made is not None and wire.value.port in made and self._fits(wire, made[wire.value.port]):
                name = chain[0].path.rpartition(".")[2]
                yield InsertOn(f"Insert Flatten before {name}", entering[0].edge.key, "Flatten")

    def _losses(self) -> Iterator[Fix]:
        """Another loss, or another field of the data as its target."""
        for wire in self.wires[1:]:
            source = self.plan.by_path.get(wire.value.path)
            for port in source.outputs if source is not None and source.fields and wire.edge is not None else ():
                other = self.analysis.types.get(Value(wire.value.path, port))
                if wire.edge is not None and other is not None and self._fits(wire, other):
                    yield Rewire(f"Wire {port} of {wire.value.path} instead", wire.edge.source, port, wire.edge.key)
        types = [wire.type for wire in self.wires]
        for name in _LOSSES:
            ports = KINDS[name].inputs
            if name != self.step.kind.name and len(types) == 2 == len(ports):
                inputs: Inputs = {port.name: found for port, found in zip(ports, types, strict=True)}
                if shapes_of(KINDS[name], (), inputs).shaped is not None:
                    yield ChangeKind(f"Use {name}", self.step.node, name)

    def _siblings(self) -> Iterator[Fix]:
        """The same layer for signals, images or volumes: BatchNorm1d for BatchNorm2d."""
        found = re.fullmatch(r"(.+)[123]d", self.step.kind.name)
        for name in (f"{found[1]}{dims}d" for dims in (1, 2, 3)) if found is not None else ():
            kind = KINDS.get(name)
            if kind is None or kind.name == self.step.kind.name or not self._instances:
                continue
            shared = {param.name for param in kind.params}
            params = tuple(item for item in self.step.params if item[0] in shared)
            if all(_same_ports(kind, self.step.kind, inputs) for inputs in self._instances) and all(
                shapes_of(kind, params, inputs).shaped is not None for inputs in self._instances
            ):
                yield ChangeKind(f"Use {name}", self.step.node, name)

    def _upstream(self) -> Iterator[Fix]:
        """Let a layer further up give as many numbers as the other wires bring."""
        for wire in self.wires:
            sizes = {size for other in self.wires if other != wire for size in other.type.features}
            for size in sorted(sizes):
                for fix, made in _resizings(self.plan, self.analysis, wire.value, size):
                    if self._fits(wire, made):
                        yield fix

    def _insertions(self) -> Iterator[Fix]:
        for wire in self._skips_first():
            for kind, params, title in _insertable(wire, self.wires):
                if wire.edge is None or kind not in KINDS:
                    continue
                result = shapes_of(KINDS[kind], params, {KINDS[kind].inputs[0].name: wire.type})
                if result.shaped is not None and self._fits(wire, next(iter(result.shaped.outputs.values()))):
                    label = f"Insert {title or kind} after {wire.value.path}"
                    yield InsertOn(label, wire.edge.key, kind, params)
                    break

    def _parameters(self) -> Iterator[Fix]:
        """Values of the step's own parameters that let it fit, one of each at most."""
        for param in self.step.kind.params:
            if param.type not in ("int", "size") or param.inferred:
                continue
            for value in self._values(param):
                if _is_legal(param, value) and self._fits_with(param.name, value):
                    yield SetParam(f"Set {param.name} to {value}", self.step.node, param.name, value)
                    break

    def _values(self, param: Param) -> Iterator[int]:
        """What may be tried for a parameter, the likeliest first."""
        if isinstance(param.default, int):
            yield param.default
        extents = [min(wire.type.features[1:], default=0) for wire in self.wires]
        yield from (min(extents, default=1), 1, -1, 2)
        kernel = self.analysis.arguments[self.step.path].get("kernel_size")
        widest = max(kernel) if isinstance(kernel, tuple) else kernel  # type: ignore[type-var]  # Param.check: ints
        if param.name == "padding" and isinstance(widest, int):
            yield widest // 2

    def _skips_first(self) -> list[_Wire]:
        """The wires, those from further up first: they pass layers by."""
        if len(self.wires) < 2:
            return list(self.wires)
        place = {step.path: index for index, step in enumerate(self.plan.steps)}
        return sorted(self.wires, key=lambda wire: place[wire.value.path])

    def _fits_with(self, name: str, value: Setting) -> bool:
        """Whether the step, in all its instances, fits with this parameter."""
        kept = tuple(item for item in self.step.params if item[0] != name)
        params = kept if value is None else tuple(sorted((*kept, (name, value))))
        return all(shapes_of(self.step.kind, params, inputs).shaped is not None for inputs in self._instances)

    def _fits(self, wire: _Wire, brought: TensorType) -> bool:
        """Whether the step fits when this wire brings something else."""
        inputs = dict(inputs_of(self.step, self.analysis.types) or {})
        found = inputs[wire.port]
        if isinstance(found, tuple):
            inputs[wire.port] = (*found[: wire.place], brought, *found[wire.place + 1 :])
        else:
            inputs[wire.port] = brought
        return shapes_of(self.step.kind, self.step.params, inputs).shaped is not None


def _wires(project: Project, step: Step, analysis: Analysis) -> Iterator[_Wire]:
    block = next((key for key, item in project.blocks.items() if step.node in item.graph.nodes), "")
    into = sorted(project.scope(block).into(step.node), key=lambda edge: (edge.input, edge.order))
    for port, values in step.inputs:
        edges = [edge for edge in into if edge.input == port]
        known = step.kind.input(port)
        takes_int = known is not None and known.dtype == "int"
        for place, value in enumerate(values):
            edge = edges[place] if len(edges) == len(values) else None
            if value in analysis.types:
                yield _Wire(port, place, value, analysis.types[value], takes_int, edge)


def _insertable(wire: _Wire, wires: Iterable[_Wire]) -> Iterator[_Insertion]:
    """The layers that may stand on the wire, the likeliest first."""
    tensor = wire.type
    for other in wires:
        if other != wire and len(other.type.shape) == len(tensor.shape):
            yield from _projections(tensor, other.type)
    if tensor.dtype != "float32":
        yield _Insertion("Cast", (("dtype", "float32"),), "a cast to float32")
    if wire.takes_int and tensor.dtype != "int64":
        yield _Insertion("Cast", (("dtype", "int64"),), "a cast to int64")
    yield from (_Insertion("Flatten"), _Insertion("Flatten", (("start_dim", 0),), "Flatten"))
    for first, second in combinations(range(1, len(tensor.shape)), 2):
        params = (("dim0", first), ("dim1", second))
        yield _Insertion("Transpose", params, f"a Transpose of {first} and {second}")
    yield from (_Insertion("Unsqueeze", (("dim", 1),)), _Insertion("Unsqueeze", (("dim", 2),)))
    yield from (_Insertion("Reshape", (("shape", shape),), f"Reshape to {_told(shape)}") for shape in _shapes(tensor))


def _projections(tensor: TensorType, wanted: TensorType) -> Iterator[_Insertion]:
    """A 1×1 convolution or a Linear that makes the one as large as the other."""
    if len(tensor.shape) == 4:
        pairs = list(zip(tensor.features[1:], wanted.features[1:], strict=False))
        stride = tuple(-(-size // other) if other and size > other else 1 for size, other in pairs)
        params = (("kernel_size", 1), ("out_channels", wanted.features[0]), ("stride", stride))
        plain = params if any(step > 1 for step in stride) else params[:2]
        yield _Insertion("Conv2d", plain, f"a 1×1 convolution to {wanted.features[0]} channels")
    elif wanted.features:
        yield _Insertion("Linear", (("out_features", wanted.features[-1]),), f"a Linear to {wanted.features[-1]}")


def _shapes(tensor: TensorType) -> Iterator[tuple[int, ...]]:
    """Shapes of one sample in which its numbers may be laid out."""
    sizes, count = tensor.features, tensor.numel
    side = isqrt(count)
    if side * side == count:
        yield (1, side, side)
    if len(sizes) > 2:
        yield (-1, sizes[-1])
        yield (sizes[0], -1)
    yield from ((-1,), (1, -1), (count, 1, 1), (1, 1, count), (count, 1, 1, 1))


def _same_ports(kind: LayerKind, other: LayerKind, inputs: Inputs) -> bool:
    """Whether both take these inputs by the same ports."""
    return [port.name for port in kind.inputs] == [port.name for port in other.inputs] and bool(inputs)


def _told(shape: tuple[int, ...]) -> str:
    return "×".join("?" if size == -1 else str(size) for size in shape)


def _resizings(plan: Plan, analysis: Analysis, value: Value, size: int) -> Iterator[tuple[SetParam, TensorType]]:
    """The last layer above a value that has a width, with this width, and what the value then is."""
    chain: list[Step] = []
    port = value.port
    step = plan.by_path.get(value.path)
    while step is not None and step.path in analysis.parameters:
        chain.insert(0, step)
        name = next((name for name in WIDTHS if name in analysis.arguments[step.path]), "")
        if name:
            made = _run(analysis, chain, (name, size))
            if made is not None and port in made:
                yield SetParam(f"Set {name} to {size}", step.node, name, size), made[port]
            return
        entering = tuple(step.values())
        step = plan.by_path.get(entering[0].path) if len(entering) == 1 else None


def _from_linear(plan: Plan, analysis: Analysis, value: Value) -> list[Step]:
    """The steps that lead to a value from the first Linear on, if that is given pictures; else none."""
    chain: list[Step] = []
    found: list[Step] = []
    step = plan.by_path.get(value.path)
    while step is not None and step.path in analysis.parameters:
        chain.insert(0, step)
        entering = tuple(step.values())
        if len(entering) != 1:
            break
        given = analysis.types.get(entering[0])
        if step.kind.name == "Linear" and given is not None and len(given.shape) > 3:
            found = list(chain)
        step = plan.by_path.get(entering[0].path)
    return found


def _run(
    analysis: Analysis,
    chain: list[Step],
    param: tuple[str, Setting] = ("", None),
    entering: Mapping[Value, TensorType] = MappingProxyType({}),
) -> dict[str, TensorType] | None:
    """What leaves the last step of a chain when the first one has this parameter, or something else comes into it."""
    types: dict[Value, TensorType] = dict(entering)
    outputs: dict[str, TensorType] = {}
    for index, step in enumerate(chain):
        known = {value: types.get(value, analysis.types[value]) for value in step.values()}
        inputs = inputs_of(step, known)
        kept = tuple(item for item in step.params if item[0] != param[0])
        params = step.params if index or not param[0] else tuple(sorted((*kept, param)))
        shaped = shapes_of(step.kind, params, inputs).shaped if inputs is not None else None
        if shaped is None:
            return None
        outputs = dict(shaped.outputs)
        types = {Value(step.path, port): kind for port, kind in outputs.items()}
    return outputs


def _is_legal(param: Param, value: object) -> bool:
    try:
        param.check(value)
    except ParameterError:
        return False
    return True
