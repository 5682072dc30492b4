"""Networks read from ONNX, rebuilt by our own builder and held against ONNX Runtime."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.build import Network, build
from core.catalog.kind import Batch, TensorType
from core.exchange.calls import INPUT, Imported
from core.exchange.onnx.reader import read_onnx
from core.exchange.onnxfile import session
from core.graph import Edge, Graph, Node
from core.lowering import lower
from core.plan import Value
from core.project import Project
from core.python.probing import engine_oracle
from core.python.trust import Trust, codes
from core.shapes import analyse
from core.training.forward import output_function

TOLERANCE = 1e-5


def flat(imported: Imported) -> Project:
    """The network as a graph without blocks: c0, c1, and so on."""
    nodes = [
        Node(f"i{place}", "Input", f"i{place}", (("dtype", kind.dtype), ("shape", kind.features)))
        for place, (_name, kind) in enumerate(imported.inputs)
    ]
    names = [name for name, _kind in imported.inputs]
    edges = []
    for place, call in enumerate(imported.calls):
        nodes.append(Node(f"c{place}", call.kind, f"c{place}", tuple(sorted(call.params.items())), link=call.shared))
        for port, refs in call.inputs.items():
            for order, ref in enumerate(refs):
                source = f"i{names.index(ref.port)}" if ref.call == INPUT else f"c{ref.call}"
                output = "output" if ref.call == INPUT else ref.port
                edges.append(Edge(source, output, f"c{place}", port, order))
    for place, (_name, ref) in enumerate(imported.outputs):
        nodes.append(Node(f"o{place}", "Identity", f"o{place}"))
        source = f"i{names.index(ref.port)}" if ref.call == INPUT else f"c{ref.call}"
        edges.append(Edge(source, "output" if ref.call == INPUT else ref.port, f"o{place}", "input"))
    return Project(imported.name, Graph.of(nodes, edges))


class Rebuilt:
    """A network read from ONNX, with its weights, ready to run."""

    def __init__(self, imported: Imported) -> None:
        self.imported = imported
        project = flat(imported)
        Trust().remember(codes(project))  # of what is read only our own texts are code
        plan = lower(project)
        assert not plan.left_out
        analysis = analyse(plan, oracle=engine_oracle())
        assert not analysis.problems, [str(problem.error) for problem in analysis.problems]
        self.parameters = analysis.total_parameters
        ends = tuple(Value(f"o{place}", "output") for place in range(len(imported.outputs)))
        self.network: Network = build(plan.reaching(ends), analysis.arguments, 0)
        self._load()
        self._function = output_function(self.network, self.network.plan, ends)

    def _load(self) -> None:
        known = {
            f"c{place}.{name}": torch.from_numpy(np.array(array))
            for place, call in enumerate(self.imported.calls)
            for name, array in call.weights.items()
        }
        wanted = self.network.root.state_dict()
        assert wanted.keys() <= known.keys()
        self.network.root.load_state_dict({name: known[name] for name in wanted})
        self.network.root.eval()

    def __call__(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        """The outputs, in their order."""
        order = [int(field.name[1:]) for field in self._function.fields]
        names = [name for name, _kind in self.imported.inputs]
        given = [inputs[names[place]] for place in order]
        with torch.no_grad():
            return list(self._function.call(len(next(iter(inputs.values()))), *given))


def samples(imported: Imported, batch: int) -> dict[str, Tensor]:
    """Numbers for every input, the same each time."""
    torch.manual_seed(7)
    return {name: _numbers(kind, batch) for name, kind in imported.inputs}


def _numbers(kind: TensorType, batch: int) -> Tensor:
    shape = [dim.multiple * batch if isinstance(dim, Batch) else dim for dim in kind.shape]
    if kind.dtype.startswith("float"):
        return torch.randn(shape)
    return torch.randint(0, 2 if kind.dtype == "bool" else 5, shape).to(getattr(torch, kind.dtype))


def in_onnx(path: Path, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
    """What ONNX Runtime makes of the file; an input by a name of ours is the next one that has no name of the file."""
    running = session(path)
    names = [item.name for item in running.get_inputs()]
    left = iter([name for name in names if name not in inputs])
    given = {name if name in names else next(left): array for name, array in inputs.items()}
    made: list[NDArray[Any]] = running.run(None, given)
    return made


def assert_equal(path: Path, batches: tuple[int, ...] = (1, 3), tolerance: float = TOLERANCE, **given: Any) -> Rebuilt:
    """The file as our own network, whose outputs are those of ONNX Runtime for every batch."""
    made = Rebuilt(read_onnx(path, **given))
    for batch in batches:
        inputs = samples(made.imported, batch)
        ours = made(inputs)
        theirs = in_onnx(path, {name: tensor.numpy() for name, tensor in inputs.items()} | given.get("fixed", {}))
        assert len(ours) == len(theirs)
        for got, wanted in zip(ours, theirs, strict=True):
            torch.testing.assert_close(got, torch.from_numpy(wanted), rtol=tolerance, atol=tolerance)
    return made


def exported(
    module: nn.Module,
    path: Path,
    *shapes: tuple[int, ...],
    dynamo: bool = False,
    opset: int | None = None,
    integer: bool = False,
) -> Path:
    """The module as an ONNX file that takes any batch; `integer` for one that takes places in a table."""
    module.eval()
    examples = tuple(torch.randint(0, 5, shape) if integer else torch.randn(shape) for shape in shapes)
    names = [f"x{place}" for place in range(len(shapes))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if dynamo:
            dynamic = tuple({0: torch.export.Dim("batch")} for _shape in shapes)
            program = torch.onnx.export(
                module,
                examples,
                dynamo=True,
                verbose=False,
                dynamic_shapes=dynamic,
                input_names=names,
                opset_version=opset,
            )
            assert program is not None
            program.save(str(path))
        else:
            axes = {name: {0: "batch"} for name in names}
            torch.onnx.export(
                module, examples, str(path), dynamo=False, input_names=names, dynamic_axes=axes, opset_version=opset
            )
    return path


def kinds(imported: Imported) -> list[str]:
    """The kinds of all calls, in running order."""
    return [call.kind for call in imported.calls]
