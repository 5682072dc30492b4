"""Operations that join tensors to one, and part one into several."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce

from core.catalog.arithmetic import MANY
from core.catalog.formulas import integer, listed
from core.catalog.kind import (
    Arguments,
    Dim,
    Form,
    Inputs,
    LayerKind,
    Param,
    PortSpec,
    Shaped,
    TensorType,
    Variant,
)
from core.catalog.tensors import (
    ANY,
    OUT_ANY,
    ROWS,
    along,
    dim_param,
    position,
    promoted,
    resized,
    several,
    within,
    without,
)
from core.errors import ShapeError

MOST = 8
"""As many parts as a node can have ports for."""
_NAMES = tuple(f"part{number}" for number in range(1, MOST + 1))
_CUT = dim_param(1, "The dimension that is parted; 0 is the batch.")


def _concatenated(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensors = several(inputs)
    place, _size = within(tensors[0], integer(arguments, "dim"))
    rests = {without(item, (place,)) for item in tensors}
    lengths = [item.shape[place] for item in tensors if len(item.shape) > place]
    numbers = [length for length in lengths if isinstance(length, int)]
    if len({len(item.shape) for item in tensors}) > 1 or len(rests) > 1 or len(numbers) < len(tensors):
        raise _unlike(tensors, f"shapes that differ only in dim {place} were wanted")
    return Shaped({"output": resized(_together(tensors), place, sum(numbers))})


def _stacked(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensors = several(inputs)
    if len({item.shape for item in tensors}) > 1:
        raise _unlike(tensors, "equal shapes were wanted")
    joined = _together(tensors)
    place = position(TensorType((*joined.shape, 1)), integer(arguments, "dim"))
    shape: tuple[Dim, ...] = (*joined.shape[:place], len(tensors), *joined.shape[place:])
    return Shaped({"output": TensorType(shape, joined.dtype)})


def _together(tensors: tuple[TensorType, ...]) -> TensorType:
    """The first, with the dtype that holds all."""
    return reduce(lambda one, other: TensorType(one.shape, promoted(one, other)), tensors)


def _unlike(tensors: tuple[TensorType, ...], wanted: str) -> ShapeError:
    came = " and ".join(dict.fromkeys(item.full for item in tensors))
    return ShapeError(wanted, f"{came} came", fix="Make the other sizes equal.")


def _chunked(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, place, size = along(inputs, arguments)
    chunks = integer(arguments, "chunks")
    each = -(-size // chunks)
    lengths = [min(each, size - begin) for begin in range(0, size, each)]
    if len(lengths) != chunks:
        raise ShapeError(
            f"a dimension that gives {chunks} parts was wanted",
            f"{size} gives {len(lengths)}",
            fix=f"Set chunks to {len(lengths)}.",
        )
    return _parts(resized(tensor, place, length) for length in lengths)


def _split(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, place, size = along(inputs, arguments)
    lengths = listed(arguments, "lengths")
    if sum(lengths) != size or len(lengths) > MOST:
        raise ShapeError(
            f"at most {MOST} lengths that sum to {size} were wanted",
            f"{' + '.join(map(str, lengths))} came",
            fix="Set lengths.",
        )
    return _parts(resized(tensor, place, length) for length in lengths)


def _unbound(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, place, size = along(inputs, arguments)
    if size != arguments["count"]:
        raise ShapeError(
            f"a dimension of size {arguments['count']} was wanted", f"{size} came", fix=f"Set count to {size}."
        )
    return _parts(TensorType(without(tensor, (place,)), tensor.dtype) for _number in range(size))


def _parts(types: Iterable[TensorType]) -> Shaped:
    return Shaped(dict(zip(_NAMES, types, strict=False)))


def _parting(
    name: str,
    call: str,
    summary: str,
    help_: str,
    shape: Callable[[Inputs, Arguments], Shaped],
    count: Param,
    words: tuple[str, ...],
) -> LayerKind:
    """A kind with a port for each part; `count` says how many there are."""
    forms = {number: Form(call, unpack=_target(number)) for number in range(1, MOST + 1)}
    return LayerKind(
        name,
        "Shape",
        "shape",
        summary,
        help_,
        ANY,
        tuple(PortSpec(port, "any", needs=count.name, least=number) for number, port in enumerate(_NAMES, 1)),
        shape,
        (count, _CUT),
        forward=call,
        variants=tuple(Variant(count.name, number, form) for number, form in forms.items()),
        words=words,
        stem=name.lower(),
        example=(TensorType((*ROWS.shape[:1], 2, 4)),),
    )


def _target(number: int) -> str:
    names = [f"{{{name}}}" for name in _NAMES[:number]]
    return f"{names[0]}," if number == 1 else ", ".join(names)


KINDS = (
    LayerKind(
        "Concat",
        "Shape",
        "link",
        "Puts tensors side by side along one dimension.",
        "All sizes but that of `dim` must be equal; dim 1 is the channel.",
        MANY,
        OUT_ANY,
        _concatenated,
        (dim_param(1, "The dimension that grows; 1 is the channel."),),
        forward="torch.cat(({inputs},), dim={p_dim})",
        words=("concatenate", "join", "cat", "skip", "torch.concat"),
        stem="concat",
        hint="channels",
        example=(ROWS, ROWS),
    ),
    LayerKind(
        "Stack",
        "Shape",
        "link",
        "Puts tensors of one shape behind each other along a new dimension.",
        "The new dimension stands at `dim` and is as long as there are wires.",
        MANY,
        OUT_ANY,
        _stacked,
        (dim_param(1, "Where the new dimension stands; 0 is before the batch."),),
        forward="torch.stack(({inputs},), dim={p_dim})",
        words=("join", "new dimension"),
        stem="stack",
        example=(ROWS, ROWS),
    ),
    _parting(
        "Chunk",
        "torch.chunk({input}, {p_chunks}, dim={p_dim})",
        "Parts a dimension into equal pieces.",
        "The last piece is shorter where they do not come out even.",
        _chunked,
        Param("chunks", "int", 2, "How many pieces.", 1, MOST, required=True),
        ("split", "query key value", "gate", "halves"),
    ),
    _parting(
        "Split",
        "torch.split({input}, {p_lengths}, dim={p_dim})",
        "Parts a dimension into pieces of given lengths.",
        "The lengths sum to the size of the dimension.",
        _split,
        Param("lengths", "sizes", (1, 1), "The length of each piece.", 1, 2**31, required=True),
        ("chunk", "part", "mean and variance"),
    ),
    _parting(
        "Unbind",
        "torch.unbind({input}, dim={p_dim})",
        "Parts a dimension into its slices; the dimension goes.",
        "As many slices as the dimension has places.",
        _unbound,
        Param("count", "int", 2, "The size of the dimension.", 1, MOST, required=True),
        ("query key value", "slices", "unpack"),
    ),
)
