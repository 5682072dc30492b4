"""Networks whose export is worth trying: blocks in blocks, repeated, linked, recurrent, of several inputs."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from core.data.settings import DatasetSettings
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, InputKey, Node
from core.project import Project
from tests.core.networks import chain


def nested() -> Project:
    """A block that holds another twice, stacked three times; behind it two linked blocks that share their weights."""
    inner = Graph.of(
        [
            Node("i", BLOCK_INPUT, "x"),
            Node("l", "Linear", "fc", (("out_features", 8),)),
            Node("n", "BatchNorm1d", "norm"),
            Node("t", "Tanh", "act"),
            Node("o", BLOCK_OUTPUT, "y"),
        ],
        [
            Edge("i", "output", "l", "input"),
            Edge("l", "output", "n", "input"),
            Edge("n", "output", "t", "input"),
            Edge("t", "output", "o", "input"),
        ],
    )
    outer = Graph.of(
        [
            Node("oi", BLOCK_INPUT, "x"),
            Node("o1", BLOCK, "first", block="inner"),
            Node("o2", BLOCK, "second", block="inner"),
            Node("oo", BLOCK_OUTPUT, "y"),
        ],
        [
            Edge("oi", "output", "o1", "x"),
            Edge("o1", "y", "o2", "x"),
            Edge("o2", "y", "oo", "input"),
        ],
    )
    graph = Graph.of(
        [
            Node("d", "Dataset", "data", (("dataset", "spiral"),)),
            Node("u", "Linear", "up", (("out_features", 8),)),
            Node("e", BLOCK, "encoder", block="outer", repeat=3),
            Node("p", BLOCK, "one", block="inner", link="shared"),
            Node("q", BLOCK, "two", block="inner", link="shared"),
            Node("h", "Linear", "head", (("out_features", 2),)),
            Node("c", "CrossEntropy", "loss"),
        ],
        [
            Edge("d", "point", "u", "input"),
            Edge("u", "output", "e", "x"),
            Edge("e", "y", "p", "x"),
            Edge("p", "y", "q", "x"),
            Edge("q", "y", "h", "input"),
            Edge("h", "output", "c", "logits"),
            Edge("d", "label", "c", "label"),
        ],
    )
    blocks = {"inner": Block("inner", "inner", inner), "outer": Block("outer", "outer", outer)}
    data = MappingProxyType({"spiral": DatasetSettings("spiral")})
    return Project("Nested blocks", graph, MappingProxyType(blocks), data=data)


def recurrent() -> Project:
    """Two layers of LSTM over the 8 rows of a small picture, of which every state is used."""
    return chain(
        [
            ("Squeeze", "rows", {"dim": 1}),
            ("LSTM", "lstm", {"hidden_size": 12, "num_layers": 2}),
            ("Flatten", "flatten", {}),
            ("Linear", "fc", {"out_features": 10}),
        ],
        "digits",
    )


def awkward() -> Project:
    """What ONNX takes only with our help: attention of three dimensions, RReLU, a Squeeze with nothing to squeeze."""
    project = chain(
        [
            ("Squeeze", "rows", {"dim": 1}),
            ("Squeeze", "idle", {"dim": 1}),
            ("RReLU", "rrelu", {}),
            ("ScaledDotProductAttention", "attend", {"is_causal": True}),
            ("Flatten", "flatten", {}),
            ("Linear", "fc", {"out_features": 10}),
        ]
    )
    edges = dict(project.graph.edges)
    del edges[InputKey("attend", "input")]
    attended = [Edge("rrelu", "output", "attend", port) for port in ("query", "key", "value")]
    return replace(project, graph=Graph.of(project.graph.nodes.values(), [*edges.values(), *attended]))


def two_ended() -> Project:
    """No data at all: an image and a row of features come in, a learned shift is added, two values go out."""
    graph = Graph.of(
        [
            Node("i", "Input", "image", (("shape", (1, 8, 8)),)),
            Node("f", "Input", "features", (("shape", (4,)),)),
            Node("c", "Conv2d", "conv", (("kernel_size", 3), ("out_channels", 2))),
            Node("x", "Flatten", "flatten"),
            Node("k", "Concat", "both"),
            Node("a", "Linear", "fc", (("out_features", 3),)),
            Node("t", "LearnableTensor", "shift", (("shape", (1, 3)), ("std", 0.5))),
            Node("s", "Add", "left"),
            Node("b", "Linear", "right", (("out_features", 5),)),
        ],
        [
            Edge("i", "output", "c", "input"),
            Edge("c", "output", "x", "input"),
            Edge("x", "output", "k", "inputs", 0),
            Edge("f", "output", "k", "inputs", 1),
            Edge("k", "output", "a", "input"),
            Edge("a", "output", "s", "inputs", 0),
            Edge("t", "output", "s", "inputs", 1),
            Edge("k", "output", "b", "input"),
        ],
    )
    return Project("Two ends", graph)


def generator() -> Project:
    """Random numbers in, a value out: what comes in is the noise itself."""
    graph = Graph.of(
        [Node("z", "Noise", "latent", (("size", 6),)), Node("l", "Linear", "fc", (("out_features", 4),))],
        [Edge("z", "output", "l", "input")],
    )
    return Project("Generator", graph)


def noisy() -> Project:
    """Features with random numbers beside them: no two calls give the same."""
    graph = Graph.of(
        [
            Node("f", "Input", "features", (("shape", (4,)),)),
            Node("z", "Noise", "noise", (("size", 6),)),
            Node("k", "Concat", "both"),
            Node("l", "Linear", "fc", (("out_features", 4),)),
        ],
        [
            Edge("f", "output", "k", "inputs", 0),
            Edge("z", "output", "k", "inputs", 1),
            Edge("k", "output", "l", "input"),
        ],
    )
    return Project("Noisy", graph)
