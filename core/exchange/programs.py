"""A network traced for other programs: `.pt2` files of torch.export, for any number of samples."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.export import Dim, ExportedProgram, export, load, save

from core.errors import CheckError
from core.exchange.network import ExportedNetwork, undisturbed
from core.plan import Step, Value

FACTS = "chainrule.json"
"""The file inside of a .pt2 that says where it comes from."""
MOST_BATCH = 2**20


def traced(network: ExportedNetwork) -> ExportedProgram:
    """The network as a graph of tensor operations; raises CheckError, at the layer, where that cannot be."""
    try:
        return _traced(network)
    except Exception as error:  # torch tells in many kinds of exceptions that it cannot follow a network
        step = culprit(network, _traced)
        wanted = "a network that torch.export can follow for every batch size was wanted"
        came = f"it cannot follow {step.kind.name}: {first_line(error)}"
        fix = "Export Python or the weights instead, or use another layer in its place."
        raise CheckError(wanted, came, step.path, fix) from error


def _traced(network: ExportedNetwork) -> ExportedProgram:
    batch = Dim("batch", min=1, max=MOST_BATCH)
    shapes = {port.name: {0: batch} for port in network.interface.inputs}
    with undisturbed(), silence():
        return export(network, network.example(), dynamic_shapes=shapes)


def culprit(network: ExportedNetwork, attempt: Callable[[ExportedNetwork], object]) -> Step:
    """The first step with which the attempt fails: with all that lies before it, it does not."""
    steps = [step for step in network.interface.plan.steps if step.kind.role != "source"]
    fine, wrong = 0, len(steps)
    while wrong - fine > 1:
        middle = (fine + wrong) // 2
        try:
            attempt(_beginning(network, steps[:middle]))
            fine = middle
        except Exception:  # as above
            wrong = middle
    return steps[wrong - 1]


def _beginning(network: ExportedNetwork, steps: Sequence[Step]) -> ExportedNetwork:
    """The network up to a step, with everything as an output that nobody reads yet."""
    shown = network.interface
    plan = shown.plan.only({step.path for step in (*shown.plan.sources, *steps)})
    read = {value for step in plan.steps for value in step.values()}
    ends = [Value(step.path, port) for step in steps for port in step.outputs]
    outputs = tuple(shown.outputs[0]._replace(name=f"end{i}", values=(value,)) for i, value in enumerate(ends))
    loose = tuple(port for port in outputs if port.values[0] not in read)
    return ExportedNetwork(network.built, shown._replace(plan=plan, outputs=loose))


def write_program(program: ExportedProgram, path: Path, facts: Mapping[str, str]) -> None:
    """Write a `.pt2` file."""
    with path.open("wb") as stream:
        save(program, stream, extra_files={FACTS: json.dumps(dict(facts))})


def run_program(path: Path, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """What the program in a file gives, as anybody would load it."""
    with path.open("rb") as stream, torch.no_grad():
        results = load(stream).module()(*inputs)
    return tuple(results.values())


def first_line(error: BaseException) -> str:
    """What the exception at the root says, without the rest of it."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).partition(" For more information")[0].strip().splitlines()
    return f"{type(error).__name__} came: {lines[0]}" if lines else f"{type(error).__name__} came"


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """For torch, which tells its steps where a caller's JSON may go, and warns of what it does itself."""
    logs = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)
