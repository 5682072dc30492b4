"""The words of a view's layers, and the kinds of the app that they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from core.graph import Value
from tests.faulty.view import Layer


class Word(NamedTuple):
    """The kind (`{dims}` is the number of dimensions behind the channels, at least 1) and a node's name."""

    kind: str
    stem: str
    params: Callable[[list[Any]], dict[str, Value]] = lambda _numbers: {}
    dims: Callable[[int], int] = lambda dims: dims
    """Dimensions of what comes out, the batch counted, from those of what comes in."""


def _linear(numbers: list[Any]) -> dict[str, Value]:
    return {"out_features": numbers[0], **({"bias": bool(numbers[1])} if len(numbers) > 1 else {})}


def _conv(numbers: list[Any]) -> dict[str, Value]:
    stride = {"stride": numbers[2]} if len(numbers) > 2 else {}
    return {"out_channels": numbers[0], "kernel_size": numbers[1], "padding": numbers[1] // 2, **stride}


def _rnn(numbers: list[Any]) -> dict[str, Value]:
    return {"hidden_size": numbers[0], **({"nonlinearity": numbers[1]} if len(numbers) > 1 else {})}


WORDS: Mapping[str, Word] = MappingProxyType(
    {
        "linear": Word("Linear", "fc", _linear),
        "conv": Word("Conv2d", "conv", _conv),
        "relu": Word("ReLU", "relu"),
        "leaky": Word("LeakyReLU", "leaky", lambda numbers: {"negative_slope": numbers[0]} if numbers else {}),
        "sigmoid": Word("Sigmoid", "sigmoid"),
        "tanh": Word("Tanh", "tanh"),
        "gelu": Word("GELU", "gelu"),
        "selu": Word("SELU", "selu"),
        "elu": Word("ELU", "elu"),
        "bn": Word("BatchNorm{dims}d", "bn"),
        "ln": Word("LayerNorm", "ln"),
        "gn": Word("GroupNorm", "gn", lambda numbers: {"num_groups": numbers[0]}),
        "dropout": Word("Dropout", "drop", lambda numbers: {"p": float(numbers[0])}),
        "softmax": Word("Softmax", "softmax"),
        "flatten": Word("Flatten", "flatten", dims=lambda _dims: 2),
        "gap": Word("Mean", "gap", lambda _numbers: {"dim": (2, 3)}, lambda _dims: 2),
        "maxpool": Word("MaxPool2d", "pool", lambda numbers: {"kernel_size": numbers[0]}),
        "embed": Word(
            "Embedding",
            "embed",
            lambda numbers: {"num_embeddings": numbers[0], "embedding_dim": numbers[1]},
            lambda dims: dims + 1,
        ),
        "meanpool": Word("Mean", "mean", lambda _numbers: {"dim": (1,)}, lambda dims: dims - 1),
        "rnn": Word("RNN", "rnn", _rnn),
        "gru": Word("GRU", "gru", lambda numbers: {"hidden_size": numbers[0]}),
        "lstm": Word("LSTM", "lstm", lambda numbers: {"hidden_size": numbers[0]}),
        "last": Word("Select", "last", lambda _numbers: {"dim": 1, "index": -1}, lambda dims: dims - 1),
        "attn": Word("SelfAttention", "attn", lambda numbers: {"num_heads": numbers[0]}),
        "detach": Word("Detach", "detach"),
    }
)


def word(layer: Layer) -> Word:
    """What a layer of a view is."""
    return WORDS[layer[0]]
