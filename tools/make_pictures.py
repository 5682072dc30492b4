"""Render the pictures of the README from the real window: python tools/make_pictures.py [NAME...]."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from core import blocklib, grouping, planning
from core.catalog import KINDS
from core.collapsing import collapse, show_activations, with_room
from core.files import load
from core.graph import Edge
from core.layout import CARD, arrange
from core.project import Project
from gui.canvas.geometry import ACTIVATION
from gui.front import application
from gui.shot import Shot, render

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "resources" / "templates"
FOLDER = ROOT / "docs" / "pictures"


SHARP = (1280, 800)
BLOCKS = Shot(steps=60, select="residual1", preset="build", category="Blocks")
INSIDE = replace(BLOCKS, select="residual1[1].")
OPEN = Shot(steps=620, preset="build", category="Convolution")
PICTURES = {
    "main-dark": ("lenet5", Shot(steps=620, select="conv2")),
    "main-light": ("lenet5", Shot(theme="light", steps=620, select="conv2")),
    "vanishing-dark": ("mlp12-sigmoid", Shot(steps=900)),
    "healthy-dark": ("mlp12-relu-batchnorm", Shot(steps=900)),
    "resnet-light": ("resnet", Shot(theme="light", steps=300)),
    "playground-light": ("spiral", Shot(theme="light", steps=1800)),
    "welcome-dark": ("", Shot()),
    "welcome-light": ("", Shot(theme="light")),
    "error-dark": ("error", Shot(select="fc1", preset="build")),
    "blocks-dark": ("blocks", BLOCKS),
    "blocks-light": ("blocks", replace(BLOCKS, theme="light")),
    "blocks-sharp-dark": ("blocks", replace(BLOCKS, size=SHARP, scale=2.0)),
    "blocks-sharp-light": ("blocks", replace(BLOCKS, size=SHARP, theme="light", scale=2.0)),
    "block-entered-dark": ("blocks", INSIDE),
    "block-entered-light": ("blocks", replace(INSIDE, theme="light")),
    "block-entered-sharp-dark": ("blocks", replace(INSIDE, size=SHARP, scale=2.0)),
    "block-entered-sharp-light": ("blocks", replace(INSIDE, size=SHARP, theme="light", scale=2.0)),
    "activations-dark": ("activations", OPEN),
    "activations-light": ("activations", replace(OPEN, theme="light")),
    "activations-sharp-dark": ("activations", replace(OPEN, scale=2.0)),
    "activations-sharp-light": ("activations", replace(OPEN, theme="light", scale=2.0)),
    "small-dark": ("lenet5", Shot((1280, 800), steps=200, select="fc1")),
    "sharp-dark": ("lenet5", Shot((1280, 800), steps=200, select="fc1", scale=2.0)),
}
"""By name: what is opened, and what is shown of it."""


def broken() -> Project:
    """LeNet-5 with a size that contradicts the wire and an activation taken out."""
    project = load(TEMPLATES / "lenet5.chain")
    by_name = {node.name: node for node in project.graph.nodes.values()}
    graph = project.graph.replace_node(by_name["fc1"].with_params(in_features=256))
    return replace(project, graph=graph, name="digits-cnn")


def with_blocks() -> Project:
    """A small network for digits made of blocks of our library, one of them repeated and two of them linked."""
    project, kind = blocklib.brought(Project(name="digits-resnet"), "library:ours/conv_bn_relu")
    project, residual = blocklib.brought(project, "library:ours/residual")
    by_name = {node.name: node.id for block in project.blocks.values() for node in block.graph.nodes.values()}
    for name in ("conv", "conv1", "conv2"):
        project = planning.set_param(project, by_name[name], "out_channels", 8)
    kinds = (
        "data:mnist",
        kind,
        residual,
        "MaxPool2d",
        residual,
        "AdaptiveAvgPool2d",
        "Flatten",
        "Linear",
        "CrossEntropy",
    )
    nodes: list[str] = []
    for added in kinds:
        project, node = planning.add(project, added, (0, 0))
        output = "image" if len(nodes) == 1 else "output"
        if nodes:
            port = "logits" if added == "CrossEntropy" else "input"
            project = planning.connect(project, Edge(nodes[-1], output, node, port))
        nodes.append(node)
    project = planning.connect(project, Edge(nodes[0], "label", nodes[-1], "label"))
    project = grouping.set_repeat(project, nodes[2], "", 3)
    project = planning.set_param(project, nodes[5], "output_size", 1)
    project = planning.set_param(project, nodes[7], "out_features", 10)
    return planning.move(project, arrange(project.graph))


def with_activations() -> Project:
    """LeNet-5 with the activations of its layers folded out, two of its cards collapsed."""
    project = load(TEMPLATES / "lenet5.chain")
    nodes = project.graph.nodes.values()
    layers = [node.id for node in nodes if KINDS[node.kind].role == "layer"]
    rects = {key: (*place, *CARD) for key, place in project.positions.items()}
    moved = with_room(rects, dict.fromkeys(layers, ACTIVATION))
    project = planning.move(show_activations(project, layers, True), moved)
    return collapse(project, [node.id for node in nodes if node.name in ("tanh3", "tanh4")], True)


def source_of(name: str) -> Project | Path | None:
    """What is opened; nothing for the start page."""
    made = {"error": broken, "blocks": with_blocks, "activations": with_activations}
    if name in made:
        return made[name]()
    return TEMPLATES / f"{name}.chain" if name else None


def main(names: list[str]) -> None:
    """Render the named pictures, or all of them."""
    application(sys.argv[:1])
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names or PICTURES:
        source, shot = PICTURES[name]
        render(source_of(source), FOLDER / f"{name}.png", shot)
        print(name)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="chainrule-pictures-") as home:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = home
        main(sys.argv[1:])
