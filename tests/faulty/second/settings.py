"""Faults in the settings of the training; each note tells what was measured of the plain loop."""

from __future__ import annotations

from tests.faulty.case import Case
from tests.faulty.cases.shared import mlp
from tests.faulty.second.shared import ARM, FEATURES, GRATINGS, HELICES, ROLL, adam, convs, sgd

SETTINGS: tuple[Case, ...] = (
    Case(
        "P63_lr_high_nan_arm",
        "LR_TOO_HIGH",
        {"data": ARM, "arch": mlp([64, 64], "gelu", 1), "init": {"w": "he"}, "train": sgd(0.7, 20, 400)},
        "SGD at 0.7 with momentum: updates larger than the weights, NaN at step 3",
        also=("NONFINITE", "EXPLODING_GRADIENT"),
        where="optimizer",
        fixes=(("LR_DOWN", {"train": {"lr": 0.02, "steps": 700}}),),
        bad=0.3,
        good=0.85,
    ),
    Case(
        "P64_lr_high_lstm_pulses",
        "LR_TOO_HIGH",
        {
            "data": {"name": "pulses", "n": 1200, "T": 20, "k": 3},
            "arch": [["lstm", 24], ["last"], ["linear", 3]],
            "train": adam(0.7, 40, 400),
        },
        "Adam at 0.7 on an LSTM: updates of a third of the weights, then a loss above chance",
        where="optimizer",
        fixes=(("LR_DOWN", {"train": {"lr": 0.01, "steps": 600}}),),
        bad=0.7,
        good=0.85,
    ),
    Case(
        "P65_lr_low_features",
        "LR_TOO_LOW",
        {"data": FEATURES, "arch": mlp([60, 30], "leaky", 4), "init": {"w": "he"}, "train": adam(3e-6, 32, 350)},
        "Adam at 3e-6: updates of 1e-5 of the weights, the loss falls by 4 %",
        where="optimizer",
        fixes=(("LR_UP", {"train": {"lr": 0.003}}),),
        bad=0.5,
        good=0.85,
    ),
    Case(
        "P66_schedule_exponential_helices",
        "SCHEDULE_COLLAPSE",
        {"data": HELICES, "arch": mlp([32, 32], "relu", 2), "train": adam(0.003, 25, 600, sched=["exp", 0.85])},
        "the rate falls by 15 % with every step: a hundredth after 28 of 600",
        also=("LR_TOO_LOW",),
        where="schedule",
        fixes=(("CHANGE_SCHED", {"train": {"sched": ["cosine", 20]}}), ("CHANGE_SCHED", {"train": {"sched": None}})),
        bad=0.85,
        good=0.92,
    ),
    Case(
        "P67_clip_tight_convs_gratings",
        "CLIP_TOO_TIGHT",
        {
            "data": GRATINGS,
            "arch": convs([10, 16], "relu", 4),
            "init": {"w": "he"},
            "train": sgd(0.1, 50, 400, clip=5e-4),
        },
        "clipped to a norm of 0.0005 under SGD: a median factor of 8e-4, in every step",
        also=("LR_TOO_LOW",),
        where="gradient clipping",
        fixes=(("CLIP_RELAX", {"train": {"clip": 2.0}}),),
        bad=0.6,
        good=0.9,
    ),
    Case(
        "P68_adam_eps_roll",
        "OPTIMIZER_CONFIG",
        {"data": ROLL, "arch": mlp([40, 40], "gelu", 1), "train": adam(0.004, 30, 600, eps=1.0)},
        "Adam divides by at least 1 in place of the gradient's size: updates of 1e-4 of the hidden weights",
        also=("LR_TOO_LOW",),
        where="optimizer",
        fixes=(("CHANGE_OPT", {"train": {"eps": 1e-8}}),),
        bad=0.4,
        good=0.85,
    ),
)
