"""Healthy networks over plain features that look as if something were wrong; the number is the score that all reach."""

from __future__ import annotations

from tests.faulty.case import Case, healthy
from tests.faulty.cases.shared import mlp
from tests.faulty.second.shared import (
    ARM,
    FEATURES,
    HELICES,
    PINWHEEL,
    ROLL,
    WORDS,
    adam,
    dropped,
    residual,
    sgd,
)

HEALTHY: tuple[Case, ...] = (
    healthy(
        "Q51_dropout50_wide_features",
        {"data": FEATURES, "arch": dropped([200, 200], "relu", 0.5, 4), "train": adam(0.002, 40, 500)},
        "dropout of a half: the training loss stays above the held-out one",
        0.88,
    ),
    healthy(
        "Q52_adamw_decay_features",
        {"data": FEATURES, "arch": mlp([80, 40], "gelu", 4), "train": adam(0.002, 32, 500, opt="adamw", wd=0.5)},
        "a decay of 0.5, which AdamW multiplies by the rate",
        0.88,
    ),
    healthy(
        "Q53_warmup_third_helices",
        {"data": HELICES, "arch": mlp([40, 40], "tanh", 2), "train": adam(0.01, 32, 450, sched=["cosine", 150])},
        "the rate climbs for a third of the run",
        0.93,
    ),
    healthy(
        "Q54_clouds_at_bayes",
        {
            "data": {"name": "clouds", "n": 2400, "f": 4, "apart": 1.6},
            "arch": mlp([16], "tanh", 2),
            "train": adam(0.005, 60, 400),
        },
        "nobody gets more than 79 %: the loss is flat after the first epochs",
        0.74,
    ),
    healthy(
        "Q55_label_smoothing_pinwheel",
        {"data": PINWHEEL, "arch": mlp([48, 48], "relu", 5), "train": adam(0.004, 50, 400, smooth=0.15)},
        "the smoothed loss cannot fall below 0.56",
        0.95,
    ),
    healthy(
        "Q56_batch_of_four_pinwheel",
        {"data": PINWHEEL, "arch": mlp([32, 32], "leaky", 5), "train": sgd(0.02, 4, 1200, momentum=0.0)},
        "batches of 4: the loss jumps",
        0.93,
    ),
    healthy(
        "Q57_rate_of_one_pinwheel",
        {"data": PINWHEEL, "arch": mlp([40, 40], "tanh", 5), "train": sgd(1.0, 64, 400, momentum=0.0)},
        "a rate of 1, and it works",
        0.95,
    ),
    healthy(
        "Q58_sparse_words",
        {"data": WORDS, "arch": mlp([64], "relu", 4), "train": adam(0.002, 40, 250)},
        "inputs that are nearly all nought",
        0.8,
    ),
    healthy(
        "Q59_rare_but_learned_pinwheel",
        {
            "data": {**PINWHEEL, "n": 2600, "keep_frac": {"3": 0.08}},
            "arch": mlp([32, 32], "relu", 5),
            "metric": "bacc",
            "train": adam(0.005, 50, 400),
        },
        "one class is 12 times rarer and yet learned",
        0.93,
    ),
    healthy(
        "Q60_residual12_norms_features",
        {
            "data": FEATURES,
            "arch": residual(32, 12, [["ln"], ["linear", 32], ["gelu"], ["linear", 32]], 4, [["ln"]]),
            "train": adam(0.001, 40, 200, sched=["cosine", 20]),
        },
        "26 layers with wires past them",
        0.85,
    ),
    healthy(
        "Q61_wide_relu_checker",
        {
            "data": {"name": "checker", "n": 1500, "squares": 3, "noise": 0.03, "standardize": True},
            "arch": mlp([300, 100], "relu", 2),
            "init": {"w": "he"},
            "train": adam(0.003, 50, 700),
        },
        "some units of a wide net on a plane never fire",
        0.88,
    ),
    healthy(
        "Q62_tanh5_arm",
        {"data": ARM, "arch": mlp([40] * 5, "tanh", 1), "init": {"w": "xavier"}, "train": adam(0.003, 32, 600)},
        "5 tanh layers",
        0.93,
    ),
    healthy(
        "Q63_plain_descent_roll",
        {
            "data": ROLL,
            "arch": mlp([60, 60], "relu", 1),
            "init": {"w": "he"},
            "train": sgd(0.05, 25, 600, momentum=0.0),
        },
        "no momentum, no Adam",
        0.9,
    ),
    healthy(
        "Q64_clip_at_times_arm",
        {"data": ARM, "arch": mlp([64, 64], "relu", 1), "init": {"w": "he"}, "train": sgd(0.02, 32, 600, clip=1.0)},
        "the clipping binds at first and then at times",
        0.87,
    ),
    healthy(
        "Q65_diabetes_heavy_noise",
        {
            "data": {"name": "diabetes", "y_standardize": True},
            "arch": mlp([12], "tanh", 1),
            "train": adam(0.003, 32, 250),
        },
        "half of what the target does is noise",
        0.35,
    ),
    healthy(
        "Q66_short_run_still_falling_digits",
        {
            "data": {"name": "digits", "standardize": True},
            "arch": mlp([100], "gelu", 10),
            "train": adam(0.002, 100, 70),
        },
        "70 steps, the loss still falls at the end",
        0.88,
    ),
    healthy(
        "Q67_done_early_clouds_apart",
        {
            "data": {"name": "clouds", "n": 900, "f": 6, "apart": 6.0},
            "arch": mlp([20], "relu", 2),
            "train": adam(0.01, 30, 600),
        },
        "all is learned in the first epoch and nothing moves then",
        0.98,
    ),
    healthy(
        "Q68_selu8_lecun_features",
        {"data": FEATURES, "arch": mlp([40] * 8, "selu", 4), "init": {"w": "lecun"}, "train": adam(0.001, 40, 400)},
        "8 layers that normalise themselves",
        0.85,
    ),
    healthy(
        "Q69_small_target_roll",
        {
            "data": {"name": "roll", "n": 1000, "noise": 0.4, "standardize": True, "y_scale": 0.2, "y_shift": 0.5},
            "arch": mlp([48, 48], "tanh", 1),
            "train": adam(0.005, 32, 700),
        },
        "targets of 0.5 +- 0.2",
        0.88,
    ),
    healthy(
        "Q70_word_counts_as_they_are",
        {
            "data": {"name": "counts", "n": 1200, "f": 40, "k": 5},
            "arch": mlp([50], "relu", 5),
            "train": adam(0.003, 40, 300),
        },
        "whole numbers up to 6 that nobody standardised",
        0.9,
    ),
    healthy(
        "Q71_huber_outlying",
        {
            "data": {"name": "outlying", "n": 1500, "noise": 0.1},
            "arch": mlp([48, 48], "tanh", 1),
            "train": adam(0.004, 50, 500, loss="huber"),
        },
        "some targets lie far off",
        0.7,
    ),
    healthy(
        "Q72_slow_decay_of_rate_helices",
        {"data": HELICES, "arch": mlp([40, 40], "elu", 2), "train": sgd(0.1, 32, 600, sched=["exp", 0.995])},
        "the rate falls twentyfold, slowly",
        0.93,
    ),
    healthy(
        "Q73_whole_set_a_batch_features",
        {"data": FEATURES, "arch": mlp([64], "relu", 4), "train": adam(0.01, 700, 110)},
        "one step an epoch",
        0.85,
    ),
    healthy(
        "Q74_no_hidden_layer_cancer",
        {"data": {"name": "cancer"}, "arch": [["linear", 2]], "train": sgd(0.1, 32, 300, momentum=0.5)},
        "a single linear layer, which is all that it takes",
        0.93,
    ),
    healthy(
        "Q75_norm8_batches_of_eight",
        {"data": PINWHEEL, "arch": mlp([32, 32], "relu", 5, bn=True), "train": adam(0.002, 8, 800)},
        "batch norm over 8 samples",
        0.93,
    ),
)
