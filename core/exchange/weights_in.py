"""A safetensors file for a network that is there: its weights replace those that they match, all others stay."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from core.errors import ExchangeError
from core.exchange.matching import Matched, Shape, matched
from core.exchange.network import network
from core.project import Project
from core.training.checkpoint import read_weights, save_weights


def take_weights(project: Project, known: Path | None, given: Path, output: Path) -> Matched:
    """Write the network's weights with those of the file in their places; `known` are those it has so far, if any.

    Raises FileError for a file that cannot be read, CheckError for a network that is not whole, ExchangeError where
    nothing of the file fits.
    """
    made = network(project, known).root.state_dict().items()
    # What the network does not have are weights of bypassed layers: they are kept, and may be given too.
    state = read_weights(known) if known is not None else {}
    state.update((name, tensor.clone()) for name, tensor in made)
    tensors = read_weights(given)
    found = matched(_shapes(state), _shapes(tensors))
    if not found.pairs:
        fix = (
            "Import the network that it was trained with, or rename its weights as `chainrule check` names the layers."
        )
        raise ExchangeError("weights of this network were wanted", _came(found, tensors), str(given), fix)
    for name, other in found.pairs.items():
        state[name] = tensors[other].to(state[name].dtype)
    save_weights(state, output)
    return found


def _shapes(tensors: dict[str, Tensor]) -> dict[str, Shape]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def _came(found: Matched, tensors: dict[str, Tensor]) -> str:
    if found.wrong:
        name, why = found.wrong[0]
        return f"{name}: {why}"
    return f"the file has {', '.join(list(tensors)[:4])}" if tensors else "the file is empty"
