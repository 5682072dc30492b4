"""Networks of repeated blocks: ResNets, the same depth without skips, and what depth does to both."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from core.data.settings import DatasetSettings
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Graph, Node, Value
from core.project import Position, Project
from core.training.optimizers import Optimizer
from core.training.settings import TrainingSettings
from tools.gallery.drawing import Drawing, one_cycle
from tools.gallery.exhibit import Exhibit, Figure, accuracy

STAGES = ((16, 1), (32, 2), (64, 2))
"""Channels and stride of the three stages of a ResNet for small pictures."""
REFERENCES = "He, Zhang, Ren, Sun: Deep residual learning for image recognition, 2015, section 4.2"


def inside(channels: int, stride: int, skip: bool, prefix: str) -> tuple[Graph, dict[str, Position]]:
    """Two convolutions with batch norm, and a way around them; it has a 1 x 1 convolution where sizes change."""
    draw = Drawing(9)
    entry = draw.add(BLOCK_INPUT, "input", draw.place(0, 0))
    draw.tip = (entry, "output")
    row = 1.0 if skip else 0.0
    size: dict[str, Value] = {"out_channels": channels, "kernel_size": 3, "padding": 1, "bias": False}
    draw.layer("Conv2d", "conv1", draw.place(1, row), **{**size, "stride": stride})
    draw.layer("BatchNorm2d", "bn1", draw.place(2, row))
    draw.layer("ReLU", "relu1", draw.place(3, row))
    draw.layer("Conv2d", "conv2", draw.place(4, row), **size)
    draw.layer("BatchNorm2d", "bn2", draw.place(5, row))
    if skip:
        ends = [draw.tip, (entry, "output")]
        if stride != 1:
            draw.tip = (entry, "output")
            draw.layer(
                "Conv2d", "skip", draw.place(3, 0), out_channels=channels, kernel_size=1, stride=stride, bias=False
            )
            draw.layer("BatchNorm2d", "skip_bn", draw.place(4, 0))
            ends[1] = draw.tip
        add = draw.add("Add", "add", draw.place(6, 0))
        for order, end in enumerate(ends):
            draw.wire(end, add, "inputs", order)
        draw.tip = (add, "output")
    draw.layer("ReLU", "relu2", draw.place(7, 0))
    draw.wire(draw.tip, draw.add(BLOCK_OUTPUT, "output", draw.place(8, 0)))
    return _renamed(draw, prefix)


def _renamed(draw: Drawing, prefix: str) -> tuple[Graph, dict[str, Position]]:
    """The graph with ids that are new in the whole project."""
    nodes = [replace(node, id=f"{prefix}{node.id}") for node in draw.nodes]
    edges = [edge._replace(source=f"{prefix}{edge.source}", target=f"{prefix}{edge.target}") for edge in draw.edges]
    return Graph.of(nodes, edges), {f"{prefix}{key}": place for key, place in draw.places.items()}


def staged(
    name: str, description: str, depth: int, skip: bool, data: DatasetSettings, width: int, training: TrainingSettings
) -> Project:
    """A network of `depth` weight layers: a stem, three stages of (depth - 2) / 6 blocks, pooling and a classifier."""
    count = (depth - 2) // 6
    draw = Drawing(6)
    source = draw.data(data.source, data.source, "image")
    draw.layer("Conv2d", "stem", out_channels=width, kernel_size=3, padding=1, bias=False)
    draw.layer("BatchNorm2d", "stem_bn")
    draw.layer("ReLU", "stem_relu")
    blocks: dict[str, Block] = {}
    places: dict[str, Position] = {}
    for number, (full, stride) in enumerate(STAGES, 1):
        channels = full * width // STAGES[0][0]
        wanted = [("first", stride)] * (stride != 1) + [("rest", 1)]
        for part, step in wanted:
            key = f"stage{number}_{part}"
            graph, inner = inside(channels, step, skip, f"{key}_")
            blocks[key] = Block(key, key, graph)
            places |= inner
            repeat = 1 if part == "first" else count - (stride != 1)
            _place_block(draw, key, repeat)
    draw.layer("AdaptiveAvgPool2d", "pool", output_size=1)
    draw.layer("Flatten", "flatten")
    draw.layer("Linear", "fc", out_features=10)
    draw.loss("CrossEntropy", "cross_entropy", (source, "label"))
    made = draw.project(name, description, data, training, data.source)
    positions = MappingProxyType({**made.positions, **places})
    return replace(made, blocks=MappingProxyType(blocks), positions=positions)


def _place_block(draw: Drawing, key: str, repeat: int) -> None:
    count = len(draw.nodes)
    node = Node(f"n{count + 1}", BLOCK, key, block=key, repeat=repeat)
    draw.places[node.id] = draw.place(count % draw.columns, count // draw.columns)
    draw.nodes.append(node)
    draw.wire(draw.tip, node.id)
    draw.tip = (node.id, "output")


def momentum(rate: float) -> Optimizer:
    """The optimizer of the paper."""
    return Optimizer("Momentum", rate, weight_decay=1e-4)


def resnet20() -> Project:
    """ResNet-20 with half of its channels, on clothes."""
    return staged(
        "ResNet-20",
        "Nine residual blocks in three stages: the plan of every deep network since 2015.",
        20,
        True,
        DatasetSettings("fashion", (("samples", 3000),)),
        8,
        one_cycle(6, momentum(0.1)),
    )


def deep(depth: int, skip: bool) -> Project:
    """A network of this depth on small digits, with skips or without."""
    name = f"ResNet-{depth}" if skip else f"Plain-{depth}"
    words = "with skips it trains like a shallow one" if skip else "without skips it trains worse than a shallow one"
    return staged(
        name,
        f"{depth} layers: {words}.",
        depth,
        skip,
        DatasetSettings("digits"),
        8,
        one_cycle(14, momentum(0.05)),
    )


EXHIBITS = (
    Exhibit(
        "resnet20",
        resnet20,
        "Vision",
        (
            "A block has to learn only what is to be changed, for what comes in is added to what comes out.",
            "Where pictures get smaller and channels more, a 1 x 1 convolution stands in the way around.",
            "Stages of equal blocks make depth a single number: repeat them and the network is deeper.",
        ),
        REFERENCES,
        Figure("validation accuracy", accuracy, 0.78),
    ),
    Exhibit(
        "resnet56",
        lambda: deep(56, True),
        "Lessons",
        (
            "56 layers train as easily as 20 where every block adds to what came in.",
            "Look at the heatmap: the gradient has the same colour from the last layer to the first.",
            "Its twin without skips has the same layers and learns worse, even on the samples it is trained on.",
        ),
        REFERENCES,
        Figure("validation accuracy", accuracy, 0.93),
    ),
    Exhibit(
        "plain56",
        lambda: deep(56, False),
        "Lessons",
        (
            "These are the layers of the ResNet with 56, the additions taken out.",
            "Batch norm keeps the signal alive, and still it gets stuck: each layer has to pass on all that matters.",
            "It could imitate a shallow one, but gradient descent does not find that.",
        ),
        REFERENCES,
        Figure("validation accuracy", accuracy, 0.9, lower=True),
    ),
)
