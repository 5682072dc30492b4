"""What attention is told not to look at: masks, how they must fit, and functions that make them."""

from __future__ import annotations

from collections.abc import Sequence

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
from core.catalog.tensors import ANY, OUT_ANY, category
from core.errors import ShapeError

CAUSAL = Param("is_causal", "bool", False, "No step looks at later ones.")
MASK_HELP = "Steps × steps: true where a step must not look, or numbers that are added to the scores."
PADDING_HELP = "Samples × steps: true for steps that nobody looks at (PaddingMask), or numbers that are added."
MASK = PortSpec("mask", "any", optional=True, help=MASK_HELP)
PADDING = PortSpec("padding_mask", "any", optional=True, help=PADDING_HELP)


def causal(port: str, keys: str = "") -> str:
    """The expression of a mask that hides later steps from the sequence at this port."""
    return f"{{{port}}}.new_ones({{{port}}}.shape[1], {{{keys or port}}}.shape[1]).triu(1).bool()"


def judge(inputs: Inputs, port: str, allowed: Sequence[tuple[Dim, ...]]) -> str:
    """The dtype of the mask at the port, empty where it is loose; raises ShapeError where it does not fit."""
    if port not in inputs:
        return ""
    mask = single(inputs, port)
    if category(mask.dtype) == 1:
        raise ShapeError(
            f"true and false, or numbers to add, were wanted at {port}",
            f"{mask.dtype} came",
            fix="Make the mask with CausalMask, PaddingMask or a comparison.",
        )
    if mask.shape not in allowed:
        wanted = " or ".join(dict.fromkeys(TensorType(shape).full for shape in allowed))
        raise ShapeError(
            f"a mask of {wanted} was wanted at {port}", f"{mask.full} came", fix="Make it from the same sequence."
        )
    return mask.dtype


def judge_pair(inputs: Inputs, mask: str, padding: str, is_causal: object) -> None:
    """Raises ShapeError where two masks are of different kinds, or one and `is_causal` say the same."""
    if is_causal and mask in inputs:
        raise ShapeError(
            f"either is_causal or a wire at {mask} was wanted", "both came", fix=f"Set is_causal to false for {mask}."
        )
    dtypes = {single(inputs, port).dtype for port in (mask, padding) if port in inputs}
    if is_causal:
        dtypes.add("bool")
    if len(dtypes) > 1 and padding in inputs:
        raise ShapeError(
            "masks that both hold true and false, or both numbers, were wanted",
            f"{' and '.join(sorted(dtypes))} came",
            fix="Make both of true and false, with CausalMask or a comparison.",
        )


def pairs(tensor: TensorType, keys: TensorType, heads: int) -> tuple[tuple[Dim, ...], ...]:
    """The shapes that a mask between two sequences may have: for all alike, or for each sample and head."""
    both = (tensor.shape[1], keys.shape[1])
    batch = tensor.shape[0]
    return (both, (Batch(batch.multiple * heads), *both)) if isinstance(batch, Batch) else (both,)


def _causal_mask(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    if len(tensor.shape) < 2 or not tensor.batched:
        raise ShapeError("a sequence (steps, ...) was wanted", f"{tensor.full} came", fix="Wire the sequence here.")
    steps = tensor.shape[1]
    return Shaped({"output": TensorType((steps, steps), "float32" if arguments["additive"] else "bool")})


def _padding_mask(inputs: Inputs, _arguments: Arguments) -> Shaped:
    return Shaped({"output": TensorType(single(inputs).shape, "bool")})


_STEPS = "{input}.shape[1], {input}.shape[1]"

KINDS = (
    LayerKind(
        "CausalMask",
        "Attention",
        "filter",
        "Hides from every step those behind it.",
        "Makes a steps × steps mask for the sequence that comes in, true above the diagonal: for attention that must "
        "not see the future. Additive, it holds −∞ there and 0 elsewhere.",
        ANY,
        OUT_ANY,
        _causal_mask,
        (Param("additive", "bool", False, "Numbers to add to the scores instead of true and false."),),
        forward=f"torch.ones({_STEPS}, device={{input}}.device).triu(1).bool()",
        variants=(
            Variant(
                "additive",
                True,
                Form(
                    f'torch.full(({_STEPS}), float("-inf"), device={{input}}.device).triu(1)',
                    f"torch.full(({_STEPS}), -1e999, device={{input}}.device).triu(1)",
                ),
            ),
        ),
        words=("future", "autoregressive", "triangle", "subsequent", "attention mask", "language model"),
        formula="m[i, j] = j > i",
        stem="causal",
        hint="sequences",
        example=(TensorType((Batch(), 5, 4)),),
    ),
    LayerKind(
        "PaddingMask",
        "Attention",
        "filter",
        "Says which tokens are only there to fill the row.",
        "True wherever the token is the filling one: for the padding_mask of attention.",
        ANY,
        OUT_ANY,
        _padding_mask,
        (Param("token", "int", 0, "The token that fills rows up.", -(2**31), 2**31, required=True),),
        forward="{input} == {p_token}",
        words=("padding", "key_padding_mask", "tokens", "attention mask", "language model"),
        formula="m = x is the padding",
        stem="padding",
        hint="tokens",
        example=(TensorType((Batch(), 6), "int64"),),
    ),
)
