"""An ONNX file as a list of calls: constants worked out, layers found again, what cannot be said named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from core.catalog.python_block import PYTHON
from core.errors import ChainruleError, FileError
from core.exchange.calls import Call, Imported, Ref
from core.exchange.onnx.folding import fold
from core.exchange.onnx.given import Fixed, Inputs, inputs_of
from core.exchange.onnx.limits import FILLED_NUMBERS, FUNCTION_DEPTH, refusal
from core.exchange.onnx.model import OnnxModel, OnnxNode, Subgraph, read_model
from core.exchange.onnx.operators import ARRANGING, FOREIGN, OPERATIONS
from core.exchange.onnx.patterns import folded
from core.exchange.onnx.scopes import named, scope_of, whole, with_sharing
from core.exchange.onnx.task import Task, UnsupportedError, is_named, permuted
from core.exchange.onnx.values import Array, Filled, Known, Value, Wire
from core.exchange.onnx.writer import Writer

_NAMED = 4
"""Nodes of one operation that a message names."""


def read_onnx(path: Path, sizes: Mapping[str, int] | None = None, fixed: Fixed | None = None) -> Imported:
    """The network in an ONNX file.

    Args:
        path: The file; weights that lie beside it are read too.
        sizes: How large a dimension is that the file leaves open, by its symbol or as `input.2`; the batch stays one.
        fixed: By input, its numbers where it holds no samples: a sampling rate, for example.

    Raises:
        FileError: The file is none, holds more than is read, or an operation that cannot be said.
    """
    return imported(read_model(path), sizes or {}, fixed or {})


def imported(model: OnnxModel, sizes: Mapping[str, int] | None = None, fixed: Fixed | None = None) -> Imported:
    """The network of a model; see `read_onnx`."""
    return found(model, sizes, fixed)[0]


def found(
    model: OnnxModel,
    sizes: Mapping[str, int] | None = None,
    fixed: Fixed | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
) -> tuple[Imported, Inputs]:
    """The network of a model and how its inputs were understood; `shapes` are the sizes of one sample by input."""
    inputs = inputs_of(model, sizes or {}, fixed or {}, shapes or {})
    reading = _Reading(folded(model), inputs)
    reading.run()
    calls, outputs = reading.result()
    given = tuple((item.label, item.type) for item in inputs.given)
    known = tuple(whole(call) for call in with_sharing(named(calls)))
    notes = (*inputs.notes, *_opaque(known))
    return Imported(model.name, given, known, outputs, notes), inputs


def _opaque(calls: tuple[Call, ...]) -> Iterator[str]:
    for call in calls:
        if call.kind == PYTHON:
            yield f"{call.name} is a node of Python: the catalog has no kind for it."


class _MissingError(Exception):
    """What a branch makes is missing, for a reason that is told already."""


class _Reading:
    """Walks through the nodes; what an unreadable one makes is missing, and what needs it is passed over."""

    def __init__(self, model: OnnxModel, inputs: Inputs) -> None:
        self._model, self._inputs = model, inputs
        self._writer = Writer(tuple((item.label, item.type) for item in inputs.given))
        self._values: dict[str, Value] = {name: Known(array, name) for name, array in model.weights.items()}
        self._values |= {name: Known(array) for name, array in inputs.known.items()}
        for item in inputs.given:
            rank = len(item.type.shape)
            back = (*range(1, item.place + 1), 0, *range(item.place + 1, rank))
            self._values[item.name] = permuted(self._writer, self._writer.wire(item.label), back)
        self._filled = 0
        self._missing: set[str] = set()
        self._failures: list[tuple[OnnxNode, str]] = []
        names = Counter(name for node in model.nodes for name in node.inputs)
        self._readers = names + Counter(item.name for item in model.outputs)

    def run(self) -> None:
        """Turn every node into calls; raises FileError where some cannot be."""
        self._walk(self._model.nodes, 0)
        if self._failures:
            raise _untold(self._failures, self._inputs.notes)

    def result(self) -> tuple[tuple[Call, ...], tuple[tuple[str, Ref], ...]]:
        """The calls that the outputs need, and where the outputs are."""
        ends: dict[str, Ref] = {}
        for item in self._model.outputs:
            value = self._values.get(item.name)
            try:
                ends[item.name] = self._task(OnnxNode("Output", item.name, (item.name,), ())).as_wire(value).ref
            except UnsupportedError as error:
                came = f"“{item.name}” is none: {error}"
                raise refusal("outputs that the network makes were wanted", came) from None
        return self._writer.used(ends)

    def _walk(self, nodes: Iterable[OnnxNode], depth: int) -> None:
        for node in nodes:
            if any(name in self._missing for name in node.inputs):
                self._missing.update(node.outputs)
                continue
            unmade = next((name for name in node.inputs if name and name not in self._values), None)
            if unmade is not None:
                came = f"{node.title} reads “{unmade}”, which nothing before it makes"
                raise refusal("a graph in running order, without cycles, was wanted", came)
            try:
                made = self._made(node, depth)
            except _MissingError:
                self._missing.update(node.outputs)
            except (UnsupportedError, ChainruleError) as error:
                self._failures.append((node, str(error)))
                self._missing.update(node.outputs)
            else:
                self._values |= _kept(node, made)

    def _made(self, node: OnnxNode, depth: int) -> tuple[Value | None, ...]:
        task = self._task(node)
        if all(isinstance(value, Known) for value in task.values if value is not None):
            arrays = tuple(value.array if isinstance(value, Known) else None for value in task.values)
            worked_out = fold(node, arrays, self._model.opset)
            if worked_out is not None:
                self._count(worked_out)
                source = _source(node, task)
                return tuple(Known(array, source) for array in worked_out)
        if node.op == "If":
            return self._branch(task, depth)
        operation = OPERATIONS.get(node.op) if not node.domain or node.domain in FOREIGN else None
        if operation is None:
            raise UnsupportedError("the catalog has no kind for it")
        self._writer.scope = scope_of(node)
        made = operation(task)
        results = (made,) if isinstance(made, Wire | Known | Filled) else made
        first = task.value(0)
        if isinstance(first, Filled) and node.op in ARRANGING:
            return tuple(Filled(first.number, item.shape) if isinstance(item, Wire) else item for item in results)
        return results

    def _count(self, arrays: tuple[Array, ...]) -> None:
        """Raises FileError where the file fills more constants than are kept."""
        self._filled += sum(array.size for array in arrays if 0 in array.strides and array.size > 1)
        if self._filled > FILLED_NUMBERS:
            raise refusal(f"at most {FILLED_NUMBERS:,} filled numbers were wanted", "there are more")

    def _task(self, node: OnnxNode) -> Task:
        values = tuple(self._values.get(name) if name else None for name in node.inputs)
        return Task(node, values, self._writer, self._model.opset, self._inputs.fixed_batch, self._readers)

    def _branch(self, task: Task, depth: int) -> tuple[Value | None, ...]:
        """The branch that is taken, where that is known."""
        condition = task.known(0)
        if condition is None or task.value(0) is None or condition.size != 1:
            raise UnsupportedError("its branch hangs on the samples")
        graph = task.get("then_branch" if bool(condition.reshape(-1)[0]) else "else_branch")
        if not isinstance(graph, Subgraph) or depth >= FUNCTION_DEPTH:
            raise UnsupportedError("its branch is missing, or nested too deeply")
        self._values |= {name: Known(array, name) for name, array in graph.weights.items()}
        self._walk(graph.nodes, depth + 1)
        if any(name not in self._values for name in graph.outputs):
            raise _MissingError
        return tuple(self._values[name] for name in graph.outputs)


def _source(node: OnnxNode, task: Task) -> str:
    """What names the weight that the node only lays out anew; its layout is a part of the name."""
    source = task.shared(0)
    if node.op in ("Identity", "Cast"):
        return source
    return f"{node.op}.{source}" if node.op in ("Unsqueeze", "Reshape", "Transpose") and is_named(source) else ""


def _kept(node: OnnxNode, made: tuple[Value | None, ...]) -> dict[str, Value]:
    pairs = zip(node.outputs, made, strict=False)
    return {name: value for name, value in pairs if name and value is not None}


def _untold(failures: list[tuple[OnnxNode, str]], notes: tuple[str, ...]) -> FileError:
    """The error that names every operation which could not be read, and why."""
    told = "; ".join(_reasons(failures))
    fix = "Remove these operations from the model, or export it without them."
    if any("was taken as" in note for note in notes):
        fix = f"Give the sizes that the file leaves open, or export it without these operations. {' '.join(notes)}"
    return refusal("operations that the catalog can say were wanted", told, fix)


def _reasons(failures: list[tuple[OnnxNode, str]]) -> Iterator[str]:
    groups: dict[tuple[str, str], list[str]] = {}
    for node, reason in failures:
        op = f"{node.domain}.{node.op}" if node.domain else node.op
        groups.setdefault((op, reason), []).append(node.name or next(iter(node.outputs), ""))
    for (op, reason), names in groups.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield f"{op} ({', '.join(names[:_NAMED])}{more}) is not: {reason}"
