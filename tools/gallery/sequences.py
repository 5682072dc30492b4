"""Networks that read one step after another: memory, forecasts, and a translation with attention."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.data.settings import DatasetSettings
from core.graph import Value
from core.project import Project
from core.training.optimizers import Optimizer
from core.training.schedules import Schedule
from core.training.settings import Phase, TrainingSettings
from tools.gallery.drawing import Drawing, settings
from tools.gallery.exhibit import Exhibit, Figure, Outcome, accuracy, perplexity, validation_loss

MEMORY = 40
"""Digits between the letter and the question for it."""
SIGNS = 62
"""Characters of the plays."""


def memory(kind: str) -> Project:
    """A recurrent layer that has to recall the first letter of a string."""
    draw = Drawing(6)
    strings = draw.data("recall", "strings", "sequence")
    draw.layer("Embedding", "embed", num_embeddings=14, embedding_dim=16)
    gates: dict[str, dict[str, Value]] = {"LSTM": {"forget_bias": 4.0}, "GRU": {"update_bias": 4.0}}
    open_gate = gates.get(kind, {})
    draw.layer(kind, kind.lower(), None, hidden_size=48, **open_gate)
    draw.layer("Select", "last")
    draw.layer("Linear", "fc", out_features=4)
    draw.loss("CrossEntropy", "cross_entropy", (strings, "label"))
    words = {
        "RNN": "A plain recurrent layer forgets the first letter: its gradient fades on the way back through time.",
        "GRU": "Two gates keep the first letter through forty digits that mean nothing.",
        "LSTM": "A cell with three gates carries the first letter through forty digits that mean nothing.",
    }
    phase = Phase(optimizer=Optimizer("Adam", 0.005))
    training = TrainingSettings(epochs=20, batch_size=50, clip_norm=1.0, phases=(phase,))
    data = DatasetSettings("recall", (("length", MEMORY),))
    return draw.project(f"Long memory: {kind}", words[kind], data, training, "recall")


FORECASTS = {
    "LSTM": (
        "Temperature forecast",
        "An LSTM reads two days of hourly temperatures and says what the next hour brings.",
    ),
    "GRU": ("Temperature by GRU", "A GRU reads the same two days with two gates in place of three and a cell."),
    "RNN": ("Temperature by RNN", "A plain recurrent layer reads the same two days: the last hours are enough here."),
}
"""By recurrent layer the name of its forecast, and what it tells."""


def temperature(kind: str) -> Project:
    """The temperature of the next hour from that of two days, by such a layer."""
    draw = Drawing(5)
    hours = draw.data("temperatures", "hours", "past")
    draw.layer(kind, kind.lower(), hidden_size=32)
    draw.layer("Select", "last")
    draw.layer("Linear", "fc", out_features=1)
    draw.loss("MSE", "mse", (hours, "next"))
    return draw.project(
        *FORECASTS[kind],
        DatasetSettings("temperatures", (("horizon", 1), ("window", 48))),
        replace(settings(6, 64, Optimizer("Adam", 0.005)), schedule=Schedule("Cosine")),
        "temperatures",
    )


def as_before(outcome: Outcome) -> float:
    """The validation loss of saying that the next hour is like the last."""
    (data,) = outcome.data.values()
    past, wanted = (data.fields[name][data.validation].double().numpy() for name in ("past", "next"))
    return float(np.mean((past[:, -1, :] - wanted) ** 2))


def characters() -> Project:
    """A GRU that writes Shakespeare, a character at a time."""
    draw = Drawing(6)
    plays = draw.data("shakespeare", "plays", "text")
    draw.layer("Embedding", "embed", num_embeddings=SIGNS, embedding_dim=48)
    draw.layer("GRU", "gru", hidden_size=128)
    draw.layer("Linear", "scores", out_features=SIGNS)
    draw.layer("Transpose", "to_channels")
    draw.loss("CrossEntropy", "cross_entropy", (plays, "next"))
    return draw.project(
        "Character RNN",
        "A recurrent layer guesses the next letter of Shakespeare, and so learns to spell, then words.",
        DatasetSettings("shakespeare", (("characters", 200_000),)),
        TrainingSettings(
            epochs=4,
            batch_size=16,
            clip_norm=1.0,
            schedule=Schedule("Cosine"),
            phases=(Phase(optimizer=Optimizer("Adam", 0.005)),),
        ),
        "shakespeare",
    )


def of_letters(outcome: Outcome) -> float:
    """The perplexity of knowing only how frequent each character is."""
    (data,) = outcome.data.values()
    text, held = (data.fields["next"][rows].numpy().reshape(-1) for rows in (data.train, data.validation))
    share = (np.bincount(text, minlength=SIGNS) + 1) / (len(text) + SIGNS)
    return float(np.exp(-np.log(share[held]).mean()))


FORECAST = Figure(
    "mean squared error on the last fifth",
    validation_loss,
    0.03,
    lower=True,
    reference=as_before,
    against="as the last hour",
    form=".4f",
)


EXHIBITS = (
    Exhibit(
        "memory-rnn",
        lambda: memory("RNN"),
        "Sequence",
        (
            "The answer stands in the first symbol, and forty steps lie between it and the question.",
            "Each step multiplies the gradient by the same matrix and a slope below one, so it fades.",
            "The network stays at chance, one in four; its twins with gates do not.",
        ),
        "Bengio, Simard, Frasconi: Learning long-term dependencies with gradient descent is difficult, 1994",
        Figure("validation accuracy", accuracy, 0.6, lower=True),
    ),
    Exhibit(
        "memory-gru",
        lambda: memory("GRU"),
        "Sequence",
        (
            "A gate decides for each number whether it is kept or written anew.",
            "What is kept is handed on unchanged, and its gradient comes back unchanged.",
            "Its bias begins at 4 here, so that it keeps from the start: with torch's own two of three seeds fail.",
        ),
        "Cho et al.: Learning phrase representations using RNN encoder-decoder, 2014",
        Figure("validation accuracy", accuracy, 0.98),
    ),
    Exhibit(
        "memory-lstm",
        lambda: memory("LSTM"),
        "Sequence",
        (
            "The cell is a sum: what was there, times a gate, and what is new, times another.",
            "The gradient goes back along the sum without fading, as long as the first gate stays open.",
            "So its bias begins at 4 here: with torch's own the gate is half closed, and forty steps are too many.",
        ),
        "Hochreiter and Schmidhuber: Long short-term memory, 1997",
        Figure("validation accuracy", accuracy, 0.98),
    ),
    Exhibit(
        "temperature",
        lambda: temperature("LSTM"),
        "Sequence",
        (
            "The best simple forecast is that the next hour is like this one; a network has to beat that.",
            "The LSTM sees where in the day it is from the shape of the last two days.",
            "It is trained on the first part of the year and judged on the last, as a forecast must be.",
        ),
        "Hochreiter and Schmidhuber 1997; temperatures of Seattle: NOAA, in vega-datasets",
        FORECAST,
    ),
    Exhibit(
        "temperature-gru",
        lambda: temperature("GRU"),
        "Sequence",
        (
            "A GRU has one state where an LSTM has two, and two gates in place of three.",
            "With a quarter fewer weights it forecasts as well: which of them is better, only trying tells.",
            "Compare the steps to a low loss, and the seconds.",
        ),
        "Chung, Gulcehre, Cho, Bengio: Empirical evaluation of gated recurrent neural networks, 2014",
        FORECAST,
    ),
    Exhibit(
        "temperature-rnn",
        lambda: temperature("RNN"),
        "Sequence",
        (
            "The next hour follows from the last ones, so little has to be remembered for long.",
            "A plain recurrent layer is enough, with a quarter of the weights of an LSTM.",
            "Gates pay where something early matters: see the three networks with a long memory.",
        ),
        "Elman: Finding structure in time, 1990; temperatures of Seattle: NOAA, in vega-datasets",
        FORECAST,
    ),
    Exhibit(
        "char-rnn",
        characters,
        "Sequence",
        (
            "The task is only to guess the next of 62 characters, but to guess well one has to know words.",
            "Perplexity says among how many characters the network hesitates: 62 at first, some six in the end.",
            "It reads one character after another, so its state has to hold all that matters.",
        ),
        "Karpathy: The unreasonable effectiveness of recurrent neural networks, 2015",
        Figure(
            "validation perplexity",
            perplexity,
            7.0,
            lower=True,
            reference=of_letters,
            against="frequencies of letters",
            form=".2f",
        ),
    ),
)
