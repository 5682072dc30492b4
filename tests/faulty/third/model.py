"""Faults in the network and in what it is trained for; each note tells what was measured of the plain loop."""

from __future__ import annotations

from tests.faulty.case import Case
from tests.faulty.cases.shared import mlp
from tests.faulty.second.shared import adam, convs
from tests.faulty.third.shared import PENDULUM, PHRASES, ROTORS, TERRAIN, TEXTURES

HOURGLASS = mlp([32, 1, 32], "elu", 12)


def reader(width: int) -> list[list[object]]:
    """Tokens as so many numbers each, their mean, and a hidden layer."""
    return [["embed", 60, width], ["meanpool"], ["linear", 32], ["relu"], ["linear", 2]]


MODEL: tuple[Case, ...] = (
    Case(
        "P131_overfit_diabetes",
        "OVERFITTING",
        {
            "data": {"name": "diabetes", "y_standardize": True, "n_train": 150},
            "arch": mlp([128, 64], "tanh", 1),
            "metric": "neg_val_loss",
            "train": adam(0.005, 25, 500),
        },
        "150 patients and 9000 weights: the held-out loss is 0.58 at best and 1.12 at the end",
        where="model and data",
        fixes=(
            ("EARLY_STOP", {"train": {"steps": 15}}),
            ("REGULARIZE", {"train": {"opt": "adamw", "wd": 8.0, "lr": 0.002}}),
        ),
        bad=-0.8,
        good=-0.66,
    ),
    Case(
        "P132_hourglass_of_one_copies",
        "UNDERFITTING_CAPACITY",
        {
            "data": {"name": "copies", "n": 1200, "f": 12, "inner": 4},
            "arch": HOURGLASS,
            "train": adam(0.005, 40, 500),
        },
        "an autoencoder of four hidden numbers through one unit: effective rank 1.0, R2 0.36 in training too",
        where="hidden layer 2",
        fixes=(("WIDEN", {"arch": mlp([32, 8, 32], "elu", 12)}),),
        bad=0.6,
        good=0.85,
    ),
    Case(
        "P133_linear_stack_pendulum",
        "MISSING_NONLINEARITY",
        {
            "data": PENDULUM,
            "arch": [["linear", 40], ["dropout", 0.05], ["linear", 40], ["linear", 40], ["linear", 1]],
            "train": adam(0.003, 35, 500),
        },
        "four linear layers and nothing between but a dropout: R2 0.02",
        also=("UNDERFITTING_CAPACITY",),
        where="between all layers",
        fixes=(("INSERT_ACT", {"arch": mlp([40, 40, 40], "gelu", 1)}),),
        bad=0.4,
        good=0.9,
    ),
    Case(
        "P134_softmax_twice_textures",
        "DOUBLE_SOFTMAX",
        {
            "data": TEXTURES,
            "arch": [*convs([16, 16], "relu", 4), ["softmax"]],
            "init": {"w": "he"},
            "metric": "neg_val_loss",
            "train": adam(0.005, 30, 300),
        },
        "a softmax before cross-entropy behind convolutions: the loss stops at 0.76 of a floor of ln(3 + e) - 1 = 0.74",
        where="output softmax",
        fixes=(("REMOVE_LAYER", {"arch": convs([16, 16], "relu", 4)}),),
        bad=-0.7,
        good=-0.5,
    ),
    Case(
        "P135_sigmoid_output_terrain",
        "OUTPUT_ACTIVATION_MISMATCH",
        {
            "data": TERRAIN,
            "arch": mlp([48, 48], "leaky", 1, post=[["sigmoid"]]),
            "init": {"w": "he"},
            "train": adam(0.005, 30, 500),
        },
        "a sigmoid behind the answer of a regression with targets of both signs: R2 0.4 to 0.5",
        also=("SATURATED_ACTIVATION",),
        where="output sigmoid",
        fixes=(("REMOVE_LAYER", {"arch": mlp([48, 48], "leaky", 1)}),),
        bad=0.7,
        good=0.85,
    ),
    Case(
        "P136_class_as_number_rotors",
        "WRONG_LOSS",
        {
            "data": {**ROTORS, "k": 6},
            "arch": mlp([40, 40], "tanh", 1),
            "train": adam(0.005, 40, 500, loss="mse"),
        },
        "six classes on a ring as the number 0 to 5 before a squared error: 0.7 right, with cross-entropy 0.9",
        also=("UNDERFITTING_CAPACITY", "TARGET_NOT_NORMALIZED"),
        where="loss and output layer",
        fixes=(("CHANGE_LOSS", {"arch": mlp([40, 40], "tanh", 6), "train": {"loss": "ce"}}),),
        bad=0.75,
        good=0.85,
    ),
    Case(
        "P137_frozen_embedding_phrases",
        "UNTRAINED_LAYER",
        {
            "data": PHRASES,
            "arch": reader(6),
            "train": adam(0.01, 50, 500, freeze=[0]),
        },
        "the embedding of 6 numbers a token is frozen as it was drawn: no update, 0.5 right",
        where="embedding",
        fixes=(("UNFREEZE", {"train": {"freeze": []}}),),
        bad=0.75,
        good=0.93,
    ),
)
