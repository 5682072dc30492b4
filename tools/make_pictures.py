"""Render the pictures of the README from the real window: python tools/make_pictures.py [NAME...]."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from core.files import load
from core.project import Project
from gui.front import application
from gui.shot import render
from gui.workbench import Preset

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "resources" / "templates"
FOLDER = ROOT / "docs" / "pictures"
SIZE = (1600, 1000)


@dataclass(frozen=True)
class Picture:
    """What one picture shows."""

    source: str = ""
    theme: str = "dark"
    steps: int = 0
    select: str = ""
    preset: Preset = "train"
    size: tuple[int, int] = SIZE
    scale: float = 1.0


PICTURES = {
    "main-dark": Picture("lenet5", steps=620, select="conv2"),
    "main-light": Picture("lenet5", "light", steps=620, select="conv2"),
    "vanishing-dark": Picture("mlp12-sigmoid", steps=900),
    "healthy-dark": Picture("mlp12-relu-batchnorm", steps=900),
    "resnet-light": Picture("resnet", "light", steps=300),
    "playground-light": Picture("spiral", "light", steps=1800),
    "welcome-dark": Picture(),
    "welcome-light": Picture(theme="light"),
    "error-dark": Picture("error", select="fc1", preset="build"),
    "small-dark": Picture("lenet5", steps=200, select="fc1", size=(1280, 800)),
    "sharp-dark": Picture("lenet5", steps=200, select="fc1", size=(1280, 800), scale=2.0),
}


def broken() -> Project:
    """LeNet-5 with a size that contradicts the wire and an activation taken out."""
    project = load(TEMPLATES / "lenet5.chain")
    by_name = {node.name: node for node in project.graph.nodes.values()}
    graph = project.graph.replace_node(by_name["fc1"].with_params(in_features=256))
    return replace(project, graph=graph, name="digits-cnn")


def source_of(wanted: Picture) -> Project | Path | None:
    """What is opened; nothing for the start page."""
    if wanted.source == "error":
        return broken()
    return TEMPLATES / f"{wanted.source}.chain" if wanted.source else None


def main(names: list[str]) -> None:
    """Render the named pictures, or all of them."""
    application(sys.argv[:1])
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names or PICTURES:
        wanted = PICTURES[name]
        source = source_of(wanted)
        render(
            source,
            FOLDER / f"{name}.png",
            wanted.size,
            wanted.theme,
            wanted.steps,
            wanted.scale,
            wanted.select,
            wanted.preset,
        )
        print(name)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="chainrule-pictures-") as home:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = home
        main(sys.argv[1:])
