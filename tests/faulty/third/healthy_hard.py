"""Healthy networks that come close to a fault; the number is the score that all reach."""

from __future__ import annotations

from tests.faulty.case import Case, healthy
from tests.faulty.cases.shared import mlp
from tests.faulty.second.shared import adam, dropped, residual
from tests.faulty.third.shared import PENDULUM, PETALS, ROTORS

SOUND: tuple[Case, ...] = (
    healthy(
        "S101_sigmoid2_high_rate_rotors",
        {"data": ROTORS, "arch": mlp([40, 40], "sigmoid", 3), "train": adam(0.03, 50, 500)},
        "two sigmoid layers under a large rate",
        0.88,
    ),
    healthy(
        "S102_layer_norm_batches_of_three",
        {
            "data": PETALS,
            "arch": [["linear", 32], ["ln"], ["relu"], ["linear", 32], ["ln"], ["relu"], ["linear", 2]],
            "train": adam(0.001, 3, 1500),
        },
        "layer norms do not mind batches of 3",
        0.87,
    ),
    healthy(
        "S104_rnn_clipped_adding",
        {
            "data": {"name": "adding", "n": 1400, "T": 10},
            "arch": [["rnn", 32, "tanh"], ["last"], ["linear", 1]],
            "init": {"rnn_gain": 1.0},
            "train": adam(0.005, 50, 700, clip=0.5),
        },
        "a plain RNN of ten steps whose gradient is clipped at times",
        0.85,
    ),
    healthy(
        "S105_residual20_scaled_pendulum",
        {
            "data": PENDULUM,
            "arch": residual(24, 20, [["ln"], ["linear", 24], ["tanh"], ["linear", 24]], 1),
            "train": adam(0.002, 35, 300),
        },
        "42 layers with wires past them",
        0.9,
    ),
    healthy(
        "S106_rare_but_apart",
        {
            "data": {"name": "clouds", "n": 2400, "f": 8, "apart": 5.0, "keep_frac": {"1": 0.06}, "n_val": 700},
            "arch": mlp([20], "tanh", 2),
            "metric": "bacc",
            "train": adam(0.01, 40, 200),
        },
        "17 to 1 between clouds that hardly overlap, and no weights",
        0.93,
    ),
    healthy(
        "S108_dropout60_wide_rotors",
        {"data": ROTORS, "arch": dropped([256], "gelu", 0.6, 3), "train": adam(0.006, 40, 500)},
        "dropout of 0.6 behind 256 units",
        0.88,
    ),
)
