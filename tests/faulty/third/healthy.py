"""Healthy networks that look as if something were wrong; the number is the score that all reach."""

from __future__ import annotations

from tests.faulty.case import Case, healthy
from tests.faulty.cases.shared import mlp
from tests.faulty.second.shared import adam, convs, sgd
from tests.faulty.third.shared import PENDULUM, PETALS, PHRASES, PICTURES, ROTORS, TERRAIN, TEXTURES

HEALTHY: tuple[Case, ...] = (
    healthy(
        "Q101_relu_cosine_petals",
        {"data": PETALS, "arch": mlp([36, 36], "relu", 2), "train": adam(0.01, 40, 600, sched=["cosine", 15])},
        "the rate ends at nought, after all is learned",
        0.9,
    ),
    healthy(
        "Q102_convs_groups_rmsprop_textures",
        {"data": TEXTURES, "arch": convs([12, 20], "gelu", 4, ["gn", 4]), "train": adam(0.001, 25, 250, opt="rmsprop")},
        "RMSprop behind group norms",
        0.88,
    ),
    healthy(
        "Q103_gelu_descent_pendulum",
        {"data": PENDULUM, "arch": mlp([64, 32], "gelu", 1), "init": {"w": "he"}, "train": sgd(0.02, 28, 700)},
        "plain good run of a regression",
        0.91,
    ),
    healthy(
        "Q104_gru_holding",
        {
            "data": {"name": "holding", "n": 1200, "T": 24},
            "arch": [["gru", 20], ["last"], ["linear", 3]],
            "train": adam(0.01, 60, 200),
        },
        "series that are nothing but noise to the eye",
        0.85,
    ),
    healthy(
        "Q105_embedding_phrases",
        {
            "data": PHRASES,
            "arch": [["embed", 60, 20], ["meanpool"], ["linear", 40], ["relu"], ["linear", 2]],
            "train": adam(0.02, 50, 350),
        },
        "most words mean nothing, and their numbers hardly move",
        0.93,
    ),
    healthy(
        "Q106_tanh_norms_rotors",
        {"data": ROTORS, "arch": mlp([30, 30, 30], "tanh", 3, bn=True), "train": sgd(0.1, 32, 350)},
        "biases before norms get no gradient",
        0.88,
    ),
    healthy(
        "Q107_autoencoder_copies",
        {
            "data": {"name": "copies", "n": 1200, "f": 12, "inner": 3},
            "arch": mlp([40, 3, 40], "tanh", 12),
            "train": adam(0.01, 40, 600),
        },
        "through 3 units, as many as there are hidden numbers",
        0.8,
    ),
    healthy(
        "Q108_squared_error_of_one_hot_pictures",
        {
            "data": {"name": "digits", "standardize": True},
            "arch": mlp([64], "leaky", 10),
            "train": adam(0.003, 50, 250, loss="mse_onehot"),
        },
        "classes by the squared error of one-hot answers, which works",
        0.93,
    ),
    healthy(
        "Q110_huber_terrain",
        {
            "data": {**TERRAIN, "noise": 0.3},
            "arch": mlp([50, 50], "tanh", 1),
            "train": adam(0.006, 44, 700, loss="huber"),
        },
        "the loss cannot fall below what noise there is",
        0.8,
    ),
    healthy(
        "Q111_convs_maxpool_pictures",
        {
            "data": PICTURES,
            "arch": [
                ["conv", 8, 3],
                ["relu"],
                ["maxpool", 2],
                ["conv", 16, 3],
                ["relu"],
                ["maxpool", 2],
                ["flatten"],
                ["linear", 32],
                ["relu"],
                ["linear", 10],
            ],
            "train": sgd(0.05, 32, 350),
        },
        "edges that are always dark",
        0.91,
    ),
)
