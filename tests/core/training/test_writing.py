"""A network writes what a plain loop over torch's own modules writes, in one piece or in several."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from core.engine.predictions import Next, Write, packed, unpacked
from core.errors import DataError
from core.prediction.sampling import drawn, shares
from core.training.predicting import Predictor
from tests.core.prediction.writers import adder, speaker
from tests.core.training.projects import loaded
from tests.core.training.running import finished, weights

PROMPT = [40, 41, 42]


class Speaker:
    """The GRU by torch's own modules, on the text alone, without any filling."""

    def __init__(self, state: dict[str, torch.Tensor]) -> None:
        self.table = state["embedding.weight"]
        self.gru = nn.GRU(16, 32, batch_first=True)
        self.gru.load_state_dict({name.removeprefix("gru."): one for name, one in state.items() if "gru" in name})
        self.fc = state["fc.weight"], state["fc.bias"]

    def scores(self, tokens: list[int]) -> torch.Tensor:
        with torch.no_grad():
            states, _last = self.gru(self.table[torch.tensor([tokens])])
        return functional.linear(states[0, -1], *self.fc)


@pytest.fixture(scope="module")
def speaking() -> tuple[Predictor, Speaker]:
    _events, control = finished(speaker())
    assert control.predictor is not None
    return control.predictor, Speaker(weights(control))


def wish(**values: object) -> dict[str, object]:
    return {"project": "", "inputs": {}, "grown": "text", "output": "turn", "tokens": PROMPT} | values


def test_the_next_token_is_as_likely_as_torch_says_however_long_the_text(speaking: tuple[Predictor, Speaker]) -> None:
    predictor, model = speaking
    for tokens in (PROMPT[:1], PROMPT, list(range(16)), list(range(40))):
        told = predictor.next(Next(**wish(tokens=tokens, temperature=0.7, top_k=9)))
        wanted = shares(model.scores(tokens[-16:]).numpy(), 0.7, 9)
        assert unpacked(told.shares) == pytest.approx(wanted, rel=1e-4, abs=1e-7)
        assert told.causal


def test_a_text_is_what_a_plain_loop_draws_in_one_piece_or_in_several(speaking: tuple[Predictor, Speaker]) -> None:
    predictor, model = speaking
    tokens = list(PROMPT)
    for place in range(30):
        chances = shares(model.scores(tokens[-16:]).numpy(), 0.9, 12)
        tokens.append(drawn(chances, 5, place))
    made: list[int] = []
    while len(made) < 30:
        so_far = wish(tokens=[*PROMPT, *made], temperature=0.9, top_k=12)
        piece = Write(**so_far, count=min(7, 30 - len(made)), drawn=len(made), seed=5)
        told = predictor.write(piece)
        assert 1 <= len(told.tokens) <= 7
        made += told.tokens
    assert made == tokens[len(PROMPT) :]


def test_a_text_ends_with_its_token_or_when_the_input_is_full(speaking: tuple[Predictor, Speaker]) -> None:
    predictor, _model = speaking
    greedy = wish(temperature=0.0)
    first = predictor.write(Write(**greedy, count=1)).tokens[0]
    told = predictor.write(Write(**greedy, count=9, end=first))
    assert (told.tokens, told.ended) == ([first], True)
    tokens: list[int] = []
    while not tokens or not told.ended:
        told = predictor.write(Write(**wish(temperature=0.0, tokens=[*PROMPT, *tokens]), count=50, full=True))
        tokens += told.tokens
    assert len(PROMPT) + len(tokens) == 17


def test_sums_are_worked_out_from_what_is_read(tmp_path) -> None:
    made = adder(seed=1, epochs=60, batch_size=16)
    _events, control = finished(made)
    predictor, data = control.predictor, loaded(made)["data"]
    assert predictor is not None
    right = 0
    for number in data.train[:30].tolist():
        source, target = data.fields["source"][number], data.fields["target_out"][number].tolist()
        question = Write(
            project="",
            inputs={"source": packed(source[None].numpy())},
            grown="target_in",
            output="turn",
            tokens=[1],
            temperature=0.0,
            count=3,
            end=2,
            full=True,
        )
        said = predictor.write(question).tokens
        right += said == target[: target.index(2) + 1]
    assert right >= 27


@pytest.mark.parametrize(
    ("change", "words"),
    [({"tokens": []}, "none came"), ({"grown": "next"}, "is none"), ({"output": "fc"}, "gives none")],
)
def test_what_cannot_be_written_is_refused_in_words(speaking, change: dict[str, object], words: str) -> None:
    predictor, _model = speaking
    with pytest.raises(DataError, match=words):
        predictor.next(Next(**wish(**change)))
