"""Faults in the settings of the training; each note tells what was measured of the plain loop."""

from __future__ import annotations

from tests.faulty.case import Case
from tests.faulty.cases.shared import mlp
from tests.faulty.second.shared import adam, sgd
from tests.faulty.third.shared import PETALS, PHRASES, TERRAIN

READER = [["embed", 60, 16], ["meanpool"], ["linear", 32], ["gelu"], ["linear", 2]]

SETTINGS: tuple[Case, ...] = (
    Case(
        "P113_lr_high_gru_holding",
        "LR_TOO_HIGH",
        {
            "data": {"name": "holding", "n": 1000, "T": 16},
            "arch": [["gru", 20], ["last"], ["linear", 3]],
            "train": adam(0.3, 40, 300, opt="rmsprop"),
        },
        "RMSprop at 0.3 on a GRU: first updates of 0.65 of the weights, which end 48 times as large",
        also=("SATURATED_ACTIVATION",),
        where="optimizer",
        fixes=(("LR_DOWN", {"train": {"lr": 0.005}}),),
        bad=0.7,
        good=0.8,
    ),
    Case(
        "P118_momentum_0999_petals",
        "OPTIMIZER_CONFIG",
        {"data": PETALS, "arch": mlp([32, 32], "tanh", 2), "train": sgd(0.1, 40, 600, momentum=0.999)},
        "a momentum of 0.999 at the rate of one of 0.9: weights grow a hundredfold, the loss ends at 5",
        also=("LR_TOO_HIGH",),
        where="optimizer",
        fixes=(("CHANGE_OPT", {"train": {"momentum": 0.9}}),),
        bad=0.84,
        good=0.88,
    ),
    Case(
        "P119_weight_decay_adam_phrases",
        "WEIGHT_DECAY_TOO_HIGH",
        {"data": PHRASES, "arch": READER, "train": adam(0.01, 50, 500, wd=0.1)},
        "Adam with a decay of 0.1 in the gradient: the norms end at 3e-11 of what they were",
        where="optimizer",
        fixes=(("WD_DOWN", {"train": {"wd": 0.0}}),),
        bad=0.65,
        good=0.93,
    ),
    Case(
        "P120_batch_norm_of_two_terrain",
        "BN_SMALL_BATCH",
        {
            "data": TERRAIN,
            "arch": mlp([32, 32, 32], "elu", 1, bn=True),
            "train": adam(0.005, 2, 900),
        },
        "batch norm over two samples in a regression: R2 0.05, over 48 samples 0.8",
        also=("BATCH_TOO_SMALL",),
        where="batch norms",
        fixes=(("BATCH_UP", {"train": {"batch": 48, "steps": 500}}),),
        bad=0.65,
        good=0.77,
    ),
)
