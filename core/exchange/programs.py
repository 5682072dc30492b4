"""A network traced for other programs: `.pt2` files of torch.export, for any number of samples."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor
from torch.export import Dim, ExportedProgram, export, load, save

from core.errors import CheckError
from core.exchange.network import ExportedNetwork, undisturbed

FACTS = "chainrule.json"
"""The file inside of a .pt2 that says where it comes from."""
MOST_BATCH = 2**20


def traced(network: ExportedNetwork) -> ExportedProgram:
    """The network as a graph of tensor operations; raises CheckError where it cannot be told for every batch."""
    batch = Dim("batch", min=1, max=MOST_BATCH)
    shapes = {port.name: {0: batch} for port in network.interface.inputs}
    try:
        with undisturbed(), silence():
            return export(network, network.example(), dynamic_shapes=shapes)
    except Exception as error:  # torch tells in many kinds of exceptions that it cannot follow a network
        wanted = "a network that torch.export can follow for every batch size was wanted"
        fix = "Export Python or the weights instead, or take out the layer that it names."
        raise CheckError(wanted, first_line(error), "Export", fix) from error


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
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__} came: {lines[0]}" if lines else f"{type(error).__name__} came"


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """For torch, which tells its steps where a caller's JSON may go, and warns of what it does itself."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
