"""Healthy networks over pictures, sequences, tokens and for auto-encoding; the number is the score that all reach."""

from __future__ import annotations

from tests.faulty.case import Case, healthy
from tests.faulty.cases.shared import mlp
from tests.faulty.second.shared import GRATINGS, adam, convs

SHAPED: tuple[Case, ...] = (
    healthy(
        "Q76_autoencoder_sheet",
        {
            "data": {"name": "sheet", "n": 1200, "f": 16, "rank": 2},
            "arch": mlp([48, 3, 48], "elu", 16),
            "train": adam(0.005, 50, 700),
        },
        "an hourglass of 3 units on purpose",
        0.8,
    ),
    healthy(
        "Q77_autoencoder_digits",
        {"data": {"name": "self_digits"}, "arch": mlp([64, 16, 64], "relu", 64), "train": adam(0.003, 64, 500)},
        "64 numbers through 16, and a loss of hundredths",
        0.75,
    ),
    healthy(
        "Q78_convs_groups_gratings",
        {"data": GRATINGS, "arch": convs([12, 16], "relu", 4, ["gn", 4]), "train": adam(0.003, 32, 200)},
        "group norms, batches of any size",
        0.9,
    ),
    healthy(
        "Q79_convs_strided_shapes",
        {
            "data": {"name": "shapes", "n": 1400, "noise": 0.3},
            "arch": [["conv", 12, 3, 2], ["relu"], ["conv", 24, 3, 2], ["relu"], ["flatten"], ["linear", 4]],
            "train": adam(0.003, 40, 500),
        },
        "maps that are nought in most places",
        0.85,
    ),
    healthy(
        "Q80_lstm_long_pulses",
        {
            "data": {"name": "pulses", "n": 1000, "T": 60, "k": 3, "noise": 0.1},
            "arch": [["lstm", 20], ["last"], ["linear", 3]],
            "init": {"forget_bias": 3.0},
            "train": adam(0.02, 50, 500),
        },
        "60 steps through an LSTM: the gradient at the first is small",
        0.88,
    ),
    healthy(
        "Q81_gru_echo",
        {
            "data": {"name": "echo", "n": 1000, "T": 20},
            "arch": [["gru", 24], ["last"], ["linear", 1]],
            "train": adam(0.01, 50, 300),
        },
        "the first of 20 numbers is asked for",
        0.9,
    ),
    healthy(
        "Q82_attention_topics",
        {
            "data": {"name": "topics", "n": 1500, "V": 150, "T": 16, "k": 4, "liked": 12.0},
            "arch": [["embed", 150, 16], ["attn", 2], ["ln"], ["meanpool"], ["linear", 4]],
            "train": adam(0.005, 50, 250),
        },
        "most rows of the embedding get no gradient in a step",
        0.8,
    ),
    healthy(
        "Q83_lstm_order_of_tokens",
        {
            "data": {"name": "order", "n": 2000, "V": 20, "T": 10},
            "arch": [["embed", 20, 8], ["lstm", 24], ["last"], ["linear", 2]],
            "train": adam(0.01, 50, 600),
        },
        "a plateau at chance, and then it falls",
        0.93,
    ),
)
