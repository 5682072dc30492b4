"""Layers in which positions look at each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.catalog.dense import BIAS, OUT
from core.catalog.formulas import broadcast, floating, integer, ranked, same_size
from core.catalog.initialization import WEIGHT_PARAMS
from core.catalog.kind import (
    Arguments,
    Batch,
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
from core.catalog.masks import CAUSAL, MASK, PADDING, causal, judge, judge_pair, pairs
from core.catalog.tensors import category
from core.errors import ShapeError
from core.graph import Value

SEQUENCE = "a sequence (steps, features)"
_WIDE = Param("embed_dim", "int", None, "Features of each step.", 1, 2**20, inferred=True, required=True)
_HEADS = Param("num_heads", "int", 4, "Heads that look separately.", 1, 1024, required=True)
_OWN = ("embed_dim", "num_heads", "dropout", "bias")
"""What both modules are constructed with."""
_DROPOUT = Param("dropout", "float", 0.0, "Share of looks set to zero while training.", 0, 1)


def divided(wide: int, heads: int, name: str) -> None:
    """Raises ShapeError where the heads do not divide the features."""
    if wide % heads:
        fitting = max(count for count in range(1, heads + 1) if wide % count == 0)
        raise ShapeError(
            f"features that {heads} heads divide were wanted", f"{wide} came", fix=f"Set {name} to {fitting}."
        )


def _own_size(name: str, port: str) -> Param:
    text = f"Features of the {port}, if others than the query's."
    return Param(name, "int", None, text, 1, 2**20, inferred=True, optional=True)


def _self_attention(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = ranked(single(inputs), 3, SEQUENCE)
    wide = integer(arguments, "embed_dim")
    divided(wide, integer(arguments, "num_heads"), "num_heads")
    same_size(wide, tensor.shape[-1], "embed_dim")
    steps = tensor.features[0]
    count = 4 * wide * wide + (4 * wide if arguments["bias"] else 0)
    return Shaped({"output": tensor}, count, 4 * steps * wide * wide + 2 * steps * steps * wide)


def _multihead(inputs: Inputs, arguments: Arguments) -> Shaped:
    query, key, value = (ranked(tensor, 3, SEQUENCE) for tensor in _looked_at(inputs))
    wide, heads = integer(arguments, "embed_dim"), integer(arguments, "num_heads")
    divided(wide, heads, "num_heads")
    same_size(wide, query.shape[-1], "embed_dim")
    of_key, of_value = (_own_width(arguments, name, wide) for name in ("kdim", "vdim"))
    same_size(of_key, key.shape[-1], "kdim")
    same_size(of_value, value.shape[-1], "vdim")
    if key.shape[:2] != value.shape[:2] or key.shape[0] != query.shape[0]:
        raise ShapeError(
            "a key and a value of as many steps, from the query's samples, were wanted",
            f"{query.full}, {key.full} and {value.full} came",
            fix="Wire key and value from one sequence.",
        )
    judge(inputs, "mask", pairs(query, key, heads))
    judge(inputs, "padding_mask", (key.shape[:2],))
    judge_pair(inputs, "mask", "padding_mask", arguments["is_causal"])
    steps, seen = query.features[0], key.features[0]
    matrices = wide * (2 * wide + of_key + of_value)
    more = (4 * wide if arguments["bias"] else 0) + (2 * wide if arguments["add_bias_kv"] else 0)
    projected = 2 * steps * wide * wide + seen * wide * (of_key + of_value)
    seen += bool(arguments["add_bias_kv"]) + bool(arguments["add_zero_attn"])
    outputs = {"output": query}
    if arguments["need_weights"]:
        every = () if arguments["average_attn_weights"] else (heads,)
        outputs["weights"] = TensorType((query.shape[0], *every, steps, seen), query.dtype)
    return Shaped(outputs, matrices + more, projected + 2 * steps * seen * wide)


def _looked_at(inputs: Inputs) -> tuple[TensorType, TensorType, TensorType]:
    """Query, key and value: a loose value is the key, a loose key the query."""
    query = single(inputs, "query")
    key = single(inputs, "key") if "key" in inputs else query
    return query, key, single(inputs, "value") if "value" in inputs else key


def _own_width(arguments: Arguments, name: str, wide: int) -> int:
    return wide if arguments[name] is None else integer(arguments, name)


def _infer_widths(inputs: Inputs) -> Mapping[str, Value]:
    """embed_dim, and where they are others also kdim and vdim, which torch takes to be equal to it."""
    if not isinstance(inputs.get("query"), TensorType):
        return {}
    lasts = [tensor.shape[-1] if tensor.shape else None for tensor in _looked_at(inputs)]
    found: dict[str, Value] = {"embed_dim": lasts[0]} if isinstance(lasts[0], int) else {}
    for name, last in zip(("kdim", "vdim"), lasts[1:], strict=True):
        if isinstance(last, int) and last != lasts[0]:
            found[name] = last
    return found


def _infer(inputs: Inputs) -> dict[str, Value]:
    tensor = inputs.get("input")
    last = tensor.shape[-1] if isinstance(tensor, TensorType) and tensor.shape else None
    return {"embed_dim": last} if isinstance(last, int) else {}


def _forms() -> Iterable[tuple[Form, bool, bool]]:
    """The call with and without weights, causal or not."""
    looked = "{self}({query}, {key|query}, {value|key|query}{padding_mask:, key_padding_mask=%}"
    for weights in (False, True):
        for hidden in (False, True):
            mask = f", attn_mask={causal('query', 'key|query')}" if hidden else "{mask:, attn_mask=%}"
            text = f"{looked}{mask}"
            if weights:
                yield Form(f"{text}{{k_average_attn_weights}})", unpack="{output}, {weights}"), weights, hidden
            else:
                yield Form(f"{text}, need_weights=False)[0]"), weights, hidden


_FORMS = {(weights, hidden): form for form, weights, hidden in _forms()}


def _scaled(inputs: Inputs, arguments: Arguments) -> Shaped:
    query, key, value = (floating(single(inputs, port), port) for port in ("query", "key", "value"))
    if min(len(tensor.shape) for tensor in (query, key, value)) < 3 or not query.batched:
        raise ShapeError(
            "sequences (steps, features), or heads of them, were wanted",
            f"{query.full}, {key.full} and {value.full} came",
            fix="Insert an Unsqueeze or a Reshape before it.",
        )
    if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise ShapeError(
            "a key of the query's features and a value of the key's steps were wanted",
            f"{query.full}, {key.full} and {value.full} came",
            fix="Give query and key one width with a Linear, and wire key and value from one sequence.",
        )
    before = broadcast(broadcast(query.shape[:-2], key.shape[:-2]), value.shape[:-2])
    _judge_scores(inputs, arguments, TensorType((*before, query.shape[-2], key.shape[-2])))
    output = TensorType((*before, query.shape[-2], value.shape[-1]), query.dtype)
    scores = TensorType((*before, query.shape[-2], key.shape[-2])).numel
    return Shaped({"output": output}, macs=scores * (_plain(query.shape[-1]) + _plain(value.shape[-1])))


def _plain(dim: object) -> int:
    return dim if isinstance(dim, int) else 1


def _judge_scores(inputs: Inputs, arguments: Arguments, scores: TensorType) -> None:
    """Raises ShapeError where the mask does not fit the scores, or is not what `mask_means` says."""
    if "mask" not in inputs:
        return
    mask = single(inputs, "mask")
    if arguments["is_causal"]:
        raise ShapeError("either is_causal or a wire at mask was wanted", "both came", fix="Set is_causal to false.")
    adds = arguments["mask_means"] == "added"
    if category(mask.dtype) != (2 if adds else 0):
        wanted = "numbers to add" if adds else "true and false"
        fix = "Set mask_means to hidden." if adds else "Set mask_means to added, or compare the numbers first."
        raise ShapeError(f"{wanted} were wanted at mask", f"{mask.dtype} came", fix=fix)
    if len(mask.shape) > len(scores.shape) or broadcast(mask.shape, scores.shape) != scores.shape:
        raise ShapeError(
            f"a mask that stretches to {scores.full} was wanted", f"{mask.full} came", fix="Insert an Unsqueeze."
        )


def _scaled_form(hides: bool, drops: bool) -> Form:
    mask = "{mask:, attn_mask=~%}" if hides else "{mask:, attn_mask=%}"
    head, tail = f"F.scaled_dot_product_attention({{query}}, {{key}}, {{value}}{mask}", "{k_is_causal}{k_scale})"
    if not drops:
        return Form(f"{head}{tail}")
    return Form(f"{head}, dropout_p={{p_dropout}} if {{training}} else 0.0{tail}")


_SCALED_FORMS = (
    Variant("dropout", 0.0, _scaled_form(True, False), (("mask_means", "hidden"),)),
    Variant("dropout", 0.0, _scaled_form(False, False)),
    Variant("mask_means", "hidden", _scaled_form(True, True)),
    *(Variant("mask_means", means, _scaled_form(False, True)) for means in ("seen", "added")),
)


def _straight(hides: bool) -> str:
    """Self-attention without the module's copies while training; outputs and gradients are the module's, bit for bit.

    That takes the rows in the module's own order, steps before samples. Without gradients torch has another way yet.
    """
    heads = "{self}.in_proj_weight, {self}.in_proj_bias).unflatten(-1, (3, {p_num_heads}, -1)).permute(2, 1, 3, 0, 4)"
    drops = f"dropout_p={{p_dropout}}, is_causal={hides}"
    looked = f"F.scaled_dot_product_attention(*F.linear({{input}}.transpose(0, 1), {heads}, {drops})"
    out = f"F.linear({looked}.permute(2, 0, 1, 3).flatten(2), {{self}}.out_proj.weight, {{self}}.out_proj.bias)"
    return f"{out}.transpose(0, 1) if {{training}} else {_CAUSAL_SELF if hides else _SELF}"


_SELF = "{self}({input}, {input}, {input}, need_weights=False)[0]"
_CAUSAL_SELF = (
    f"{{self}}({{input}}, {{input}}, {{input}}, attn_mask={causal('input')}, is_causal=True, need_weights=False)[0]"
)
_WORDS = ("transformer", "qkv", "query key value")
_FORMULA = "softmax(QKᵀ / √d) V"
_THREE = (TensorType((Batch(), 5, 8)),)

KINDS = (
    LayerKind(
        "SelfAttention",
        "Attention",
        "attn",
        "Every step looks at all steps and takes what it needs.",
        "Multi-head attention of a sequence to itself (query, key and value from one wire).",
        (PortSpec("input"),),
        OUT,
        _self_attention,
        (_WIDE, _HEADS, _DROPOUT, BIAS, CAUSAL, *WEIGHT_PARAMS),
        _infer,
        "nn.MultiheadAttention",
        (*_OWN, "batch_first=True"),
        _SELF,
        fast=_straight(hides=False),
        variants=(Variant("is_causal", True, Form(_CAUSAL_SELF, _straight(hides=True))),),
        words=("multi-head", "causal", *_WORDS),
        formula=_FORMULA,
        stem="attn",
        hint="sequences",
        weighted=True,
        many_weights=True,
        example=_THREE,
    ),
    LayerKind(
        "MultiheadAttention",
        "Attention",
        "attn",
        "Every step of the query looks at all steps of the key and takes of the value.",
        "Attention with several heads (Vaswani et al. 2017). A loose key is the query, a loose value the key: with one "
        "wire it is self-attention, with two it looks at another sequence.",
        (
            PortSpec("query", help="Who looks: samples × steps × features."),
            PortSpec("key", optional=True, help="What is looked at; the query where loose."),
            PortSpec("value", optional=True, help="What is taken from there; the key where loose."),
            MASK,
            PADDING,
        ),
        (
            PortSpec("output"),
            PortSpec("weights", help="How much each step of the query looks at each of the key.", needs="need_weights"),
        ),
        _multihead,
        (
            _WIDE,
            _HEADS,
            _DROPOUT,
            BIAS,
            Param("add_bias_kv", "bool", False, "Add a learned step to key and value."),
            Param("add_zero_attn", "bool", False, "Add a step of zeros to key and value: somewhere to look away."),
            _own_size("kdim", "key"),
            _own_size("vdim", "value"),
            CAUSAL,
            Param("need_weights", "bool", False, "Hand out who looks where as well."),
            Param(
                "average_attn_weights",
                "bool",
                True,
                "Hand them out averaged over the heads.",
                only_with=("need_weights", (True,)),
            ),
            *WEIGHT_PARAMS,
        ),
        _infer_widths,
        "nn.MultiheadAttention",
        (
            "embed_dim",
            "num_heads",
            "dropout",
            "bias",
            "add_bias_kv",
            "add_zero_attn",
            "kdim",
            "vdim",
            "batch_first=True",
        ),
        _FORMS[False, False].forward,
        variants=tuple(
            Variant("need_weights", weights, form, (("is_causal", hidden),))
            for (weights, hidden), form in _FORMS.items()
        ),
        words=("cross attention", "multi-head", "encoder decoder", *_WORDS),
        formula=_FORMULA,
        stem="attn",
        hint="sequences",
        weighted=True,
        many_weights=True,
        example=_THREE,
    ),
    LayerKind(
        "ScaledDotProductAttention",
        "Attention",
        "attn",
        "Attention without weights: a softmax of products chooses among the values.",
        "Multiplies every query with every key, divides by √d and averages the values by the softmax of that; "
        "dimensions before the last two, as heads, stay apart. For a mask of true and false, mask_means says what "
        "true is.",
        (
            PortSpec("query"),
            PortSpec("key"),
            PortSpec("value"),
            PortSpec("mask", "any", optional=True, help="Stretches to steps × steps; see mask_means."),
        ),
        OUT,
        _scaled,
        (
            Param("dropout", "float", 0.0, "Share of looks set to zero while training.", 0, 1),
            CAUSAL,
            Param("scale", "float", None, "Factor of the products; empty: 1/√d.", -1e6, 1e6, optional=True),
            Param(
                "mask_means",
                "choice",
                "hidden",
                "What true in the mask says: hidden, as in MultiheadAttention, or seen, as in torch's function.",
                choices=("hidden", "seen", "added"),
            ),
        ),
        forward=_scaled_form(False, False).forward,
        variants=_SCALED_FORMS,
        words=("sdpa", "flash", "function", *_WORDS),
        formula=_FORMULA,
        stem="attend",
        hint="heads",
        example=_THREE * 3,
    ),
)
