"""Layers in which positions look at each other."""

from __future__ import annotations

from core.catalog.dense import BIAS, OUT
from core.catalog.formulas import integer, ranked, same_size
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, PortSpec, Shaped, TensorType, single
from core.errors import ShapeError
from core.graph import Value


def _attended(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = ranked(single(inputs), 3, "a sequence (steps, features)")
    wide, heads = integer(arguments, "embed_dim"), integer(arguments, "num_heads")
    same_size(wide, tensor.shape[-1], "embed_dim")
    if wide % heads:
        raise ShapeError(f"features that {heads} heads divide were wanted", f"{wide} came", fix="Set num_heads to 1.")
    steps = tensor.features[0]
    count = 4 * wide * wide + (4 * wide if arguments["bias"] else 0)
    return Shaped({"output": tensor}, count, 4 * steps * wide * wide + 2 * steps * steps * wide)


def _infer(inputs: Inputs) -> dict[str, Value]:
    tensor = inputs.get("input")
    last = tensor.shape[-1] if isinstance(tensor, TensorType) else None
    return {"embed_dim": last} if isinstance(last, int) else {}


KINDS = (
    LayerKind(
        "SelfAttention",
        "Attention",
        "attn",
        "Every step looks at all steps and takes what it needs.",
        "Multi-head attention of a sequence to itself (query, key and value from one wire).",
        (PortSpec("input"),),
        OUT,
        _attended,
        (
            Param("embed_dim", "int", None, "Features of each step.", 1, 2**20, inferred=True, required=True),
            Param("num_heads", "int", 4, "Heads that look separately.", 1, 1024, required=True),
            BIAS,
            Param("frozen", "bool", False, "Keep the weights as they are while training."),
        ),
        _infer,
        "nn.MultiheadAttention",
        ("embed_dim", "num_heads", "bias", "batch_first=True"),
        "{self}({input}, {input}, {input}, need_weights=False)[0]",
        words=("multi-head", "transformer", "qkv"),
        formula="softmax(QKᵀ / √d) V",
        stem="attn",
        hint="sequences",
        weighted=True,
        example=(TensorType((Batch(), 5, 8)),),
    ),
)
