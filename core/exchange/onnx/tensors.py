"""ONNX tensors as numpy arrays: of the file itself, or of a file beside it that never leads out of its folder."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.exchange.onnx.limits import RANK, TENSOR_BYTES, refusal

if TYPE_CHECKING:
    from onnx import TensorProto

Array = NDArray[Any]
_DTYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    16: "bfloat16",
}
"""Names of dtypes by their number in onnx.proto (TensorProto.DataType)."""
_CATALOG = {
    "float16": "float32",
    "bfloat16": "float32",
    "float64": "float32",
    "uint16": "int32",
    "uint32": "int64",
    "uint64": "int64",
}
"""What Chainrule computes with in place of dtypes that few operations of torch know."""


def dtype_name(number: int) -> str:
    """The dtype as the catalog names it; raises FileError for texts, complex and packed numbers."""
    name = _DTYPES.get(number)
    if name is None:
        raise refusal(
            "tensors of numbers or truth values were wanted", f"data type {number} came", "Convert the model."
        )
    return _CATALOG.get(name, name)


def array_of(tensor: TensorProto, folder: Path) -> Array:
    """The tensor's numbers as the catalog holds them; raises FileError where its sizes and its data contradict."""
    name = str(tensor.name) or "a constant"
    shape = tuple(int(size) for size in tensor.dims)
    dtype = _stored(tensor)
    count = math.prod(shape)
    if len(shape) > RANK or any(size < 0 for size in shape) or count * dtype.itemsize > TENSOR_BYTES:
        came = f"{name} is {'×'.join(map(str, shape[:RANK]))}"
        raise refusal(f"tensors of at most {TENSOR_BYTES >> 30} GiB were wanted", came)
    if tensor.data_location == 1:
        array = _external(tensor, dtype, count, folder)
    elif tensor.HasField("raw_data"):
        array = _raw(tensor, dtype, count)
    else:
        array = _listed(tensor, dtype)
    if array.size != count:
        raise refusal(f"{count} numbers were wanted for {name}", f"{array.size} came")
    return _settled(array.reshape(shape))


def _stored(tensor: TensorProto) -> np.dtype[Any]:
    name = _DTYPES.get(tensor.data_type)
    if name is None:
        came = f"{tensor.name or 'a constant'} has data type {tensor.data_type}"
        raise refusal("tensors of numbers or truth values were wanted", came, "Convert the model to floating point.")
    return np.dtype("uint16" if name == "bfloat16" else name).newbyteorder("<")


def _raw(tensor: TensorProto, dtype: np.dtype[Any], count: int) -> Array:
    if len(tensor.raw_data) != count * dtype.itemsize:
        came = f"{len(tensor.raw_data)} came"
        raise refusal(f"{count * dtype.itemsize} bytes were wanted for {tensor.name or 'a constant'}", came)
    return _widened(tensor, np.frombuffer(tensor.raw_data, dtype))


def _listed(tensor: TensorProto, dtype: np.dtype[Any]) -> Array:
    """From the typed fields: small and 16-bit kinds stand in int32_data, the latter as bits."""
    name = _DTYPES[tensor.data_type]
    fields = {"float32": "float_data", "float64": "double_data", "int64": "int64_data"}
    fields |= {"uint32": "uint64_data", "uint64": "uint64_data"}
    values = getattr(tensor, fields.get(name, "int32_data"))
    if name in ("float16", "bfloat16"):
        return _widened(tensor, np.array(values, np.int64).astype(np.uint16).view(dtype))
    return np.array(values).astype(dtype)


def _external(tensor: TensorProto, dtype: np.dtype[Any], count: int, folder: Path) -> Array:
    """From a file beside the model; its name comes from a stranger."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    path = _beside(entries.get("location", ""), folder, tensor.name)
    try:
        offset = int(entries.get("offset", "0"))
        length = int(entries.get("length", str(count * dtype.itemsize)))
        size = path.stat().st_size
        if offset < 0 or length != count * dtype.itemsize or offset + length > size:
            came = f"{path.name} holds {size} bytes, of which {length} from {offset} on were asked for"
            raise refusal(f"{count * dtype.itemsize} bytes were wanted for {tensor.name}", came)
        with path.open("rb") as file:
            file.seek(offset)
            return _widened(tensor, np.frombuffer(file.read(length), dtype))
    except (OSError, ValueError) as error:
        raise refusal(f"the weights of {tensor.name} were wanted", str(error), "Keep the files together.") from None


def _beside(location: str, folder: Path, name: str) -> Path:
    root = folder.resolve()
    path = (root / location).resolve() if location and "\0" not in location else root
    if path == root or not path.is_relative_to(root):
        wanted = f"weights of {name} in the folder of the model were wanted"
        raise refusal(wanted, f"“{location}” leads elsewhere", "Get the model from a source you trust.")
    return path


def _widened(tensor: TensorProto, array: Array) -> Array:
    """bfloat16 as float32: its bits are the upper half."""
    if _DTYPES[tensor.data_type] == "bfloat16":
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array


def _settled(array: Array) -> Array:
    """In the dtype that the catalog computes with, in this machine's byte order."""
    name = array.dtype.name
    with np.errstate(over="ignore"):
        # A copy of its own, which can be written: what the message holds goes with it.
        return array.astype(_CATALOG.get(name, name))
