"""An ONNX file as plain values: its nodes with their functions written out, its inputs, outputs and weights."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from core.errors import FileError
from core.exchange.onnx.limits import CALLS, FILE_BYTES, FUNCTION_DEPTH, NODES, WHERE, refusal
from core.exchange.onnx.tensors import Array, array_of, dtype_name

if TYPE_CHECKING:
    from onnx import AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, ValueInfoProto

_STANDARD = ("", "ai.onnx")
_TENSOR, _GRAPH = 4, 5
_PLAIN: Mapping[int, Callable[[AttributeProto], Any]] = MappingProxyType(
    {
        1: lambda item: item.f,
        2: lambda item: item.i,
        3: lambda item: text(item.s),
        6: lambda item: tuple(item.floats),
        7: lambda item: tuple(item.ints),
        8: lambda item: tuple(map(text, item.strings)),
    }
)
"""Values of attributes by their type's number in onnx.proto (AttributeProto.AttributeType)."""
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


@dataclass(frozen=True, slots=True)
class OnnxNode:
    """One node: an operation, the names it reads and makes, and its attributes as plain values."""

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    domain: str = ""
    scopes: tuple[str, ...] = ()
    """Paths of the modules around it, outermost first, as torch's exporter notes them."""
    classes: tuple[str, ...] = ()
    """The classes of those modules."""

    @property
    def title(self) -> str:
        """The node as a message names it."""
        return f"{self.op} “{self.name or next(iter(self.outputs), '')}”"


class Declared(NamedTuple):
    """An input or output: its sizes as numbers, as symbols, or unknown as an empty text."""

    name: str
    dtype: str
    shape: tuple[int | str, ...] | None


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A graph within a node: a branch of If."""

    nodes: tuple[OnnxNode, ...]
    weights: Mapping[str, Array]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """A whole model."""

    name: str
    opset: int
    inputs: tuple[Declared, ...]
    outputs: tuple[Declared, ...]
    nodes: tuple[OnnxNode, ...]
    weights: Mapping[str, Array]


def read_model(path: Path) -> OnnxModel:
    """The model in this file; raises FileError where it is none, or more than is read."""
    try:
        import onnx
        from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    except ImportError as error:
        fix = "Install it with: pip install chainrule[onnx]"
        raise FileError("the package onnx was wanted", str(error), WHERE, fix) from None
    try:
        if path.stat().st_size > FILE_BYTES:
            raise refusal("a file of at most 2 GiB was wanted", "it is larger", "Keep its weights in a file beside it.")
        proto = onnx.ModelProto.FromString(path.read_bytes())
    except OSError as error:
        raise refusal("an ONNX file that can be read was wanted", str(error), "Check the path.") from None
    except (DecodeError, RecursionError) as error:
        raise refusal("an ONNX file was wanted", f"{path.name} is none: {error}", "Choose another file.") from None
    return model_of(proto, path.parent, path.stem)


def model_of(proto: ModelProto, folder: Path, name: str) -> OnnxModel:
    """The model in this message; weights that lie beside it are looked for in `folder`."""
    versions = {entry.domain: entry.version for entry in proto.opset_import}
    opset = next((versions[domain] for domain in _STANDARD if domain in versions), 0)
    if not 1 <= opset <= 100 or not proto.graph.node:
        came = f"its operator set is {opset} and its graph has {len(proto.graph.node)} nodes"
        raise refusal("an ONNX model with a graph was wanted", came, "Choose another file.")
    reader = _Reader(folder, {(item.domain, item.name): item for item in proto.functions})
    weights = dict(reader.weights(proto.graph))
    nodes = tuple(reader.nodes(proto.graph.node))
    inputs = tuple(declared(item) for item in proto.graph.input if text(item.name) not in weights)
    outputs = tuple(declared(item) for item in proto.graph.output)
    return OnnxModel(name, opset, inputs, outputs, nodes, weights)


def declared(info: ValueInfoProto) -> Declared:
    """The input or output as it is declared; raises FileError where it is no tensor."""
    if not info.type.HasField("tensor_type"):
        raise refusal("tensors as inputs and outputs were wanted", f"“{info.name}” is none", "Export only the network.")
    kind = info.type.tensor_type
    shape = tuple(
        item.dim_value if item.HasField("dim_value") and item.dim_value >= 0 else _symbol(item.dim_param)
        for item in kind.shape.dim
    )
    return Declared(text(info.name), dtype_name(kind.elem_type), shape if kind.HasField("shape") else None)


def _symbol(name: str | bytes) -> str:
    """The name of an open size; empty for the marks that stand for none."""
    found = text(name)
    return "" if found in ("?", "-1") else found


def text(value: str | bytes) -> str:
    """A text of the message, which are bytes where they are no text at all."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


class _Reader:
    """Turns messages into values; functions of the model are written out where they are called."""

    def __init__(self, folder: Path, functions: Mapping[tuple[str, str], FunctionProto]) -> None:
        self._folder, self._functions = folder, functions
        self._count = 0
        self._calls = 0

    def weights(self, graph: GraphProto) -> Iterator[tuple[str, Array]]:
        if graph.sparse_initializer:
            raise refusal("dense weights were wanted", "sparse ones came", "Export the model with dense weights.")
        for tensor in graph.initializer:
            yield text(tensor.name), array_of(tensor, self._folder)

    def nodes(self, protos: Iterable[NodeProto], depth: int = 0) -> Iterator[OnnxNode]:
        for proto in protos:
            self._count += 1
            if self._count > NODES:
                wanted = f"a graph of at most {NODES:,} nodes was wanted"
                raise refusal(wanted, "it has more", "Export a smaller model.")
            function = self._functions.get((proto.domain, proto.op_type))
            if function is not None:
                yield from self._written_out(proto, function, depth + 1)
            else:
                yield self._node(proto, depth)

    def _node(self, proto: NodeProto, depth: int) -> OnnxNode:
        notes = {text(entry.key).rpartition(".")[2]: text(entry.value) for entry in proto.metadata_props}
        domain = "" if proto.domain in _STANDARD else text(proto.domain)
        attributes = {
            text(item.name): self._attribute(item, depth) for item in proto.attribute if not item.ref_attr_name
        }
        return OnnxNode(
            text(proto.op_type),
            text(proto.name),
            tuple(map(text, proto.input)),
            tuple(map(text, proto.output)),
            attributes,
            domain,
            quoted(notes.get("name_scopes", "")),
            quoted(notes.get("class_hierarchy", "")),
        )

    def _written_out(self, call: NodeProto, function: FunctionProto, depth: int) -> Iterator[OnnxNode]:
        """The function's nodes with names of their own; attributes that it hands on are those of the call."""
        if depth > FUNCTION_DEPTH:
            came = f"{function.name} is nested deeper"
            raise refusal(f"functions at most {FUNCTION_DEPTH} deep were wanted", came)
        self._calls += 1
        if self._calls > CALLS:
            raise refusal(f"at most {CALLS:,} calls of functions were wanted", "there are more", "Export it flat.")
        mark = f"{text(call.name or call.op_type)}.{self._calls}/"
        pairs = (*zip(function.input, call.input, strict=False), *zip(function.output, call.output, strict=False))
        names = {text(inner): text(outer) for inner, outer in pairs}
        given = {item.name: item for item in (*function.attribute_proto, *call.attribute)}
        for node in self.nodes((_handed_on(item, given) for item in function.node), depth):
            yield replace(
                node,
                name=f"{mark}{node.name}",
                inputs=tuple(names.get(name, f"{mark}{name}") if name else "" for name in node.inputs),
                outputs=tuple(names.get(name, f"{mark}{name}") if name else "" for name in node.outputs),
            )

    def _attribute(self, item: AttributeProto, depth: int) -> Any:
        if item.type == _TENSOR:
            return array_of(item.t, self._folder)
        if item.type == _GRAPH:
            return self._subgraph(item.g, depth + 1)
        plain = _PLAIN.get(item.type)
        return plain(item) if plain is not None else None

    def _subgraph(self, graph: GraphProto, depth: int) -> Subgraph:
        if depth > FUNCTION_DEPTH:
            raise refusal(f"graphs at most {FUNCTION_DEPTH} deep were wanted", "one is nested deeper")
        weights = dict(self.weights(graph))
        return Subgraph(tuple(self.nodes(graph.node, depth)), weights, tuple(text(item.name) for item in graph.output))


def _handed_on(node: NodeProto, given: Mapping[str, AttributeProto]) -> NodeProto:
    """The node of a function with the attributes that the call sets in place of references to them."""
    if not any(item.ref_attr_name for item in node.attribute):
        return node
    copy = type(node)()
    copy.CopyFrom(node)
    del copy.attribute[:]
    for item in node.attribute:
        if not item.ref_attr_name:
            copy.attribute.append(item)
        elif item.ref_attr_name in given:
            handed = copy.attribute.add()
            handed.CopyFrom(given[item.ref_attr_name])
            handed.name = item.name
    return copy


def quoted(printed: str) -> tuple[str, ...]:
    """The texts in a list as Python prints it."""
    return tuple(first or second for first, second in _QUOTED.findall(printed[:10_000]))
