"""The ports of a node in its project: a data set's fields, a block's ports, or what its kind or own source says."""

from __future__ import annotations

from core.catalog import KINDS, kind_of
from core.catalog.kind import Batch, PortSpec, TensorType
from core.catalog.sources import DATASET
from core.data.settings import dataset_kind
from core.data.sources import FieldSpec
from core.errors import GraphError
from core.graph import BLOCK, Block, Node
from core.project import Project


def input_ports(project: Project, node: Node) -> tuple[PortSpec, ...]:
    """The input ports, from top to bottom."""
    if node.kind == BLOCK:
        return tuple(PortSpec(name, "any") for name in _block(project, node).inputs())
    return kind_of(node).inputs


def output_ports(project: Project, node: Node) -> tuple[PortSpec, ...]:
    """The output ports, from top to bottom."""
    if node.kind == BLOCK:
        return tuple(PortSpec(name, "any") for name in _block(project, node).outputs())
    if node.kind == DATASET:
        return tuple(_field_port(field) for field in dataset_fields(project, node))
    return kind_of(node).outputs_with(node.params)


def input_port(project: Project, node: Node, name: str) -> PortSpec:
    """The input port of this name; raises GraphError."""
    return _named(node, "input", name, input_ports(project, node))


def output_port(project: Project, node: Node, name: str) -> PortSpec:
    """The output port of this name; raises GraphError."""
    return _named(node, "output", name, output_ports(project, node))


def passing_port(project: Project, node: Node) -> str:
    """The input whose value goes on as it is where the node is bypassed; "" for one that cannot be."""
    if node.kind != BLOCK and (node.kind not in KINDS or KINDS[node.kind].role != "layer"):
        return ""
    if node.kind == BLOCK and node.block not in project.blocks:
        return ""
    entries = input_ports(project, node)
    return entries[0].name if entries and output_ports(project, node) else ""


def dataset_fields(project: Project, node: Node) -> tuple[FieldSpec, ...]:
    """The fields that a data node offers; none where it names no data set of the project."""
    settings = project.data.get(str(node.param("dataset", "")))
    return dataset_kind(settings).fields if settings is not None else ()


def same_fields(project: Project, before: Project) -> bool:
    """Whether the data sets of the one offer the fields that those of the other do, so that shapes stand."""
    if project.data is before.data:
        return True
    fields = [{key: dataset_kind(item).fields for key, item in one.data.items()} for one in (project, before)]
    return fields[0] == fields[1]


def field_type(field: FieldSpec) -> TensorType:
    """The tensor of one batch of a data field."""
    return TensorType((Batch(), *field.shape), field.dtype)


def _field_port(field: FieldSpec) -> PortSpec:
    return PortSpec(field.name, "int" if field.dtype.startswith("int") else "float", help=field_type(field).full)


def _block(project: Project, node: Node) -> Block:
    if node.block not in project.blocks:
        raise GraphError("a block of this project was wanted", f"there is no block “{node.block}”", node.name)
    return project.blocks[node.block]


def _named(node: Node, side: str, name: str, ports: tuple[PortSpec, ...]) -> PortSpec:
    for port in ports:
        if port.name == name:
            return port
    names = ", ".join(port.name for port in ports) or "none"
    raise GraphError(
        f"an {side} of {node.name} was wanted ({names})", f"“{name}” came", node.name, "Choose one of these."
    )
