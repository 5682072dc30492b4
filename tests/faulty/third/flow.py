"""Faults in how gradients and activations flow; each note tells what was measured of the plain loop."""

from __future__ import annotations

from tests.faulty.case import Case
from tests.faulty.cases.shared import mlp
from tests.faulty.second.shared import adam, convs, residual, sgd
from tests.faulty.third.shared import PENDULUM, PETALS, ROTORS, TEXTURES

CHAIN = [["linear", 24], ["tanh"], ["linear", 24]]
HEAD = convs([12, 12], "relu", 4)[:-1]

FLOW: tuple[Case, ...] = (
    Case(
        "P101_vanish_residual_without_wires",
        "VANISHING_GRADIENT",
        {
            "data": PETALS,
            "arch": [["linear", 24], *(CHAIN * 9), ["linear", 2]],
            "train": sgd(0.05, 40, 500),
        },
        "9 blocks of linear, tanh, linear without the wire past them: the gradient of the first is 1e-5 of the last's",
        also=("BAD_INIT_SMALL",),
        where="the whole chain",
        fixes=(("ADD_RESIDUAL", {"arch": residual(24, 9, CHAIN, 2)}),),
        bad=0.65,
        good=0.87,
    ),
    Case(
        "P102_vanish_through_time_recall_default",
        "VANISHING_GRADIENT",
        {
            "data": {"name": "recall", "n": 1000, "T": 60, "k": 3, "distract": 0.4},
            "arch": [["rnn", 28, "tanh"], ["last"], ["linear", 3]],
            "train": adam(0.002, 40, 250),
        },
        "a plain RNN with torch's own start must keep its first of 60 steps: its gradient begins at 1e-11",
        where="time axis of the RNN",
        fixes=(("REINIT", {"init": {"rnn_gain": 1.0}}),),
        bad=0.5,
        good=0.85,
    ),
    Case(
        "P103_vanish_sigmoid_head_textures",
        "VANISHING_GRADIENT",
        {
            "data": TEXTURES,
            "arch": HEAD + mlp([24] * 6, "sigmoid", 4),
            "train": sgd(0.1, 30, 300),
        },
        "6 sigmoid layers behind two ReLU convolutions: the first gradient is 6e-9 of the last, the loss stays at ln 4",
        where="the sigmoid layers",
        fixes=(("SWAP_ACT", {"arch": HEAD + mlp([24] * 6, "elu", 4), "init": {"w": "he"}, "train": {"lr": 0.02}}),),
        bad=0.5,
        good=0.7,
    ),
    Case(
        "P104_init_small_convs_textures",
        "BAD_INIT_SMALL",
        {
            "data": TEXTURES,
            "arch": convs([12] * 4, "relu", 4),
            "init": {"w": "normal", "std": 0.015},
            "train": sgd(0.05, 30, 300, momentum=0.8),
        },
        "N(0, 0.015) over 4 convolutions: the deviation falls from 2e-2 to 2e-5, the loss stays at ln 4",
        also=("VANISHING_GRADIENT",),
        where="all layers",
        fixes=(("REINIT", {"init": {"w": "he", "std": None}}),),
        bad=0.5,
        good=0.85,
    ),
    Case(
        "P105_explode_relu_rnn_adding",
        "EXPLODING_GRADIENT",
        {
            "data": {"name": "adding", "n": 1000, "T": 25},
            "arch": [["rnn", 24, "relu"], ["last"], ["linear", 1]],
            "init": {"rnn_gain": 2.0},
            "train": sgd(0.005, 40, 500, momentum=0.0),
        },
        "a ReLU RNN of recurrent gain 2 over 25 steps: a gradient of 6e7 at step 0, NaN at step 1",
        also=("BAD_INIT_LARGE", "NONFINITE"),
        where="time axis of the RNN",
        fixes=(("REINIT", {"init": {"rnn_gain": 1.0}, "train": {"opt": "adam", "lr": 0.005}}),),
        bad=0.2,
        good=0.8,
    ),
    Case(
        "P107_dead_relu_bias_rotors",
        "DEAD_RELU",
        {
            "data": ROTORS,
            "arch": mlp([40, 40, 20], "relu", 3),
            "init": {"w": "xavier", "b": -3.5},
            "train": sgd(0.02, 26, 400),
        },
        "hidden biases begin at -3.5 for inputs no larger than 1: every unit is dead from the start",
        where="hidden layers",
        fixes=(("REINIT", {"init": {"b": 0.0}}),),
        bad=0.5,
        good=0.9,
    ),
    Case(
        "P108_dead_relu_one_large_step_pendulum",
        "DEAD_RELU",
        {
            "data": PENDULUM,
            "arch": mlp([60, 60, 30], "relu", 1),
            "init": {"w": "he"},
            "train": adam(0.4, 40, 400, opt="adamw", wd=0.0),
        },
        "AdamW at 0.4: the first steps are 0.4 of the weights, then 93 to 100 % of the deep units are dead",
        also=("LR_TOO_HIGH",),
        where="hidden layers",
        fixes=(("LR_DOWN", {"train": {"lr": 0.003}}),),
        bad=0.6,
        good=0.84,
    ),
    Case(
        "P109_saturated_tanh_gain_pendulum",
        "SATURATED_ACTIVATION",
        {
            "data": PENDULUM,
            "arch": mlp([50, 50, 50], "tanh", 1),
            "init": {"w": "xavier", "gain": 12.0, "last_scale": 0.05},
            "train": sgd(0.01, 35, 500),
        },
        "tanh layers begun at 12 times Xavier: 57 to 87 % of the answers are beyond 0.97 to the end",
        also=("BAD_INIT_LARGE",),
        where="hidden layers",
        fixes=(("REINIT", {"init": {"gain": 1.0, "last_scale": None}}),),
        bad=0.6,
        good=0.85,
    ),
    Case(
        "P110_zero_weights_pendulum",
        "SYMMETRIC_INIT",
        {
            "data": PENDULUM,
            "arch": mlp([32, 32], "gelu", 1),
            "init": {"w": "const", "value": 0.0},
            "train": adam(0.005, 32, 500),
        },
        "all weights begin at nought: no hidden weight ever gets a gradient",
        where="all layers",
        fixes=(("REINIT", {"init": {"w": "xavier", "value": None}}),),
        bad=0.3,
        good=0.9,
    ),
    Case(
        "P111_output_hot_pendulum",
        "BAD_INIT_OUTPUT",
        {
            "data": PENDULUM,
            "arch": mlp([40, 40], "elu", 1),
            "init": {"w": "he", "last_scale": 40.0},
            "train": adam(0.002, 35, 250),
        },
        "the last layer is 40 times too large: a first loss of 1e4 for targets of deviation 1",
        also=("BAD_INIT_LARGE",),
        where="output layer",
        fixes=(("REINIT", {"init": {"last_scale": None}, "train": {"lr": 0.008}}),),
        bad=0.4,
        good=0.8,
    ),
)
