"""Healthy networks that come close to a fault; the number is the score that all reach."""

from __future__ import annotations

from tests.faulty.case import Case, healthy
from tests.faulty.cases.shared import mlp
from tests.faulty.second.shared import (
    ARM,
    FEATURES,
    GRATINGS,
    HELICES,
    PHASE,
    PINWHEEL,
    ROLL,
    WORDS,
    adam,
    convs,
    dropped,
    residual,
    sgd,
)

SOUND: tuple[Case, ...] = (
    healthy(
        "S51_fifth_of_labels_wrong",
        {"data": {**PINWHEEL, "label_noise": 0.2}, "arch": mlp([20], "tanh", 5), "train": adam(0.01, 50, 400)},
        "a fifth of the training labels is drawn anew; the held-out ones are learned all the same",
        0.93,
    ),
    healthy(
        "S52_default_start_relu7",
        {"data": HELICES, "arch": mlp([40] * 7, "relu", 2), "train": adam(0.002, 32, 500)},
        "torch's own start lets the signal shrink over 8 layers, and Adam copes",
        0.93,
    ),
    healthy(
        "S53_sigmoid3_norms",
        {
            "data": FEATURES,
            "arch": mlp([40] * 3, "sigmoid", 4, bn=True),
            "train": adam(0.01, 40, 200, sched=["cosine", 10]),
        },
        "3 sigmoid layers behind batch norms",
        0.85,
    ),
    healthy(
        "S54_tanh_rnn_pulses",
        {
            "data": {"name": "runsum", "n": 1000, "T": 30, "noise": 0.1},
            "arch": [["rnn", 32, "tanh"], ["last"], ["linear", 1]],
            "init": {"rnn_gain": 1.0},
            "train": adam(0.003, 40, 400),
        },
        "a plain RNN over 30 steps with orthogonal recurrent weights",
        0.88,
    ),
    healthy(
        "S55_low_rate_long_run_arm",
        {"data": ARM, "arch": mlp([128, 64], "relu", 1), "init": {"w": "he"}, "train": adam(5e-4, 16, 2400)},
        "a rate of 0.0005, and time enough",
        0.82,
    ),
    healthy(
        "S56_decay_before_norms",
        {
            "data": FEATURES,
            "arch": mlp([48, 48], "relu", 4, bn=True),
            "train": sgd(0.05, 40, 300, wd=0.01, sched=["cosine", 10]),
        },
        "weights before batch norms shrink under a decay of 0.01, which changes nothing that they say",
        0.85,
    ),
    healthy(
        "S57_momentum_098",
        {"data": ROLL, "arch": mlp([40, 40], "tanh", 1), "train": sgd(0.005, 32, 800, momentum=0.98)},
        "a momentum of 0.98 with a rate to match",
        0.88,
    ),
    healthy(
        "S58_clip_always_adam",
        {"data": FEATURES, "arch": mlp([64, 64], "relu", 4), "train": adam(0.002, 32, 400, clip=0.05)},
        "clipped in every step, which Adam divides out",
        0.85,
    ),
    healthy(
        "S59_batch_of_two",
        {"data": HELICES, "arch": mlp([32, 32], "elu", 2), "train": sgd(0.01, 2, 2500, momentum=0.0)},
        "batches of 2 without any norm",
        0.93,
    ),
    healthy(
        "S60_dropout70_words",
        {"data": WORDS, "arch": dropped([256], "relu", 0.7, 4), "train": adam(0.002, 40, 300)},
        "dropout of 0.7 behind 256 units, which the words need",
        0.82,
    ),
    healthy(
        "S61_linear_autoencoder",
        {
            "data": {"name": "sheet", "n": 1000, "f": 20, "rank": 3, "flat": True},
            "arch": [["linear", 3], ["linear", 20]],
            "train": adam(0.01, 40, 600),
        },
        "two linear layers through 3 units: what principal components do, on purpose",
        0.9,
    ),
    healthy(
        "S62_rare_weighted_clouds",
        {
            "data": {"name": "clouds", "n": 3000, "f": 6, "apart": 2.6, "keep_frac": {"0": 0.12}, "n_val": 800},
            "arch": mlp([24], "relu", 2),
            "metric": "bacc",
            "train": adam(0.003, 50, 300, class_weight="balanced"),
        },
        "8 to 1, and the loss already weighs it",
        0.85,
    ),
    healthy(
        "S63_target_three_off",
        {
            "data": {**ARM, "y_shift": 3.0},
            "arch": mlp([48, 48], "relu", 1),
            "init": {"w": "he"},
            "train": adam(0.005, 32, 600),
        },
        "targets of 3 +- 1",
        0.9,
    ),
    healthy(
        "S64_little_data_small_net_iris",
        {
            "data": {"name": "iris", "standardize": True, "n_train": 90},
            "arch": mlp([6], "tanh", 3),
            "train": adam(0.01, 15, 250),
        },
        "90 flowers and 6 units: all of them right, and the held-out ones too",
        0.86,
    ),
    healthy(
        "S65_two_pass_widths",
        {
            "data": GRATINGS,
            "arch": convs([6, 12, 24], "relu", 4, ["bn"]),
            "train": sgd(0.2, 50, 200),
        },
        "large steps behind batch norms",
        0.93,
    ),
    healthy(
        "S66_rmsprop_relu_pinwheel",
        {
            "data": PINWHEEL,
            "arch": mlp([120, 120], "relu", 5),
            "init": {"w": "he"},
            "train": adam(0.002, 32, 400, opt="rmsprop"),
        },
        "RMSprop: the loss has spikes",
        0.94,
    ),
    healthy(
        "S67_betas_095",
        {"data": PHASE, "arch": mlp([48, 48], "gelu", 1), "train": adam(0.003, 32, 600, betas=[0.9, 0.95])},
        "Adam with a second beta of 0.95, as large models have it",
        0.75,
    ),
    healthy(
        "S68_inputs_three_off",
        {
            "data": {
                "name": "helices",
                "n": 1100,
                "noise": 0.15,
                "x_scale": [3.0, 3.0, 1.0],
                "x_shift": [2.0, 0.0, 0.0],
            },
            "arch": mlp([48, 48], "relu", 2),
            "init": {"w": "he"},
            "train": adam(0.003, 32, 400),
        },
        "inputs a little off and of scales 3 to 1",
        0.93,
    ),
    healthy(
        "S69_residual16_plain_roll",
        {
            "data": ROLL,
            "arch": residual(24, 16, [["linear", 24], ["relu"], ["linear", 24]], 1),
            "train": adam(0.001, 32, 500),
        },
        "34 layers with wires past them and no norm",
        0.88,
    ),
)
