"""The pictures of the documentation: each is made by the script, and told of beside them."""

import re

from gui.workbench import BESIDE_LOSS, MONITORS, ON_REQUEST
from tools import make_monitor_pictures as monitors
from tools.make_pictures import FOLDER, PICTURES, STATES


def test_every_picture_comes_from_the_script_and_every_one_of_the_script_is_there() -> None:
    assert {path.stem for path in FOLDER.glob("*.png")} == PICTURES.keys()


def test_every_state_of_the_canvas_is_shown_in_both_themes_at_both_ratios() -> None:
    wanted = {f"{name}{ratio}-{theme}" for name in STATES for ratio in ("", "-sharp") for theme in ("dark", "light")}
    assert wanted <= PICTURES.keys()
    for name in wanted:
        shot = PICTURES[name][1]
        assert (shot.scale, shot.theme) == (2.0 if "-sharp-" in name else 1.0, name.rpartition("-")[2])


def test_the_page_beside_them_tells_of_every_picture() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([a-z0-9-]+)`", page))
    assert {re.sub(r"(-sharp)?-(dark|light)$", "", name) or "sharp" for name in PICTURES} <= told


def test_every_monitor_has_its_pictures_in_both_themes_and_the_page_shows_them() -> None:
    wanted = {f"{name}-{theme}" for name in monitors.pictures() for theme in monitors.THEMES}
    assert {path.stem for path in monitors.PLACE.glob("*.png")} == wanted
    assert monitors.PAGE.read_text(encoding="utf-8") == monitors.page()
    docks = {view.dock for scene in monitors.SCENES for view in scene.views}
    assert set(MONITORS) | set(BESIDE_LOSS) | set(ON_REQUEST) | {"doctor", "tracing", "landscape"} <= docks


def test_pictures_of_monitors_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in monitors.PLACE.glob("*.png")}
    assert max(sizes.values()) < 140_000
    assert sum(sizes.values()) < 4_000_000
