"""Networks as files for other programs: ONNX, torch.export and weights, each compared with the app before it stands."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from core.errors import CheckError, EngineError
from core.exchange.formats import Format
from core.exchange.network import EXAMPLE_BATCH, ExportedNetwork, exported, network, undisturbed
from core.files import replaced, to_text
from core.project import Project

Tell = Callable[[str, float], None]
"""Told what is being done, and the share of the whole that is behind; may raise to give the export up."""
Runner = Callable[[Path, tuple[Tensor, ...]], tuple[Tensor, ...]]
TOLERANCE = 1e-4
"""How far a file's outputs may lie from the app's, by the largest of them: other kernels add in another order."""
MOST_ONNX = 2**31 - 2**26
"""Bytes of weights: protobuf ends at 2 GiB, and the graph needs some of it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was exported."""

    path: str
    size: int
    """Bytes."""
    trained: bool
    """Whether its weights were trained, or are those the seed starts with."""
    difference: float | None = None
    """Largest distance of its outputs from the app's, tried on random inputs; None where nothing can be run."""


def export_model(
    project: Project, kind: Format, path: Path, weights: Path | Mapping[str, Tensor] | None, tell: Tell
) -> Written:
    """Write the file; raises EngineError where a package is missing, CheckError for a network that will not do.

    Without weights the network is as its seed starts it. FileError for weights of another network, or a bad place.
    """
    require(kind)
    tell("Building the network", 0.0)
    facts = provenance(project, weights is not None)
    if kind.name == "safetensors":
        tensors = {name: value.contiguous() for name, value in network(project, weights).root.state_dict().items()}
        tell("Writing the weights", 0.6)
        replaced(path, lambda aside: save_file(tensors, aside, {"format": "pt", **facts}))
        return Written(str(path), path.stat().st_size, weights is not None)
    difference = _written(exported(project, weights), kind, path, facts, tell)
    return Written(str(path), path.stat().st_size, weights is not None, difference)


def require(kind: Format) -> None:
    """Raise EngineError, with the line to type, where a package that the format needs is not installed."""
    missing = [name for name in kind.packages if importlib.util.find_spec(name) is None]
    if missing:
        wanted = f"the packages {', '.join(kind.packages)} were wanted"
        came = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed"
        line = f"{sys.executable} -m pip install {' '.join(missing)}"
        raise EngineError(wanted, came, f"Export to {kind.title}", f"Type: {line}")


def provenance(project: Project, trained: bool) -> dict[str, str]:
    """Where a file comes from: the project's name and the hash of its text, and what its weights are."""
    digest = hashlib.sha256(to_text(replace(project, weights=None)).encode()).hexdigest()
    weights = "trained" if trained else f"initial, seed {project.training.seed}"
    return {"chainrule.project": project.name, "chainrule.sha256": digest, "chainrule.weights": weights}


def _written(made: ExportedNetwork, kind: Format, path: Path, facts: Mapping[str, str], tell: Tell) -> float | None:
    from core.exchange.programs import run_program, traced, write_program

    tell("Tracing the network", 0.1)
    program = traced(made)
    if kind.name == "pt2":
        return _checked(made, path, lambda aside: write_program(program, aside, facts), run_program, tell)
    from core.exchange.onnxfile import run_onnx, translated, write_onnx

    _check_size(made)
    tell("Translating it to ONNX", 0.4)
    translation = translated(program, made)
    return _checked(made, path, lambda aside: write_onnx(translation, aside, facts), run_onnx, tell)


def _checked(made: ExportedNetwork, path: Path, write: Callable[[Path], None], run: Runner, tell: Tell) -> float | None:
    """Write aside, compare with the network as it runs here, and only then let the file stand."""
    found: list[float | None] = []

    def fill(aside: Path) -> None:
        tell("Writing the file", 0.8)
        write(aside)
        tell("Comparing it with the network here", 0.9)
        found.append(_difference(made, aside, run))

    replaced(path, fill)
    return found[0]


def _difference(made: ExportedNetwork, path: Path, run: Runner) -> float | None:
    """Raises CheckError where the file gives something else."""
    if made.draws:
        return None
    worst = 0.0
    with undisturbed():
        torch.manual_seed(0)
        inputs = made.trial(EXAMPLE_BATCH + 2)
        for (name, wanted), came in zip(made(*inputs).items(), _tried(path, inputs, run), strict=True):
            distance = _distance(wanted.double(), came.double())
            if not distance <= TOLERANCE * max(1.0, _most(wanted.double())):
                wish = "a file that computes what the network here does was wanted"
                raise CheckError(wish, f"its output {name} differs by {distance:.2g}", "Export", "Please report this.")
            worst = max(worst, distance)
    return worst


def _tried(path: Path, inputs: tuple[Tensor, ...], run: Runner) -> tuple[Tensor, ...]:
    from core.exchange.programs import first_line

    try:
        return run(path, inputs)
    except Exception as error:  # a runtime that does not take a file says so in whatever kind of exception it has
        wanted = "a file that can be run was wanted"
        raise CheckError(wanted, first_line(error), "Export", "Choose another format, or another layer.") from error


def _distance(wanted: Tensor, came: Tensor) -> float:
    """The largest distance between two values; NaN where only one of the two is NaN."""
    same = (wanted == came) | (wanted.isnan() & came.isnan())
    return (wanted - came).abs().where(~same, 0.0).max().item() if wanted.numel() else 0.0


def _most(values: Tensor) -> float:
    """The largest of the finite absolute values."""
    sizes = values.abs()
    return sizes.where(sizes.isfinite(), 0.0).max().item() if values.numel() else 0.0


def _check_size(made: ExportedNetwork) -> None:
    size = sum(value.numel() * value.element_size() for value in made.state_dict().values())
    if size > MOST_ONNX:
        wanted = "a network below 2 GB was wanted, which is all that one ONNX file can hold"
        raise CheckError(
            wanted, f"its weights have {size >> 20} MB", "Export", "Export to torch.export (.pt2) instead."
        )
