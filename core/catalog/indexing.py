"""Operations that take some numbers out of many, or part, join and widen tensors."""

from __future__ import annotations

import math

from core.catalog.dense import OUT
from core.catalog.formulas import floating, integer, listed
from core.catalog.kind import (
    Arguments,
    Batch,
    Dim,
    Form,
    Inputs,
    LayerKind,
    Param,
    PortSpec,
    Shaped,
    TensorType,
    Variant,
    single,
)
from core.catalog.tensors import (
    ANY,
    IMAGE,
    OUT_ANY,
    Ends,
    along,
    dim_param,
    no_truth,
    one_dtype,
    resized,
    whole,
    within,
    without,
)
from core.errors import ShapeError

_LARGE = 2**31
_CUT = dim_param(1, "The dimension that is cut; 0 is the batch.")
_FRONT = {dim: f"{':, ' * dim}{{cut}}" for dim in range(8)}
_BEHIND = {-dim: f"..., {{cut}}{', :' * (dim - 1)}" for dim in range(1, 9)}
_SLICES = {dim: text.replace("{cut}", "{o_start}:{o_end}{o_step::}") for dim, text in {**_FRONT, **_BEHIND}.items()}
"""What stands between the brackets, by dimension."""
_SPATIAL = {
    "nearest": (1, 2, 3),
    "nearest-exact": (1, 2, 3),
    "area": (1, 2, 3),
    "linear": (1,),
    "bilinear": (2,),
    "bicubic": (2,),
    "trilinear": (3,),
}
"""By mode the numbers of dimensions behind the channels."""
_TABLE = TensorType((Batch(), 6, 4))


def _select(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, place, size = along(inputs, arguments)
    index = integer(arguments, "index")
    if not -size <= index < size:
        raise ShapeError(f"an index from {-size} to {size - 1} was wanted", f"{index} came", fix="Set index to -1.")
    return Shaped({"output": TensorType(without(tensor, (place,)), tensor.dtype)})


def _slice(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, place, size = along(inputs, arguments)
    start, end, step = integer(arguments, "start"), arguments["end"], integer(arguments, "step")
    kept = len(range(size)[slice(start, end if isinstance(end, int) else None, step)])
    if not kept:
        raise ShapeError(
            f"a part of the {size} places was wanted", f"{start} to {end} came, which holds none", fix="Set start to 0."
        )
    return Shaped({"output": resized(tensor, place, kept)})


def _gather(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, place, _size = along(inputs, arguments)
    index = whole(single(inputs, "index"), "index")
    others = zip(without(tensor, (place,)), without(index, (place,)), strict=False)
    if len(index.shape) != len(tensor.shape) or not all(_holds(size, asked) for size, asked in others):
        raise ShapeError(
            f"an index no larger than {tensor.full} outside dim {place} was wanted",
            f"{index.full} came",
            fix="Insert an Unsqueeze and an Expand before index.",
        )
    return Shaped({"output": TensorType(index.shape, tensor.dtype)})


def _scatter(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, source = single(inputs), single(inputs, "source")
    _gather(inputs, arguments)
    index = single(inputs, "index")
    if len(source.shape) != len(index.shape) or not all(map(_holds, source.shape, index.shape)):
        raise ShapeError(
            f"a source at least as large as the index {index.full} was wanted",
            f"{source.full} came",
            fix="Wire numbers of the shape of index to source.",
        )
    one_dtype(Ends(tensor, source))
    return Shaped({"output": tensor})


def _holds(size: Dim, asked: Dim) -> bool:
    if isinstance(size, int) and isinstance(asked, int):
        return asked <= size
    return size == asked


def _index_select(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, place, _size = along(inputs, arguments)
    index = whole(single(inputs, "index"), "index")
    rest = without(tensor, (place,))
    if len(index.shape) != 1 or (index.batched and any(isinstance(size, Batch) for size in rest)):
        raise ShapeError("one row of places was wanted at index", f"{index.full} came", fix="Use Gather.")
    return Shaped({"output": resized(tensor, place, index.shape[0])})


def _one_hot(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = whole(single(inputs), "input")
    return Shaped({"output": TensorType((*tensor.shape, integer(arguments, "num_classes")), "int64")})


def _pad(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, pad = single(inputs), listed(arguments, "pad")
    if len(pad) % 2 or len(pad) > 2 * len(tensor.shape):
        raise ShapeError(
            f"a pair for each dimension from the last on, at most {len(tensor.shape)}, was wanted",
            f"{len(pad)} numbers came",
            fix="Set pad to 1, 1 for the last dimension.",
        )
    result = tensor
    for count in range(len(pad) // 2):
        before, behind = pad[2 * count : 2 * count + 2]
        place, size = within(tensor, -1 - count, "dimension")
        _judge_margin(before, behind, size, str(arguments["mode"]))
        result = resized(result, place, size + before + behind)
    if arguments["mode"] != "constant":
        _judge_mode(tensor, pad, arguments)
    return Shaped({"output": result})


def _judge_margin(before: int, behind: int, size: int, mode: str) -> None:
    most = {"reflect": size - 1, "circular": size}.get(mode, _LARGE)
    least = -size if mode == "constant" else 0
    if not all(least <= margin <= most for margin in (before, behind)) or size + before + behind < 1:
        limit = f" from {least} to {most}" if most < _LARGE else f" of at least {least}"
        raise ShapeError(
            f"margins{limit} were wanted around {size}", f"{before} and {behind} came", fix="Choose smaller margins."
        )


def _judge_mode(tensor: TensorType, pad: tuple[int, ...], arguments: Arguments) -> None:
    no_truth(tensor, f"the mode {arguments['mode']}")
    dims = len(pad) // 2
    if arguments["value"] != 0.0:
        raise ShapeError(
            f"a mode with a value was wanted, not {arguments['mode']}", "a value came", fix="Set value to 0."
        )
    if len(tensor.shape) not in (dims + 1, dims + 2) or dims > 3:
        wanted = max(len(tensor.shape) - 2, 1)
        raise ShapeError(
            f"margins for the last {wanted} dimensions were wanted by the mode",
            f"{dims} pairs came",
            fix="Set mode to constant, or give a pair for each dimension behind the channels.",
        )


def _interpolate(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, mode = floating(single(inputs)), str(arguments["mode"])
    dims = len(tensor.shape) - 2
    if dims not in _SPATIAL[mode] or not tensor.batched:
        raise ShapeError(
            f"{' or '.join(map(str, _SPATIAL[mode]))} dimensions behind batch and channels were wanted for {mode}",
            f"{tensor.full} came",
            fix="Set mode to nearest." if 1 <= dims <= 3 else "Insert a Reshape before it.",
        )
    if arguments["align_corners"] and "linear" not in mode and mode != "bicubic":
        raise ShapeError(
            "a linear mode was wanted with align_corners", f"{mode} came", fix="Set align_corners to false."
        )
    before = [within(tensor, place)[1] for place in range(2, len(tensor.shape))]
    sizes = _scaled(before, arguments)
    return Shaped({"output": TensorType((*tensor.shape[:2], *sizes), tensor.dtype)})


def _scaled(before: list[int], arguments: Arguments) -> tuple[int, ...]:
    name = "scale_factor" if arguments["size"] is None else "size"
    asked = arguments[name]
    assert isinstance(asked, tuple)  # Param.check made it one
    numbers = [float(number) for number in asked if isinstance(number, int | float)]
    each = numbers * len(before) if len(numbers) == 1 else numbers
    if len(each) != len(before):
        raise ShapeError(f"1 or {len(before)} numbers were wanted as {name}", f"{len(each)} came", fix=f"Set {name}.")
    if name == "size":
        return tuple(int(number) for number in each)
    sizes = tuple(math.floor(size * factor) for size, factor in zip(before, each, strict=True))
    if min(sizes) < 1:
        raise ShapeError("at least one place was wanted", f"{sizes} came", fix="Set scale_factor to more.")
    return sizes


_MODES = tuple(_SPATIAL)
_SCALING = "mode={p_mode}{k_align_corners})"

KINDS = (
    LayerKind(
        "Select",
        "Shape",
        "shape",
        "Takes one slice of a dimension: the last step of a sequence.",
        "Keeps the slice at `index` of dimension `dim`; the dimension goes.",
        ANY,
        OUT_ANY,
        _select,
        (_CUT, Param("index", "int", -1, "Which slice; -1 is the last.", -_LARGE, _LARGE, required=True)),
        forward="{input}.select({p_dim}, {p_index})",
        words=("index", "slice", "last step"),
        stem="select",
        example=(IMAGE,),
    ),
    LayerKind(
        "Slice",
        "Shape",
        "shape",
        "Takes a part of a dimension.",
        "Keeps every `step`-th place from start up to, but without, end; negative places count from behind.",
        ANY,
        OUT_ANY,
        _slice,
        (
            _CUT,
            Param("start", "int", 0, "The first place.", -_LARGE, _LARGE),
            Param("end", "int", None, "The place behind the last; empty for all.", -_LARGE, _LARGE, optional=True),
            Param("step", "int", 1, "From one to the next.", 1, _LARGE),
        ),
        forward=f"{{input}}[{_SLICES[1]}]",
        variants=tuple(Variant("dim", dim, Form(f"{{input}}[{text}]")) for dim, text in _SLICES.items() if dim != 1),
        words=("index", "crop", "narrow", "cut", "torch.narrow"),
        stem="slice",
        example=(IMAGE,),
        example_params=(("end", 3), ("start", 1)),
    ),
    LayerKind(
        "Gather",
        "Shape",
        "shape",
        "Picks numbers along a dimension by their places.",
        "The output has the shape of index; each of its places says which number of `dim` stands there.",
        (PortSpec("input", "any"), PortSpec("index", "int")),
        OUT_ANY,
        _gather,
        (_CUT,),
        forward="torch.gather({input}, {p_dim}, {index})",
        words=("pick", "lookup", "index"),
        stem="gather",
        example=(_TABLE, TensorType((Batch(), 2, 4), "int64")),
    ),
    LayerKind(
        "Scatter",
        "Shape",
        "shape",
        "Puts numbers to their places along a dimension: Gather the other way round.",
        "Each number of source goes to the place of `dim` that index says: over what stands there, or added to it.",
        (PortSpec("input", "any"), PortSpec("index", "int"), PortSpec("source", "any")),
        OUT_ANY,
        _scatter,
        (_CUT, Param("add", "bool", False, "Add to what stands there; numbers that meet are summed.")),
        forward="{input}.scatter({p_dim}, {index}, {source})",
        variants=(Variant("add", True, Form("{input}.scatter_add({p_dim}, {index}, {source})")),),
        words=("put", "index_put", "scatter_add", "write"),
        stem="scatter",
        example=(_TABLE, TensorType((Batch(), 2, 4), "int64"), TensorType((Batch(), 2, 4))),
    ),
    LayerKind(
        "IndexSelect",
        "Shape",
        "shape",
        "Picks slices of a dimension by their places.",
        "Index is one row of places; the slices stand in its order.",
        (PortSpec("input", "any"), PortSpec("index", "int")),
        OUT_ANY,
        _index_select,
        (_CUT,),
        forward="torch.index_select({input}, {p_dim}, {index})",
        words=("pick", "lookup", "reorder"),
        stem="picked",
        example=(_TABLE, TensorType((3,), "int64")),
    ),
    LayerKind(
        "OneHot",
        "Shape",
        "shape",
        "A row of zeros with a one at the class.",
        "Adds a dimension of num_classes at the end; a Cast makes it numbers of floating point.",
        (PortSpec("input", "int"),),
        (PortSpec("output", "int"),),
        _one_hot,
        (Param("num_classes", "int", 10, "Different classes.", 1, 2**24, required=True),),
        forward="F.one_hot({input}, {p_num_classes})",
        words=("class", "label", "dummy"),
        stem="onehot",
        example=(TensorType((Batch(),), "int64"),),
    ),
    LayerKind(
        "Pad",
        "Shape",
        "shape",
        "Lays margins around dimensions, from the last on.",
        "Pairs of numbers before and behind, the last dimension first; negative ones cut. Margins hold a value, the "
        "mirrored inside, the edge, or the other end.",
        ANY,
        OUT_ANY,
        _pad,
        (
            Param("pad", "sizes", (1, 1), "Left, right, top, bottom and so on.", -_LARGE, _LARGE, required=True),
            Param(
                "mode",
                "choice",
                "constant",
                "What is in them.",
                choices=("constant", "reflect", "replicate", "circular"),
            ),
            Param("value", "float", 0.0, "The number in constant margins."),
        ),
        forward="F.pad({input}, {p_pad}{k_mode}{k_value})",
        words=("margin", "zero padding", "border", "crop"),
        stem="pad",
        example=(IMAGE,),
        example_params=(("mode", "reflect"), ("pad", (1, 2, 2, 0))),
    ),
    LayerKind(
        "Interpolate",
        "Shape",
        "shape",
        "Makes images, sequences or volumes larger or smaller.",
        "To `size`, or by `scale_factor` where size is empty; one number counts for all dimensions.",
        (PortSpec("input"),),
        OUT,
        _interpolate,
        (
            Param("size", "sizes", None, "The sizes after it; empty for scale_factor.", 1, 2**20, optional=True),
            Param("scale_factor", "numbers", (2.0,), "How many times larger.", 1e-6, 2**20, required=True),
            Param("mode", "choice", "nearest", "How numbers in between are found.", choices=_MODES, required=True),
            Param("align_corners", "bool", False, "Keep the corners where they are, for linear modes."),
        ),
        forward=f"F.interpolate({{input}}, size={{d_size}}, {_SCALING}",
        variants=(
            Variant("size", None, Form(f"F.interpolate({{input}}, scale_factor={{d_scale_factor}}, {_SCALING}")),
        ),
        words=("resize", "upsample", "downsample", "bilinear", "scale"),
        stem="resize",
        hint="images",
        example=(IMAGE,),
        example_params=(("mode", "bilinear"), ("size", (7, 9))),
    ),
)
