"""What is told of the templates beside their projects."""

import json
from pathlib import Path

import pytest

import resources
from core.errors import FileError
from core.gallery import CATALOG, CATEGORIES, RESULTS, Figure, duration, entries, measured
from tests.test_architecture import loaded_by
from tools.gallery.exhibit import CATEGORIES as EXHIBITED

TEMPLATES = Path(resources.__file__).parent / "templates"


def test_the_categories_are_those_of_the_exhibits() -> None:
    assert CATEGORIES == EXHIBITED


def test_entries_come_by_category_and_in_each_as_the_catalog_has_them() -> None:
    raw = json.loads((TEMPLATES / CATALOG).read_text())
    wanted = [item["name"] for name in CATEGORIES for item in raw if item["category"] == name]
    assert [entry.name for entry in entries(TEMPLATES)] == wanted
    assert all(len(entry.lesson) == 3 and entry.source for entry in entries(TEMPLATES))


def test_the_median_of_the_seeds_is_told(tmp_path: Path) -> None:
    seeds = [{"seed": seed, "value": value, "seconds": 10 * value} for seed, value in enumerate((0.7, 0.9, 0.2))]
    told = {"a": {"hash": "x", "parameters": 3, "seeds": seeds}, "b": {"hash": "y", "parameters": 5, "seeds": []}}
    (tmp_path / RESULTS).write_text(json.dumps(told))
    known = measured(tmp_path)
    assert (known["a"].seconds, known["a"].value, known["a"].parameters) == (7.0, 0.7, 3)
    assert (known["b"].seconds, known["b"].value) == (None, None)


def test_without_files_nothing_is_known_and_a_damaged_one_says_so(tmp_path: Path) -> None:
    assert (entries(tmp_path), measured(tmp_path)) == ((), {})
    (tmp_path / RESULTS).write_text('{"a": 3}')
    with pytest.raises(FileError, match=r"results\.json"):
        measured(tmp_path)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.02, "0.1 s"), (0.94, "0.9 s"), (0.96, "1 s"), (11.6, "12 s"), (99.4, "99 s"), (99.6, "2 min"), (600, "10 min")],
)
def test_a_time_is_told_no_finer_than_it_can_be_relied_on(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_figure_is_written_as_the_window_writes_numbers() -> None:
    assert Figure("accuracy", ".1%", "at least 90.0 %").written(0.98765) == "98.8 %"


def test_it_loads_neither_torch_nor_numpy() -> None:
    assert loaded_by("import core.gallery", "torch", "numpy", "PySide6") == []
