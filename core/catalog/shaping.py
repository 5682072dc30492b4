"""Operations that change how numbers are arranged, not the numbers."""

from __future__ import annotations

import math

from core.catalog.dense import OUT
from core.catalog.formulas import integer, listed, product
from core.catalog.kind import Arguments, Batch, Dim, Inputs, LayerKind, Param, PortSpec, Shaped, TensorType, single
from core.errors import ShapeError

ANY = (PortSpec("input", "any"),)


def _position(tensor: TensorType, dim: int, name: str = "dim") -> int:
    rank = len(tensor.shape)
    if not -rank <= dim < rank:
        raise ShapeError(f"a {name} from {-rank} to {rank - 1} was wanted", f"{dim} came", fix=f"Set {name} to -1.")
    return dim % rank


def _flatten(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    start = _position(tensor, integer(arguments, "start_dim"), "start_dim")
    end = _position(tensor, integer(arguments, "end_dim"), "end_dim")
    if end < start:
        raise ShapeError("an end_dim behind start_dim was wanted", f"{start} and {end} came", fix="Set end_dim to -1.")
    merged = product(tensor.shape[start : end + 1])
    return Shaped({"output": TensorType((*tensor.shape[:start], merged, *tensor.shape[end + 1 :]), tensor.dtype)})


def _reshape(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    wanted = listed(arguments, "shape")
    known = math.prod(size for size in wanted if size != -1)
    missing = wanted.count(-1)
    fits = missing <= 1 and (tensor.numel == known if not missing else known > 0 and tensor.numel % known == 0)
    if not tensor.batched or not fits:
        raise ShapeError(
            f"a shape of {tensor.numel} numbers was wanted",
            f"{'×'.join(map(str, wanted))} came",
            fix="Choose sizes whose product is that; one may be -1.",
        )
    sizes = tuple(tensor.numel // known if size == -1 else size for size in wanted)
    return Shaped({"output": TensorType((tensor.shape[0], *sizes), tensor.dtype)})


def _select(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    dim = _position(tensor, integer(arguments, "dim"))
    size, index = tensor.shape[dim], integer(arguments, "index")
    if isinstance(size, int) and not -size <= index < size:
        raise ShapeError(f"an index from {-size} to {size - 1} was wanted", f"{index} came", fix="Set index to -1.")
    if isinstance(size, Batch):
        raise ShapeError("a dimension other than the batch was wanted", "0 came", fix="Set dim to 1.")
    return Shaped({"output": TensorType((*tensor.shape[:dim], *tensor.shape[dim + 1 :]), tensor.dtype)})


def _transpose(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    first, second = (_position(tensor, integer(arguments, name), name) for name in ("dim0", "dim1"))
    dims: list[Dim] = list(tensor.shape)
    dims[first], dims[second] = dims[second], dims[first]
    return Shaped({"output": TensorType(tuple(dims), tensor.dtype)})


def _unsqueeze(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    longer = TensorType((*tensor.shape, 1))
    dim = _position(longer, integer(arguments, "dim"))
    if dim == 0 and tensor.batched:
        raise ShapeError("a place behind the batch was wanted", "dim 0 came", fix="Set dim to 1.")
    return Shaped({"output": TensorType((*tensor.shape[:dim], 1, *tensor.shape[dim:]), tensor.dtype)})


def _same(inputs: Inputs, _arguments: Arguments) -> Shaped:
    return Shaped({"output": single(inputs)})


_IMAGE = (TensorType((Batch(), 3, 4, 5)),)

KINDS = (
    LayerKind(
        "Flatten",
        "Shape",
        "shape",
        "Lays all numbers of a sample in one row.",
        "Merges the dimensions from start_dim to end_dim into one; the batch stays.",
        ANY,
        OUT,
        _flatten,
        (
            Param("start_dim", "int", 1, "First dimension that is merged; 0 is the batch.", -8, 7),
            Param("end_dim", "int", -1, "Last dimension that is merged.", -8, 7),
        ),
        module="nn.Flatten",
        arguments=("start_dim", "end_dim"),
        forward="{self}({input})",
        fast="torch.flatten({input}, {p_start_dim}, {p_end_dim})",
        words=("reshape", "view", "vector"),
        stem="flatten",
        example=_IMAGE,
    ),
    LayerKind(
        "Reshape",
        "Shape",
        "shape",
        "Arranges the numbers of a sample in another shape.",
        "The numbers keep their order; one size may be -1 and follows from the rest. The batch stays.",
        ANY,
        OUT,
        _reshape,
        (Param("shape", "sizes", (-1,), "Sizes of one sample, as 16, 5, 5.", -1, 2**31, required=True),),
        forward="{input}.reshape({input}.shape[0], {s_shape})",
        words=("view", "unflatten"),
        stem="reshape",
        example=_IMAGE,
    ),
    LayerKind(
        "Select",
        "Shape",
        "shape",
        "Takes one slice of a dimension: the last step of a sequence.",
        "Keeps the slice at `index` of dimension `dim`; the dimension goes.",
        ANY,
        OUT,
        _select,
        (
            Param("dim", "int", 1, "The dimension that is cut; 0 is the batch.", -8, 7, required=True),
            Param("index", "int", -1, "Which slice; -1 is the last.", -(2**31), 2**31, required=True),
        ),
        forward="{input}.select({p_dim}, {p_index})",
        words=("index", "slice", "last step"),
        stem="select",
        example=_IMAGE,
    ),
    LayerKind(
        "Transpose",
        "Shape",
        "shape",
        "Swaps two dimensions.",
        "The numbers stay, dimensions dim0 and dim1 change places.",
        ANY,
        OUT,
        _transpose,
        (
            Param("dim0", "int", 1, "One dimension.", -8, 7, required=True),
            Param("dim1", "int", 2, "The other.", -8, 7, required=True),
        ),
        forward="{input}.transpose({p_dim0}, {p_dim1})",
        words=("permute", "swap"),
        stem="transpose",
        example=_IMAGE,
    ),
    LayerKind(
        "Unsqueeze",
        "Shape",
        "shape",
        "Inserts a dimension of size one.",
        "The numbers stay; a dimension of size 1 comes in at `dim`.",
        ANY,
        OUT,
        _unsqueeze,
        (Param("dim", "int", 1, "Where the new dimension stands.", -8, 7, required=True),),
        forward="{input}.unsqueeze({p_dim})",
        words=("expand dims", "channel"),
        stem="unsqueeze",
        example=_IMAGE,
    ),
    LayerKind(
        "Detach",
        "Shape",
        "lock",
        "Lets values through and stops the gradient.",
        "Forward it changes nothing; backward nothing passes: a GAN's discriminator learns behind it.",
        ANY,
        OUT,
        _same,
        forward="{input}.detach()",
        words=("stop gradient", "gan"),
        stem="detach",
        example=_IMAGE,
    ),
)
