"""Operations on what is known, worked out while reading: the arithmetic of shapes above all."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from core.exchange.onnx.limits import FILLED_NUMBERS, FOLDED_NUMBERS
from core.exchange.onnx.model import OnnxNode
from core.exchange.onnx.tensors import dtype_name
from core.exchange.onnx.values import Array, Size, UnknownSizeError, simplified

Arrays = tuple[Array | None, ...]
Fold = Callable[[OnnxNode, Arrays, int], Any]


def fold(node: OnnxNode, arrays: Arrays, opset: int) -> tuple[Array, ...] | None:
    """What the node makes of these arrays; None where it is not worked out here."""
    work = _FOLDS.get(node.op) if not node.domain else None
    numbers = sum(array.size for array in arrays if array is not None and 0 not in array.strides)
    if work is None or numbers > FOLDED_NUMBERS:
        return None
    try:
        with np.errstate(all="ignore"):
            made = work(node, arrays, opset)
    except (UnknownSizeError, ValueError, TypeError, IndexError, OverflowError, ZeroDivisionError):
        # What does not fit is reported by the operation itself, which has the words for it.
        return None
    if made is None:
        return None
    results = made if isinstance(made, tuple) else (made,)
    return tuple(_kept(np.asarray(result), arrays) for result in results)


def _kept(array: Array, arrays: Arrays) -> Array:
    """In the dtypes that are read: float64 arises in numpy by itself."""
    if array.dtype == object:
        return simplified(array)
    halves = array.dtype.kind == "f" and array.dtype != np.float32
    return array.astype(np.float32) if halves else array


def _plain(function: Callable[..., Any]) -> Fold:
    return lambda _node, arrays, _opset: function(*arrays)


def _divided(_node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    one, other = arrays
    assert one is not None  # an operator with two inputs
    assert other is not None
    if object in (one.dtype, other.dtype):
        return one // other
    if one.dtype.kind in "iu" and other.dtype.kind in "iu":
        return np.trunc(one / other).astype(one.dtype)
    return one / other


def _cast(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    array = arrays[0]
    assert array is not None
    dtype = dtype_name(int(node.attributes["to"]))
    return array if array.dtype == object else array.astype(dtype)


def axes_of(node: OnnxNode, arrays: Arrays) -> tuple[int, ...] | None:
    """The axes, which are an attribute in older operator sets and the second input in newer ones."""
    if "axes" in node.attributes:
        return tuple(node.attributes["axes"])
    if len(arrays) > 1 and arrays[1] is not None:
        return tuple(int(axis) for axis in arrays[1].reshape(-1))
    return None


def _squeezed(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    return np.squeeze(_first(arrays), axes_of(node, arrays))


def _unsqueezed(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    return np.expand_dims(_first(arrays), axes_of(node, arrays) or ())


def _first(arrays: Arrays) -> Array:
    array = arrays[0]
    if array is None:
        raise ValueError
    return array


def _reshaped(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    array = _first(arrays)
    given = arrays[1] if len(arrays) > 1 else np.array(node.attributes["shape"])
    assert given is not None
    copies = not node.attributes.get("allowzero", 0)
    sizes = [array.shape[place] if size == 0 and copies else int(size) for place, size in enumerate(given)]
    return array.reshape(sizes)


def _flattened(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    array = _first(arrays)
    axis = node.attributes.get("axis", 1) % (array.ndim + 1) if array.ndim else 0
    return array.reshape(math.prod(array.shape[:axis]), -1)


def _transposed(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    return np.transpose(_first(arrays), node.attributes.get("perm"))


def _joined(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    return np.concatenate([array for array in arrays if array is not None], node.attributes.get("axis", 1))


def _gathered(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    return np.take(_first(arrays), np.asarray(arrays[1]).astype(np.int64), node.attributes.get("axis", 0))


def slices(node: OnnxNode, arrays: Arrays) -> tuple[tuple[int, object, object, int], ...]:
    """Axis, start, end and step of each cut; they are attributes in older operator sets."""
    if "starts" in node.attributes:
        starts, ends = node.attributes["starts"], node.attributes["ends"]
        axes, steps = node.attributes.get("axes"), None
    else:
        given = [None if array is None else tuple(array.reshape(-1)) for array in (*arrays[1:], None, None, None)]
        starts, ends, axes, steps = given[:4]
    axes = range(len(starts)) if axes is None else axes
    steps = (1,) * len(starts) if steps is None else steps
    return tuple(
        (int(axis), start, end, int(step)) for axis, start, end, step in zip(axes, starts, ends, steps, strict=True)
    )


def _sliced(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    array = _first(arrays)
    cut = [slice(None)] * array.ndim
    for axis, start, end, step in slices(node, arrays):
        last = int(end)  # type: ignore[call-overload]  # a batch raises UnknownSizeError
        low = last < -array.shape[axis]
        cut[axis] = slice(int(start), None if low and step < 0 else last, step)  # type: ignore[call-overload]
    return array[tuple(cut)]


def _split(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    array, axis = _first(arrays), node.attributes.get("axis", 0)
    lengths = arrays[1] if len(arrays) > 1 and arrays[1] is not None else node.attributes.get("split")
    if lengths is None:
        return tuple(np.array_split(array, len(node.outputs), axis))
    return tuple(np.split(array, np.cumsum(lengths)[:-1], axis))


def _expanded(_node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    array = _first(arrays)
    shape = tuple(int(size) for size in np.asarray(arrays[1]))
    return np.broadcast_to(array, np.broadcast_shapes(array.shape, _modest(shape)))


def _tiled(_node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    array = _first(arrays)
    repeats = tuple(int(count) for count in np.asarray(arrays[1]))
    _modest((array.size, *repeats))
    return np.tile(array, repeats)


def _modest(shape: tuple[int, ...], most: int = FOLDED_NUMBERS) -> tuple[int, ...]:
    """The shape; raises ValueError where it holds more numbers than are worked out."""
    if math.prod(shape) > most:
        raise ValueError
    return shape


def _constant_of_shape(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    shape = tuple(int(size) for size in np.asarray(arrays[0]))
    value = node.attributes.get("value", np.zeros(1, np.float32))
    _modest(shape, FILLED_NUMBERS)
    # A view that repeats the one number costs nothing, however large: whole files of light models consist of them.
    return np.broadcast_to(np.asarray(value).reshape(()), shape)


def _ranged(_node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    numbers: list[Any] = [np.asarray(array).reshape(())[()] for array in arrays]
    start, limit, step = numbers
    _modest((max(0, math.ceil((limit - start) / step)),))
    return np.arange(start, limit, step).astype(np.asarray(start).dtype)


def _constant(node: OnnxNode, _arrays: Arrays, _opset: int) -> Any:
    found = node.attributes
    if "value" in found:
        return found["value"]
    for name, dtype in (("value_float", "float32"), ("value_int", "int64"), ("value_floats", "float32")):
        if name in found:
            return np.array(found[name], dtype)
    return np.array(found["value_ints"], np.int64)


def _chosen(_node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    condition, one, other = arrays
    return np.where(np.asarray(condition).astype(bool), one, other)  # type: ignore[arg-type]  # all three are there


def _reduced(function: Callable[..., Any]) -> Fold:
    def work(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
        array = _first(arrays)
        axes = axes_of(node, arrays)
        if axes is None and node.attributes.get("noop_with_empty_axes", 0):
            return array
        made = function(array, axis=axes, keepdims=bool(node.attributes.get("keepdims", 1)))
        return made if array.dtype == object else np.asarray(made).astype(array.dtype)

    return work


def _triangle(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    diagonal = int(np.asarray(arrays[1])) if len(arrays) > 1 and arrays[1] is not None else 0
    function = np.triu if node.attributes.get("upper", 1) else np.tril
    return function(_first(arrays), diagonal)


def _compared(function: Callable[..., Any]) -> Fold:
    return lambda _node, arrays, _opset: np.asarray(function(*arrays)).astype(bool)


def _many(function: Callable[..., Any]) -> Fold:
    def work(_node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
        made = _first(arrays)
        for array in arrays[1:]:
            made = function(made, array)
        return made

    return work


def _clipped(_node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    low, high = (*arrays[1:], None, None)[:2]
    made = _first(arrays)
    made = made if low is None else np.maximum(made, low)
    return made if high is None else np.minimum(made, high)


def _dequantized(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    """Weights that were kept as small whole numbers, per tensor or per channel."""
    array, scale = _first(arrays), np.asarray(arrays[1])
    zero = np.zeros((), np.int64) if len(arrays) < 3 or arrays[2] is None else arrays[2]
    if scale.ndim == 1 and scale.size > 1:
        shape = [1] * array.ndim
        shape[node.attributes.get("axis", 1)] = -1
        scale, zero = scale.reshape(shape), zero.reshape(shape) if zero.ndim else zero
    elif scale.ndim > 1:
        return None
    return ((array.astype(np.float32) - zero.astype(np.float32)) * scale).astype(np.float32)


def _shape_of(node: OnnxNode, arrays: Arrays, _opset: int) -> Any:
    sizes = np.array(_first(arrays).shape, np.int64)
    return sizes[node.attributes.get("start", 0) : node.attributes.get("end")]


_FOLDS: Mapping[str, Fold] = MappingProxyType(
    {
        "Constant": _constant,
        "ConstantOfShape": _constant_of_shape,
        "Shape": _shape_of,
        "Size": lambda _node, arrays, _opset: np.array(_first(arrays).size, np.int64),
        "Identity": _plain(lambda array: array),
        "Cast": _cast,
        "CastLike": lambda _node, arrays, _opset: _first(arrays).astype(np.asarray(arrays[1]).dtype),
        "Add": _plain(operator.add),
        "Sub": _plain(operator.sub),
        "Mul": _plain(operator.mul),
        "Div": _divided,
        "Pow": _plain(lambda base, power: (base.astype(np.float64) ** power).astype(base.dtype)),
        "Mod": _plain(operator.mod),
        "Neg": _plain(operator.neg),
        "Abs": _plain(np.abs),
        "Sqrt": _plain(np.sqrt),
        "Reciprocal": _plain(np.reciprocal),
        "Exp": _plain(np.exp),
        "Log": _plain(np.log),
        "Floor": _plain(np.floor),
        "Ceil": _plain(np.ceil),
        "Sin": _plain(np.sin),
        "Cos": _plain(np.cos),
        "Min": _many(np.minimum),
        "Max": _many(np.maximum),
        "Clip": _clipped,
        "Equal": _compared(np.equal),
        "Greater": _compared(np.greater),
        "Less": _compared(np.less),
        "GreaterOrEqual": _compared(np.greater_equal),
        "LessOrEqual": _compared(np.less_equal),
        "And": _compared(np.logical_and),
        "Or": _compared(np.logical_or),
        "Xor": _compared(np.logical_xor),
        "Not": _compared(np.logical_not),
        "Where": _chosen,
        "Squeeze": _squeezed,
        "Unsqueeze": _unsqueezed,
        "Reshape": _reshaped,
        "Flatten": _flattened,
        "Transpose": _transposed,
        "Concat": _joined,
        "Gather": _gathered,
        "Slice": _sliced,
        "Split": _split,
        "Expand": _expanded,
        "Tile": _tiled,
        "Range": _ranged,
        "ReduceProd": _reduced(np.prod),
        "ReduceSum": _reduced(np.sum),
        "ReduceMax": _reduced(np.max),
        "ReduceMin": _reduced(np.min),
        "ReduceMean": _reduced(np.mean),
        "Trilu": _triangle,
        "CumSum": lambda _node, arrays, _opset: np.cumsum(_first(arrays), int(np.asarray(arrays[1]))),
        "DequantizeLinear": _dequantized,
    }
)


def holds_batch(array: Array) -> bool:
    """Whether a size in the array hangs on the batch."""
    return array.dtype == object and any(isinstance(item, Size) for item in array.flat)
