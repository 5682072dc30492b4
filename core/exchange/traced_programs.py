"""A `.pt2` file of torch.export to an imported network: its operations are run and noted, as a module's are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import ExportedProgram, load
from torch.fx import GraphModule, Interpreter, Node

from core.errors import ExchangeError
from core.exchange.calls import Imported, Scope
from core.exchange.folding import AGAIN
from core.exchange.modules import Example, assembled, samples
from core.exchange.programs import first_line, silence
from core.exchange.tracing.pairing import BATCHES
from core.exchange.tracing.recording import Recorder, Undrawable, record

_SIZED = frozenset({"view", "reshape", "_unsafe_view", "expand", "zeros", "ones", "full", "new_zeros", "new_ones"})
"""Operations whose list of sizes may begin with the batch that the file was exported with."""


class Program:
    """An exported program, ready to be run for any number of samples."""

    def __init__(self, path: Path) -> None:
        """Load the file, which may run what is in it; raises ExchangeError where it is no such file."""
        try:
            with path.open("rb") as stream, silence():
                self.program: ExportedProgram = _written_once(load(stream))
                self.module: GraphModule = self.program.module()
        except Exception as error:  # torch tells in many kinds of exceptions that it cannot read a file
            fix = "Export it again with torch.export.save, of a version that is not newer."
            raise ExchangeError("a .pt2 file of torch.export was wanted", first_line(error), str(path), fix) from error
        self.path = path
        self.examples, self.batch = self._examples()

    def _examples(self) -> tuple[dict[str, Example], int]:
        """The inputs by name, and the number of samples that the file is for; 0 where that is free."""
        wanted = set(self.program.graph_signature.user_inputs)
        nodes = [node for node in self.program.graph.nodes if node.op == "placeholder" and node.name in wanted]
        values = {str(node.name): node.meta.get("val") for node in nodes}
        tensors = {name: value for name, value in values.items() if isinstance(value, Tensor)}
        if not tensors or len(tensors) < len(values):
            came = "it takes something else" if values else "it takes nothing"
            raise ExchangeError("a program that takes tensors was wanted", came, str(self.path), "Export another.")
        sizes = {
            int(value.shape[0]) if isinstance(value.shape[0], int) else 0 for value in tensors.values() if value.dim()
        }
        if len(sizes) != 1:
            fix = "Export it so that the first dimension of every input is the batch."
            raise ExchangeError("inputs of one batch were wanted", "their first sizes differ", str(self.path), fix)
        below = _smallest_table(self.module)
        examples = {
            name: Example(
                tuple(_hint(size) for size in value.shape[1:]), str(value.dtype).removeprefix("torch."), below
            )
            for name, value in tensors.items()
        }
        return examples, sizes.pop()

    def imported(self, name: str) -> Imported:
        """The program as calls of our kinds; raises ExchangeError."""
        try:
            runs = [record(self.module, samples(self.examples, batch), _never, self._run) for batch in BATCHES]
            return assembled(runs, self.examples, self.module, name, {}, aten=True)
        except Undrawable as error:
            fix = "Export the module anew with a dynamic batch, or import the module itself."
            wanted = "a program for any number of samples was wanted"
            raise ExchangeError(wanted, error.reason, f"{self.path} {error.module}".strip(), fix) from error
        except (RuntimeError, TypeError, ValueError, AssertionError) as error:
            fix = (
                f"It is for {self.batch} samples: export it anew with a dynamic batch."
                if self.batch
                else "Export it anew."
            )
            wanted = "a program that runs for two and for three samples was wanted"
            raise ExchangeError(wanted, first_line(error), str(self.path), fix) from error

    def outputs(self, inputs: Mapping[str, Tensor]) -> Any:
        """What the program gives."""
        with torch.no_grad():
            return _Player(self.module, None, self.batch).run(*(inputs[name] for name in self.examples))

    def _run(self, recorder: Recorder, inputs: Mapping[str, Tensor]) -> Any:
        return _Player(self.module, recorder, self.batch).run(*(inputs[name] for name in self.examples))


def _written_once(program: ExportedProgram) -> ExportedProgram:
    """The program without writing into parts of tensors: what is read then is what was made."""
    names = {getattr(node.target, "__name__", "") for node in program.graph.nodes if node.op == "call_function"}
    writes = any(name.partition(".")[0] in ("copy_", "fill_", "index_put_", "zero_") for name in names)
    return program.run_decompositions({}) if writes else program


class _Player(Interpreter):
    """Runs the graph node by node, and tells the recorder in which module of the original it is."""

    def __init__(self, module: GraphModule, recorder: Recorder | None, batch: int) -> None:
        super().__init__(module)
        self._recorder = recorder
        self._batch = batch
        self._samples = 0

    def run_node(self, n: Node) -> Any:
        """One node; guards on sizes are passed over."""
        if n.op == "call_module":
            return None
        if self._recorder is not None and n.op == "call_function":
            self._recorder.stand(*_place(n))
        return super().run_node(n)

    def placeholder(self, target: Any, args: Any, kwargs: Any) -> Any:
        """An input; the first tells the number of samples."""
        value = super().placeholder(target, args, kwargs)
        if isinstance(value, Tensor) and not self._samples:
            self._samples = len(value)
        return value

    def call_function(self, target: Any, args: Any, kwargs: Any) -> Any:
        """A call, with this run's number of samples where the file has its own."""
        if self._batch and isinstance(target, torch._ops.OpOverload):
            name = target._schema.name.rpartition("::")[2]
            if name in _SIZED:
                args = tuple(self._resized(item) for item in args)
        return super().call_function(target, args, kwargs)

    def _resized(self, item: Any) -> Any:
        """Sizes whose first is a multiple of the batch that the file is for."""
        if not isinstance(item, list | tuple) or not item or not isinstance(item[0], int) or -1 in item:
            return item
        return [item[0] // self._batch * self._samples, *item[1:]] if item[0] % self._batch == 0 else item


def _place(node: Node) -> tuple[Scope, str]:
    """The modules around the call as the file names them, and the path of the innermost."""
    stack = node.meta.get("nn_module_stack") or {}
    scope: list[tuple[str, str]] = []
    around = ""
    for key, (path, kind) in stack.items():
        if not path or not path.startswith(around):
            continue
        run = re.search(r"@(\d+)$", key)
        name = path.removeprefix(around).lstrip(".")
        title = (kind if isinstance(kind, str) else getattr(kind, "__name__", "Module")).rpartition(".")[2]
        scope.append((f"{name}{AGAIN}{int(run[1]) + 1}" if run else name, title))
        around = path
    return tuple(scope), around


def _hint(size: Any) -> int:
    """A size that the file leaves open, as it was when it was exported."""
    if isinstance(size, int):
        return size
    hint = getattr(getattr(size, "node", None), "hint", None)
    return int(hint) if hint is not None else 16


def _smallest_table(module: nn.Module) -> int:
    """Whole numbers must be below the rows of every matrix that they might be looked up in."""
    rows = [len(tensor) for name, tensor in module.named_parameters() if tensor.dim() == 2 and "emb" in name.lower()]
    return min(rows, default=2)


def _never(_path: str, _module: nn.Module) -> bool:
    return False
