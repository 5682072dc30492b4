"""Layers that walk along a sequence and remember."""

from __future__ import annotations

from core.catalog.formulas import infer_last, integer, ranked, same_size
from core.catalog.kind import (
    Arguments,
    Batch,
    Inputs,
    LayerKind,
    Param,
    PortSpec,
    Shaped,
    ShapeFormula,
    TensorType,
    single,
)

_GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def _recurrent(name: str) -> ShapeFormula:
    gates = _GATES[name]

    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = ranked(single(inputs), 3, "a sequence (steps, features)")
        wide, hidden = integer(arguments, "input_size"), integer(arguments, "hidden_size")
        layers = integer(arguments, "num_layers")
        same_size(wide, tensor.shape[-1], "input_size")
        first, later = gates * hidden * (wide + hidden), gates * hidden * 2 * hidden
        weights = first + (layers - 1) * later
        biases = layers * 2 * gates * hidden if arguments["bias"] else 0
        state = TensorType((layers, tensor.shape[0], hidden))
        outputs = {"output": TensorType((*tensor.shape[:2], hidden)), "h": state}
        if name == "LSTM":
            outputs["c"] = state
        return Shaped(outputs, weights + biases, weights * tensor.features[0])

    return shape


def _kind(name: str, summary: str, words: tuple[str, ...]) -> LayerKind:
    states = ("h", "c") if name == "LSTM" else ("h",)
    return LayerKind(
        name,
        "Recurrent",
        "recur",
        summary,
        f"{summary} Gives the hidden state at every step, and the state after the last one.",
        (PortSpec("input"),),
        (PortSpec("output"), *(PortSpec(state, help="State after the last step, per layer.") for state in states)),
        _recurrent(name),
        (
            Param("input_size", "int", None, "Features of each step.", 1, 2**24, inferred=True, required=True),
            Param("hidden_size", "int", 32, "Numbers that are remembered.", 1, 2**20, required=True),
            Param("num_layers", "int", 1, "Layers on top of each other.", 1, 256),
            Param("bias", "bool", True, "Add learned numbers."),
            Param("frozen", "bool", False, "Keep the weights as they are while training."),
        ),
        lambda inputs: infer_last("input_size", inputs),
        f"nn.{name}",
        ("input_size", "hidden_size", "num_layers", "bias", "batch_first=True"),
        "{self}({input})",
        unpack="{output}, ({h}, {c})" if name == "LSTM" else "{output}, {h}",
        words=("sequence", "time", "memory", *words),
        stem=name.lower(),
        hint="sequences",
        weighted=True,
        example=(TensorType((Batch(), 5, 4)),),
    )


KINDS = (
    _kind("RNN", "Remembers with one tanh layer.", ("elman",)),
    _kind("GRU", "Remembers with two gates.", ("gated",)),
    _kind("LSTM", "Remembers with three gates and a cell, over long times.", ("long short-term", "gated")),
)
