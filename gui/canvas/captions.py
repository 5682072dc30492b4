"""What a card says: its kind, parameters and counts in a few words; pure, from node and analysis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from core.catalog.kind import EACH, LayerKind
from core.graph import Value

Arguments = Mapping[str, Value]


def thousands(number: int) -> str:
    """A count with thin groups: 48,120."""
    return f"{number:,}"


def magnitude(value: float) -> str:
    """A norm in two digits with a real minus: 5.6e−4."""
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


def number(value: Value) -> str:
    """A parameter's value: sizes as 5×5, unknown ones as ?."""
    if value is None:
        return "?"
    if isinstance(value, tuple):
        return "×".join(number(item) for item in value)
    if isinstance(value, float):
        return f"{value:g}".replace("-", "−")
    return str(value).replace("-", "−")


def parameters(kind: LayerKind, arguments: Arguments) -> str:
    """The key parameters: 6 @ 5×5 pad 2, 400 → 120, elementwise."""
    known = {param.name: arguments.get(param.name, param.default) for param in kind.params}
    written = _WRITTEN.get(kind.name) or _BY_CATEGORY.get(kind.category)
    if written is not None:
        return written(known)
    said = [param.name for param in kind.params if known[param.name] is not None and param.matters(known)]
    return " ".join(f"{name} {number(known[name])}" for name in said[:2])


def _square(value: Value, dims: int) -> str:
    return number(value if isinstance(value, tuple) else (value,) * dims)


def _window(dims: int) -> Callable[[Arguments], str]:
    def written(values: Arguments) -> str:
        text = f"{number(values['out_channels'])} @ {_square(values['kernel_size'], dims)}"
        if values["stride"] not in (1, (1,) * dims):
            text += f" stride {number(values['stride'])}"
        if values["padding"] not in (0, (0,) * dims):
            text += f" pad {number(values['padding'])}"
        return text

    return written


def _pool(dims: int) -> Callable[[Arguments], str]:
    def written(values: Arguments) -> str:
        kernel = values["kernel_size"]
        stride = kernel if values["stride"] is None else values["stride"]
        return f"{_square(kernel, dims)} stride {number(stride)}"

    return written


def _adaptive(dims: int) -> Callable[[Arguments], str]:
    def written(values: Arguments) -> str:
        size = values["output_size"]
        kept = tuple("keep" if item is None else item for item in size) if isinstance(size, tuple) else size
        return f"to {_square(kept, dims)}"

    return written


def _activation(values: Arguments) -> str:
    words = {"negative_slope": "slope", "alpha": "alpha", "dim": "dim"}
    said = [f"{word} {number(values[name])}" for name, word in words.items() if name in values]
    return said[0] if said else "elementwise"


def _recurrent(values: Arguments) -> str:
    layers = values.get("num_layers", 1)
    text = (
        f"{number(values['input_size'])} {'⇄' if values.get('bidirectional') else '→'} {number(values['hidden_size'])}"
    )
    return text if layers == 1 else f"{text} ×{layers}"


def _heads(wide: str, heads: str, layers: str = "") -> Callable[[Arguments], str]:
    def written(values: Arguments) -> str:
        text = f"{number(values[wide])}, {number(values[heads])} heads"
        return f"{text} ×{values[layers]}" if layers else text

    return written


_WRITTEN: Mapping[str, Callable[[Arguments], str]] = MappingProxyType(
    {
        "Conv1d": _window(1),
        "Conv2d": _window(2),
        "Conv3d": _window(3),
        "ConvTranspose2d": _window(2),
        "Linear": lambda values: f"{number(values['in_features'])} → {number(values['out_features'])}",
        "Embedding": lambda values: f"{number(values['num_embeddings'])} × {number(values['embedding_dim'])}",
        "MaxPool1d": _pool(1),
        "MaxPool2d": _pool(2),
        "AvgPool1d": _pool(1),
        "AvgPool2d": _pool(2),
        "AdaptiveAvgPool1d": _adaptive(1),
        "AdaptiveAvgPool2d": _adaptive(2),
        "BatchNorm1d": lambda values: f"{number(values['num_features'])} features",
        "BatchNorm2d": lambda values: f"{number(values['num_features'])} channels",
        "LayerNorm": lambda values: f"{number(values['normalized_shape'])} features",
        "GroupNorm": lambda values: f"{number(values['num_groups'])} of {number(values['num_channels'])}",
        "Dropout": lambda values: f"p {number(values['p'])}",
        "SelfAttention": _heads("embed_dim", "num_heads"),
        "MultiheadAttention": _heads("embed_dim", "num_heads"),
        "ScaledDotProductAttention": lambda values: "causal" if values["is_causal"] else "softmax(QKᵀ) V",
        "TransformerEncoderLayer": _heads("d_model", "nhead"),
        "TransformerDecoderLayer": _heads("d_model", "nhead"),
        "TransformerEncoder": _heads("d_model", "nhead", "num_layers"),
        "TransformerDecoder": _heads("d_model", "nhead", "num_layers"),
        "Transformer": _heads("d_model", "nhead"),
        "CausalMask": lambda values: "added" if values["additive"] else "true above",
        "SinusoidalPositions": lambda _values: "sines of the place",
        "LearnedPositions": lambda values: f"{number(values['steps'])} steps × {number(values['dim'])}",
        "RotaryPositions": lambda _values: "turned by the place",
        "TimeStepEmbedding": lambda values: f"to {number(values['dim'])}",
        "PositionIds": lambda _values: "0, 1, 2 …",
        "RandomTimeStep": lambda values: f"below {number(values['steps'])}",
        "PatchEmbedding": lambda values: f"{number(values['embed_dim'])} @ {_square(values['patch_size'], 2)}",
        "ClassToken": lambda values: f"{number(values['dim'])} features",
        "LayerScale": lambda values: f"{number(values['dim'])} features",
        "DropPath": lambda values: f"p {number(values['p'])}",
        "FunctionalDropout": lambda values: f"p {number(values['p'])}",
        "Scatter": lambda values: f"dim {number(values['dim'])}",
        "PaddingMask": lambda values: f"token {number(values['token'])}",
        "Flatten": lambda values: f"from dim {number(values['start_dim'])}",
        "Reshape": lambda values: f"to {number(values['shape'])}",
        "Select": lambda values: f"dim {number(values['dim'])} at {number(values['index'])}",
        "Transpose": lambda values: f"dims {number(values['dim0'])} and {number(values['dim1'])}",
        "Add": lambda _values: "sum",
        "Subtract": lambda _values: "a − b",
        "Multiply": lambda _values: "a · b",
        "Detach": lambda _values: "no gradient",
        "Input": lambda values: f"{number(values['shape'])} {values['dtype']}",
        "AdaptiveLogSoftmax": lambda values: f"{number(values['n_classes'])} classes",
        **dict.fromkeys(
            ("LinearCrossEntropy", "SoftLinearCrossEntropy"),
            lambda values: f"{number(values['num_classes'])} classes",
        ),
        "Noise": lambda values: f"{number(values['size'])} numbers",
    }
)
_BY_CATEGORY: Mapping[str, Callable[[Arguments], str]] = MappingProxyType(
    {
        "Activation": _activation,
        "Recurrent": _recurrent,
        "Loss": lambda values: "one by one" if values.get("reduction") == EACH else str(values.get("reduction", "")),
    }
)
