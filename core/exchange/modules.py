"""A module of torch to an imported network: run twice with batches of different size, its calls mapped to our kinds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.catalog.kind import Batch, TensorType
from core.errors import ExchangeError
from core.exchange.calls import Imported
from core.exchange.tracing.assembling import Assembly
from core.exchange.tracing.layers import is_layer
from core.exchange.tracing.pairing import BATCHES, paired
from core.exchange.tracing.recording import Recording, Undrawable, record


class Example(NamedTuple):
    """What a sample of an input looks like: its sizes without the batch, its dtype, and one more than its largest."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    below: int = 2


def traced(module: nn.Module, examples: Mapping[str, Example], name: str) -> Imported:
    """The module as calls of our kinds; raises ExchangeError where it cannot be run or told.

    Modules inside whose run cannot be told are taken whole.
    """
    whole: dict[str, str] = {}
    while True:
        try:
            return _traced(module, examples, name, whole)
        except Undrawable as error:
            path = _around(module, error.module, whole)
            if not path:
                raise _refused(module, error) from error
            whole[path] = error.reason


def _around(module: nn.Module, path: str, whole: Mapping[str, str]) -> str:
    """The module to be taken whole so that this one is; empty where that would be all."""
    while path and (path in whole or path not in dict(module.named_modules())):
        path = path.rpartition(".")[0]
    return path


def _refused(module: nn.Module, error: Undrawable) -> ExchangeError:
    where = f"{type(module).__name__}.{error.module}" if error.module else type(module).__name__
    fix = "Rewrite that part so that it does the same for every sample, or import the modules inside it."
    return ExchangeError("a module that does the same for every sample was wanted", error.reason, where, fix)


def _traced(module: nn.Module, examples: Mapping[str, Example], name: str, whole: Mapping[str, str]) -> Imported:
    runs = [_run(module, examples, batch, whole) for batch in BATCHES]
    return assembled(runs, examples, module, name, whole)


def assembled(
    runs: Sequence[Recording],
    examples: Mapping[str, Example],
    module: nn.Module,
    name: str,
    whole: Mapping[str, str],
    aten: bool = False,
) -> Imported:
    """Two recordings as calls of our kinds; `aten` where they hold aten's operations. Raises Undrawable."""
    ops, result = paired(runs)
    types = [(key, TensorType((Batch(), *example.shape), example.dtype)) for key, example in examples.items()]
    parameters = dict(module.named_parameters())
    assembly = Assembly(types, parameters, whole, aten)
    assembly.take(ops)
    if tied := assembly.shared():
        assembly = Assembly(types, parameters, whole, aten)
        assembly.builder.tied = tied
        assembly.take(ops)
    return assembly.imported(name, result)


def _run(module: nn.Module, examples: Mapping[str, Example], batch: int, whole: Mapping[str, str]) -> Recording:
    try:
        return record(module, samples(examples, batch), lambda path, inner: path in whole or is_layer(inner))
    except (Undrawable, ExchangeError):
        raise
    except Exception as error:  # whatever a stranger's module throws is told as the reason
        raise _failed(module, error, examples) from error


def _failed(module: nn.Module, error: Exception, examples: Mapping[str, Example]) -> ExchangeError:
    given = ", ".join(
        f"{name} {'×'.join(map(str, ('B', *item.shape)))} {item.dtype}" for name, item in examples.items()
    )
    reason = re.sub(r"\s+", " ", str(error)).strip()[:300]
    return ExchangeError(
        f"a module that runs on {given or 'nothing'} was wanted",
        f"{type(error).__name__} came: {reason}" if reason else f"{type(error).__name__} came",
        type(module).__name__,
        "Give the size of its input, as --input 3x224x224, or mend the module.",
    )


def samples(examples: Mapping[str, Example], batch: int) -> dict[str, Tensor]:
    """Inputs of so many samples, the same ones every time."""
    generator = torch.Generator().manual_seed(0)
    return {name: _sample(example, batch, generator) for name, example in examples.items()}


def _sample(example: Example, batch: int, generator: torch.Generator) -> Tensor:
    dtype: torch.dtype = getattr(torch, example.dtype)
    size = (batch, *example.shape)
    if dtype.is_floating_point:
        return torch.randn(size, generator=generator).to(dtype)
    return torch.randint(0, max(example.below, 1), size, generator=generator).to(dtype)
