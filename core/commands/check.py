"""`chainrule check FILE`: every layer with its shape and cost, and what keeps the network from training."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from core.amounts import bytes_text
from core.catalog.kind import TensorType
from core.checks import errors
from core.commands.opening import FILE_HELP, Opened, opened
from core.commands.telling import counted, json_line, problem_json, problem_text, table
from core.commands.trusting import add_trust, oracle
from core.plan import Step, Value
from core.reading import Reading, read
from core.room import free_memory

SUMMARY = "shapes, parameters and problems of a network"
HELP = (
    "Print every layer with its output's shape (B is the batch), its parameters and its multiply-accumulates for one "
    "sample, what memory training takes, then the problems. Ends with exit code 1 when an error keeps the network from "
    "training."
)
_HEAD = ("layer", "kind", "output", "parameters", "MACs")


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", help=FILE_HELP)
    add_trust(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")


def run(options: argparse.Namespace) -> int:
    """Print the check; 1 where there are errors."""
    file = opened(options.file)
    known = read(file.project, oracle=oracle(file.project, trust=options.trust), free=free_memory())
    print(json_line(_plain(file, known)) if options.json else text(known))
    return 1 if errors(known.problems) else 0


def text(known: Reading) -> str:
    """The table of layers, the totals and the problems."""
    rows = [_HEAD, *(_row(known, step) for step in known.plan.steps), *_left_out(known)]
    analysis = known.analysis
    rows.append(("total", "", "", f"{analysis.total_parameters:,}", f"{analysis.total_macs:,}"))
    lines = table(rows, right=(3, 4)).splitlines()
    rule = "─" * max(map(len, lines))
    parts = [known.project.name, "", lines[0], rule, *lines[1:-1], rule, lines[-1], ""]
    parts += [*memory_lines(known), ""] if not known.errors else []
    parts.append(f"{counted(known.problems)}.")
    for problem in known.problems:
        parts += ["", problem_text(problem)]
    return "\n".join(parts)


def memory_lines(known: Reading) -> Iterator[str]:
    """What training takes, as a sentence and its parts."""
    memory = known.memory
    yield f"Training with batch {known.project.training.batch_size:,} takes about {bytes_text(memory.peak)}:"
    rows = [(title, bytes_text(size)) for title, size in memory.parts()]
    yield from (f"  {line}" for line in table(rows, right=(1,)).splitlines())


def _row(known: Reading, step: Step) -> tuple[str, str, str, str, str]:
    analysis = known.analysis
    parameters, macs = analysis.parameters.get(step.path, 0), analysis.macs.get(step.path, 0)
    shared = "shared" if step.module != step.path and parameters else ""
    return step.path, step.kind.name, _outputs(known, step), shared or _number(parameters), _number(macs)


def _outputs(known: Reading, step: Step) -> str:
    types = {port: known.analysis.types.get(Value(step.path, port)) for port in step.outputs}
    if len(types) == 1:
        return _type(next(iter(types.values())))
    return ", ".join(f"{port} {_type(found)}" for port, found in types.items())


def _type(found: TensorType | None) -> str:
    if found is None:
        return "?"
    return found.full if found.dtype == "float32" else f"{found.full} {found.dtype}"


def _number(count: int) -> str:
    return f"{count:,}" if count else ""


def _left_out(known: Reading) -> list[tuple[str, str, str, str, str]]:
    nodes = known.project.all_nodes()
    return [(nodes[key].name, nodes[key].kind, "?", "", "") for key in known.plan.left_out if key in nodes]


def _plain(file: Opened, known: Reading) -> dict[str, Any]:
    analysis = known.analysis
    return {
        "file": str(file.path),
        "name": known.project.name,
        "trainable": not errors(known.problems),
        "layers": [_layer(known, step) for step in known.plan.steps],
        "parameters": analysis.total_parameters,
        "macs": analysis.total_macs,
        "memory": _memory_json(known) if not known.errors else None,
        "problems": [problem_json(problem) for problem in known.problems],
    }


def _layer(known: Reading, step: Step) -> dict[str, Any]:
    analysis = known.analysis
    types = ((port, analysis.types.get(Value(step.path, port))) for port in step.outputs)
    return {
        "path": step.path,
        "kind": step.kind.name,
        "node": step.node,
        "module": step.module,
        "inputs": {port: [f"{value.path}.{value.port}" for value in values] for port, values in step.inputs},
        "outputs": {port: _type_json(found) for port, found in types if found is not None},
        "arguments": dict(analysis.arguments.get(step.path, {})),
        "parameters": analysis.parameters.get(step.path),
        "macs": analysis.macs.get(step.path),
    }


def _memory_json(known: Reading) -> dict[str, int]:
    memory = known.memory
    return {**memory._asdict(), "peak": memory.peak, "batch_size": known.project.training.batch_size}


def _type_json(found: TensorType) -> dict[str, Any]:
    return {"shape": [dim if isinstance(dim, int) else str(dim) for dim in found.shape], "dtype": found.dtype}
