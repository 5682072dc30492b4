"""Operations that the catalog has no kind for but torch can do: nodes that hold a small module as Python source.

The texts are ours; of the file only checked numbers and words enter them, as the module's settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.catalog.kind import TensorType
from core.exchange.onnx import ops_reduce
from core.exchange.onnx.ops_shape import cast
from core.exchange.onnx.task import Operation, Task, UnsupportedError, axis_of, over_batch, size_of
from core.exchange.onnx.values import Value, Wire

_HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n\n\n"
_GRID = (
    _HEAD
    + '''\
class GridSample(nn.Module):
    """Looks numbers up at places between the pixels."""

    def __init__(self, mode="bilinear", padding="zeros", corners=False):
        super().__init__()
        self.mode, self.padding, self.corners = mode, padding, corners

    def forward(self, x, grid):
        return F.grid_sample(x, grid, mode=self.mode, padding_mode=self.padding, align_corners=self.corners)
'''
)
_SCATTER = (
    _HEAD
    + '''\
class ScatterElements(nn.Module):
    """Puts numbers at places along a dimension."""

    def __init__(self, dim=1, reduction="none"):
        super().__init__()
        self.dim, self.reduction = dim, reduction

    def forward(self, x, index, updates):
        index = torch.where(index < 0, index + x.shape[self.dim], index)
        if self.reduction == "none":
            return x.scatter(self.dim, index, updates)
        return x.scatter_reduce(self.dim, index, updates, self.reduction)
'''
)
_DETERMINANT = (
    _HEAD
    + '''\
class Determinant(nn.Module):
    """The determinant of the last two dimensions."""

    def forward(self, x):
        return torch.linalg.det(x)
'''
)
_LAST = (
    _HEAD
    + '''\
class LastPlace(nn.Module):
    """The place of the largest or smallest number, the last of equal ones."""

    def __init__(self, dim=1, largest=True, keepdim=True):
        super().__init__()
        self.dim, self.largest, self.keepdim = dim, largest, keepdim

    def forward(self, x):
        pick = torch.argmax if self.largest else torch.argmin
        return x.shape[self.dim] - 1 - pick(x.flip(self.dim), self.dim, self.keepdim)
'''
)
_INFINITE = (
    _HEAD
    + '''\
class IsInfinite(nn.Module):
    """True where a number is infinite and has this sign."""

    def __init__(self, positive=True):
        super().__init__()
        self.positive = positive

    def forward(self, x):
        return torch.isposinf(x) if self.positive else torch.isneginf(x)
'''
)
_GRU = (
    _HEAD
    + '''\
class ResetFirstGRU(nn.Module):
    """A GRU whose reset gate acts on the state before the matrix product, as Cho et al. 2014 have it."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.weight_ih = nn.Parameter(torch.zeros(3 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.zeros(3 * hidden_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.zeros(3 * hidden_size))
        self.bias_hh = nn.Parameter(torch.zeros(3 * hidden_size))

    def forward(self, x):
        hidden = self.weight_hh.shape[1]
        both, new = self.weight_hh.split((2 * hidden, hidden))
        both_bias, new_bias = self.bias_hh.split((2 * hidden, hidden))
        state = x.new_zeros(x.shape[0], hidden)
        states = []
        for step in F.linear(x, self.weight_ih, self.bias_ih).unbind(1):
            gates, candidate = step.split((2 * hidden, hidden), 1)
            update, reset = torch.sigmoid(gates + F.linear(state, both, both_bias)).chunk(2, 1)
            candidate = torch.tanh(candidate + F.linear(reset * state, new, new_bias))
            state = (1 - update) * candidate + update * state
            states.append(state)
        output = torch.stack(states, 1)
        return output, state
'''
)
_MODES = {"linear": "bilinear", "bilinear": "bilinear", "nearest": "nearest", "cubic": "bicubic", "bicubic": "bicubic"}


def _grid_sample(task: Task) -> Value:
    wire, grid = task.wire(0), task.wire(1)
    if grid.shape[0] == 1 and wire.type.batched:
        grid = over_batch(task.writer, grid)
    mode, padding = _MODES.get(task.get("mode", "linear")), task.get("padding_mode", "zeros")
    fits = grid.shape[:1] == wire.shape[:1] and len(grid.shape) == len(wire.shape)
    if mode is None or padding not in ("zeros", "border", "reflection") or not fits:
        raise UnsupportedError("it looks numbers up in another way than torch")
    settings: dict[str, str | int | bool] = {
        "mode": mode,
        "padding": str(padding),
        "corners": bool(task.get("align_corners", 0)),
    }
    made = TensorType((*wire.shape[:2], *grid.shape[1:-1]), wire.type.dtype)
    return task.writer.opaque(_GRID, settings, {"output": made}, x=wire, grid=grid)[0]


def _scatter(task: Task) -> Value:
    wire = task.wire(0)
    axis = axis_of(task.get("axis", 0), wire)
    size_of(wire.shape[axis])
    reductions = {"none": "none", "add": "sum", "mul": "prod", "max": "amax", "min": "amin"}
    settings: dict[str, str | int | bool] = {"dim": axis, "reduction": reductions[task.get("reduction", "none")]}
    index = cast(task, task.wire(1), "int64")
    return task.writer.opaque(_SCATTER, settings, {"output": wire.type}, x=wire, index=index, updates=task.wire(2))[0]


def _determinant(task: Task) -> Value:
    wire = task.wire(0)
    if len({size_of(size) for size in wire.shape[-2:]}) > 1:
        raise UnsupportedError("its matrices are not square")
    made = TensorType(wire.shape[:-2], wire.type.dtype)
    return task.writer.opaque(_DETERMINANT, {}, {"output": made}, x=wire)[0]


def _place_of(largest: bool) -> Operation:
    plain = ops_reduce.OPERATIONS["ArgMax" if largest else "ArgMin"]

    def operation(task: Task) -> Value | tuple[Value | None, ...]:
        if not task.get("select_last_index", 0):
            return plain(task)
        wire = task.wire(0)
        axis, keep = axis_of(task.get("axis", 0), wire), bool(task.get("keepdims", 1))
        size_of(wire.shape[axis])
        shape = (*wire.shape[:axis], *((1,) if keep else ()), *wire.shape[axis + 1 :])
        settings = {"dim": axis, "largest": largest, "keepdim": keep}
        return task.writer.opaque(_LAST, settings, {"output": TensorType(shape, "int64")}, x=wire)[0]

    return operation


def infinite(task: Task, positive: bool) -> Value:
    """Where numbers are infinite and have this sign."""
    wire = task.wire(0)
    made = TensorType(wire.shape, "bool")
    return task.writer.opaque(_INFINITE, {"positive": positive}, {"output": made}, x=wire)[0]


def reset_first(task: Task, wire: Wire) -> tuple[Wire, Wire]:
    """A GRU of one direction on samples × steps × features: the states of all steps, and the last."""
    inputs, hidden = task.numbers(1, "weights"), task.numbers(2, "weights")
    bias = task.numbers(3, "bias")[0] if task.value(3) is not None else None
    wide, size = size_of(wire.shape[2]), int(hidden.shape[2])
    weights = {"weight_ih": inputs[0], "weight_hh": hidden[0]}
    for place, name in enumerate(("bias_ih", "bias_hh")):
        part = inputs[0][:, 0] * 0 if bias is None else bias[place * 3 * size : (place + 1) * 3 * size]
        weights[name] = part
    types = {
        "output": TensorType((*wire.shape[:2], size), wire.type.dtype),
        "state": TensorType((wire.shape[0], size), wire.type.dtype),
    }
    made = task.writer.opaque(_GRU, {"input_size": wide, "hidden_size": size}, types, weights, x=wire)
    return made[0], task.call("Unsqueeze", {"dim": 0}, input=made[1])


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "GridSample": _grid_sample,
        "ScatterElements": _scatter,
        "Det": _determinant,
        "ArgMax": _place_of(True),
        "ArgMin": _place_of(False),
    }
)
