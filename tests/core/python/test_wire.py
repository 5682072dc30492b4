"""Questions and answers about Python blocks survive the pipe."""

from __future__ import annotations

import json

import msgspec
import pytest

from core.catalog.kind import SCALAR, Batch, Shaped, TensorType
from core.engine.activations import Peeked
from core.engine.answers import answer
from core.engine.means import Means
from core.errors import CodeError, EngineError
from core.python.questions import Code, Question, Told, question
from core.python.trust import fingerprint, vouched
from core.python.wire import question_text, read_question, read_told, told_text
from tests.core.python.projects import HIDDEN

IMAGES, LABELS = TensorType((Batch(2), 3, 8)), TensorType((Batch(),), "int64")
MEANS = Means(
    lambda _project: {},
    lambda _module: {},
    lambda _values: Peeked(step=0, seconds=0.0, found=[]),
    lambda _asked: pytest.fail("nothing is predicted here"),
    lambda _text, _share: None,
)


@pytest.mark.parametrize("inputs", [(), (("x", IMAGES),), (("x", SCALAR), ("more", (IMAGES, LABELS))), (("x", ()),)])
def test_a_question_comes_out_as_it_went_in(inputs) -> None:
    asked = Question(Code("a\n“b”\u2028", '{"a": 1}'), '{"a": 1, "in_features": 8}', inputs)
    assert read_question(question_text(asked)) == asked


@pytest.mark.parametrize(
    "told",
    [
        Told(Shaped({"a": IMAGES, "b": LABELS}, 5, 6, 7)),
        Told(error=CodeError("a", "b", "c", "d")),
        Told(error=CodeError.at_line(CodeError("a"), 7), is_final=False),
    ],
)
def test_an_answer_comes_out_as_it_went_in(told: Told) -> None:
    found = read_told(msgspec.json.encode(told_text(told)).decode())
    assert (found.shaped, found.is_final) == (told.shaped, told.is_final)
    assert str(found.error) == str(told.error)
    assert (found.error.line if found.error else 0) == (told.error.line if told.error else 0)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"source": 5}'])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(EngineError):
        read_question(text)


def test_the_engine_answers_what_it_is_vouched_for_and_nothing_else() -> None:
    asked = question((("source", HIDDEN),), {"x": TensorType((Batch(), 4))})
    refused = read_told(answer("block", question_text(asked), MEANS))
    assert refused.error is not None
    assert not refused.is_final
    with vouched([fingerprint(asked.code)]):
        told = read_told(answer("block", question_text(asked), MEANS))
    assert told.shaped is not None
    assert told.shaped.outputs == {"output": TensorType((Batch(), 16))}
    assert json.loads(asked.settings) == {"in_features": 4}
