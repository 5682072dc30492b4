"""Recurrent layers: ONNX has other gate orders than torch, steps before samples, and a dimension of directions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from core.catalog.kind import Batch
from core.exchange.onnx.ops_opaque import reset_first
from core.exchange.onnx.reshaping import reshaped
from core.exchange.onnx.task import Operation, Task, UnsupportedError, over_batch, permuted, size_of
from core.exchange.onnx.values import Array, Filled, Known, Value, Wire
from core.graph import Value as Setting

_ORDER = {"RNN": (0,), "GRU": (1, 0, 2), "LSTM": (0, 2, 3, 1)}
"""Where torch's gates stand in ONNX: reset, update, new; input, forget, cell, output."""
_ACTIVATIONS = {"RNN": ("Tanh",), "GRU": ("Sigmoid", "Tanh"), "LSTM": ("Sigmoid", "Tanh", "Tanh")}
_FIRST = 5
"""The input that holds the first hidden state."""


def _recurrent(task: Task) -> tuple[Value | None, ...]:
    op = task.node.op
    relu = _judge(task)
    front = task.get("layout", 0) == 1
    wire = task.wire(0) if front else permuted(task.writer, task.wire(0), (1, 0, 2))
    both = task.get("direction", "forward") == "bidirectional"
    turned = task.get("direction", "forward") == "reverse"
    if op == "GRU" and not task.get("linear_before_reset", 0):
        return _reset_first(task, wire, both or turned)
    params: dict[str, Setting] = {
        "input_size": size_of(wire.shape[2]),
        "hidden_size": int(task.numbers(2, "weights").shape[2]),
        "bias": task.value(3) is not None,
    }
    params |= {"bidirectional": True} if both else {}
    params |= {"nonlinearity": "relu"} if relu else {}
    wire = task.call("Flip", {"dim": (1,)}, input=wire) if turned else wire
    shared = task.shared(1, 2, 3) if task.value(3) is not None else task.shared(1, 2)
    made = task.writer.outputs(op, params, _weights(task), shared, input=wire, **_states(task, wire))
    output = task.call("Flip", {"dim": (1,)}, input=made[0]) if turned else made[0]
    states = tuple(permuted(task.writer, state, (1, 0, 2)) for state in made[1:]) if front else made[1:]
    return (_parted(task, output, both, front), *states)


def _reset_first(task: Task, wire: Wire, otherwise: bool) -> tuple[Value | None, ...]:
    """A GRU that torch does not have, as a node of Python."""
    if otherwise or not _is_zero(task.value(_FIRST)):
        raise UnsupportedError("its reset gate acts before the matrix product, backwards or from a state")
    front = task.get("layout", 0) == 1
    output, state = reset_first(task, wire)
    return (_parted(task, output, False, front), permuted(task.writer, state, (1, 0, 2)) if front else state)


def _judge(task: Task) -> bool:
    """Raises UnsupportedError for what torch's layers cannot do; whether a RNN has ReLU."""
    op = task.node.op
    names = tuple(task.get("activations") or ())
    plain = _ACTIVATIONS[op]
    relu = op == "RNN" and bool(names) and set(names) == {"Relu"}
    if names and not relu and names[: len(plain)] * (len(names) // len(plain)) != plain * (len(names) // len(plain)):
        raise UnsupportedError(f"its activations are {', '.join(names)}")
    if task.get("clip") or task.get("input_forget", 0) or task.value(7) is not None:
        raise UnsupportedError("it clips, couples gates or has peepholes")
    if task.value(4) is not None:
        lengths = task.numbers(4, "length")
        steps = task.wire(0).shape[1 if task.get("layout", 0) else 0]
        if any(length != steps for length in lengths.tolist()):
            raise UnsupportedError("its sequences have different lengths")
    return relu


def _weights(task: Task) -> dict[str, Array]:
    order = _ORDER[task.node.op]
    inputs, hidden = task.numbers(1, "weights"), task.numbers(2, "weights")
    bias = task.numbers(3, "bias") if task.value(3) is not None else None
    found: dict[str, Array] = {}
    for direction in range(inputs.shape[0]):
        mark = "_reverse" if direction else ""
        found[f"weight_ih_l0{mark}"] = _ordered(inputs[direction], order)
        found[f"weight_hh_l0{mark}"] = _ordered(hidden[direction], order)
        if bias is not None:
            halves = np.split(bias[direction], 2)
            found[f"bias_ih_l0{mark}"], found[f"bias_hh_l0{mark}"] = (_ordered(half, order) for half in halves)
    return found


def _ordered(rows: Array, order: tuple[int, ...]) -> Array:
    gates = np.split(rows, len(order))
    return np.ascontiguousarray(np.concatenate([gates[place] for place in order]))


def _states(task: Task, wire: Wire) -> dict[str, Wire]:
    """The first states, where they are not zero anyway."""
    names = ("h0", "c0") if task.node.op == "LSTM" else ("h0",)
    values = {name: task.value(_FIRST + place) for place, name in enumerate(names)}
    if all(_is_zero(value) for value in values.values()):
        return {}
    hidden = task.numbers(2, "weights").shape
    return {name: _state(task, value, (hidden[0], hidden[2])) for name, value in values.items()}


def _is_zero(value: Value | None) -> bool:
    if isinstance(value, Filled):
        return not value.number.any()
    return value is None or (isinstance(value, Known) and not value.symbolic and not value.array.any())


def _state(task: Task, value: Value | None, sizes: tuple[int, int]) -> Wire:
    if value is None:
        return task.as_wire(Filled(np.zeros((), np.float32), (sizes[0], Batch(), sizes[1])))
    state = task.as_wire(value)
    if task.get("layout", 0) == 1:
        state = permuted(task.writer, state, (1, 0, 2))
    return over_batch(task.writer, state, 1) if state.shape[1] == 1 else state


def _parted(task: Task, output: Wire, both: bool, front: bool) -> Wire:
    """The states of every step with a dimension of directions, which follows the samples or stands before them."""
    if both:
        wide = size_of(output.shape[2]) // 2
        parted = reshaped(task.writer, output, (*output.shape[:2], 2, wide))
        return parted if front else permuted(task.writer, parted, (1, 2, 0, 3))
    place = 2 if front else 1
    made = output if front else permuted(task.writer, output, (1, 0, 2))
    return task.call("Unsqueeze", {"dim": place}, input=made)


OPERATIONS: Mapping[str, Operation] = MappingProxyType(dict.fromkeys(_ORDER, _recurrent))
