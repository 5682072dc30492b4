"""Layers that keep activations in range, and dropout."""

from __future__ import annotations

from core.catalog.dense import OUT, ROW
from core.catalog.formulas import elementwise, floating, infer_channels, infer_last, integer, same_size
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, Shaped, ShapeFormula, TensorType, single
from core.errors import ShapeError

EPS = Param("eps", "float", 1e-5, "Keeps the division from zero.", 1e-12, 1)
AFFINE = Param("affine", "bool", True, "Learn a scale and a shift per channel.")


def _batch_norm(ranks: tuple[int, ...], wanted: str) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = floating(single(inputs))
        if len(tensor.shape) not in ranks or not tensor.batched:
            raise ShapeError(
                f"{wanted} was wanted", f"{tensor.full} came", fix="Insert a Flatten or a Reshape before it."
            )
        count = integer(arguments, "num_features")
        same_size(count, tensor.shape[1], "num_features")
        return Shaped({"output": tensor}, 2 * count if arguments["affine"] else 0, tensor.numel, 2 * count + 1)

    return shape


def _layer_norm(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = floating(single(inputs))
    size = integer(arguments, "normalized_shape")
    same_size(size, tensor.shape[-1], "normalized_shape")
    count = 2 * size if arguments["elementwise_affine"] else 0
    return Shaped({"output": tensor}, count, tensor.numel)


def _group_norm(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = floating(single(inputs))
    if len(tensor.shape) < 2:
        raise ShapeError("channels per sample were wanted", f"{tensor.full} came", fix="Insert a Reshape before it.")
    channels, groups = integer(arguments, "num_channels"), integer(arguments, "num_groups")
    same_size(channels, tensor.shape[1], "num_channels")
    if channels % groups:
        raise ShapeError(
            f"channels that {groups} groups divide were wanted", f"{channels} came", fix="Set num_groups to 1."
        )
    return Shaped({"output": tensor}, 2 * channels if arguments["affine"] else 0, tensor.numel)


def _batch_norm_kind(name: str, ranks: tuple[int, ...], wanted: str, hint: str, example: TensorType) -> LayerKind:
    return LayerKind(
        name,
        "Normalization",
        "norm",
        "Gives every channel mean 0 and deviation 1 over the batch.",
        "Subtracts the batch's mean, divides by its deviation, then scales and shifts; "
        "its running statistics serve after training.",
        ROW,
        OUT,
        _batch_norm(ranks, wanted),
        (
            Param("num_features", "int", None, "Channels that come in.", 1, 2**24, inferred=True, required=True),
            EPS,
            Param("momentum", "float", 0.1, "Weight of the newest batch in the running statistics.", 0, 1),
            AFFINE,
        ),
        lambda inputs: infer_channels("num_features", inputs),
        f"nn.{name}",
        ("num_features", "eps", "momentum", "affine"),
        "{self}({input})",
        words=("batch normalization", "bn"),
        formula="y = γ·(x − μ) / √(σ² + ε) + β",
        stem="bn",
        hint=hint,
        example=(example,),
    )


KINDS = (
    _batch_norm_kind("BatchNorm1d", (2, 3), "features or a signal", "features", TensorType((Batch(), 6))),
    _batch_norm_kind(
        "BatchNorm2d", (4,), "an image (channels, height, width)", "images", TensorType((Batch(), 3, 5, 4))
    ),
    LayerKind(
        "LayerNorm",
        "Normalization",
        "norm",
        "Gives every sample mean 0 and deviation 1 over its features.",
        "Normalises the last dimension of each sample by itself, so it does not depend on the batch.",
        ROW,
        OUT,
        _layer_norm,
        (
            Param(
                "normalized_shape", "int", None, "Size of the last dimension.", 1, 2**24, inferred=True, required=True
            ),
            EPS,
            Param("elementwise_affine", "bool", True, "Learn a scale and a shift per feature."),
        ),
        lambda inputs: infer_last("normalized_shape", inputs),
        "nn.LayerNorm",
        ("normalized_shape", "eps", "elementwise_affine"),
        "{self}({input})",
        words=("layer normalization", "ln", "transformer"),
        formula="y = γ·(x − μ) / √(σ² + ε) + β",
        stem="norm",
        hint="sequences",
        example=(TensorType((Batch(), 5, 8)),),
    ),
    LayerKind(
        "GroupNorm",
        "Normalization",
        "norm",
        "Normalises groups of channels of each sample.",
        "As batch norm, but over groups of channels of one sample, so that a batch of one works too.",
        ROW,
        OUT,
        _group_norm,
        (
            Param("num_groups", "int", 1, "Groups that the channels are divided into.", 1, 2**20, required=True),
            Param("num_channels", "int", None, "Channels that come in.", 1, 2**24, inferred=True, required=True),
            EPS,
            AFFINE,
        ),
        lambda inputs: infer_channels("num_channels", inputs),
        "nn.GroupNorm",
        ("num_groups", "num_channels", "eps", "affine"),
        "{self}({input})",
        words=("group normalization", "gn"),
        formula="y = γ·(x − μ) / √(σ² + ε) + β",
        stem="norm",
        hint="small batches",
        example=(TensorType((Batch(), 4, 5, 3)),),
    ),
    LayerKind(
        "Dropout",
        "Normalization",
        "bypass",
        "Sets random features to zero while training.",
        "Each feature becomes zero with probability p, the rest grow by 1/(1 − p); inactive after training.",
        ROW,
        OUT,
        elementwise,
        (Param("p", "float", 0.5, "Share of features set to zero.", 0, 1),),
        module="nn.Dropout",
        arguments=("p",),
        forward="{self}({input})",
        fast="F.dropout({input}, {p_p}, {training})",
        words=("regularization", "overfitting"),
        formula="y = x·m / (1 − p),  m ~ Bernoulli(1 − p)",
        stem="dropout",
        example=(TensorType((Batch(), 8)),),
    ),
)
