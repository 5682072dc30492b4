"""Healthy networks that look as if something were wrong."""

from __future__ import annotations

from tests.faulty.case import Case, healthy
from tests.faulty.cases.shared import BOWL, CIRCLES, DIGITS, FRIEDMAN, MOONS, SPIRALS, XOR, mlp

HEALTHY: tuple[Case, ...] = (
    healthy(
        "Q01_tanh_circles_sgd",
        {
            "data": CIRCLES,
            "arch": mlp([24, 24], "tanh", 2),
            "train": {"opt": "sgd", "lr": 0.2, "momentum": 0.9, "batch": 32, "steps": 500},
        },
        "plain good run",
        0.95,
    ),
    healthy(
        "Q02_bn_deep8_digits",
        {
            "data": DIGITS,
            "arch": mlp([32] * 8, "relu", 10, bn=True),
            "train": {"opt": "adam", "lr": 0.003, "batch": 64, "steps": 250},
        },
        "biases before batch norm get ~0 gradient",
        0.9,
    ),
    healthy(
        "Q03_resnet10_spirals",
        {
            "data": SPIRALS,
            "arch": [["linear", 32]] + [["res", [["linear", 32], ["relu"], ["linear", 32]]]] * 5 + [["linear", 2]],
            "train": {"opt": "adam", "lr": 0.002, "batch": 32, "steps": 600},
        },
        "12 layers, residual without norm",
        0.85,
    ),
    healthy(
        "Q04_sigmoid_output_bce",
        {
            "data": MOONS,
            "arch": mlp([24, 24], "relu", 1, post=[["sigmoid"]]),
            "init": {"w": "he"},
            "train": {"opt": "adam", "lr": 0.005, "batch": 32, "steps": 400, "loss": "bce_prob"},
        },
        "sigmoid at the output saturates because the model is confident",
        0.94,
    ),
    healthy(
        "Q05_converged_linear",
        {
            "data": {"name": "linear", "n": 600, "f": 6, "noise": 0.0, "standardize": True},
            "arch": mlp([32], "relu", 1),
            "train": {"opt": "adam", "lr": 0.01, "batch": 32, "steps": 900},
        },
        "loss ~1e-4: gradients tiny because converged",
        0.98,
    ),
    healthy(
        "Q06_warmup_adamw_xor",
        {
            "data": XOR,
            "arch": mlp([32, 32], "relu", 2),
            "train": {"opt": "adamw", "lr": 0.005, "batch": 32, "steps": 500, "sched": ["warmup", 100]},
        },
        "lr is tiny for the first 20%",
        0.92,
    ),
    healthy(
        "Q07_embedding_sgd_tokens",
        {
            "data": {"name": "tokens", "n": 1500, "V": 300, "T": 10, "k": 3},
            "arch": [["embed", 300, 12], ["meanpool"], ["linear", 24], ["tanh"], ["linear", 3]],
            "train": {"opt": "adam", "lr": 0.02, "batch": 64, "steps": 250},
        },
        "sparse embedding gradients",
        0.9,
    ),
    healthy(
        "Q08_lstm_recall10",
        {
            "data": {"name": "recall", "n": 1200, "T": 10, "k": 3, "distract": 0.3},
            "arch": [["lstm", 16], ["last"], ["linear", 3]],
            "init": {"forget_bias": 2.0},
            "train": {"opt": "adam", "lr": 0.01, "batch": 64, "steps": 250},
        },
        "gradient to early steps smaller but usable",
        0.95,
    ),
    healthy(
        "Q09_bottleneck8_digits",
        {
            "data": DIGITS,
            "arch": mlp([48, 8, 48], "relu", 10),
            "init": {"w": "he"},
            "train": {"opt": "adam", "lr": 0.003, "batch": 64, "steps": 400},
        },
        "an 8-unit bottleneck is enough",
        0.92,
    ),
    healthy(
        "Q10_noisy_target_friedman",
        {
            "data": {"name": "friedman", "n": 900, "noise": 3.0, "standardize": True, "y_standardize": True},
            "arch": mlp([24], "tanh", 1),
            "train": {"opt": "adamw", "wd": 0.5, "lr": 0.005, "batch": 32, "steps": 300},
        },
        "loss floors at the noise level",
        0.5,
    ),
    healthy(
        "Q11_imbalance_4to1_blobs",
        {
            "data": {
                "name": "blobs",
                "n": 1200,
                "centers": [[-2, 0], [2, 0]],
                "std": 0.6,
                "standardize": True,
                "keep_frac": {"1": 0.25},
            },
            "arch": mlp([16], "relu", 2),
            "init": {"w": "he"},
            "metric": "bacc",
            "train": {"opt": "adam", "lr": 0.01, "batch": 32, "steps": 300},
        },
        "4:1 imbalance, separable",
        0.96,
    ),
    healthy(
        "Q12_cnn_bn_digits",
        {
            "data": {"name": "digits_img"},
            "arch": [
                ["conv", 8, 3],
                ["bn"],
                ["relu"],
                ["maxpool", 2],
                ["conv", 16, 3],
                ["bn"],
                ["relu"],
                ["maxpool", 2],
                ["flatten"],
                ["linear", 10],
            ],
            "train": {"opt": "adam", "lr": 0.003, "batch": 64, "steps": 200},
        },
        "sparse ReLU maps",
        0.9,
    ),
    healthy(
        "Q13_tanh10_xavier_digits",
        {
            "data": DIGITS,
            "arch": mlp([40] * 10, "tanh", 10),
            "init": {"w": "xavier"},
            "train": {"opt": "adam", "lr": 0.001, "batch": 64, "steps": 300},
        },
        "10 plain tanh layers, good init: gradient ratio within one decade",
        0.88,
    ),
    healthy(
        "Q14_step_decay_digits",
        {
            "data": DIGITS,
            "arch": mlp([64], "relu", 10),
            "init": {"w": "he"},
            "train": {"opt": "sgd", "lr": 0.2, "momentum": 0.9, "batch": 64, "steps": 400, "sched": ["step", 130, 0.1]},
        },
        "lr drops 100x by the end, on purpose",
        0.94,
    ),
    healthy(
        "S01_sigmoid2_adam_circles",
        {
            "data": CIRCLES,
            "arch": mlp([24, 24], "sigmoid", 2),
            "train": {"opt": "adam", "lr": 0.02, "batch": 32, "steps": 600},
        },
        "2 sigmoid layers that train",
        0.92,
    ),
    healthy(
        "S02_relu6_default_init_moons",
        {
            "data": MOONS,
            "arch": mlp([32] * 6, "relu", 2),
            "train": {"opt": "adam", "lr": 0.003, "batch": 32, "steps": 500},
        },
        "default init shrinks ReLU activations 0.4x per layer, Adam copes",
        0.92,
    ),
    healthy(
        "S03_high_lr_ln_digits",
        {
            "data": DIGITS,
            "arch": [["linear", 64], ["ln"], ["relu"], ["linear", 64], ["ln"], ["relu"], ["linear", 10]],
            "train": {"opt": "sgd", "lr": 0.2, "momentum": 0.9, "batch": 64, "steps": 300},
        },
        "large steps, layer norm",
        0.94,
    ),
    healthy(
        "S04_low_lr_friedman",
        {
            "data": FRIEDMAN,
            "arch": mlp([128, 128], "relu", 1),
            "init": {"w": "he"},
            "train": {"opt": "adam", "lr": 0.0002, "batch": 32, "steps": 900},
        },
        "small lr, steady progress",
        0.75,
    ),
    healthy(
        "S05_dropout40_moons",
        {
            "data": MOONS,
            "arch": [
                ["linear", 128],
                ["relu"],
                ["dropout", 0.4],
                ["linear", 64],
                ["relu"],
                ["dropout", 0.4],
                ["linear", 2],
            ],
            "init": {"w": "he"},
            "train": {"opt": "adam", "lr": 0.003, "batch": 32, "steps": 500},
        },
        "dropout 0.4",
        0.92,
    ),
    healthy(
        "S06_wide_relu_bowl",
        {
            "data": BOWL,
            "arch": mlp([256, 256], "relu", 1),
            "init": {"w": "he"},
            "train": {"opt": "adam", "lr": 0.002, "batch": 32, "steps": 500},
        },
        "many inactive units",
        0.85,
    ),
    healthy(
        "S07_tanh_rnn_runsum12",
        {
            "data": {"name": "runsum", "n": 1000, "T": 12, "noise": 0.05},
            "arch": [["rnn", 24, "tanh"], ["last"], ["linear", 1]],
            "init": {"rnn_gain": 1.0},
            "train": {"opt": "adam", "lr": 0.005, "batch": 64, "steps": 250},
        },
        "plain RNN on a short sequence",
        0.9,
    ),
    healthy(
        "S08_clip_active_digits",
        {
            "data": DIGITS,
            "arch": mlp([64, 64], "relu", 10),
            "init": {"w": "he"},
            "train": {"opt": "sgd", "lr": 0.1, "momentum": 0.9, "batch": 64, "steps": 300, "clip": 0.5},
        },
        "clipping active in most early steps, harmless",
        0.93,
    ),
)
