"""The transformer's layers and stacks of them, as torch.nn has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from core.catalog.attention import SEQUENCE, divided
from core.catalog.dense import OUT
from core.catalog.formulas import integer, ranked, same_size
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
    ShapeFormula,
    TensorType,
    Variant,
    single,
)
from core.catalog.masks import CAUSAL, MASK, MASK_HELP, PADDING, PADDING_HELP, causal, judge, judge_pair, pairs
from core.errors import ShapeError
from core.graph import Value

_SIZES = (
    Param("d_model", "int", None, "Features of each step.", 1, 2**20, inferred=True, required=True),
    Param("nhead", "int", 4, "Heads that look separately.", 1, 1024, required=True),
)
_LAYERS = Param("num_layers", "int", 2, "Layers on top of each other.", 1, 256, required=True)
_DEPTHS = (
    Param("num_encoder_layers", "int", 2, "Layers that read the source.", 1, 256, required=True),
    Param("num_decoder_layers", "int", 2, "Layers that write the target.", 1, 256, required=True),
)
_INSIDE = (
    Param("dim_feedforward", "int", 128, "Numbers between the two Linear layers.", 1, 2**20, required=True),
    Param("dropout", "float", 0.1, "Share set to zero while training.", 0, 1),
    Param("activation", "choice", "relu", "What stands between the two Linear layers.", choices=("relu", "gelu")),
    Param("layer_norm_eps", "float", 1e-5, "Keeps the norms from dividing by zero.", 1e-12, 1),
)
_PLACED = (
    Param("norm_first", "bool", False, "Normalise before attention and Linear layers, not behind: trains more easily."),
    Param("bias", "bool", True, "Add learned numbers in every part."),
)
_NORM = Param("norm", "bool", False, "Normalise once more behind the last layer, as norm_first wants it.")
_MEMORY = PortSpec("memory", help="What the encoder made: samples × steps × features.")
_MEMORY_MASK = PortSpec(
    "memory_mask", "any", optional=True, help="Steps × steps of the memory: true where a step must not look."
)
_MEMORY_PADDING = PortSpec("memory_padding", "any", optional=True, help=PADDING_HELP)


class _Layer(NamedTuple):
    """One layer, as the arguments say: its sizes and what is learned."""

    wide: int
    heads: int
    inner: int
    bias: bool

    @property
    def attention(self) -> int:
        """Learned numbers of an attention."""
        return 4 * self.wide * self.wide + (4 * self.wide if self.bias else 0)

    @property
    def norm(self) -> int:
        """Learned numbers of a norm."""
        return 2 * self.wide if self.bias else self.wide

    @property
    def encoder(self) -> int:
        """Learned numbers of an encoder layer."""
        linear = 2 * self.wide * self.inner + (self.inner + self.wide if self.bias else 0)
        return self.attention + linear + 2 * self.norm

    @property
    def decoder(self) -> int:
        """Learned numbers of a decoder layer: one attention and one norm more."""
        return self.encoder + self.attention + self.norm

    def looks(self, steps: int, seen: int) -> int:
        """Multiply-accumulates of an attention from so many steps to so many."""
        return 2 * self.wide * (self.wide * (steps + seen) + steps * seen)

    def encodes(self, steps: int) -> int:
        """Multiply-accumulates of an encoder layer."""
        return self.looks(steps, steps) + 2 * steps * self.wide * self.inner

    def decodes(self, steps: int, seen: int) -> int:
        """Multiply-accumulates of a decoder layer."""
        return self.encodes(steps) + self.looks(steps, seen)


def _layer(arguments: Arguments) -> _Layer:
    wide, heads = integer(arguments, "d_model"), integer(arguments, "nhead")
    divided(wide, heads, "nhead")
    return _Layer(wide, heads, integer(arguments, "dim_feedforward"), bool(arguments["bias"]))


def _sequence(inputs: Inputs, port: str, layer: _Layer) -> TensorType:
    tensor = ranked(single(inputs, port), 3, SEQUENCE)
    same_size(layer.wide, tensor.shape[-1], "d_model")
    return tensor


def _encoded(inputs: Inputs, arguments: Arguments) -> Shaped:
    layer = _layer(arguments)
    tensor = _sequence(inputs, "input", layer)
    _judge_own(inputs, tensor, layer, arguments)
    count, last = _depth(arguments, layer)
    steps = tensor.features[0]
    return Shaped({"output": tensor}, count * layer.encoder + last, count * layer.encodes(steps))


def _decoded(inputs: Inputs, arguments: Arguments) -> Shaped:
    layer = _layer(arguments)
    tensor, memory = _sequence(inputs, "input", layer), _sequence(inputs, "memory", layer)
    _same_samples(tensor, memory)
    _judge_own(inputs, tensor, layer, arguments)
    judge(inputs, "memory_mask", pairs(tensor, memory, layer.heads))
    judge(inputs, "memory_padding", (memory.shape[:2],))
    judge_pair(inputs, "memory_mask", "memory_padding", False)
    count, last = _depth(arguments, layer)
    macs = count * layer.decodes(tensor.features[0], memory.features[0])
    return Shaped({"output": tensor}, count * layer.decoder + last, macs)


def _transformed(inputs: Inputs, arguments: Arguments) -> Shaped:
    layer = _layer(arguments)
    source, target = _sequence(inputs, "source", layer), _sequence(inputs, "target", layer)
    _same_samples(target, source)
    judge(inputs, "source_mask", pairs(source, source, layer.heads))
    judge(inputs, "target_mask", pairs(target, target, layer.heads))
    judge(inputs, "memory_mask", pairs(target, source, layer.heads))
    judge(inputs, "source_padding", (source.shape[:2],))
    judge(inputs, "target_padding", (target.shape[:2],))
    judge(inputs, "memory_padding", (source.shape[:2],))
    judge_pair(inputs, "source_mask", "source_padding", False)
    judge_pair(inputs, "target_mask", "target_padding", arguments["is_causal"])
    judge_pair(inputs, "memory_mask", "memory_padding", False)
    encoders, decoders = integer(arguments, "num_encoder_layers"), integer(arguments, "num_decoder_layers")
    count = encoders * layer.encoder + decoders * layer.decoder + 2 * layer.norm
    steps, seen = target.features[0], source.features[0]
    return Shaped({"output": target}, count, encoders * layer.encodes(seen) + decoders * layer.decodes(steps, seen))


def _depth(arguments: Arguments, layer: _Layer) -> tuple[int, int]:
    """How many layers, and the learned numbers of the norm behind them."""
    count = integer(arguments, "num_layers") if "num_layers" in arguments else 1
    return count, layer.norm if arguments.get("norm") else 0


def _judge_own(inputs: Inputs, tensor: TensorType, layer: _Layer, arguments: Arguments) -> None:
    judge(inputs, "mask", pairs(tensor, tensor, layer.heads))
    judge(inputs, "padding_mask", (tensor.shape[:2],))
    judge_pair(inputs, "mask", "padding_mask", arguments["is_causal"])


def _same_samples(tensor: TensorType, other: TensorType) -> None:
    if tensor.shape[0] != other.shape[0]:
        raise ShapeError(
            "two sequences of the same samples were wanted",
            f"{tensor.full} and {other.full} came",
            fix="Wire both from one data set, without mixing the batch into the sizes.",
        )


def _width_at(*ports: str) -> Callable[[Inputs], Mapping[str, Value]]:
    """d_model as the size of the last dimension at the first of these ports that is known."""

    def infer(inputs: Inputs) -> Mapping[str, Value]:
        for port in ports:
            tensor = inputs.get(port)
            last = tensor.shape[-1] if isinstance(tensor, TensorType) and len(tensor.shape) > 1 else None
            if isinstance(last, int):
                return {"d_model": last}
        return {}

    return infer


def _calls(head: str, mask: tuple[str, str], port: str, rest: str, hint: str, told: bool) -> tuple[str, Variant]:
    """The call with what is wired, and the one in which `is_causal` makes the mask.

    Where torch is not `told` whether a mask hides the future, it compares its numbers at every call.
    """
    name, keyword = mask
    made = Form(f"{head}, {keyword}={causal(port)}{rest}, {hint}=True)")
    plain = f", {hint}=False" if told else ""
    return f"{head}{{{name}:, {keyword}=%{plain}}}{rest})", Variant("is_causal", True, made)


_PADDED = "{padding_mask:, src_key_padding_mask=%}"
_REMEMBERED = "{memory_mask:, memory_mask=%}"
_PAIR = f"{_REMEMBERED}{{padding_mask:, tgt_key_padding_mask=%}}{{memory_padding:, memory_key_padding_mask=%}}"
_WHOLE = f"{_REMEMBERED}{{source_padding:, src_key_padding_mask=%}}" + "".join(
    f"{{{port}_padding:, {keyword}_key_padding_mask=%}}" for port, keyword in (("target", "tgt"), ("memory", "memory"))
)
_READ = "{self}({input}"
_ANSWER = "{self}({input}, {memory}"
_BOTH = "{self}({source}, {target}{source_mask:, src_mask=%, src_is_causal=False}"
_WORDS = ("attention", "vaswani", "multi-head")
_POST = "y = norm(x + attend(x)),  norm(y + W₂ act(W₁ y))"
_THREE = TensorType((Batch(), 5, 8))


def _kind(
    name: str,
    summary: str,
    text: str,
    ports: tuple[PortSpec, ...],
    shape: ShapeFormula,
    params: tuple[Param, ...],
    module: str,
    calls: tuple[str, Variant],
) -> LayerKind:
    forward, variant = calls
    wires = [port.name for port in ports if not port.optional]
    return LayerKind(
        name,
        "Attention",
        "attn",
        summary,
        text,
        ports,
        OUT,
        shape,
        (*params, CAUSAL, *WEIGHT_PARAMS),
        _width_at(*wires),
        module,
        (*(param.name for param in params), *(("batch_first=True",) if module.startswith("nn.") else ())),
        forward,
        variants=(variant,),
        words=_WORDS,
        formula=_POST,
        stem="transformer" if name == "Transformer" else "coder",
        hint="sequences",
        weighted=True,
        many_weights=True,
        example=(_THREE,) * len(wires),
        like="" if module.startswith("nn.") else f"nn.{name}",
    )


_SEQUENCE_PORT = PortSpec("input", help="A sequence: samples × steps × features.")
_ENCODER_PORTS = (_SEQUENCE_PORT, MASK, PADDING)
_DECODER_PORTS = (_SEQUENCE_PORT, _MEMORY, MASK, _MEMORY_MASK, PADDING, _MEMORY_PADDING)
_TRANSFORMER_PORTS = (
    PortSpec("source", help="What is read: samples × steps × features."),
    PortSpec("target", help="What was written so far: samples × steps × features."),
    *(PortSpec(f"{port}_mask", "any", optional=True, help=MASK_HELP) for port in ("source", "target", "memory")),
    *(PortSpec(f"{port}_padding", "any", optional=True, help=PADDING_HELP) for port in ("source", "target", "memory")),
)
_EQUAL = "Torch starts all layers with the same numbers; choose a weight_init to start each with its own."

KINDS = (
    _kind(
        "TransformerEncoderLayer",
        "Attention to all steps, then two Linear layers for each; both with a skip and a norm.",
        "One layer of a transformer's encoder (Vaswani et al. 2017); with is_causal one of a language model.",
        _ENCODER_PORTS,
        _encoded,
        (*_SIZES, *_INSIDE, *_PLACED),
        "nn.TransformerEncoderLayer",
        _calls(_READ, ("mask", "src_mask"), "input", _PADDED, "is_causal", False),
    ),
    _kind(
        "TransformerDecoderLayer",
        "Attention to its own steps, then to those of the encoder, then two Linear layers for each step.",
        "One layer of a transformer's decoder (Vaswani et al. 2017): memory is what the encoder made.",
        _DECODER_PORTS,
        _decoded,
        (*_SIZES, *_INSIDE, *_PLACED),
        "nn.TransformerDecoderLayer",
        _calls(_ANSWER, ("mask", "tgt_mask"), "input", _PAIR, "tgt_is_causal", False),
    ),
    _kind(
        "TransformerEncoder",
        "Several transformer encoder layers on top of each other.",
        f"As many encoder layers as asked, and a norm behind them if asked. {_EQUAL}",
        _ENCODER_PORTS,
        _encoded,
        (*_SIZES, _LAYERS, _NORM, *_INSIDE, *_PLACED),
        "transformer.EncoderStack",
        _calls(_READ, ("mask", "mask"), "input", _PADDED, "is_causal", True),
    ),
    _kind(
        "TransformerDecoder",
        "Several transformer decoder layers on top of each other.",
        f"As many decoder layers as asked, and a norm behind them if asked. {_EQUAL}",
        _DECODER_PORTS,
        _decoded,
        (*_SIZES, _LAYERS, _NORM, *_INSIDE, *_PLACED),
        "transformer.DecoderStack",
        _calls(_ANSWER, ("mask", "tgt_mask"), "input", _PAIR, "tgt_is_causal", True),
    ),
    _kind(
        "Transformer",
        "The whole transformer: an encoder reads the source, a decoder writes the target.",
        "Encoder and decoder with a norm behind each (Vaswani et al. 2017); is_causal hides later steps of the target. "
        "It adds no positions: insert SinusoidalPositions before it.",
        _TRANSFORMER_PORTS,
        _transformed,
        (*_SIZES, *_DEPTHS, *_INSIDE, *_PLACED),
        "transformer.EncoderDecoder",
        _calls(_BOTH, ("target_mask", "tgt_mask"), "target", _WHOLE, "tgt_is_causal", True),
    ),
)
