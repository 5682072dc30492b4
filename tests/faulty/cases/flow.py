"""Faults in how gradients and activations flow."""

from __future__ import annotations

from tests.faulty.case import Case
from tests.faulty.cases.shared import CIRCLES, DIGITS, FRIEDMAN, MOONS, RINGS, SINE, SPIRALS, mlp

FLOW: tuple[Case, ...] = (
    Case(
        "P01_vanish_sigmoid6_circles",
        "VANISHING_GRADIENT",
        {
            "data": CIRCLES,
            "arch": mlp([16] * 6, "sigmoid", 2),
            "train": {"opt": "sgd", "lr": 0.1, "momentum": 0.9, "batch": 32, "steps": 500},
        },
        "6 sigmoid hidden layers, default init, SGD",
        also=("SATURATED_ACTIVATION",),
        where="hidden layers 1-5",
        fixes=(
            ("SWAP_ACT", {"arch": mlp([16] * 6, "relu", 2), "init": {"w": "he"}, "train": {"lr": 0.02}}),
            (
                "ADD_NORM",
                {"arch": mlp([16] * 6, "sigmoid", 2, bn=True), "train": {"lr": 0.2, "batch": 64, "steps": 1100}},
            ),
        ),
        bad=0.7,
        good=0.92,
    ),
    Case(
        "P02_vanish_sigmoid8_adam_blobs",
        "VANISHING_GRADIENT",
        {
            "data": {
                "name": "blobs",
                "n": 900,
                "centers": [[-4, 0], [4, 0], [0, 5], [0, -5]],
                "std": 1.0,
                "standardize": True,
            },
            "arch": mlp([24] * 8, "sigmoid", 4),
            "train": {"opt": "adam", "lr": 0.001, "batch": 32, "steps": 350},
        },
        "8 sigmoid hidden layers under Adam",
        where="hidden layers 1-7",
        fixes=(
            ("SWAP_ACT", {"arch": mlp([24] * 8, "relu", 4), "init": {"w": "he"}}),
            ("ADD_NORM", {"arch": mlp([24] * 8, "sigmoid", 4, bn=True), "train": {"lr": 0.005, "batch": 64}}),
        ),
        bad=0.6,
        good=0.88,
    ),
    Case(
        "P03_vanish_mixed_head_sine",
        "VANISHING_GRADIENT",
        {
            "data": SINE,
            "arch": mlp([20], "tanh", 20)[:-1] + mlp([20] * 6, "sigmoid", 1),
            "init": {"w": "xavier"},
            "train": {"opt": "sgd", "lr": 0.05, "momentum": 0.9, "batch": 32, "steps": 500},
        },
        "tanh first layer behind 6 sigmoid layers",
        where="cause: the 6 sigmoid layers",
        fixes=(
            (
                "SWAP_ACT",
                {"arch": mlp([20] * 7, "tanh", 1), "init": {"w": "xavier"}, "train": {"lr": 0.02, "steps": 1200}},
            ),
        ),
        bad=0.25,
        good=0.7,
    ),
    Case(
        "P04_vanish_rnn_recall40",
        "VANISHING_GRADIENT",
        {
            "data": {"name": "recall", "n": 1200, "T": 40, "k": 3, "distract": 0.5},
            "arch": [["rnn", 20, "tanh"], ["last"], ["linear", 3]],
            "init": {"rnn_gain": 0.4},
            "train": {"opt": "adam", "lr": 0.002, "batch": 64, "steps": 180},
        },
        "plain tanh RNN must remember token 1 for 40 steps",
        where="time axis of the RNN",
        fixes=(("REINIT", {"init": {"rnn_gain": 1.0}, "train": {"steps": 300}}),),
        bad=0.55,
        good=0.8,
    ),
    Case(
        "P05_badinit_small_tanh8_moons",
        "BAD_INIT_SMALL",
        {
            "data": MOONS,
            "arch": mlp([20] * 8, "tanh", 2),
            "init": {"w": "normal", "std": 0.03},
            "train": {"opt": "sgd", "lr": 0.05, "momentum": 0.9, "batch": 32, "steps": 450},
        },
        "tanh depth 9 with N(0, 0.03)",
        also=("VANISHING_GRADIENT",),
        where="all layers",
        fixes=(
            ("REINIT", {"init": {"w": "xavier", "std": None}, "train": {"lr": 0.02}}),
            ("ADD_NORM", {"arch": mlp([20] * 8, "tanh", 2, bn=True), "train": {"lr": 0.02}}),
        ),
        bad=0.65,
        good=0.92,
    ),
    Case(
        "P06_explode_init_relu6_friedman",
        "EXPLODING_GRADIENT",
        {
            "data": FRIEDMAN,
            "arch": mlp([40] * 6, "relu", 1),
            "init": {"w": "he", "gain": 2.6},
            "train": {"opt": "sgd", "lr": 0.002, "batch": 32, "steps": 350},
        },
        "6 ReLU layers at 2.6x He gain",
        also=("BAD_INIT_LARGE", "NONFINITE"),
        where="whole stack; root cause init gain",
        fixes=(
            ("REINIT", {"init": {"gain": 1.0}, "train": {"lr": 0.02, "steps": 600}}),
            (
                "ADD_NORM",
                {
                    "arch": mlp([40] * 6, "relu", 1, bn=True),
                    "init": {"w": "default", "gain": None},
                    "train": {"lr": 0.03, "momentum": 0.9, "batch": 64, "steps": 400},
                },
            ),
        ),
        bad=0.2,
        good=0.75,
    ),
    Case(
        "P07_explode_resnet_unscaled_digits",
        "EXPLODING_GRADIENT",
        {
            "data": DIGITS,
            "arch": [["linear", 32]] + [["res", [["linear", 32], ["relu"], ["linear", 32]]]] * 14 + [["linear", 10]],
            "init": {"w": "he", "gain": 1.2},
            "train": {"opt": "sgd", "lr": 0.02, "batch": 64, "steps": 220},
        },
        "14 residual blocks, no norm, He x1.2: variance more than doubles per block",
        also=("NONFINITE", "BAD_INIT_LARGE"),
        where="residual stack",
        fixes=(
            (
                "ADD_NORM",
                {
                    "arch": [["linear", 32]]
                    + [["res", [["ln"], ["linear", 32], ["relu"], ["linear", 32]]]] * 14
                    + [["ln"], ["linear", 10]]
                },
            ),
            ("REINIT", {"init": {"w": "he", "gain": 0.25}}),
        ),
        bad=0.5,
        good=0.85,
    ),
    Case(
        "P08_dead_relu_bias_rings",
        "DEAD_RELU",
        {
            "data": RINGS,
            "arch": mlp([32, 32], "relu", 2),
            "init": {"w": "he", "b": -7.0},
            "train": {"opt": "adam", "lr": 0.001, "batch": 32, "steps": 350},
        },
        "hidden biases initialised to -7",
        where="both hidden ReLU layers",
        fixes=(
            ("REINIT", {"init": {"b": 0.0}}),
            ("SWAP_ACT", {"arch": mlp([32, 32], ["leaky", 0.2], 2), "train": {"lr": 0.02, "steps": 900}}),
        ),
        bad=0.65,
        good=0.88,
    ),
    Case(
        "P09_dead_relu_highlr_digits",
        "DEAD_RELU",
        {
            "data": DIGITS,
            "arch": mlp([64, 64, 64], "relu", 10),
            "init": {"w": "he"},
            "train": {"opt": "adam", "lr": 0.3, "batch": 64, "steps": 300},
        },
        "Adam lr 0.3 kills the ReLUs",
        also=("LR_TOO_HIGH",),
        where="hidden layers 2-3",
        fixes=(("LR_DOWN", {"train": {"lr": 0.002}}),),
        bad=0.7,
        good=0.92,
    ),
    Case(
        "P10_saturated_sigmoid_init_digits",
        "SATURATED_ACTIVATION",
        {
            "data": DIGITS,
            "arch": mlp([64, 64, 64], "sigmoid", 10),
            "init": {"w": "normal", "std": 2.0, "last_scale": 0.1},
            "train": {"opt": "sgd", "lr": 0.02, "momentum": 0.9, "batch": 64, "steps": 300},
        },
        "sigmoid net with N(0, 2) weights",
        also=("BAD_INIT_LARGE",),
        where="hidden layers 1-3",
        fixes=(
            ("SWAP_ACT", {"arch": mlp([64, 64, 64], "relu", 10), "init": {"w": "he", "std": None, "last_scale": None}}),
            (
                "ADD_NORM",
                {
                    "arch": mlp([64, 64, 64], "sigmoid", 10, bn=True),
                    "init": {"w": "xavier", "std": None, "last_scale": None},
                    "train": {"lr": 0.1},
                },
            ),
        ),
        bad=0.82,
        good=0.91,
    ),
    Case(
        "P11_symmetric_const_init_spirals",
        "SYMMETRIC_INIT",
        {
            "data": SPIRALS,
            "arch": mlp([32, 32], "tanh", 2),
            "init": {"w": "const", "value": 0.05},
            "train": {"opt": "adam", "lr": 0.005, "batch": 32, "steps": 400},
        },
        "all weights start at 0.05",
        where="all layers",
        fixes=(("REINIT", {"init": {"w": "xavier", "gain": 1.5}, "train": {"lr": 0.01, "steps": 1500}}),),
        bad=0.75,
        good=0.88,
    ),
    Case(
        "P12_output_init_hot_digits",
        "BAD_INIT_OUTPUT",
        {
            "data": DIGITS,
            "arch": mlp([64], "relu", 10),
            "init": {"w": "he", "last_scale": 30.0},
            "metric": "neg_val_loss",
            "train": {"opt": "adam", "lr": 0.002, "batch": 64, "steps": 80},
        },
        "last layer 30x too large: initial loss far above ln 10",
        also=("BAD_INIT_LARGE",),
        where="output layer",
        fixes=(("REINIT", {"init": {"last_scale": None}, "train": {"lr": 0.005}}),),
        bad=-0.6,
        good=-0.45,
    ),
)
