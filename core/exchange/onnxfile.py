"""ONNX files, for engines that know no torch; needs the packages of the extra `onnx`."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.export import ExportedProgram

from core.errors import CheckError
from core.exchange.network import ExportedNetwork
from core.exchange.plain import plain
from core.exchange.programs import culprit, first_line, silence, traced


def translated(program: ExportedProgram, network: ExportedNetwork) -> Any:
    """The traced network as a torch.onnx.ONNXProgram; raises CheckError, at the layer that ONNX does not have."""
    try:
        return _translated(program, network)
    except Exception as error:  # as with torch.export: many kinds, all meaning that this network will not do
        step = culprit(network, lambda part: _translated(traced(part), part))
        came = f"it has nothing for {step.kind.name}: {first_line(error)}"
        fix = "Export to torch.export (.pt2) instead, or use another layer in its place."
        raise CheckError("a network whose operations ONNX has was wanted", came, step.path, fix) from error


def _translated(program: ExportedProgram, network: ExportedNetwork) -> Any:
    shown = network.interface
    with silence():
        written = torch.onnx.export(
            plain(program),
            dynamo=True,
            input_names=[port.name for port in shown.inputs],
            output_names=[port.name for port in shown.outputs],
            dynamic_shapes={port.name: {0: "batch"} for port in shown.inputs},
            verbose=False,
        )
    _tell_apart(written.model.graph)  # type: ignore[union-attr]  # dynamo=True gives a program
    return written


def _tell_apart(graph: Any) -> None:
    """Give values within other names where an output was called as they are: torch names both by themselves."""
    shown = {value.name: value for value in graph.outputs}
    taken = {value.name for node in graph for value in node.outputs} | {*graph.initializers, *shown}
    for node in graph:
        for value in node.outputs:
            if value.name in shown and shown[value.name] is not value:
                number = next(count for count in range(1, len(taken) + 2) if f"{value.name}_{count}" not in taken)
                value.name = f"{value.name}_{number}"
                taken.add(value.name)


def write_onnx(program: Any, path: Path, facts: Mapping[str, str]) -> None:
    """Write an `.onnx` file; weights beyond 2 GB, which it cannot hold, go beside it."""
    program.model.metadata_props.update(facts)
    program.model.producer_name = "chainrule"
    program.save(str(path))


def runtime() -> Any:
    """The module onnxruntime, which reports its use to its maker unless it is told not to before it is loaded."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    return importlib.import_module("onnxruntime")


def session(path: Path) -> Any:
    """The file in ONNX Runtime, with one thread."""
    onnxruntime = runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3  # what it warns of is of no use to the person who imports or exports
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run_onnx(path: Path, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """What ONNX Runtime makes of the file."""
    running = session(path)
    names = [item.name for item in running.get_inputs()]
    given = {name: value.numpy() for name, value in zip(names, inputs, strict=True)}
    return tuple(torch.from_numpy(value) for value in running.run(None, given))
