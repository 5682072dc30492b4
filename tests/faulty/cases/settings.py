"""Faults in the settings of the training."""

from __future__ import annotations

from tests.faulty.case import Case
from tests.faulty.cases.shared import DIGITS, LINEAR, MOONS, SINE, SPIRALS, mlp

SETTINGS: tuple[Case, ...] = (
    Case(
        "P13_lr_high_nan_linear",
        "LR_TOO_HIGH",
        {
            "data": LINEAR,
            "arch": mlp([32, 32], "relu", 1),
            "init": {"w": "he"},
            "train": {"opt": "sgd", "lr": 1.0, "batch": 32, "steps": 300},
        },
        "SGD lr 1.0 on a small regression net",
        also=("NONFINITE", "EXPLODING_GRADIENT", "DEAD_RELU"),
        where="optimizer",
        fixes=(
            ("LR_DOWN", {"train": {"lr": 0.03, "steps": 500}}),
            ("CHANGE_OPT", {"train": {"opt": "adam", "lr": 0.003, "steps": 500}}),
        ),
        bad=0.3,
        good=0.85,
    ),
    Case(
        "P14_lr_high_oscillate_spirals",
        "LR_TOO_HIGH",
        {
            "data": SPIRALS,
            "arch": mlp([48, 48], "tanh", 2),
            "train": {"opt": "adam", "lr": 0.5, "batch": 32, "steps": 500},
        },
        "Adam lr 0.5: finite but bouncing loss",
        also=("SATURATED_ACTIVATION",),
        where="optimizer",
        fixes=(("LR_DOWN", {"train": {"lr": 0.01, "steps": 1500}}),),
        bad=0.8,
        good=0.88,
    ),
    Case(
        "P15_lr_low_digits",
        "LR_TOO_LOW",
        {
            "data": DIGITS,
            "arch": mlp([48], "relu", 10),
            "init": {"w": "he"},
            "train": {"opt": "sgd", "lr": 1e-05, "batch": 64, "steps": 300},
        },
        "SGD lr 1e-5",
        where="optimizer",
        fixes=(("LR_UP", {"train": {"lr": 0.1}}),),
        bad=0.6,
        good=0.93,
    ),
    Case(
        "P16_schedule_collapse_moons",
        "SCHEDULE_COLLAPSE",
        {
            "data": MOONS,
            "arch": mlp([24, 24], "tanh", 2),
            "train": {"opt": "sgd", "lr": 0.05, "batch": 32, "steps": 500, "sched": ["step", 10, 0.3]},
        },
        "step decay x0.3 every 10 steps",
        also=("LR_TOO_LOW",),
        where="lr schedule",
        fixes=(
            ("CHANGE_SCHED", {"train": {"sched": ["cosine", 20], "lr": 0.3, "steps": 900}}),
            ("CHANGE_SCHED", {"train": {"sched": None, "lr": 0.3, "steps": 900}}),
        ),
        bad=0.89,
        good=0.92,
    ),
    Case(
        "P17_clip_too_tight_digits",
        "CLIP_TOO_TIGHT",
        {
            "data": DIGITS,
            "arch": mlp([48, 48], "relu", 10),
            "init": {"w": "he"},
            "train": {"opt": "sgd", "lr": 0.05, "momentum": 0.9, "batch": 64, "steps": 300, "clip": 0.001},
        },
        "clip_grad_norm 1e-3 with SGD",
        also=("LR_TOO_LOW",),
        where="gradient clipping",
        fixes=(("CLIP_RELAX", {"train": {"clip": 1.0}}), ("CHANGE_OPT", {"train": {"opt": "adam", "lr": 0.003}})),
        bad=0.65,
        good=0.92,
    ),
    Case(
        "P18_momentum999_sine",
        "OPTIMIZER_CONFIG",
        {
            "data": SINE,
            "arch": mlp([32, 32], "tanh", 1),
            "train": {"opt": "sgd", "lr": 0.1, "momentum": 0.999, "batch": 32, "steps": 500},
        },
        "momentum 0.999",
        also=("LR_TOO_HIGH", "SATURATED_ACTIVATION", "NONFINITE", "EXPLODING_GRADIENT"),
        where="optimizer",
        fixes=(("CHANGE_OPT", {"train": {"momentum": 0.9, "lr": 0.05, "steps": 1500}}),),
        bad=0.35,
        good=0.75,
    ),
)
