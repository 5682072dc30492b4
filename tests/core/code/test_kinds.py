"""Every kind in written code: it runs, computes what the app computes, and is laid out as a formatter leaves it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from core.build import build
from core.catalog import KINDS
from core.catalog.kind import LayerKind
from core.code.losses import compared
from core.code.tree import field_arguments
from core.codegen import class_name, source, state_key
from core.graph import Edge, Graph, Node
from core.lowering import lower
from core.project import Project
from core.shapes import analyse
from core.training.forward import loss_function, output_function
from tests.core.catalog.loss_inputs import inputs_for

TRIED = [
    kind
    for kind in KINDS.values()
    if kind.role in ("layer", "loss") and kind.example and all(made.batched for made in kind.example)
]
"""Those whose example is what Input nodes give."""


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def project_of(kind: LayerKind) -> Project:
    """The kind between Input nodes of its example."""
    ports = [port.name for port in kind.inputs]
    nodes = [Node("n", kind.name, "tried", kind.example_params)]
    edges = []
    for place, made in enumerate(kind.example):
        port, order = (ports[place], 0) if place < len(ports) else (ports[-1], place - len(ports) + 1)
        params = (("dtype", made.dtype), ("shape", made.features))
        nodes.append(Node(f"i{place}", "Input", f"given{place}", params))
        edges.append(Edge(f"i{place}", "output", "n", port, order))
    return Project(f"{kind.name} tried", Graph.of(nodes, edges))


@pytest.mark.parametrize("kind", TRIED, ids=[kind.name for kind in TRIED])
def test_it_computes_what_the_app_computes(kind: LayerKind) -> None:
    project = project_of(kind)
    plan = lower(project)
    analysis = analyse(plan)
    assert analysis.problems == ()
    network = build(plan, analysis.arguments, 3)
    space: dict[str, object] = {}
    exec(source(project, plan, analysis), space)
    torch.manual_seed(3)
    model = space[class_name(project)]()  # type: ignore[operator]
    assert isinstance(model, nn.Module)
    model.load_state_dict({state_key(key): tensor for key, tensor in network.root.state_dict().items()})
    shapes = [(4, *made.features) for made in kind.example]
    values = (
        inputs_for(kind, shapes, 0) if kind.role == "loss" else [_value(kind, place) for place in range(len(shapes))]
    )
    given = {f"given{place}": value for place, value in enumerate(values)}
    wanted = compared(plan, plan.losses, analysis) if plan.losses else plan.predictions()
    inputs = [given[item.name] for item in field_arguments(plan.reaching(wanted))]
    with torch.no_grad():
        theirs = again(lambda: model(*inputs)) if wanted else None
        if kind.role == "loss":
            function = loss_function(network, network.plan, network.plan.losses)
            ours = again(lambda: function.call(4, *(given[field.name] for field in function.fields))[0])
            read = [value for step in plan.losses for value in step.values()]
            weighty = any(value.port == "loss" for value in wanted)
            targets = [] if weighty else [given[value.path] for value in dict.fromkeys(read)]
            results = [theirs] if wanted else []
            theirs = space["loss"](*results, *targets)  # type: ignore[operator]
        else:
            run = output_function(network, plan, plan.predictions(), True)
            (ours,) = again(lambda: run.call(4, *(given[field.name] for field in run.fields)))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0, equal_nan=True)


def _value(kind: LayerKind, place: int) -> torch.Tensor:
    made = kind.example[place]
    raw = torch.rand(4, *made.features, generator=torch.Generator().manual_seed(place))
    return raw.to(getattr(torch, made.dtype))


def again(call):  # type: ignore[no-untyped-def]
    torch.manual_seed(5)
    return call()


def test_code_with_every_kind_of_torch_is_laid_out_as_ruff_would(tmp_path: Path) -> None:
    for kind in (item for item in TRIED if item.is_torchs or not item.module):
        project = project_of(kind)
        plan = lower(project)
        text = source(project, plan, analyse(plan))
        (tmp_path / f"{kind.name}.py").write_text(text, encoding="utf-8")
    for command in (["format", "--diff"], ["check", "--select", "E,F,I,W"]):
        line = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)]
        told = subprocess.run(line, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout + told.stderr
