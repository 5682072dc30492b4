"""Nothing of a project's own code runs before the user has trusted it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.catalog.python_block import EXAMPLE
from core.codegen import source as code_text
from core.document import Document
from core.errors import CodeError, FileError
from core.files import from_text, load, save, to_text
from core.lowering import lower
from core.python.execution import made
from core.python.probing import engine_oracle
from core.python.questions import Code
from core.python.trust import Trust, codes, fingerprint, trust_file, vouched
from core.reading import read
from core.shapes import analyse
from core.training.evaluate import predict
from core.training.run import Job, Run
from tests.core.python.projects import HIDDEN, in_block, malicious, python, trusted, with_block
from tests.core.training.projects import loaded, node


def test_trust_outlives_the_program_and_stands_outside_of_the_project(own_home: Path) -> None:
    project = with_block(python("mine", HIDDEN))
    assert Trust().untrusted(project) == (Code(HIDDEN),)
    trusted(project)
    assert Trust().untrusted(project) == ()
    assert trust_file().is_relative_to(own_home)
    assert "trust" not in to_text(project)


def test_trust_is_for_these_very_words() -> None:
    trusted(with_block(python("mine", HIDDEN)))
    others = (HIDDEN + " ", HIDDEN.replace("relu", "sigmoid"))
    assert all(not Trust().covers(Code(source)) for source in others)
    assert not Trust().covers(Code(HIDDEN, '{"size": 4}'))
    assert fingerprint(Code("ab", "c")) != fingerprint(Code("a", "bc"))


def test_our_own_example_needs_no_trust() -> None:
    assert Trust().covers(Code(EXAMPLE, '{"hidden": 3}'))
    assert Trust().untrusted(with_block(node("mine", "Python"))) == ()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"trusted": 5}', '{"trusted": [5]}', "[" * 100_000])
def test_a_damaged_file_trusts_nothing(content: str) -> None:
    trust_file().parent.mkdir(parents=True)
    trust_file().write_text(content)
    assert not Trust().covers(Code(HIDDEN))
    trusted(with_block(python("mine", HIDDEN)))
    assert Trust().covers(Code(HIDDEN))


def test_two_windows_keep_what_the_other_has_trusted() -> None:
    one, other = Trust(), Trust()
    one.remember([Code("a")])
    assert other.covers(Code("a"))
    other.remember([Code("b")])
    assert one.covers(Code("b"))
    assert Trust().covers(Code("a"))
    assert Trust().covers(Code("b"))


def test_trust_that_cannot_be_kept_is_told() -> None:
    trust_file().parent.parent.mkdir(parents=True, exist_ok=True)
    trust_file().parent.write_text("a file where the folder should be")
    with pytest.raises(FileError):
        Trust().remember([Code(HIDDEN)])


def test_a_strangers_file_is_opened_drawn_edited_saved_and_coded_without_running(tmp_path: Path) -> None:
    target = tmp_path / "ran"
    path = tmp_path / "stranger.chain"
    save(with_block(python("bad", malicious(target))), path)
    project = load(path)
    reading = read(project)
    assert "class Bad" in code_text(project, reading.plan, reading.analysis)
    document = Document(project)
    document.edit("Rename", replace(project, name="mine"))
    document.undo()
    save(document.project, path)
    told = read(project, oracle=engine_oracle())
    assert [problem.code for problem in told.errors] == ["E114"]
    assert "not trusted" in told.errors[0].message
    for attempt in (
        lambda: Run(Job(project, loaded(project))),
        lambda: predict(project, {}, {"image": [[[[0.0] * 8] * 8]]}),
        lambda: made(codes(project)[0], ""),
    ):
        with pytest.raises(CodeError):
            attempt()
    assert not target.exists()


def test_the_same_file_runs_once_it_is_trusted(tmp_path: Path) -> None:
    target = tmp_path / "ran"
    project = trusted(with_block(python("bad", malicious(target))))
    assert read(project, oracle=engine_oracle()).errors == ()
    assert target.exists()


def test_an_answer_refused_for_want_of_trust_is_asked_for_again() -> None:
    project = with_block(python("mine", HIDDEN))
    plan = lower(project)
    first = analyse(plan, oracle=engine_oracle())
    assert first.awaited.keys() == {"mine"}
    trusted(project)
    second = analyse(plan, first, engine_oracle())
    assert second.wrong == {}
    assert second.awaited == {}
    assert second.parameters["fc"] == 16 * 10 + 10


def test_a_source_stands_in_the_file_line_by_line() -> None:
    project = with_block(python("mine", HIDDEN, '{"size": 4}', frozen=True), python("other", "\n\r\n\u2028x"))
    text = to_text(project)
    assert '    "class Hidden(nn.Module):",\n' in text
    assert from_text(text) == project
    mine = next(item for item in json.loads(text)["nodes"] if item["name"] == "mine")
    assert mine["params"] == {"source": HIDDEN.split("\n"), "settings": '{"size": 4}', "frozen": True}


def test_a_source_may_also_be_one_text() -> None:
    text = to_text(with_block(python("mine", HIDDEN)))
    content = json.loads(text)
    mine = next(item for item in content["nodes"] if item["name"] == "mine")
    mine["params"]["source"] = HIDDEN
    assert from_text(json.dumps(content)) == from_text(text)


@pytest.mark.parametrize("bad", ["x" * 10_000_000, "a\0b", 5, [["nested"]], {"a": 1}])
def test_a_file_whose_source_is_none_is_refused(bad: object) -> None:
    content = json.loads(to_text(with_block(python("mine", HIDDEN))))
    next(item for item in content["nodes"] if item["name"] == "mine")["params"]["source"] = bad
    with pytest.raises(FileError) as caught:
        from_text(json.dumps(content))
    assert len(str(caught.value)) < 1000


def test_a_wire_whose_port_is_gone_stays_and_is_told() -> None:
    project = with_block(python("mine", HIDDEN))
    node_id = "mine"
    changed = project.graph.node(node_id).with_params(source=HIDDEN.replace("self, x", "self, picture"))
    renamed = project.with_scope(project.graph.replace_node(changed))
    assert from_text(to_text(renamed)) == renamed
    told = [problem.code for problem in read(renamed).of(node_id)]
    assert told == ["E102", "E107"]
    assert len(renamed.graph.edges) == len(project.graph.edges)


def test_all_trust_can_be_forgotten() -> None:
    project = trusted(with_block(python("mine", HIDDEN)))
    one = Trust()
    one.forget()
    assert one.untrusted(project) == Trust().untrusted(project) == (Code(HIDDEN),)
    one.forget()


def test_whoever_asks_may_vouch_for_code_for_the_time_of_the_question() -> None:
    code = Code(HIDDEN)
    with vouched([fingerprint(code)]):
        assert Trust().covers(code)
        assert not Trust().covers(Code(HIDDEN, "{}"))
    assert not Trust().covers(code)


def test_code_inside_of_blocks_is_code_of_the_project() -> None:
    assert codes(in_block()) == (Code(HIDDEN.replace("size=16", "size=64")),)
