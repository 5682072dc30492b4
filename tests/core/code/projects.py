"""Projects of every shape that written code must be true to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from core import blocklib
from core.commands.opening import TEMPLATES, templates
from core.data.settings import DatasetSettings
from core.files import load
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, Node
from core.project import Project
from core.training.settings import Phase, TrainingSettings
from tests.core import test_input
from tests.core.catalog.test_kept import positions
from tests.core.code import sequences
from tests.core.exchange import networks
from tests.core.networks import lenet
from tests.core.test_plan import block_project
from tests.core.training.projects import chain, gan, lstm_classifier, node, small_convnet, wire

DIGITS = MappingProxyType({"data": DatasetSettings("digits")})


def block(name: str, nodes: list[Node], edges: list[Edge]) -> Block:
    return Block(name, name, Graph.of(nodes, edges))


def classifier(nodes: list[Node], edges: list[Edge], *blocks: Block) -> Project:
    """From `data.image` to `head`, a Linear of ten scores, and its loss."""
    all_nodes = [node("data", "Dataset", dataset="data"), *nodes, node("loss", "CrossEntropy")]
    ends = [wire("head", "loss.logits"), wire("data.label", "loss.label")]
    return Project(
        "blocks",
        Graph.of(all_nodes, [*edges, *ends]),
        MappingProxyType({item.id: item for item in blocks}),
        data=DIGITS,
        training=TrainingSettings(epochs=1, batch_size=100, phases=(Phase(),)),
    )


def residual() -> Block:
    """Two convolutions of 6 channels, and a way past them that widens."""
    inside = [
        node("input", BLOCK_INPUT),
        node("conv1", "Conv2d", out_channels=6, padding=1),
        node("bn", "BatchNorm2d"),
        node("relu", "ReLU"),
        node("conv2", "Conv2d", out_channels=6, padding=1),
        node("skip", "Conv2d", out_channels=6, kernel_size=1),
        node("add", "Add"),
        node("output", BLOCK_OUTPUT),
    ]
    wires = [
        *chain(["input", "conv1", "bn", "relu", "conv2"]),
        wire("input", "skip"),
        wire("conv2", "add.inputs"),
        wire("skip", "add.inputs", 1),
        wire("add", "output"),
    ]
    return block("residual_block", inside, wires)


def stacked(repeat: int = 4) -> Project:
    """Residual blocks in a row, of which the first has another number of channels."""
    nodes = [
        node("body", BLOCK, block="residual_block", repeat=repeat),
        node("pool", "AdaptiveAvgPool2d", output_size=1),
        node("flatten", "Flatten"),
        node("head", "Linear", out_features=10),
    ]
    edges = [wire("data.image", "body.input"), wire("body.output", "pool"), *chain(["pool", "flatten", "head"])]
    return classifier(nodes, edges, residual())


def nested(link: str = "") -> Project:
    """Stages of repeated blocks in blocks; the second stage may share the weights of the first."""
    stage = block(
        "stage",
        [
            node("image", BLOCK_INPUT),
            node("widen", "Conv2d", out_channels=6, kernel_size=1),
            node("deep", BLOCK, block="residual_block", repeat=2),
            node("one", BLOCK, block="residual_block"),
            node("result", BLOCK_OUTPUT),
        ],
        [
            wire("image", "widen"),
            wire("widen", "deep.input"),
            wire("deep.output", "one.input"),
            wire("one.output", "result"),
        ],
    )
    first = [node("stem", "Conv2d", out_channels=6)] if link else []
    nodes = [
        *first,
        node("low", BLOCK, block="stage", link=link),
        node("high", BLOCK, block="stage", link=link),
        node("pool", "AdaptiveAvgPool2d", output_size=1),
        node("flatten", "Flatten"),
        node("head", "Linear", out_features=10),
    ]
    start = [wire("data.image", "stem"), wire("stem", "low.image")] if link else [wire("data.image", "low.image")]
    edges = [*start, wire("low.result", "high.image"), wire("high.result", "pool"), *chain(["pool", "flatten", "head"])]
    return classifier(nodes, edges, stage, residual())


def two_ways(repeat: int = 3) -> Project:
    """A repeated block that hands on two tensors and reads a third each time; one output is handed through."""
    cell = block(
        "cell",
        [
            node("state", BLOCK_INPUT),
            node("memory", BLOCK_INPUT),
            node("context", BLOCK_INPUT),
            node("join", "Concat"),
            node("mix", "Linear", out_features=12),
            node("bend", "Tanh"),
            node("keep", "Linear", out_features=12),
            node("state_out", BLOCK_OUTPUT),
            node("memory_out", BLOCK_OUTPUT),
            node("context_out", BLOCK_OUTPUT),
        ],
        [
            wire("state", "join.inputs"),
            wire("context", "join.inputs", 1),
            *chain(["join", "mix", "bend", "state_out"]),
            wire("memory", "keep"),
            wire("keep", "memory_out"),
            wire("context", "context_out"),
        ],
    )
    nodes = [
        node("flatten", "Flatten"),
        node("cells", BLOCK, block="cell", repeat=repeat),
        node("sum", "Add"),
        node("head", "Linear", out_features=10),
    ]
    edges = [
        wire("data.image", "flatten"),
        *(wire("flatten", f"cells.{name}") for name in ("state", "memory", "context")),
        wire("cells.state_out", "sum.inputs"),
        wire("cells.memory_out", "sum.inputs", 1),
        wire("sum", "head"),
    ]
    return classifier(nodes, edges, cell)


def two_heads() -> Project:
    """A linked block of two heads of which each instance is asked for another, the last for both; and one for none.

    Behind the first of them stands a layer that is made before the second head in the running order.
    """
    heads = block(
        "heads",
        [
            node("x", BLOCK_INPUT),
            node("left", "Linear", out_features=8),
            node("right", "Linear", out_features=8),
            node("first", BLOCK_OUTPUT),
            node("second", BLOCK_OUTPUT),
        ],
        [*chain(["x", "left", "first"]), *chain(["x", "right", "second"])],
    )
    nodes = [
        node("flatten", "Flatten"),
        node("one", BLOCK, block="heads", link="h"),
        node("between", "Linear", out_features=64),
        *(node(name, BLOCK, block="heads", link="h") for name in ("two", "both")),
        node("own", BLOCK, block="heads"),
        node("idle", BLOCK, block="heads"),
        node("join", "Concat"),
        node("head", "Linear", out_features=10),
    ]
    outputs = ("one.first", "two.second", "both.first", "both.second", "own.second")
    edges = [
        wire("data.image", "flatten"),
        *(wire("flatten", f"{name}.x") for name in ("one", "both", "own", "idle")),
        *chain(["flatten", "between"]),
        wire("between", "two.x"),
        *(wire(source, "join.inputs", place) for place, source in enumerate(outputs)),
        wire("join", "head"),
    ]
    return classifier(nodes, edges, heads)


def sources_inside() -> Project:
    """The data, noise and the loss each in a block."""
    bring = block(
        "bring",
        [node("digits", "Dataset", dataset="data"), node("flat", "Flatten"), node("rows", BLOCK_OUTPUT)],
        [wire("digits.image", "flat"), wire("flat", "rows")],
    )
    shake = block(
        "shake",
        [
            node("x", BLOCK_INPUT),
            node("noise", "Noise", size=64),
            node("add", "Add"),
            node("fc", "Linear", out_features=64),
            node("y", BLOCK_OUTPUT),
        ],
        [wire("x", "add.inputs"), wire("noise", "add.inputs", 1), *chain(["add", "fc", "y"])],
    )
    end = block(
        "end",
        [
            node("x", BLOCK_INPUT),
            node("label", BLOCK_INPUT),
            node("head", "Linear", out_features=10),
            node("loss", "CrossEntropy"),
        ],
        [wire("x", "head"), wire("head", "loss.logits"), wire("label", "loss.label")],
    )
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("start", BLOCK, block="bring"),
        node("shaken", BLOCK, block="shake", repeat=2),
        node("judge", BLOCK, block="end"),
    ]
    edges = [wire("start.rows", "shaken.x"), wire("shaken.y", "judge.x"), wire("data.label", "judge.label")]
    blocks = {item.id: item for item in (bring, shake, end)}
    return replace(stacked(), graph=Graph.of(nodes, edges), blocks=MappingProxyType(blocks))


def handed_through() -> Project:
    """Blocks that do nothing, one of them swapping its two inputs, three times."""
    swap = block(
        "swap",
        [
            node("a", BLOCK_INPUT),
            node("b", BLOCK_INPUT),
            node("c", BLOCK_OUTPUT),
            node("d", BLOCK_OUTPUT),
        ],
        [wire("a", "d"), wire("b", "c")],
    )
    nodes = [
        node("flatten", "Flatten"),
        node("bent", "Tanh"),
        node("swapped", BLOCK, block="swap", repeat=3),
        node("first", "Linear", out_features=8),
        node("second", "Linear", out_features=9),
        node("join", "Concat"),
        node("head", "Linear", out_features=10),
    ]
    edges = [
        *chain(["flatten", "bent"]),
        wire("data.image", "flatten"),
        wire("flatten", "swapped.a"),
        wire("bent", "swapped.b"),
        wire("swapped.c", "first"),
        wire("swapped.d", "second"),
        wire("first", "join.inputs"),
        wire("second", "join.inputs", 1),
        wire("join", "head"),
    ]
    return classifier(nodes, edges, swap)


def long_names() -> Project:
    """Names so long that lines must be parted."""
    names = [f"a_layer_with_quite_a_long_name_{place}" for place in range(6)]
    nodes = [
        node("flatten", "Flatten"),
        *(node(name, "Linear", out_features=8, weight_init="normal") for name in names),
        node("the_sum_of_all_the_layers", "Add"),
        node("head", "Linear", out_features=10),
    ]
    edges = [
        wire("data.image", "flatten"),
        *(wire("flatten", name) for name in names),
        *(wire(name, "the_sum_of_all_the_layers.inputs", place) for place, name in enumerate(names)),
        wire("the_sum_of_all_the_layers", "head"),
    ]
    project = classifier(nodes, edges)
    return replace(
        project, description="Six layers that all read one image. Their sum is what the last layer reads, " * 3
    )


PROJECTS: Mapping[str, Callable[[], Project]] = {
    **{name: (lambda name=name: load(TEMPLATES / f"{name}.chain")) for name in templates()},  # type: ignore[misc]
    **{
        f"block-{path.stem}": (lambda path=path: load(path))  # type: ignore[misc]
        for path in sorted(blocklib.our_folder().glob("*.chain"))
    },
    "lenet": lenet,
    "gan": gan,
    "lstm": lstm_classifier,
    "convnet": small_convnet,
    "noise-only": block_project,
    "noise-shared": lambda: block_project(1, "shared"),
    "stacked": stacked,
    "nested": nested,
    "nested-linked": lambda: nested("same"),
    "two-ways": two_ways,
    "two-heads": two_heads,
    "sources-inside": sources_inside,
    "handed-through": handed_through,
    "long-names": long_names,
    "kept": positions,
    "exported-nested": networks.nested,
    "two-ended": networks.two_ended,
    "noisy": networks.noisy,
    "inputs": test_input.project,
    "vision-transformer": sequences.vision_transformer,
    "diffusion": sequences.diffusion,
    "translator": sequences.translator,
}
"""By name, made when asked for."""
