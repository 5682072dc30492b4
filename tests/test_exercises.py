"""Every exercise: it is what its tool draws, shows the faults that its note tells of, and each first fix mends one."""

from __future__ import annotations

from pathlib import Path

import pytest

import resources
from core import planning
from core.files import load, to_text
from core.project import Project
from core.reading import Reading, read
from gui.filing import is_template
from gui.templates import exercises
from tools.make_exercises import EXERCISES

FOLDER = Path(resources.__file__).parent / "exercises"


def mended(project: Project) -> list[Reading]:
    """The readings on the way to a network without a problem, each by the first fix of the first problem."""
    readings = [read(project)]
    while readings[-1].problems:
        fix = next(fix for problem in readings[-1].problems for fix in problem.fixes)
        readings.append(read(planning.apply_fix(readings[-1].project, fix)))
        assert len(readings) < 20
    return readings


@pytest.mark.parametrize("name", EXERCISES)
def test_the_file_is_what_the_tool_draws_and_saving_does_not_overwrite_it(name: str) -> None:
    assert to_text(load(FOLDER / f"{name}.chain")) == to_text(EXERCISES[name]())
    assert is_template(FOLDER / f"{name}.chain")
    assert {path.stem for path in FOLDER.glob("*.chain")} == set(EXERCISES)


def test_there_are_seven_faults_and_two_of_them_show_once_others_are_mended() -> None:
    readings = mended(load(FOLDER / "repair-lenet5.chain"))
    assert [problem.code for problem in readings[0].problems] == ["E102", "E103", "W303", "W301", "W304"]
    assert len(readings) == 7 + 1
    seen = [code for reading in readings for code in {problem.code for problem in reading.errors}]
    assert {"E102", "E103", "E109"} <= set(seen)


@pytest.mark.parametrize(
    ("name", "title", "words"),
    [("repair-lenet5", "# Repair", ("F8", "Alt+Enter")), ("wire-iris", "# Wire", ("features", "logits", "label"))],
)
def test_a_note_says_what_to_do(name: str, title: str, words: tuple[str, ...]) -> None:
    (note,) = load(FOLDER / f"{name}.chain").annotations.values()
    assert (note.role, note.text.startswith(title)) == ("note", True)
    assert all(word in note.text for word in words)


def test_the_start_page_tells_how_many_problems_an_exercise_shows() -> None:
    assert [item.size for item in exercises()] == ["exercise, 5 problems", "exercise, 9 problems"]


def test_pictures_before_a_linear_are_flattened_there_and_not_at_the_loss() -> None:
    readings = mended(load(FOLDER / "repair-lenet5.chain"))
    project = readings[-1].project
    (flatten,) = [node for node in project.graph.nodes.values() if node.kind == "Flatten"]
    assert [project.graph.nodes[edge.target].name for edge in project.graph.out_of(flatten.id)] == ["fc1"]
