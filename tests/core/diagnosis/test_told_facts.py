"""Facts come through the engine's pipe as they were worked out."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path

import msgspec
import pytest

import resources
from core.data.load import load as load_data
from core.diagnosis.facts import Facts, FieldFacts
from core.diagnosis.told_facts import plain, read_facts
from core.engine.client import Engine
from core.engine.messages import Answer
from core.errors import EngineError
from core.files import load, to_text
from core.training.facts import facts_of

TEMPLATES = Path(resources.__file__).parent / "templates"


def same(one: Facts, other: Facts) -> bool:
    """Whether they are equal, NaN being equal to itself."""

    def told(field: FieldFacts) -> list[object]:
        values = asdict(field).values()
        return ["NaN" if isinstance(value, float) and math.isnan(value) else value for value in values]

    return list(map(told, one.fields)) == list(map(told, other.fields)) and one.leaks == other.leaks


def test_what_is_not_known_stays_unknown():
    facts = Facts((FieldFacts("d", "image", 10, low=-1.0, classes=(3, 7), names=("a", "b")),), (("d", 4),))
    read = read_facts(msgspec.json.encode(plain(facts)).decode())
    assert same(read, facts)
    assert math.isnan(read.fields[0].high)


def test_infinite_numbers_come_as_large_ones():
    facts = Facts((FieldFacts("d", "image", 10, high=math.inf, spread=-math.inf),))
    read = read_facts(msgspec.json.encode(plain(facts)).decode())
    assert read.fields[0].high > 1e300
    assert read.fields[0].spread < -1e300


def test_another_answer_is_refused_with_words():
    for body in ('{"fields": 3, "leaks": []}', '{"fields": [{"dataset": 1}], "leaks": []}', "{}"):
        with pytest.raises(EngineError, match="facts about data were wanted"):
            read_facts(body)


def test_the_engine_tells_what_the_tensors_have(engine: Engine):
    project = load(TEMPLATES / "lenet5.chain")
    question = engine.ask("facts", json.dumps({"project": to_text(project)}))
    answer: Answer | None = None
    while answer is None:
        engine.wait(30)
        answer = next((one for one in engine.drain() if isinstance(one, Answer) and one.id == question), None)
    assert answer.problem is None
    data = {name: load_data(settings) for name, settings in project.data.items()}
    assert same(read_facts(answer.body), facts_of(data, project.training))
