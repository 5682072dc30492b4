"""Every kind in the network that other programs read, beside the engine's straight line."""

from __future__ import annotations

import pytest
import torch

from core.build import build
from core.catalog import KINDS
from core.catalog.kind import LayerKind
from core.exchange.network import exported
from core.graph import Edge, Graph, Node
from core.lowering import lower
from core.project import Project
from core.shapes import analyse
from core.training.forward import output_function
from tests.core.catalog.test_every_kind import BATCH, DOMAINS, ids, tensor_of

UNORDERED = {"MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"}
"""Kinds that write two numbers to one place, in any order, where their indices are drawn at random."""
TRIED = [
    kind
    for kind in KINDS.values()
    if kind.role == "layer" and kind.forward and not kind.opaque and kind.name not in UNORDERED and kind.example
    if all(example.batched for example in kind.example)
]


def alone(kind: LayerKind) -> Project:
    """The kind with an Input at each of the ports that its example wires."""
    ports = [kind.inputs[0]] * len(kind.example) if kind.inputs[0].variadic else kind.inputs
    nodes = [Node("k", kind.name, "layer", kind.example_params)]
    edges = []
    for place, (port, example) in enumerate(zip(ports, kind.example, strict=False)):
        params = (("dtype", example.dtype), ("shape", tuple(example.shape[1:])))
        nodes.append(Node(f"i{place}", "Input", f"given{place}", params))
        edges.append(Edge(f"i{place}", "output", "k", port.name, place if port.variadic else 0))
    return Project("Alone", Graph.of(nodes, edges))


def test_a_causal_mask_of_numbers_and_what_acts_in_training_are_exported() -> None:
    """Templates that name −∞ or ask whether the network trains."""
    wires = [("s", "output", "c", "input"), ("s", "output", "a", "query"), ("c", "output", "a", "mask")]
    nodes = [
        Node("s", "Input", "given0", (("shape", (5, 8)),)),
        Node("c", "CausalMask", "mask", (("additive", True),)),
        Node("a", "MultiheadAttention", "attn"),
        Node("d", "FunctionalDropout", "drop"),
    ]
    edges = [Edge(*wire) for wire in (*wires, ("a", "output", "d", "input"))]
    compared(Project("Causal", Graph.of(nodes, edges)), [torch.randn(BATCH, 5, 8)])


@pytest.mark.parametrize("kind", TRIED, ids=ids(TRIED))
def test_the_exported_network_is_the_one_that_trains(kind: LayerKind) -> None:
    compared(alone(kind), [tensor_of(example, DOMAINS.get(kind.name)) for example in kind.example])


def compared(project: Project, tensors: list[torch.Tensor]) -> None:
    """Assert that both give the same."""
    plan = lower(project)
    analysis = analyse(plan)
    made = build(plan, analysis.arguments, project.training.seed)
    made.root.eval()
    function = output_function(made, made.plan, made.plan.predictions())
    net = exported(project, None)
    with torch.no_grad():
        torch.manual_seed(1)
        wanted = function.call(BATCH, *tensors)[0]
        torch.manual_seed(1)
        given = next(iter(net(*tensors).values()))
    assert given.dtype == wanted.dtype
    assert torch.equal(given.nan_to_num(), wanted.nan_to_num())
