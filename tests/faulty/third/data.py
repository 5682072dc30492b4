"""Faults in the data; each note tells what was measured of the plain loop."""

from __future__ import annotations

from tests.faulty.case import Case
from tests.faulty.cases.shared import mlp
from tests.faulty.second.shared import adam, sgd
from tests.faulty.third.shared import PENDULUM, TERRAIN

DATA: tuple[Case, ...] = (
    Case(
        "P123_input_as_measured_wine",
        "INPUT_NOT_NORMALIZED",
        {
            "data": {"name": "wine", "raw": True},
            "arch": mlp([24, 24], "sigmoid", 3),
            "train": adam(0.005, 16, 250),
        },
        "wines as they were measured, from 0.1 to 1700: 96 % of the first layer is saturated from the start",
        also=("SATURATED_ACTIVATION",),
        where="input",
        fixes=(("STANDARDIZE_X", {"data": {"restandardize": True}}),),
        bad=0.8,
        good=0.9,
    ),
    Case(
        "P124_target_offset_terrain",
        "TARGET_NOT_NORMALIZED",
        {
            "data": {**TERRAIN, "y_scale": 30.0, "y_shift": -3000.0},
            "arch": mlp([48, 48], "tanh", 1),
            "train": adam(0.004, 30, 500),
        },
        "heights of -3000 +- 30: a first loss of 9e6 that falls by a fourteenth",
        also=("LR_TOO_LOW",),
        where="target",
        fixes=(("STANDARDIZE_Y", {"data": {"y_standardize": True}, "train": {"lr": 0.01, "steps": 800}}),),
        bad=0.2,
        good=0.8,
    ),
    Case(
        "P127_sorted_by_target_pendulum",
        "DATA_NOT_SHUFFLED",
        {
            "data": {**PENDULUM, "sort_by_class": True},
            "arch": mlp([48, 48], "gelu", 1),
            "train": sgd(0.05, 35, 420, shuffle=False),
        },
        "rows stand from the smallest target to the largest and are not shuffled: R2 below nought, shuffled 0.94",
        also=("LR_TOO_HIGH",),
        where="data loader",
        fixes=(("SHUFFLE", {"train": {"shuffle": True}}),),
        bad=0.7,
        good=0.9,
    ),
    Case(
        "P129_val_darker_pictures",
        "TRAIN_VAL_MISMATCH",
        {
            "data": {"name": "digits_img", "val_scale": -1.0, "val_shift": 1.0},
            "arch": [["conv", 12, 3, 2], ["gelu"], ["flatten"], ["linear", 10]],
            "train": adam(0.005, 50, 250),
        },
        "held-out pictures are negatives: 0.97 right in training, 0.00 out of it",
        also=("OVERFITTING",),
        where="validation preprocessing",
        fixes=(("SAME_PREPROC", {"data": {"val_scale": 1.0, "val_shift": 0.0}}),),
        bad=0.5,
        good=0.9,
    ),
    Case(
        "P130_nan_rows_pendulum",
        "NAN_INPUT",
        {
            "data": {**PENDULUM, "nan_rows": 12},
            "arch": mlp([40, 40], "leaky", 1),
            "train": sgd(0.05, 32, 700),
        },
        "12 of 980 rows hold a NaN in a regression: the loss is NaN at step 1",
        also=("NONFINITE",),
        where="data",
        fixes=(("CLEAN_DATA", {"data": {"drop_nan": True}}),),
        bad=0.2,
        good=0.85,
    ),
)
