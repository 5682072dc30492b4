"""Layers that tell steps apart: by their place in the sequence, or by their time in a diffusion."""

from __future__ import annotations

from collections.abc import Mapping

from core.catalog.attention import SEQUENCE
from core.catalog.dense import OUT, ROW
from core.catalog.formulas import floating, integer, ranked, same_size
from core.catalog.initialization import WEIGHT_PARAMS
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, PortSpec, Shaped, TensorType, single
from core.catalog.tensors import ANY, no_truth
from core.errors import ShapeError
from core.graph import Value

_BASE = Param("base", "float", 10000.0, "The longest wave, in steps, is 2π times this.", 1, 1e9)
_SEQUENCE_TYPE = (TensorType((Batch(), 5, 8)),)


def _steps(inputs: Inputs) -> TensorType:
    """The sequence, or the heads of one; raises ShapeError for anything without steps."""
    tensor = floating(single(inputs))
    if len(tensor.shape) < 3 or not tensor.batched:
        raise ShapeError(f"{SEQUENCE}, or heads of one, was wanted", f"{tensor.full} came", fix="Insert a Reshape.")
    return tensor


def _waves(inputs: Inputs, _arguments: Arguments) -> Shaped:
    return Shaped({"output": _steps(inputs)})


def _rotary(inputs: Inputs, _arguments: Arguments) -> Shaped:
    tensor = _steps(inputs)
    wide = tensor.shape[-1]
    if not isinstance(wide, int) or wide % 2:
        raise ShapeError(
            "an even number of features was wanted, for they are turned in pairs",
            f"{wide} came",
            fix="Insert a Linear with an even out_features before it.",
        )
    return Shaped({"output": tensor}, macs=2 * tensor.numel)


def _learned(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = ranked(single(inputs), 3, SEQUENCE)
    steps, wide = integer(arguments, "steps"), integer(arguments, "dim")
    same_size(wide, tensor.shape[-1], "dim")
    if tensor.features[0] > steps:
        raise ShapeError(
            f"a sequence of at most {steps} steps was wanted",
            f"{tensor.features[0]} came",
            fix=f"Set steps to {tensor.features[0]}.",
        )
    return Shaped({"output": tensor}, steps * wide)


def _infer_table(inputs: Inputs) -> Mapping[str, Value]:
    tensor = inputs.get("input")
    if not isinstance(tensor, TensorType) or len(tensor.shape) != 3:
        return {}
    sizes = zip(("steps", "dim"), tensor.shape[1:], strict=True)
    return {name: size for name, size in sizes if isinstance(size, int)}


def _time(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = no_truth(single(inputs), "a time")
    if len(tensor.shape) != 1 or not tensor.batched:
        raise ShapeError(
            "one time per sample was wanted", f"{tensor.full} came", fix="Wire a RandomTimeStep, or insert a Select."
        )
    wide = integer(arguments, "dim")
    if wide % 2:
        raise ShapeError(
            "an even dim was wanted: as many sines as cosines", f"{wide} came", fix=f"Set dim to {wide + 1}."
        )
    return Shaped({"output": TensorType((tensor.shape[0], wide))})


def _numbers(inputs: Inputs, _arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    if len(tensor.shape) < 2 or not tensor.batched:
        raise ShapeError("a sequence (steps, ...) was wanted", f"{tensor.full} came", fix="Wire the sequence here.")
    return Shaped({"output": TensorType((tensor.shape[1],), "int64")})


_WORDS = ("positional encoding", "position", "transformer")

KINDS = (
    LayerKind(
        "SinusoidalPositions",
        "Attention",
        "step",
        "Adds waves of the place, so that attention can tell steps apart.",
        "Adds a sine or cosine of the place to each feature, from short waves to long ones; nothing is learned, and "
        "any length will do (Vaswani et al. 2017).",
        ROW,
        OUT,
        _waves,
        (_BASE,),
        module="positions.SinusoidalPositions",
        arguments=("base",),
        forward="{self}({input})",
        words=("sine", *_WORDS),
        formula="x + sin(t / 10000^(2i/d)), cos ...",
        stem="positions",
        hint="sequences",
        example=_SEQUENCE_TYPE,
    ),
    LayerKind(
        "LearnedPositions",
        "Attention",
        "step",
        "Adds a learned row of numbers for every place.",
        "A table with a row for each step, added to the sequence; shorter sequences use its beginning.",
        ROW,
        OUT,
        _learned,
        (
            Param("steps", "int", None, "Places that have a row.", 1, 2**24, inferred=True, required=True),
            Param("dim", "int", None, "Features of each step.", 1, 2**20, inferred=True, required=True),
            *WEIGHT_PARAMS,
        ),
        _infer_table,
        "positions.LearnedPositions",
        ("steps", "dim"),
        "{self}({input})",
        words=("embedding", "vit", "gpt", *_WORDS),
        formula="y = x + W[t]",
        stem="positions",
        hint="sequences",
        weighted=True,
        example=_SEQUENCE_TYPE,
    ),
    LayerKind(
        "RotaryPositions",
        "Attention",
        "step",
        "Turns queries and keys by their place, so that only distances count.",
        "Turns each pair of features by an angle that grows with the step; put it on query and key before "
        "ScaledDotProductAttention, heads before steps (Su et al. 2021).",
        ROW,
        OUT,
        _rotary,
        (_BASE,),
        module="positions.RotaryPositions",
        arguments=("base",),
        forward="{self}({input})",
        words=("rope", "rotation", "llama", *_WORDS),
        formula="y = R(t θ) x",
        stem="rotary",
        hint="queries, keys",
        example=_SEQUENCE_TYPE,
    ),
    LayerKind(
        "TimeStepEmbedding",
        "Attention",
        "clock",
        "Makes waves of a time: what a diffusion model is told of how much noise there is.",
        "Half sines and half cosines of the time, from short waves to long ones (Ho et al. 2020).",
        (PortSpec("input", "any", help="One time per sample."),),
        OUT,
        _time,
        (
            Param("dim", "int", 32, "Numbers per time, half sines and half cosines.", 4, 2**20, required=True),
            Param("max_period", "float", 10000.0, "The longest wave, in steps, is 2π times this.", 1, 1e9),
        ),
        module="positions.TimeStepEmbedding",
        arguments=("dim", "max_period"),
        forward="{self}({input})",
        words=("diffusion", "ddpm", "sinusoidal", "timestep"),
        formula="sin(t ωᵢ), cos(t ωᵢ)",
        stem="time",
        hint="diffusion",
        example=(TensorType((Batch(),), "int64"),),
    ),
    LayerKind(
        "PositionIds",
        "Attention",
        "step",
        "Counts the steps of a sequence: 0, 1, 2.",
        "As many whole numbers as the sequence has steps, the same for all samples; an Embedding makes rows of them.",
        ANY,
        (PortSpec("output", "int"),),
        _numbers,
        forward="torch.arange({input}.shape[1], device={input}.device)",
        words=("arange", "range", "count", "index", *_WORDS),
        formula="t = 0, 1, 2 ...",
        stem="places",
        hint="sequences",
        example=_SEQUENCE_TYPE,
    ),
)
