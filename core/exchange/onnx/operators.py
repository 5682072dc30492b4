"""Every operation that is read, by its name in ONNX."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.exchange.onnx import (
    ops_activation,
    ops_conv,
    ops_dense,
    ops_index,
    ops_math,
    ops_norm,
    ops_opaque,
    ops_pool,
    ops_recurrent,
    ops_reduce,
    ops_resize,
    ops_shape,
)
from core.exchange.onnx.task import Operation

_FAMILIES = {
    "Layers": (ops_dense, ops_conv, ops_recurrent),
    "Normalization": (ops_norm,),
    "Pooling": (ops_pool,),
    "Activation": (ops_activation,),
    "Shape": (ops_shape, ops_index, ops_resize),
    "Math": (ops_math, ops_reduce),
    "As Python": (ops_opaque,),
}
OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {name: work for rooms in _FAMILIES.values() for room in rooms for name, work in room.OPERATIONS.items()}
)
ARRANGING = ("Expand", "Reshape", "Slice", "Split", "Squeeze", "Transpose", "Unsqueeze")
"""What leaves numbers that are all one and the same as they are."""
FOREIGN = ("com.microsoft", "chainrule")
"""Domains in which an operation means what the standard one of the same name does."""


def families() -> Mapping[str, tuple[str, ...]]:
    """The names of all operations by family, sorted."""
    return {
        title: tuple(sorted({name for room in rooms for name in room.OPERATIONS if "." not in name}))
        for title, rooms in _FAMILIES.items()
    }
