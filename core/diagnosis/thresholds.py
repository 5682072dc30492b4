"""Every number that a rule compares with, in one table, each with where it comes from."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple


class Threshold(NamedTuple):
    """A number to compare with, what it means, and its source."""

    value: float
    meaning: str
    source: str


_OURS = "measured on the cases of tests/faulty and on the templates"
_CS231N = "cs231n (updates about 1e-3 of the weights)"
_DEEPCHECKER = "TheDeepChecker (Ben Braiek & Khomh 2022)"
_TABLE: dict[str, tuple[float, str, str]] = {
    "warm_up": (0.05, "share of a run before which nothing that develops is judged", _OURS),
    "warm_up_steps": (20, "steps before which nothing that develops is judged", _OURS),
    "flat": (0.1, "skill below which a run is as good as chance", _OURS),
    "group": (32, "samples whose mean loss says something", _OURS),
    "learning": (0.3, "skill, or the share by which a loss falls, of a run that learns", _OURS),
    "half_learned": (0.5, "skill of a run that is half-way from chance to nothing", _OURS),
    "learned": (0.8, "skill above which what might hurt has not hurt", _OURS),
    "nearly_all": (0.9, "skill above which next to nothing is left to learn", _OURS),
    "all_learned": (0.95, "skill above which nothing is left to learn", _OURS),
    "vanishing": (1e-3, "gradient of the first layer's output over the last's", "AutoTrainer (Zhang et al. 2021)"),
    "vanishing_flat": (5e-3, "the same in a run that is as good as chance", _OURS),
    "vanishing_learned": (1e-4, "the same in a run that learns, and could learn more", _OURS),
    "vanished_share": (0.25, "first part of a run, lost where the gradient had vanished all the while", _OURS),
    "vanishing_factor": (0.3, "what a layer passes on of its gradient where it vanishes", "sigmoid: 0.25 at best"),
    "vanishing_layers": (3, "layers with weights below which there is no depth to vanish in", _OURS),
    "forgetting": (1e-6, "gradient of the first step of a sequence over the last's", _OURS),
    "forgotten": (1e-2, "the same half-way through a run that began so and is as good as chance", _OURS),
    "forgetting_skill": (0.2, "skill above which what came early is not needed, or remembered", _OURS),
    "forgetting_steps": (15, "steps after which that is judged: it is there from the start", _OURS),
    "gradient_norm": (1e3, "norm of the first gradient", _OURS),
    "growth": (30, "deviation of the last hidden layer over the first's, at the start", _OURS),
    "tall": (10, "deviation of the last hidden layer at the start", _OURS),
    "steep": (70, "gradient of the first layer's output over the last's, at the start", "AutoTrainer"),
    "steep_in_time": (20, "gradient of a sequence's first step over its last's, where the first loss is far up", _OURS),
    "fading": (0.02, "deviation of the last hidden layer over the first's, at the start", _OURS),
    "faded": (1e-3, "the same in a run that has come some way", _OURS),
    "alike": (0.99, "mean |cosine| between the weights of two units", _OURS),
    "first_loss": (4, "first loss over chance, of classes", "cs231n; Karpathy 2019 (ln C)"),
    "loud_loss": (10, "the same where a run is judged that has learned much", _OURS),
    "first_distance": (30, "first loss over chance, of numbers", _OURS),
    "overflow": (1e20, "norm of a gradient that float32 does not square any more", "IEEE 754"),
    "dead": (0.5, "share of a layer's units that are 0 for every sample", "SageMaker Debugger"),
    "saturated": (0.5, "share of a layer's numbers at the ends of its range", "SageMaker Debugger"),
    "rank": (1.1, "directions that a layer's outputs fill", _OURS),
    "large_step": (0.1, "update over weight of a typical layer in the first steps", _DEEPCHECKER),
    "usual_step": (1e-3, "update over weight as it is usual", _CS231N),
    "short_step": (5e-4, "update over weight of the fastest layer while the loss creeps", _CS231N),
    "tiny_step": (1e-4, "update over weight of the fastest layer", _DEEPCHECKER),
    "restless": (8e-3, "update over weight of a typical layer late in a run whose weights grow", _OURS),
    "weight_growth": (8, "weights of a typical layer over their start", _OURS),
    "weight_run": (2, "the same, above which large steps do not cancel one another", _OURS),
    "creeps": (0.3, "share of the run after which steps that are short are judged by the loss", _OURS),
    "still": (0.4, "fall of the loss in the last quarter over that in the one before", _OURS),
    "still_share": (0.01, "share of itself by which a loss that creeps falls in a quarter of the run", _OURS),
    "resting": (0.05, "share of itself by which a loss at rest may still fall in a quarter of the run", _OURS),
    "risen": (1.25, "loss now over the lowest eighth of the run", _OURS),
    "risen_errors": (4, "the same difference in its standard errors", _OURS),
    "risen_steps": (25, "steps of an eighth, below which it says too little", _OURS),
    "swing": (0.2, "how far the means of epochs lie apart, over the loss", _OURS),
    "swing_errors": (5, "the same in standard errors: twice what chance alone makes of it", _OURS),
    "swing_turns": (0.4, "share of epochs after which the loss turns back", _OURS),
    "swing_steps": (40, "steps of the later half below which swings say too little", _OURS),
    "turned_back": (0.7, "share of steps whose gradient points back", "Cohen et al. 2021"),
    "trend": (
        0.5,
        "how much oftener later stretches are lower than higher, in a loss that falls",
        "Mann 1945: p 0.1 of 8",
    ),
    "ended": (0.95, "share of a run after which it is as good as over", _OURS),
    "noise": (30, "batch size at which noise and gradient are alike, over that of the run", "McCandlish et al. 2018"),
    "momentum": (0.99, "momentum, or beta 1", "Sutskever et al. 2013"),
    "beta2": (0.9, "beta 2", "Kingma & Ba 2015 (0.999)"),
    "eps": (1e-3, "epsilon of Adam", "Kingma & Ba 2015 (1e-8)"),
    "rate_gone": (0.01, "share of its highest below which a rate is gone", _OURS),
    "rate_gone_share": (0.45, "share of the run in which the rate is gone", _OURS),
    "rounding": (1e-6, "norm of a step over that of the weight, of which float32 keeps next to nothing", _OURS),
    "clip": (0.1, "what clipping leaves of the gradient's length", _OURS),
    "clip_window": (50, "steps over which that is judged", _OURS),
    "clip_always": (0.95, "share of steps that are clipped, as a hint", "Pascanu et al. 2013 (the rare step)"),
    "shrunk": (0.7, "weights over their start", _OURS),
    "pull": (0.12, "norm of decay over that of the data's gradient", "Krogh & Hertz 1992: equal where it stands"),
    "pull_apart": (0.8, "decay of a step over the whole step, where decay is apart (AdamW)", _OURS),
    "decay_times": (
        1,
        "rate times decay, summed over steps: below 1 less is forgotten than is kept (AdamW)",
        "Wang & Aitchison 2024",
    ),
    "input_rms": (10, "root mean square of inputs", _OURS),
    "input_faint": (0.02, "root mean square of inputs that are lost beside biases of about 0.1", _OURS),
    "input_spread": (20, "largest deviation of a feature over the median one", _OURS),
    "input_offset": (10, "mean of a feature in its deviations", _OURS),
    "validation_shift": (0.3, "median shift of held-out features in deviations, beyond chance", _OURS),
    "validation_narrow": (0.6, "median deviation of held-out features over training's, or its inverse", _OURS),
    "leak": (0.05, "share of held-out samples that stand in training", "Kaufman et al. 2012"),
    "target_wide": (20, "deviation of a target", _OURS),
    "target_narrow": (0.01, "deviation of a target", _OURS),
    "target_offset": (5, "mean of a target in its deviations", _OURS),
    "imbalance": (10, "samples of the commonest class for one of the rarest", "SageMaker Debugger"),
    "imbalance_hint": (4, "the same, as a hint", _OURS),
    "found": (0.85, "recall of the rarest class over the mean of all that is as good", _OURS),
    "gap": (0.15, "held-out loss above that of training, over chance, that is no more than usual", _OURS),
    "missed": (0.5, "recall of the rarest class over the mean of all", _OURS),
    "entropy_floor": (0.3, "entropy of random batches below which order says nothing, nats", _OURS),
    "mixed": (0.9, "entropy of a batch's targets over that of random batches, as a hint", _OURS),
    "mixed_badly": (0.8, "entropy of a batch's targets over that of random batches", _OURS),
    "units_per_class": (0.25, "units of a hidden layer for each class", _OURS),
    "small_width": (4, "units of the narrowest hidden layer of a small network", _OURS),
    "neighbours": (0.2, "how much more often neighbours share a label than by chance, where it can be learned", _OURS),
    "neighbours_explain": (0.6, "share of a number's variance that neighbours explain, where it can be learned", _OURS),
    "neighbours_near": (0.1, "the same, of the way to always, where it is chance", _OURS),
    "neighbours_numbers": (16, "numbers of an input up to which neighbours tell of labels before training", _OURS),
    "neighbours_samples": (100, "samples from which on they do", _OURS),
    "redrawn": (0.25, "the same, where half of the labels are drawn anew: (1 - 1/2)²", "Cover & Hart 1967"),
    "cleaner": (
        0.05,
        "training loss above the held-out one, over chance, where nothing else explains it",
        _OURS,
    ),
    "cleaner_errors": (3, "the same in standard errors of the held-out loss", _OURS),
    "by_heart": (0.05, "skill in training from which on labels are learned by heart", _OURS),
    "dropout": (0.8, "rate of dropout", "UMLAUT warns at 0.5; Srivastava et al. 2014"),
    "dropout_half": (0.5, "rate of dropout where few units are left", "Srivastava et al. 2014"),
    "units_left": (32, "units that a rate above a half leaves, below which they are few", _OURS),
    "norm_batch": (4, "samples of a batch for batch normalization", "Wu & He 2018"),
    "tiny_batch": (4, "samples of a step", _OURS),
    "jumps": (0.5, "deviation of the late losses of some tens of samples, over their mean", _OURS),
    "stands_share": (0.1, "share of a run after which a loss that stands is told", _OURS),
    "stands_steps": (100, "steps after which a loss that stands is told", _OURS),
    "overfitting": (1.15, "held-out loss over its best, each a median of validations", _OURS),
    "training_below": (0.65, "training loss over the best held-out one", _OURS),
    "above_chance": (0.12, "share of the way from chance to all right", _OURS),
    "won": (0.05, "late loss over early of the side that has won", _OURS),
    "lost": (1.5, "late loss over early of the side that has lost", _OURS),
}
THRESHOLDS = MappingProxyType({name: Threshold(*item) for name, item in _TABLE.items()})


def limit(name: str) -> float:
    """The number of this name."""
    return THRESHOLDS[name].value
