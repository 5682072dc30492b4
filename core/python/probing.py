"""Answers what a Python block makes of its inputs, by making it and running it on empty tensors.

It is run twice, on a batch of 2 and one of 3: a dimension that follows the batch is told from one that does not. First
on torch's meta device, which computes no numbers and takes no memory; where the code needs real numbers, on zeros.
Random numbers are put back as they were.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from core.catalog.interface import interface
from core.catalog.kind import Batch, Dim, Shaped, TensorType
from core.errors import CodeError
from core.python.execution import forget, made, module_name, told
from core.python.questions import Oracle, Question, Told
from core.python.trust import Trust, not_trusted

_BATCHES = (2, 3)


class _Ran(NamedTuple):
    """What the block gave for one batch."""

    outputs: tuple[Tensor, ...]
    flops: int


def engine_oracle() -> Oracle:
    """The oracle of a process that holds torch: runs what is asked, each question once."""
    trust = Trust()
    known: dict[Question, Told] = {}

    def ask(question: Question) -> Told | None:
        if question not in known:
            known[question] = probed(question, trust)
        return known[question]

    return ask


def probed(question: Question, trust: Trust | None = None) -> Told:
    """What the block makes of these inputs; never fails."""
    checked = trust if trust is not None else Trust()
    if not checked.covers(question.code):
        return Told(error=not_trusted(), is_final=False)
    is_kept = module_name(question.code.source) in sys.modules
    try:
        with _as_it_was():
            return Told(_shaped(question, checked))
    except CodeError as error:
        return Told(error=error)
    finally:
        if not is_kept:
            forget(question.code.source)


def _shaped(question: Question, trust: Trust) -> Shaped:
    try:
        with torch.device("meta"):
            return _measured(question, trust)
    except CodeError:  # what cannot be done without numbers is tried with them; the error that then comes is the truth
        return _measured(question, trust)


def _measured(question: Question, trust: Trust) -> Shaped:
    source = question.code.source
    module = made(question.code, question.settings, trust)
    parameters, buffers = list(module.parameters()), list(module.buffers())
    if any(nn.parameter.is_lazy(item) for item in (*parameters, *buffers)):
        raise _lazy()
    _check_dtypes(module)
    with told(source):
        runs = [_run(module, question, batch) for batch in _BATCHES]
    names = interface(source).outputs
    pairs = zip(names, *(run.outputs for run in runs), strict=True)
    types = {name: _type(name, first, second) for name, first, second in pairs}
    macs = max(runs[1].flops - runs[0].flops, 0) // 2
    return Shaped(types, sum(item.numel() for item in parameters), macs, sum(item.numel() for item in buffers))


def _run(module: nn.Module, question: Question, batch: int) -> _Ran:
    """One forward pass in training mode, without gradients."""
    found = interface(question.code.source)
    given = dict(question.inputs)
    places: list[Tensor] = []
    names: dict[str, Tensor] = {}
    for item in found.arguments:
        types = given.get(item.name, ())
        tensors = [_zeros(kind, batch) for kind in ((types,) if isinstance(types, TensorType) else types)]
        if item.variadic or not (item.optional or item.keyword):
            places += tensors
        elif tensors:
            names[item.name] = tensors[0]
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        result = module(*places, **names)
    return _Ran(_outputs(result, found.outputs), int(counter.get_total_flops()))


def _outputs(result: object, names: tuple[str, ...]) -> tuple[Tensor, ...]:
    """What forward returned, as many tensors as there are ports."""
    found = tuple(result) if isinstance(result, tuple | list) and len(names) > 1 else (result,)
    if len(found) != len(names):
        wanted = f"{len(names)} outputs were wanted ({', '.join(names)})"
        fix = "Return as many tensors, or name them in the class: outputs = (“a”, “b”)."
        raise CodeError(wanted, f"forward returned {_described(result)}", "", fix)
    for name, item in zip(names, found, strict=True):
        if not isinstance(item, Tensor):
            fix = "Return tensors; name several of them in the class: outputs = (“a”, “b”)."
            raise CodeError(f"a tensor was wanted at {name}", f"forward returned {_described(item)}", "", fix)
    return tuple(item for item in found if isinstance(item, Tensor))


def _described(item: object) -> str:
    count = f" of {len(item)}" if isinstance(item, tuple | list | dict) else ""
    return f"a {type(item).__name__}{count}" if item is not None else "nothing"


def _type(name: str, first: Tensor, second: Tensor) -> TensorType:
    """The type of an output, from what it was for a batch of 2 and for one of 3."""
    dtype = str(first.dtype).removeprefix("torch.")
    fix = "Keep the batch as the first dimension."
    if first.dim() != second.dim():
        raise CodeError(f"one rank at {name} was wanted", "it depends on the batch size", "", fix)
    dims: list[Dim] = []
    for place, (small, large) in enumerate(zip(first.shape, second.shape, strict=True)):
        if small == large:
            dims.append(small)
            continue
        multiple, rest = divmod(small, _BATCHES[0])
        if place or rest or large != multiple * _BATCHES[1]:
            came = f"dimension {place} of its output follows the batch size ({small} for 2, {large} for 3)"
            raise CodeError(f"the batch first at {name} was wanted", came, "", fix)
        dims.append(Batch(multiple))
    return TensorType(tuple(dims), dtype)


def _zeros(kind: TensorType, batch: int) -> Tensor:
    sizes = [dim.multiple * batch if isinstance(dim, Batch) else dim for dim in kind.shape]
    return torch.zeros(sizes, dtype=getattr(torch, kind.dtype))


def _check_dtypes(module: nn.Module) -> None:
    """Raise CodeError for a trained parameter that is not float32, as all are that are laid out flat for training."""
    for name, item in module.named_parameters():
        if item.requires_grad and item.dtype != torch.float32:
            came = f"{name} is {str(item.dtype).removeprefix('torch.')}"
            fix = "Make it float32, freeze it with requires_grad_(False), or keep it as a buffer."
            raise CodeError("trained parameters of float32 were wanted", came, "", fix)


def _lazy() -> CodeError:
    fix = "Write “def __init__(self, in_features)”: it follows from the wire by itself."
    return CodeError("layers of known size were wanted", "the block holds lazy ones", "", fix)


@contextmanager
def _as_it_was() -> Iterator[None]:
    """Torch's settings that a module may change are put back: random numbers, gradients, the default dtype."""
    dtype, grad = torch.get_default_dtype(), torch.is_grad_enabled()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)
