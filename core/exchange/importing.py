"""Bringing a network in: its source is read, drawn as a project, and our network held against the stranger's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_flatten

from core.errors import ExchangeError
from core.exchange.calls import Imported
from core.exchange.drawing import Drawn, Report, drawn
from core.exchange.examples import given, guessed
from core.exchange.incoming import Source, inputs
from core.exchange.loading import loaded
from core.exchange.modules import Example, samples, traced
from core.exchange.traced_programs import Program
from core.exchange.tracing.recording import plain
from core.project import Project
from core.python.trust import Trust, codes
from core.training.checkpoint import save_weights
from core.training.evaluate import predict

if TYPE_CHECKING:
    from core.exchange.calls import Array

Tell = Callable[[str, float], None]
TOLERANCE = 1e-4
"""Outputs that differ by more, as a share of the largest, are told as different."""


class Wish(NamedTuple):
    """What is to be brought in."""

    source: Source
    inputs: tuple[str, ...] = ()
    """Sizes of samples, as typed."""
    folders: tuple[str, ...] = ()
    """Where packages are looked for first."""


class Read(NamedTuple):
    """A source that was read, and how the stranger's own network is run; None where it cannot be."""

    imported: Imported
    examples: Mapping[str, Example]
    run: Callable[[Mapping[str, Tensor]], Sequence[Tensor]] | None


Reader = Callable[[Wish, Tell], Read]


@dataclass(frozen=True, slots=True)
class Brought:
    """An imported project, and what is known of it."""

    project: Project
    report: Report
    difference: float | None
    """How far our outputs are from the stranger's, as a share of the largest; None: not compared."""


def bring(wish: Wish, weights: Path, tell: Tell) -> Brought:
    """Import a network and write its weights; runs a stranger's code where the source is one of code.

    Raises ExchangeError, or what the source's reader raises.
    """
    tell("Reading the network", 0.1)
    read = READERS[wish.source.kind](wish, tell)
    tell("Drawing the graph", 0.6)
    made = drawn(read.imported)
    Trust().remember(codes(made.project))
    tell("Comparing the outputs", 0.8)
    tensors = apart(made.weights)
    difference = _difference(made, tensors, read)
    save_weights(tensors, weights)
    return Brought(made.project, _noted(made.report, difference), difference)


def apart(weights: Mapping[str, Array]) -> dict[str, Tensor]:
    """The weights as tensors, each with memory of its own: what a file says once may be the start of many layers."""
    tensors: dict[str, Tensor] = {}
    taken: set[int] = set()
    for name, array in weights.items():
        tensor = torch.from_numpy(array)
        place = tensor.untyped_storage().data_ptr()
        tensors[name] = tensor.clone() if place in taken else tensor
        taken.add(place)
    return tensors


def _noted(report: Report, difference: float | None) -> Report:
    if difference is None or difference <= TOLERANCE:
        return report
    note = f"the outputs differ from those of the original by {difference:.1e} of the largest: look through the graph"
    return Report(report.layers, report.blocks, report.parameters, report.opaque, (note, *report.notes))


def _difference(made: Drawn, weights: Mapping[str, Tensor], read: Read) -> float | None:
    if read.run is None or any(node.kind == "Noise" for node in made.project.all_nodes().values()):
        return None
    worst = 0.0
    for batch in (1, 3):
        given = samples(read.examples, batch)
        wanted = read.run(given)
        got = predict(made.project, weights, given)
        for (_name, path), original in zip(made.outputs, wanted, strict=True):
            worst = max(worst, _apart(got[path], original))
    return worst


def _apart(got: Tensor, wanted: Tensor) -> float:
    if got.shape != wanted.shape:
        return float("inf")
    one, other = got.double(), wanted.double()
    scale = max(float(other.nan_to_num(0, 0, 0).abs().max()), 1e-12) if other.numel() else 1.0
    apart = (one - other).abs()
    both = (one == other) | (one.isnan() & other.isnan())
    return float(apart.masked_fill(both, 0).max()) / scale if apart.numel() else 0.0


def _read_module(wish: Wish, tell: Tell) -> Read:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # weights that are drawn are the same ones at every import
        module = loaded(wish.source, wish.folders)
    if not any(True for _parameter in module.parameters()) and not list(module.children()):
        _refuse_empty(module)
    tell("Trying it on random inputs", 0.2)
    examples = given(module, inputs(list(wish.inputs))) if wish.inputs else guessed(module)
    tell("Running it", 0.4)
    imported = traced(module, examples, wish.source.title)
    return Read(imported, examples, lambda tensors: _outputs(module, tensors))


def _refuse_empty(module: nn.Module) -> None:
    if type(module).forward is nn.Module.forward:
        wanted = "a module with a forward was wanted"
        raise ExchangeError(wanted, "it has none", type(module).__name__, "Write forward.")


def _outputs(module: nn.Module, tensors: Mapping[str, Tensor]) -> list[Tensor]:
    """What the module gives, as a flat list."""
    module.eval()
    with torch.no_grad():
        return _flat(module(**tensors))


def _flat(result: object) -> list[Tensor]:
    """The tensors of a result, in their order."""
    return [item for item in tree_flatten(plain(result))[0] if isinstance(item, Tensor)]


def _read_onnx(wish: Wish, _tell: Tell) -> Read:
    from core.exchange.onnx.original import original

    imported, run = original(Path(wish.source.place), inputs(list(wish.inputs)))
    examples = {name: Example(kind.features, kind.dtype) for name, kind in imported.inputs}
    if run is None:
        return Read(imported, examples, None)
    return Read(imported, examples, lambda tensors: [torch.from_numpy(item) for item in run(_numpy(tensors))])


def _numpy(tensors: Mapping[str, Tensor]) -> dict[str, Array]:
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def _read_program(wish: Wish, tell: Tell) -> Read:
    program = Program(Path(wish.source.place))
    tell("Running it", 0.4)
    imported = program.imported(wish.source.title)
    return Read(imported, program.examples, lambda tensors: _flat(program.outputs(tensors)))


READERS: Mapping[str, Reader] = MappingProxyType({"module": _read_module, "program": _read_program, "onnx": _read_onnx})
"""By kind of source."""
