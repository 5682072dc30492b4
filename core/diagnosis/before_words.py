"""What is said of findings that can be told before training: title, family, why it matters, and the source."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.diagnosis.wording import Words

_DATA: Mapping[str, Words] = {
    "NAN_INPUT": Words(
        "Numbers are missing",
        "data",
        "A single NaN or infinite number spreads through every sum that it enters. The loss of its batch becomes NaN, "
        "and with the next step every weight does. It is harmless only where a field is not read. Leave these samples "
        "out, or fill the gaps with the mean.",
        "IEEE 754; Schoop et al. 2021 (UMLAUT)",
    ),
    "INPUT_NOT_NORMALIZED": Words(
        "Inputs have unlike or large scales",
        "data",
        "The gradient of a weight is as large as the input that it is multiplied with. Where one input is far larger "
        "than others, no learning rate suits both, and units saturate or jump. Counts, pictures from 0 to 1 and inputs "
        "in front of a normalization are harmless. Standardise by figures of the training part, or let a normalization "
        "come first.",
        "LeCun et al. 1998, Efficient BackProp",
    ),
    "TARGET_NOT_NORMALIZED": Words(
        "Targets are far from 0 or 1",
        "data",
        "A network begins with outputs near 0, and its last layer must first grow to the size of the targets. "
        "Meanwhile the error is all offset, its gradient drives hidden units to their limits, and the shape is not "
        "learned. Offsets of a few deviations are harmless. Standardise the targets, and undo it where values are "
        "shown.",
        "Bishop 1995, ch. 8; LeCun et al. 1998",
    ),
    "CLASS_IMBALANCE": Words(
        "A class is rare",
        "data",
        "A loss that counts samples counts a rare class hardly at all. To call everything the common class is then "
        "nearly as good as to tell them apart, and the rare one is missed. Where classes lie well apart it is "
        "harmless. Let each class count as much as the others, and judge by balanced accuracy.",
        "King & Zeng 2001; Japkowicz & Stephen 2002",
    ),
    "CONSTANT_TARGET": Words(
        "All targets are the same",
        "data",
        "Where every sample has the same answer, a bias alone gives it. The loss falls to nothing, and nothing is "
        "learned of the inputs. It is harmless only in a test of the set-up. Look at how the targets were read.",
        "Karpathy 2019, A Recipe for Training Neural Networks",
    ),
    "DATA_NOT_SHUFFLED": Words(
        "Batches are not mixed",
        "data",
        "A step follows the gradient of its batch, as if that stood for all data. Batches of one class pull the "
        "network to that class and then to the next, and what was learned is undone. Series that a network reads in "
        "order are harmless. Draw a new random order every epoch, or shuffle through a larger buffer.",
        "Bengio 2012, Practical recommendations",
    ),
    "TRAIN_VAL_MISMATCH": Words(
        "Held-out samples are scaled otherwise",
        "data",
        "A network knows the inputs that it was trained on. Where held-out ones are shifted or scaled, it is asked "
        "about places that it has never seen, and its score says nothing. Other shares of classes are harmless. Do to "
        "both parts the same, with figures of the training part.",
        "Quiñonero-Candela et al. 2009, Dataset Shift in Machine Learning",
    ),
    "DATA_LEAK": Words(
        "Held-out samples stand in training too",
        "data",
        "A sample in both parts is judged after it was learned by heart. The held-out score is then too good, and "
        "overfitting stays unseen. Data with few different rows repeat themselves without harm. Take doubles out "
        "before the split, and split by source.",
        "Kaufman et al. 2012, Leakage in Data Mining",
    ),
    "LABEL_NOISE": Words(
        "Labels do not follow from inputs",
        "data",
        "A network that is large enough learns random labels by heart. Its training loss falls as always, but what it "
        "learned says nothing of new samples. A few wrong labels are harmless. Look at the samples of the highest "
        "loss, and at whether inputs and labels were put in order together.",
        "Zhang et al. 2017, Understanding deep learning requires rethinking generalization",
    ),
}
_GRAPH: Mapping[str, Words] = {
    "MISSING_NONLINEARITY": Words(
        "Linear layers follow one another",
        "graph",
        "Two linear maps in a row are one linear map. The second brings weights but nothing that the first could not "
        "say, and no bend in the data is followed. A narrow first layer that only saves weights is harmless. Put an "
        "activation between them.",
        "Goodfellow et al. 2016, ch. 6",
    ),
    "UNTRAINED_LAYER": Words(
        "A layer does not learn",
        "graph",
        "A layer that is frozen, or behind which the gradient stops, stays as it was drawn. What comes after it has "
        "to make do with random features. Weights that were trained before may be frozen on purpose. Unfreeze it, or "
        "wire it so that a loss depends on it.",
        "Yosinski et al. 2014",
    ),
    "UNDERFITTING_CAPACITY": Words(
        "A layer is too narrow",
        "graph",
        "All that later layers know has to pass through every layer. One with fewer units than the task has "
        "directions throws the rest away, and no training brings it back. A bottleneck is meant where a code is "
        "wanted. Let it have more units, or take it out.",
        "Goodfellow et al. 2016, ch. 5; NeuraLint (Nikanjam et al. 2021)",
    ),
    "DROPOUT_TOO_HIGH": Words(
        "Dropout takes too much",
        "graph",
        "Dropout sets a share of the numbers to nothing at every step. In narrow layers, and at rates near 1, hardly "
        "any signal is left, and behind the last layer the answer itself is struck out. Half of a wide hidden layer is "
        "harmless. Take 0.1 to 0.3, and none at the output.",
        "Srivastava et al. 2014",
    ),
    "DROPOUT_BEFORE_NORM": Words(
        "Dropout before a batch normalization",
        "graph",
        "Dropout makes numbers vary more in training than in use. A batch normalization behind it keeps that larger "
        "variance and divides by it in use, where it is not there. With small rates it costs little. Put dropout "
        "behind the last normalization.",
        "Li et al. 2019, Understanding the Disharmony between Dropout and Batch Normalization",
    ),
    "BN_SMALL_BATCH": Words(
        "Batch normalization sees too few samples",
        "graph",
        "A batch normalization measures mean and variance of its batch. Of a few samples these are mostly chance: "
        "training is noise, and what is kept for use fits no batch. With 16 samples or more it is harmless. Use larger "
        "batches, or a normalization that looks at one sample.",
        "Wu & He 2018, Group Normalization",
    ),
}
_LOSS: Mapping[str, Words] = {
    "DOUBLE_SOFTMAX": Words(
        "Probabilities are made twice",
        "loss",
        "The loss makes probabilities of raw scores itself. Given probabilities it squeezes them again: it cannot come "
        "near 0, and gradients are small where the network is sure. It is never of use. Take the activation away, "
        "or choose the loss that takes probabilities.",
        "Bridle 1990; the documentation of torch.nn.CrossEntropyLoss",
    ),
    "MISSING_SOFTMAX": Words(
        "The loss wants probabilities",
        "loss",
        "This loss takes probabilities, or their logarithms. Raw scores are neither: the loss has no lower end, or is "
        "not defined. It is never of use. Choose the loss that takes scores, or put the activation before it.",
        "the documentation of torch.nn.NLLLoss and BCELoss",
    ),
    "WRONG_LOSS": Words(
        "The loss does not suit the target",
        "loss",
        "A distance between class numbers says that class 0 is nearer to 1 than to 5, which is an accident of their "
        "order. The network is then asked to give a number in between where it doubts. Grades and counts, which are in "
        "order, are harmless. Give one score a class and compare by cross-entropy.",
        "Bishop 2006, ch. 4; NeuraLint (Nikanjam et al. 2021)",
    ),
    "OUTPUT_ACTIVATION_MISMATCH": Words(
        "The output cannot reach the targets",
        "loss",
        "The last activation keeps the output in a range. Targets beyond it are never reached, and where the output "
        "stands at its end no gradient comes through. A range that holds all targets is harmless. Let the last layer "
        "be linear, or scale the targets into the range.",
        "Bishop 1995, ch. 6; TheDeepChecker (Ben Braiek & Khomh 2022)",
    ),
}
BEFORE: Mapping[str, Words] = MappingProxyType({**_DATA, **_GRAPH, **_LOSS})
"""Of what can be told before training."""
