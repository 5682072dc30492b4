"""The networks of the canvas bench: chains of Linear and ReLU from a data set to a loss, laid out in rows."""

from __future__ import annotations

from core.data.settings import DatasetSettings
from core.graph import Edge, Graph, Node
from core.layout import arrange
from core.project import Project

PITCH, ROW = 216.0, 150.0
"""From a card's left edge to the next one's, and from row to row, about."""
ASPECT = 1.6


def chain(count: int, features: int = 8) -> Project:
    """So many nodes one after another, in rows that make a picture as wide as a window; it can be trained."""
    last = count - 1
    layers = [_layer(index, features) for index in range(1, last)]
    nodes = [Node("n0", "Dataset", "moons", (("dataset", "moons"),)), *layers, Node(f"n{last}", "CrossEntropy", "loss")]
    wires = [Edge("n0", "point", "n1", "input")]
    wires += [Edge(f"n{index}", "output", f"n{index + 1}", "input") for index in range(1, last - 1)]
    wires += [Edge(f"n{last - 1}", "output", f"n{last}", "logits"), Edge("n0", "label", f"n{last}", "label")]
    graph = Graph.of(nodes, wires)
    columns = max(round((count * ASPECT * ROW / PITCH) ** 0.5), 1)
    project = Project(name=f"chain{count}", graph=graph).with_data("moons", DatasetSettings("moons"))
    return project.with_positions(arrange(graph, width=columns * PITCH))


def _layer(index: int, features: int) -> Node:
    if index % 2:
        return Node(f"n{index}", "Linear", f"layer{index}", (("out_features", features),))
    return Node(f"n{index}", "ReLU", f"layer{index}")
