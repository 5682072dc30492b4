"""aten's recurrent functions, whose weights come as a list: they become the layer that holds them."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from torch import Tensor

from core.exchange.ops.entry import Entry, Table
from core.exchange.tracing.arguments import Given
from core.exchange.tracing.builder import Unmapped, Wire
from core.exchange.tracing.pairing import Tensors
from core.graph import Value

_STATES = ("h0", "c0")


def _recurrent(kind: str, nonlinearity: str = "") -> Entry:
    def make(given: Given) -> tuple[Wire, ...]:
        tensors = [_held(item) for item in given.raw("params")]
        layers, both = given.whole("num_layers"), given.flag("bidirectional")
        weights = dict(zip(_names(layers, both=both, bias=given.flag("has_biases")), tensors, strict=True))
        params: dict[str, Value] = {
            "input_size": weights["weight_ih_l0"].shape[1],
            "hidden_size": weights["weight_hh_l0"].shape[1],
            "num_layers": layers,
            "bias": given.flag("has_biases"),
            "dropout": float(given.number("dropout")) if layers > 1 else 0.0,
            "bidirectional": both,
        }
        if nonlinearity:
            params["nonlinearity"] = nonlinearity
        first = given.flag("batch_first")
        wire = given.wire() if first else _turned(given, given.wire())
        states = _begin(given)
        made = given.builder.calls_of(kind, params, weights, {"input": wire, **states})
        return made if first else (_turned(given, made[0]), *made[1:])

    return Entry("input hx params has_biases num_layers dropout train bidirectional batch_first", make)


def _turned(given: Given, wire: Wire) -> Wire:
    return given.builder.call("Transpose", {"dim0": 0, "dim1": 1}, input=wire)


def _held(item: object) -> Tensor:
    if not isinstance(item, Tensors) or item.source not in ("param", "const"):
        raise Unmapped("its weights are computed")
    return item.tensor


def _names(layers: int, *, both: bool, bias: bool) -> list[str]:
    """The weights in the order in which torch hands them over."""
    kinds: Sequence[str] = ("weight_ih", "weight_hh", "bias_ih", "bias_hh") if bias else ("weight_ih", "weight_hh")
    ends = ("", "_reverse") if both else ("",)
    return [f"{kind}_l{layer}{end}" for layer in range(layers) for end in ends for kind in kinds]


def _begin(given: Given) -> dict[str, Wire]:
    """The first states; zeros are what the layer has anyway."""
    states = given.raw("hx")
    listed = list(states) if isinstance(states, list | tuple) else [states]
    if all(isinstance(item, Tensors) and item.source == "const" and not item.tensor.any() for item in listed):
        return {}
    return {name: given.builder.wire(item) for name, item in zip(_STATES, listed, strict=False)}


def _cell(kind: str, nonlinearity: str = "") -> Entry:
    def make(given: Given) -> tuple[Wire, ...]:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = {name: _held(given.raw(name)) for name in names if given.raw(name) is not None}
        params: dict[str, Value] = {
            "input_size": weights["weight_ih"].shape[1],
            "hidden_size": weights["weight_hh"].shape[1],
            "bias": "bias_ih" in weights,
        }
        if nonlinearity:
            params["nonlinearity"] = nonlinearity
        return given.builder.calls_of(kind, params, weights, {"input": given.wire(), **_begin(given)})

    return Entry("input hx weight_ih weight_hh bias_ih=None bias_hh=None", make)


OPS: Table = MappingProxyType(
    {
        "aten:lstm": _recurrent("LSTM"),
        "aten:gru": _recurrent("GRU"),
        "aten:rnn_tanh": _recurrent("RNN", "tanh"),
        "aten:rnn_relu": _recurrent("RNN", "relu"),
        "lstm_cell": _cell("LSTMCell"),
        "gru_cell": _cell("GRUCell"),
        "rnn_tanh_cell": _cell("RNNCell", "tanh"),
        "rnn_relu_cell": _cell("RNNCell", "relu"),
    }
)
