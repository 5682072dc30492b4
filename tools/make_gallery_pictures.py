"""Render each template in training, as docs/gallery.md shows it: python -m tools.make_gallery_pictures [NAME ...].

The pictures are the real window's, as `chainrule shot` makes them, with a palette of their own so that they stay small.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from core.data.settings import split_sizes
from core.files import load
from core.project import Project
from gui.front import application
from gui.shot import Shot, render
from tools.gallery.listing import EXHIBITS
from tools.gallery.page import PICTURES
from tools.gallery.running import known
from tools.make_pictures import shrink
from tools.picture_projects import TEMPLATES

FOLDER = Path(__file__).resolve().parents[1] / "docs" / PICTURES
SIZE = (1440, 900)
PART = 0.6
"""The share of its training that a picture shows done."""
SECONDS = 12.0
"""Of training before a picture, at the most; a deep network is shown earlier on its way."""


def main(names: Sequence[str]) -> None:
    """Render the named templates, or all of them."""
    FOLDER.mkdir(exist_ok=True)
    held = application(sys.argv[:1])
    for exhibit in EXHIBITS:
        if names and exhibit.name not in names:
            continue
        project, picture = load(TEMPLATES / f"{exhibit.name}.chain"), FOLDER / f"{exhibit.name}.png"
        render(project, picture, Shot(SIZE, steps=steps(exhibit.name, project)))
        shrink(picture, (0, 0, 0, 0), 1.0)
        print(f"{exhibit.name}: {picture.stat().st_size / 1000:.0f} kB", flush=True)
    held.quit()


def steps(name: str, project: Project) -> int:
    """After how many steps it is shown, by the time that all of them were measured to take."""
    samples = min(split_sizes(settings)[0] for settings in project.data.values())
    batch = min(project.training.batch_size, samples)
    total = project.training.epochs * (samples // batch if project.training.drop_last else -(-samples // batch))
    seconds = median(seed.seconds for seed in known()[name].seeds)
    return max(round(total * min(PART, SECONDS / seconds)), 1)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="chainrule-pictures-") as home:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = home
        main(sys.argv[1:])
