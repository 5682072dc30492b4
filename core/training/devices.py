"""Where a run computes: on the processor, or on a graphics card, to which what it needs is moved.

The data, their order, what is measured and all that is told stay on the processor. A network is made there too, so that
its first weights are the same everywhere. What this file does for another device was written without one at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from typing import Any

import torch
from torch import Tensor, nn

from core.build import Network
from core.errors import TrainingError
from core.training.forward import Function

HOME = "cpu"
"""The kind of device that everything is on which is not said to be elsewhere."""


def is_elsewhere(device: torch.device | str) -> bool:
    """Whether it is another device than the processor."""
    return torch.device(device).type != HOME


def ensure_device(name: str) -> torch.device:
    """The device of this name; raises TrainingError where torch has none here."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there.get(name.partition(":")[0], True):
        has = " and ".join(kind for kind, is_there in there.items() if is_there)
        raise TrainingError(
            f"the device {name} was wanted",
            f"torch {torch.__version__} has {has} alone here",
            "Training settings",
            "Set the device to cpu, or use a torch that was built for the graphics card.",
        )
    return torch.device(name)


def device_of(module: nn.Module) -> torch.device:
    """Where the module's weights are; the processor where it has none."""
    return next((parameter.device for parameter in module.parameters()), torch.device("cpu"))


def there(values: Iterable[Any], device: torch.device) -> list[Any]:
    """What a function is called with, its tensors on the device."""
    return [value.to(device, non_blocking=True) if isinstance(value, Tensor) else value for value in values]


def answering(function: Function, network: Network) -> Function:
    """The same function for who asks from the processor: moved to where the network is, and its results back."""
    device = device_of(network.root)
    if not is_elsewhere(device):
        return function

    @wraps(function.call)
    def answer(size: int, *batch: object) -> object:
        given = there(batch, device)
        with device:
            return home(function.call(size, *given))

    return replace(function, call=answer)


def home(value: Any) -> Any:
    """The value with its tensors on the processor."""
    if isinstance(value, Tensor):
        return value.cpu()
    return tuple(map(home, value)) if isinstance(value, tuple) else value


@contextmanager
def forked() -> Iterator[None]:
    """Torch's random numbers on every device in use, put back afterwards."""
    cards = [torch.cuda.current_device()] if torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]
    apple = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    with torch.random.fork_rng(devices=cards):
        yield
    if apple is not None:
        torch.mps.set_rng_state(apple)


def random_state(device: torch.device) -> dict[str, Tensor]:
    """The state of the random numbers of another device than the processor, as a checkpoint keeps it."""
    if device.type == "cuda":
        return {"random_there": torch.cuda.get_rng_state(device)}
    return {"random_there": torch.mps.get_rng_state()} if device.type == "mps" else {}


def set_random_state(device: torch.device, state: Tensor) -> None:
    """Go on with the random numbers from this state."""
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    elif device.type == "mps":
        torch.mps.set_rng_state(state)
