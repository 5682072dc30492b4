"""Render every monitor in real training, in both themes: python -m tools.make_monitor_pictures [NAME ...].

A project is trained once for all its pictures; monitors are torn off while they are taken, as Window > Panels does it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QWidget

from gui.front import application
from gui.shot import Shot, grabbed, held_open, save, wait
from gui.workbench import TITLES
from tools.make_pictures import FOLDER, in_processes_of, shrink
from tools.monitor_scenes import SCENES, Scene, View

PLACE, PAGE = FOLDER / "monitors", FOLDER.parent / "monitor-pictures.md"
THEMES = ("dark", "light")
SETTLE = 0.5
"""Seconds that a monitor has to draw what it was set to."""
SHARP = 2.0
WINDOW = (1600, 1000)


NAMES = MappingProxyType({"": "The whole window", "landscape": "Loss landscape"})
"""What is no dock."""
SHOWN = "pictures/monitors"
HEAD = """# Pictures of the monitors

Every monitor in real training, in both themes, as it is torn off from the window. `python -m
tools.make_monitor_pictures [NAME ...]` takes them anew and writes this page. What each shows and how it is used stands
in [the monitors](monitors.md).
"""


def pictures() -> dict[str, tuple[Scene, View, float]]:
    """By name, without the theme: where a picture comes from, and its pixels of a point."""
    return {
        f"{view.name}{ending}": (scene, view, ratio)
        for scene in SCENES
        for view in scene.views
        for ending, ratio in ((("", 1.0), ("-sharp", SHARP)) if view.is_sharp else (("", 1.0),))
    }


def main(names: Sequence[str]) -> None:
    """Render the pictures of these names, or all, each in both themes."""
    PLACE.mkdir(exist_ok=True)
    made = pictures()
    ratios = sorted({made[name][2] for name in names or made})
    by_ratio = {ratio: [name for name in names or made if made[name][2] == ratio] for ratio in ratios}
    in_processes_of("tools.make_monitor_pictures", by_ratio, take)
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The page of the documentation that shows them, a monitor after the other."""
    by_dock: dict[str, list[View]] = {}
    for scene in SCENES:
        for view in scene.views:
            by_dock.setdefault(view.dock, []).append(view)
    parts = [HEAD]
    for dock, views in by_dock.items():
        parts.append(f"## {NAMES.get(dock) or TITLES[dock]}\n")
        for view in views:
            told = view.told[0].upper() + view.told[1:]
            both = " | ".join(f"![{told}]({SHOWN}/{view.name}-{theme}.png)" for theme in THEMES)
            parts.append(f"{told}.\n\n| {' | '.join(THEMES)} |\n|---|---|\n| {both} |\n")
    return "\n".join(parts)


def take(names: Sequence[str]) -> None:
    """Render these, at the scale that Qt was started with."""
    held = application(sys.argv[:1])
    made = pictures()
    for scene in SCENES:
        wanted = [(name, made[name]) for name in names if made[name][0] is scene]
        if wanted:
            views = tuple(view for _name, (_scene, view, _ratio) in wanted)
            show(replace(scene, views=views), wanted[0][1][2])
    held.quit()


def show(scene: Scene, ratio: float) -> None:
    """Train the scene's project in a window, and take all its pictures."""
    shot = Shot(WINDOW, preset=scene.preset, steps=scene.steps, select=scene.select, arrange=scene.torn_off)
    with held_open(scene.source(), shot) as app:
        for view in scene.views:
            scene.bring(app, view)
            for theme in THEMES:
                app.themes.use(theme)
                wait(SETTLE)
                unfocus()
                with view.hand(app):
                    keep(view, view.of(app), theme, ratio)
        app.themes.use(THEMES[0])


def unfocus() -> None:
    """Let no control have the keyboard: a window of its own gives it to its first."""
    focused = QApplication.focusWidget()
    if focused is not None:
        focused.clearFocus()


def keep(view: View, shown: QWidget, theme: str, ratio: float) -> None:
    """Store what is shown, with a palette."""
    picture = PLACE / f"{view.name}{'' if ratio == 1 else '-sharp'}-{theme}.png"
    save(grabbed(shown, ratio), picture)
    shrink(picture, (0, 0, 0, 0), 1.0)
    print(f"{picture.stem}: {picture.stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="chainrule-pictures-") as home:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = home
        main(sys.argv[1:])
