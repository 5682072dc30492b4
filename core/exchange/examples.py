"""What a sample of a module's input looks like: as the user says, or as its first layer asks for it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import nn

from core.errors import ExchangeError, ParameterError
from core.exchange.incoming import InputText
from core.exchange.modules import Example, samples

SIDES = (224, 32, 28, 64, 96, 128, 256, 299, 48, 16, 512)
"""Of pictures, in the order in which they are tried."""
STEPS = (16, 32, 8, 64, 10, 128, 4, 1)
"""Of sequences."""


def given(module: nn.Module, texts: Sequence[InputText]) -> dict[str, Example]:
    """The examples that the user described, by the name of forward's argument; raises ParameterError."""
    names = _names(module)
    below = _smallest_table(module)
    found: dict[str, Example] = {}
    free = [name for name in names if name not in {text.name for text in texts}]
    for text in texts:
        if text.name and text.name not in names:
            wanted = f"an argument of {type(module).__name__}.forward was wanted ({', '.join(names)})"
            raise ParameterError(wanted, f"“{text.name}” came", "--input", "Use one of these.")
        if not text.name and not free:
            wanted = f"at most {len(names)} inputs were wanted, as forward has arguments"
            raise ParameterError(wanted, f"{len(texts)} came", "--input", "Leave some out.")
        found[text.name or free.pop(0)] = Example(text.shape, text.dtype, below)
    return {name: found[name] for name in names if name in found}


def guessed(module: nn.Module) -> dict[str, Example]:
    """Examples on which the module runs; raises ExchangeError where none is found."""
    names = _required(module)
    for example in _candidates(module):
        examples = dict.fromkeys(names, example)
        if _runs(module, examples):
            return examples
    wanted = f"the size of one sample for {', '.join(names) or 'the network'} was wanted"
    came = "it does not follow from the first layer"
    fix = "Give it, as --input 3x224x224 or --input tokens=16:int64."
    raise ExchangeError(wanted, came, type(module).__name__, fix)


def _candidates(module: nn.Module) -> Iterator[Example]:
    first = next((layer for layer in module.modules() if _asks(layer)), None)
    if isinstance(first, nn.Embedding | nn.EmbeddingBag):
        for steps in STEPS:
            yield Example((steps,), "int64", _smallest_table(module))
        return
    if first is None:
        return
    for shape in _shapes(first):
        yield Example(shape)


def _asks(layer: nn.Module) -> bool:
    """Whether the layer says what comes in."""
    names = ("in_channels", "in_features", "input_size", "num_embeddings", "embed_dim", "num_features", "d_model")
    return any(isinstance(getattr(layer, name, None), int) for name in names)


def _shapes(layer: nn.Module) -> Iterator[tuple[int, ...]]:
    """Shapes of samples that a layer takes, the likeliest first."""
    sizes = {
        name: value for name in ("in_channels", "num_features") if isinstance(value := getattr(layer, name, 0), int)
    }
    channels = max(sizes.values(), default=0)
    kind = type(layer).__name__
    if channels:
        dims = next((number for number in (3, 1, 2) if f"{number}d" in kind), 2)
        sides = SIDES if dims == 2 else (128, 64, 32, 16) if dims == 1 else (16, 32, 8)
        yield from ((channels, *[side] * dims) for side in sides)
        return
    wide = next(
        value
        for name in ("in_features", "input_size", "embed_dim", "d_model")
        if isinstance(value := getattr(layer, name, None), int)
    )
    if "in_features" in vars(layer):
        yield (wide,)
    yield from ((steps, wide) for steps in STEPS)
    side = round(wide**0.5)
    if side * side == wide:
        yield (1, side, side)


def _runs(module: nn.Module, examples: Mapping[str, Example]) -> bool:
    was_training = module.training
    module.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            module(**samples(examples, 2))
    except Exception:  # the next size is tried; what is wrong is told when none does
        return False
    finally:
        module.train(was_training)
    return True


def _smallest_table(module: nn.Module) -> int:
    """Tokens must be below the size of every table they may be looked up in."""
    tables = [layer.num_embeddings for layer in module.modules() if isinstance(layer, nn.Embedding | nn.EmbeddingBag)]
    return min(tables, default=2)


def _names(module: nn.Module) -> list[str]:
    return [item.name for item in _arguments(module)]


def _required(module: nn.Module) -> list[str]:
    return [item.name for item in _arguments(module) if item.default is item.empty]


def _arguments(module: nn.Module) -> list[inspect.Parameter]:
    """The arguments of forward that have a name."""
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    found = [item for item in inspect.signature(module.forward).parameters.values() if item.kind not in kinds]
    if not found and isinstance(module, nn.Sequential):
        return [inspect.Parameter("input", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    return found
