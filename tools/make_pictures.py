"""Render the pictures of README and docs from the real window: python -m tools.make_pictures [NAME...].

Pictures at two pixels a point are made by a second process that Qt starts at this scale: its icons are sharp.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image

from core.project import Project
from gui.front import application
from gui.shot import Shot, render
from tools import picture_hands, picture_monitors, picture_predicting, picture_projects
from tools.picture_projects import TEMPLATES

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "pictures"
SCALE = "QT_SCALE_FACTOR"
FLAT, MIXED = 160, 96
"""Colours of a picture that is stored with a palette: the most frequent as they are, and what the others come near."""

SHARP = (1280, 800)
BLOCKS = Shot(steps=60, select="residual1", preset="build", category="Blocks")
INSIDE = replace(BLOCKS, select="residual1[1].")
OPEN = Shot(steps=620, preset="build", category="Convolution")
BUILD = Shot(preset="build")
MONITORS = Shot(steps=620, select="conv2", arrange=picture_monitors.only_monitors)
DOCTOR = Shot(steps=900, preset="diagnose")
AROUND = (228, 86, 308, 244)
"""What stands left of the graph, above, right and below it in such a window, in points."""
STATES = {
    "quick-add": ("narrow", replace(BUILD, gesture=picture_hands.asking)),
    "refused-wire": ("loose", replace(BUILD, gesture=picture_hands.refused)),
    "splice": ("loose", replace(BUILD, gesture=picture_hands.splicing)),
    "block-entered": ("blocks", replace(INSIDE, size=(1960, 1000))),
    "frames-notes": ("annotated", BUILD),
    "overview": ("deep", BUILD),
    "error": ("error", replace(BUILD, select="fc1")),
}
"""What the canvas shows in its states, each in both themes and at one and two pixels a point."""
PICTURES = {
    "main-dark": ("lenet5", Shot(steps=620, select="conv2")),
    "main-light": ("lenet5", Shot(theme="light", steps=620, select="conv2")),
    "vanishing-dark": ("mlp12-sigmoid", DOCTOR),
    "vanishing-light": ("mlp12-sigmoid", replace(DOCTOR, theme="light")),
    "healthy-dark": ("mlp12-relu-batchnorm", Shot(steps=900)),
    "resnet-light": ("resnet", Shot(theme="light", steps=300)),
    "playground-light": ("spiral", Shot(theme="light", steps=1800)),
    "welcome-dark": ("", Shot()),
    "welcome-light": ("", Shot(theme="light")),
    "blocks-dark": ("blocks", BLOCKS),
    "blocks-light": ("blocks", replace(BLOCKS, theme="light")),
    "blocks-sharp-dark": ("blocks", replace(BLOCKS, size=SHARP, scale=2.0)),
    "blocks-sharp-light": ("blocks", replace(BLOCKS, size=SHARP, theme="light", scale=2.0)),
    "activations-dark": ("activations", OPEN),
    "activations-light": ("activations", replace(OPEN, theme="light")),
    "activations-sharp-dark": ("activations", replace(OPEN, scale=2.0)),
    "activations-sharp-light": ("activations", replace(OPEN, theme="light", scale=2.0)),
    "digit-dark": ("lenet5", Shot(steps=620, gesture=picture_predicting.drawing)),
    "boundary-light": ("spiral", Shot(theme="light", steps=1800, gesture=picture_predicting.predicting)),
    "margin-dark": ("svm", Shot(steps=400, gesture=picture_predicting.predicting)),
    "monitors-dark": ("lenet5", MONITORS),
    "monitors-light": ("lenet5", replace(MONITORS, theme="light")),
    "small-dark": ("lenet5", Shot((1280, 800), steps=200, select="fc1")),
    "sharp-dark": ("lenet5", Shot((1280, 800), steps=200, select="fc1", scale=2.0)),
    **{
        f"{name}{sharp}-{theme}": (source, replace(shot, theme=theme, scale=scale))
        for name, (source, shot) in STATES.items()
        for sharp, scale in (("", 1.0), ("-sharp", 2.0))
        for theme in ("dark", "light")
    },
}
"""By name: what is opened, and what is shown of it."""


MADE = {
    "error": picture_projects.broken,
    "blocks": picture_projects.with_blocks,
    "activations": picture_projects.with_activations,
    "loose": picture_projects.with_loose,
    "narrow": picture_projects.narrow,
    "annotated": picture_projects.annotated,
    "deep": picture_projects.deep,
}
"""The projects that are no templates."""


def source_of(name: str) -> Project | Path | None:
    """What is opened; nothing for the start page."""
    if name in MADE:
        return MADE[name]()
    return TEMPLATES / f"{name}.chain" if name else None


def main(names: Sequence[str]) -> None:
    """Render the named pictures, or all of them, each in a process of its scale."""
    wanted = names or tuple(PICTURES)
    scales = sorted({PICTURES[name][1].scale for name in wanted})
    by_scale = {scale: [name for name in wanted if PICTURES[name][1].scale == scale] for scale in scales}
    in_processes_of("tools.make_pictures", by_scale, take)


def in_processes_of(
    module: str, by_scale: Mapping[float, Sequence[str]], take: Callable[[Sequence[str]], None]
) -> None:
    """Let these be taken, by this process where it has the scale, else by one of this module that Qt starts so."""
    for scale, names in by_scale.items():
        if f"{scale:g}" == os.environ.get(SCALE):
            take(names)
        else:
            program = (sys.executable, "-m", module, *names)
            subprocess.run(program, env={**os.environ, SCALE: f"{scale:g}"}, cwd=ROOT, check=True)


def take(names: Sequence[str]) -> None:
    """Render these, at the scale that Qt was started with."""
    held = application(sys.argv[:1])
    for name in names:
        source, shot = PICTURES[name]
        picture = FOLDER / f"{name}.png"
        render(source_of(source), picture, shot)
        if name.removesuffix(f"-{shot.theme}").removesuffix("-sharp") in STATES:
            shrink(picture, AROUND if shot.scale > 1 else (0, 0, 0, 0), shot.scale)
        print(name)
    held.quit()


def shrink(picture: Path, around: tuple[int, int, int, int], scale: float) -> None:
    """Store a picture with a palette, without so many points at its left, upper, right and lower edge."""
    left, top, right, bottom = (round(edge * scale) for edge in around)
    with Image.open(picture) as image:
        cut = image.convert("RGB").crop((left, top, image.width - right, image.height - bottom))
    cut.quantize(palette=_palette(cut), dither=Image.Dither.NONE).save(picture, optimize=True)


def _palette(image: Image.Image) -> Image.Image:
    """The colours of areas and text exactly; of the others always the one that is farthest from all so far."""
    colors, counts = np.unique(np.asarray(image).reshape(-1, 3), axis=0, return_counts=True)
    colors = colors[np.argsort(-counts, kind="stable")].astype(int)
    chosen = list(colors[:FLAT])
    away = np.min([np.sum((colors - color) ** 2, axis=1) for color in chosen], axis=0)
    for _ in range(MIXED):
        chosen.append(colors[np.argmax(away)])
        away = np.minimum(away, np.sum((colors - chosen[-1]) ** 2, axis=1))
    made = Image.new("P", (1, 1))
    made.putpalette(np.ravel(chosen).tolist())
    return made


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="chainrule-pictures-") as home:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = home
        main(sys.argv[1:])
