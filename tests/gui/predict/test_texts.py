"""Texts in the Predict panel: what is typed, how likely tokens are, what is written and translated."""

from __future__ import annotations

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from torch import nn
from torch.nn import functional

from core.data.builtin.texts import CHARACTERS
from core.data.sources import FieldSpec
from core.document import Document
from core.prediction.sampling import drawn, shares
from core.prediction.texts import tokens_of, written
from core.project import Project
from gui.app import App
from gui.numbers import percent
from gui.predict.panel import PredictPanel
from gui.predict.text_input import TextInput
from gui.predict.writer import Writer
from gui.theme import Themes
from tests.core.prediction.writers import adder, speaker
from tests.core.training.test_writing import Speaker
from tests.gui.predict.test_panel import SOON, settled, show, stop, train

LEFT = Qt.MouseButton.LeftButton


def taken(app: App, qtbot: QtBot, made: Project, steps: int) -> tuple[PredictPanel, Writer]:
    app.filing.take(Document(made))
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    shown = show(app, qtbot)
    train(app, qtbot, steps)
    settled(shown, qtbot, steps)
    assert shown.page.writer is not None
    return shown, shown.page.writer


def typed(shown: PredictPanel, text: str) -> TextInput:
    (given,) = shown.page.inputs.values()
    assert isinstance(given, TextInput)
    given.field.selectAll()
    QTest.keyClicks(given.field, text)
    return given


@pytest.fixture
def recall(dressed: QApplication, qtbot: QtBot) -> TextInput:
    made = TextInput(Themes(), FieldSpec("sequence", (4,), "int64", "input", classes=tuple("AB01")))
    qtbot.addWidget(made)
    return made


def test_a_text_without_a_token_that_fills_needs_its_length_and_tells_what_it_does_not_know(recall: TextInput):
    QTest.keyClicks(recall.field, "A01")
    assert not recall.is_given
    assert recall.note.text() == "4 tokens are wanted, 3 came."
    QTest.keyClicks(recall.field, "1Z0")
    assert recall.is_given
    assert recall.values.tolist() == [[0, 2, 3, 3]]
    assert recall.note.text() == "Not in the vocabulary: Z. 5 tokens: the network reads the first 4."


def test_the_next_tokens_are_as_likely_as_torch_says_and_follow_the_temperature(app: App, qtbot: QtBot):
    shown, writer = taken(app, qtbot, speaker(epochs=20), 20)
    given = typed(shown, "the ki")
    writer.sampler.heat.setValue(70)
    writer.sampler.likeliest.setValue(5)
    settled(shown, qtbot, 20)
    model = Speaker(stop(app, qtbot))
    tokens = [CHARACTERS.index(sign) for sign in "the ki"]
    assert given.tokens == tokens
    wanted = shares(model.scores(tokens).numpy(), 0.7, 5)
    order = sorted(range(62), key=lambda at: -wanted[at])[:5]
    bars = writer.bars.bars
    assert [bar.text for bar in bars[:5]] == [percent(wanted[at]) for at in order]
    assert [bar.value for bar in bars[5:]] == [0.0] * 3
    assert (writer.sampler.heat_text.text(), writer.sampler.likeliest_text.text()) == ("0.70", "5")


def test_the_button_writes_the_very_text_that_a_plain_loop_draws_and_stops_when_it_is_pressed(app: App, qtbot: QtBot):
    shown, writer = taken(app, qtbot, speaker(epochs=20), 20)
    typed(shown, "the ")
    writer.sampler.seed_.selectAll()
    QTest.keyClicks(writer.sampler.seed_, "9")
    QTest.mouseClick(writer.button, LEFT)
    assert writer.button.text() == "Stop"
    qtbot.waitUntil(lambda: len(writer.made) >= 60, timeout=SOON)
    QTest.mouseClick(writer.button, LEFT)
    qtbot.waitUntil(lambda: not shown.asking.is_waiting, timeout=SOON)
    assert (writer.button.text(), writer.is_writing) == ("Write", False)
    count = len(writer.made)
    qtbot.wait(100)
    assert len(writer.made) == count < 400
    model, tokens = Speaker(stop(app, qtbot)), [CHARACTERS.index(sign) for sign in "the "]
    for place in range(count):
        tokens.append(drawn(shares(model.scores(tokens[-16:]).numpy(), 0.8), 9, place))
    assert writer.made == tokens[4:]
    assert writer.page.toPlainText() == "the " + "".join(CHARACTERS[token] for token in tokens[4:])


def test_a_sum_is_worked_out_beside_the_right_answer_and_anew_for_what_is_typed(app: App, qtbot: QtBot):
    shown, writer = taken(app, qtbot, adder(epochs=100, batch_size=16), 300)
    qtbot.waitUntil(lambda: bool(writer.made) and not writer.is_writing, timeout=SOON)
    classes = writer.writing.spec.classes
    (given,) = shown.page.inputs.values()
    sum_ = given.field.toPlainText()
    assert writer.right.text() == f"right: {sum(map(int, sum_.rstrip('=').split('+')))}"
    said = [token for token in writer.made if token > 2]
    assert writer.page.toPlainText() == written(said, classes)
    is_right = writer.page.toPlainText() == writer.right.text().removeprefix("right: ")
    assert (writer.verdict.text() == "right") is is_right
    typed(shown, "2+2=")
    assert writer.right.isHidden()
    qtbot.waitUntil(lambda: not shown.asking.is_waiting and not writer.is_writing, timeout=SOON)
    weights = stop(app, qtbot)
    qtbot.waitUntil(lambda: not shown.asking.is_waiting and not writer.is_writing, timeout=SOON)
    assert writer.made == greedy(weights, tokens_of("2+2=", classes).tokens)


def greedy(weights: dict[str, torch.Tensor], source: list[int]) -> list[int]:
    """The likeliest tokens by torch's own modules, until the end or the third."""
    gru = nn.GRU(16, 48, batch_first=True)
    gru.load_state_dict({name.removeprefix("gru."): one for name, one in weights.items() if "gru" in name})
    read = weights["read.weight"][torch.tensor([source])].flatten(1)
    hidden = torch.relu(functional.linear(read, weights["hidden.weight"], weights["hidden.bias"]))
    rows = functional.linear(hidden, weights["fit.weight"], weights["fit.bias"]).reshape(1, 3, 16)
    made: list[int] = []
    with torch.no_grad():
        while len(made) < 3 and 2 not in made:
            known = [1, *made]
            states, _last = gru(rows[:, : len(known)] + weights["known.weight"][torch.tensor([known])])
            made.append(int(functional.linear(states[0, -1], weights["fc.weight"], weights["fc.bias"]).argmax()))
    return made
