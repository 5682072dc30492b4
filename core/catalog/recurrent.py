"""Layers that walk along a sequence and remember."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from core.catalog.formulas import floating, infer_last, integer, ranked, same_size
from core.catalog.initialization import RECURRENT, WEIGHT_PARAMS
from core.catalog.kind import (
    Arguments,
    Batch,
    Dim,
    Inputs,
    LayerKind,
    Param,
    PortSpec,
    Shaped,
    ShapeFormula,
    TensorType,
    single,
)
from core.errors import ShapeError

_GATES: Mapping[str, int] = {"RNN": 1, "GRU": 3, "LSTM": 4}
_INPUT = Param("input_size", "int", None, "Features of each step.", 1, 2**24, inferred=True, required=True)
_HIDDEN = Param("hidden_size", "int", 32, "Numbers that are remembered.", 1, 2**20, required=True)
_BIAS = Param("bias", "bool", True, "Add learned numbers.")
_NONLINEARITY = Param("nonlinearity", "choice", "tanh", "What bounds the new state.", choices=("tanh", "relu"))
_STACK = (
    Param("num_layers", "int", 1, "Layers on top of each other.", 1, 256),
    _BIAS,
    Param("dropout", "float", 0.0, "Share of features set to zero between layers while training.", 0, 1),
    Param("bidirectional", "bool", False, "Walk from the end to the beginning as well, and put both side by side."),
)
_PROJECTION = Param("proj_size", "int", 0, "Numbers that h is projected to; 0: h is as it is.", 0, 2**20)
FORGET = Param(
    "forget_bias",
    "float",
    0.0,
    "What the forget gates' bias begins with, so that the cell remembers from the start; 0: as torch has it.",
    -100,
    100,
    only_with=("bias", (True,)),
)
UPDATE = Param(
    "update_bias",
    "float",
    0.0,
    "What the update gates' bias begins with, so that the state is kept from the start; 0: as torch has it.",
    -100,
    100,
    only_with=("bias", (True,)),
)
KEEPS = MappingProxyType({"LSTM": (FORGET,), "GRU": (UPDATE,)})
"""How far the gate that keeps what is remembered is open at the start."""
_ONE_STEP = (TensorType((Batch(), 4)),)


class _Stack(NamedTuple):
    """What a recurrent module is made of, as its arguments say."""

    gates: int
    wide: int
    hidden: int
    layers: int
    directions: int
    projection: int

    @property
    def out(self) -> int:
        """Numbers that one direction hands on."""
        return self.projection or self.hidden

    @property
    def weights(self) -> int:
        """Learned numbers, biases left out: each also is one multiply-accumulate a step."""
        seen = [self.wide] + [self.directions * self.out] * (self.layers - 1)
        each = [self.gates * self.hidden * (wide + self.out) + self.projection * self.hidden for wide in seen]
        return self.directions * sum(each)

    @property
    def biases(self) -> int:
        """Learned numbers that are added."""
        return self.layers * self.directions * 2 * self.gates * self.hidden


def _stack(name: str, arguments: Arguments) -> _Stack:
    wide, hidden, layers = (integer(arguments, size) for size in ("input_size", "hidden_size", "num_layers"))
    projection = integer(arguments, "proj_size") if name == "LSTM" else 0
    return _Stack(_GATES[name], wide, hidden, layers, 2 if arguments["bidirectional"] else 1, projection)


def _recurrent(name: str) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = ranked(single(inputs), 3, "a sequence (steps, features)")
        stack = _stack(name, arguments)
        same_size(stack.wide, tensor.shape[-1], "input_size")
        _judge(stack, arguments)
        rows = stack.layers * stack.directions
        states = {"h": TensorType((rows, tensor.shape[0], stack.out), tensor.dtype)}
        if name == "LSTM":
            states["c"] = TensorType((rows, tensor.shape[0], stack.hidden), tensor.dtype)
        _begins(inputs, states)
        output = TensorType((*tensor.shape[:2], stack.directions * stack.out), tensor.dtype)
        count = stack.weights + (stack.biases if arguments["bias"] else 0)
        return Shaped({"output": output, **states}, count, stack.weights * tensor.features[0])

    return shape


def _judge(stack: _Stack, arguments: Arguments) -> None:
    if stack.projection >= stack.hidden:
        raise ShapeError(
            f"a proj_size below the hidden_size {stack.hidden} was wanted",
            f"{stack.projection} came",
            fix="Set proj_size to 0, or raise hidden_size.",
        )
    if arguments["dropout"] and stack.layers == 1:
        raise ShapeError(
            "at least two layers were wanted for dropout, which acts between them",
            "one came",
            fix="Set num_layers to 2, or dropout to 0 and insert a Dropout behind.",
        )


def _begins(inputs: Inputs, states: Mapping[str, TensorType]) -> None:
    """Raises ShapeError where a wired first state is not as the last one, or one of two is missing."""
    wired = [name for name in states if f"{name}0" in inputs]
    if wired and len(wired) < len(states):
        missing = next(name for name in states if name not in wired)
        raise ShapeError(
            "both h0 and c0, or neither, were wanted",
            f"only {wired[0]}0 came",
            fix=f"Wire {missing}0 too, or take the wire at {wired[0]}0 away.",
        )
    for name in wired:
        begin = floating(single(inputs, f"{name}0"), f"{name}0")
        if begin.shape != states[name].shape:
            raise ShapeError(
                f"a first state of {states[name].full} was wanted at {name}0",
                f"{begin.full} came",
                fix=f"Wire the state {name} of a layer with equal settings, or set hidden_size to {_last(begin)}.",
            )


def _last(tensor: TensorType) -> Dim:
    return tensor.shape[-1] if tensor.shape else 1


def _cell(name: str) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = ranked(single(inputs), 2, "the features of one step")
        wide, hidden = integer(arguments, "input_size"), integer(arguments, "hidden_size")
        same_size(wide, tensor.shape[-1], "input_size")
        state = TensorType((tensor.shape[0], hidden), tensor.dtype)
        states = {"h": state, "c": state} if name == "LSTM" else {"h": state}
        _begins(inputs, states)
        gates = _GATES[name] * hidden
        weights = gates * (wide + hidden)
        return Shaped(states, weights + (2 * gates if arguments["bias"] else 0), weights)

    return shape


def _first_states(*states: str) -> tuple[PortSpec, ...]:
    return tuple(
        PortSpec(f"{state}0", optional=True, help=f"The state {state} before the first step; zeros where loose.")
        for state in states
    )


def _states(name: str) -> tuple[str, ...]:
    return ("h", "c") if name == "LSTM" else ("h",)


_CALLS: Mapping[str, str] = {"LSTM": "{self}({input}{h0:, (%}{c0:, %)})"}
"""How a module is called that has two states; the others take one."""


def _kind(name: str, summary: str, words: tuple[str, ...], *more: Param) -> LayerKind:
    states = _states(name)
    sizes = (_INPUT, _HIDDEN, *_STACK, *more)
    begins = KEEPS.get(name, ())
    return LayerKind(
        name,
        "Recurrent",
        "recur",
        summary,
        f"{summary} Gives the hidden state at every step, and the state after the last one.",
        (PortSpec("input", help="A sequence: samples × steps × features."), *_first_states(*states)),
        (
            PortSpec("output", help="The last layer's state h at every step."),
            *(PortSpec(state, help="State after the last step, per layer and direction.") for state in states),
        ),
        _recurrent(name),
        (*sizes, *begins, *RECURRENT, *WEIGHT_PARAMS),
        lambda inputs: infer_last("input_size", inputs),
        f"nn.{name}",
        (*(param.name for param in sizes), "batch_first=True"),
        _CALLS.get(name, "{self}({input}{h0:, })"),
        unpack="{output}, ({h}, {c})" if name == "LSTM" else "{output}, {h}",
        words=("sequence", "time", "memory", "bidirectional", *words),
        formula=_FORMULAS[name],
        stem=name.lower(),
        hint="sequences",
        weighted=True,
        many_weights=True,
        example=(TensorType((Batch(), 5, 4)),),
    )


def _cell_kind(name: str, summary: str, *more: Param) -> LayerKind:
    states = _states(name)
    sizes = (_INPUT, _HIDDEN, _BIAS, *more)
    begins = KEEPS.get(name, ())
    return LayerKind(
        f"{name}Cell",
        "Recurrent",
        "recur",
        summary,
        f"{summary} For steps that one wires by hand; repeat a block around it to walk on.",
        (PortSpec("input", help="One step: samples × features."), *_first_states(*states)),
        tuple(PortSpec(state, help="The state after this step.") for state in states),
        _cell(name),
        (*sizes, *begins, *RECURRENT, *WEIGHT_PARAMS),
        lambda inputs: infer_last("input_size", inputs),
        f"nn.{name}Cell",
        tuple(param.name for param in sizes),
        _CALLS.get(name, "{self}({input}{h0:, })"),
        unpack="{h}, {c}" if name == "LSTM" else "",
        words=("step", "sequence", "time", "memory"),
        formula=_FORMULAS[name],
        stem="cell",
        hint="one step",
        weighted=True,
        many_weights=True,
        example=_ONE_STEP,
    )


_FORMULAS: Mapping[str, str] = {
    "RNN": "h = tanh(W x + U h′ + b)",
    "GRU": "h = (1 − z) · n + z · h′",
    "LSTM": "c = f · c′ + i · g,  h = o · tanh c",
}

KINDS = (
    _kind("RNN", "Remembers with one layer of tanh or ReLU.", ("elman",), _NONLINEARITY),
    _kind("GRU", "Remembers with two gates.", ("gated",)),
    _kind("LSTM", "Remembers with three gates and a cell, over long times.", ("long short-term", "gated"), _PROJECTION),
    _cell_kind("RNN", "One step of an RNN.", _NONLINEARITY),
    _cell_kind("GRU", "One step of a GRU."),
    _cell_kind("LSTM", "One step of an LSTM."),
)
