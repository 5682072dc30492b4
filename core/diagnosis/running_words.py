"""What is said of findings of a run: title, family, why it matters, and the source."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.diagnosis.wording import Words

_START: Mapping[str, Words] = {
    "SYMMETRIC_INIT": Words(
        "Units begin alike",
        "start",
        "Units with equal weights get equal gradients and stay equal for ever. However wide the layer is, it says no "
        "more than one unit. Zeros in the last layer of a branch or of the network are harmless. Draw the weights at "
        "random.",
        "Goodfellow et al. 2016, ch. 8.4",
    ),
    "BAD_INIT_LARGE": Words(
        "Weights begin too large",
        "start",
        "Each layer multiplies the signal by its weights' size. Where they are too large it grows with every layer, "
        "units saturate, and the first steps are far too long. With a normalization behind each layer it is harmless. "
        "Draw them as He or Xavier, which keep the variance.",
        "Glorot & Bengio 2010; He et al. 2015",
    ),
    "BAD_INIT_SMALL": Words(
        "Weights begin too small",
        "start",
        "Each layer multiplies the signal by its weights' size. Where they are too small it fades with every layer, "
        "the last ones see next to nothing, and gradients fade on their way back. With a normalization behind each "
        "layer it is harmless. Draw them as He or Xavier, which keep the variance.",
        "Glorot & Bengio 2010; He et al. 2015",
    ),
    "BAD_INIT_OUTPUT": Words(
        "The first answers are far off",
        "start",
        "A network that knows nothing should doubt all classes alike. Where the last layer is too large it is sure and "
        "wrong, and the first part of the training only makes that small again. With a head that was trained before it "
        "is meant. Let the last layer begin small.",
        "Karpathy 2019, A Recipe for Training Neural Networks; cs231n",
    ),
}
_SETTINGS: Mapping[str, Words] = {
    "OPTIMIZER_CONFIG": Words(
        "The optimizer remembers too long",
        "settings",
        "Momentum keeps a share of every step, and what is kept adds up: at 0.99 to a hundred times the step. Steps go "
        "on long after the gradient has turned, and the weights swing or run away. With very large batches and small "
        "rates it may be meant. The usual values are 0.9, and 0.9 and 0.999 for Adam.",
        "Sutskever et al. 2013; Kingma & Ba 2015",
    ),
    "SCHEDULE_COLLAPSE": Words(
        "The learning rate is gone too early",
        "settings",
        "A schedule that multiplies the rate again and again brings it to nothing. The rest of the run changes no "
        "weight any more, whatever is left to learn. A small rate in the last tenth is usual. Let it fall over the "
        "real number of steps, as a cosine does.",
        "Loshchilov & Hutter 2017",
    ),
    "CLIP_TOO_TIGHT": Words(
        "Clipping shortens every step",
        "settings",
        "Clipping is meant for the rare step that is far too long. Where every gradient is cut to a fraction, it is a "
        "lower learning rate in disguise. Adam, which divides by the gradient's size, does not mind. Clip at a norm "
        "that nine of ten gradients stay under.",
        "Pascanu et al. 2013",
    ),
    "LR_TOO_HIGH": Words(
        "The learning rate is too high",
        "settings",
        "A step should change a weight by about a thousandth of itself. Where it changes by a tenth and more the loss "
        "is no longer what its gradient said, and the weights are thrown about and grow. Behind a normalization large "
        "steps are harmless, and so they are while the loss falls. Take a tenth of the rate, or let it warm up.",
        "cs231n; Smith 2017, Cyclical Learning Rates",
    ),
    "LR_TOO_LOW": Words(
        "The learning rate is too low",
        "settings",
        "A step should change a weight by about a thousandth of itself. Where it changes by a hundred-thousandth, the "
        "run ends before anything was learned. At the end of a schedule, and in fine-tuning, small steps are meant. "
        "Take ten times the rate, or look for it with the range test.",
        "cs231n; Smith 2017, Cyclical Learning Rates",
    ),
    "WEIGHT_DECAY_TOO_HIGH": Words(
        "Weight decay wins over the data",
        "settings",
        "Weight decay pulls every weight to 0 at every step. Where that pull is as strong as the gradient of the data, "
        "weights shrink until the network can say little. Weights in front of a normalization may shrink without harm. "
        "Usual are 0.0001 for SGD and 0.01 for AdamW.",
        "Krogh & Hertz 1992; Loshchilov & Hutter 2019",
    ),
    "BATCH_TOO_SMALL": Words(
        "Batches are too small",
        "settings",
        "The gradient of a few samples is that of all data plus noise. Where the noise is far larger, steps cancel one "
        "another. Near the end of a run this is always so. Use larger batches or accumulate, or a lower rate.",
        "McCandlish et al. 2018, An Empirical Model of Large-Batch Training",
    ),
}
_RUNNING: Mapping[str, Words] = {
    "VANISHING_GRADIENT": Words(
        "Gradients vanish",
        "flow",
        "Backpropagation multiplies the gradient by every layer's derivative, and factors below one shrink it with "
        "depth or with time. What is far from the loss gets no signal of what to change and stays as it was drawn. It "
        "is harmless only where that need not learn. Activations that do not saturate, a start that keeps the "
        "variance, normalization, residual wires and gates keep the factor near one.",
        "Hochreiter 1991; Bengio et al. 1994; Glorot & Bengio 2010",
    ),
    "EXPLODING_GRADIENT": Words(
        "Gradients explode",
        "start",
        "Backpropagation multiplies the gradient by every layer's derivative, and factors above one make it grow with "
        "depth or with time. One step along such a gradient throws the weights out of all bounds. A single jump that "
        "clipping cuts is harmless. A start that keeps the variance, normalization, clipping and a lower rate help.",
        "Pascanu et al. 2013; Glorot & Bengio 2010",
    ),
    "DEAD_RELU": Words(
        "Units are dead",
        "activations",
        "A ReLU that gives 0 for every sample has no gradient, and never comes back. Half a layer of them is half a "
        "layer less. Some dead units in wide layers over few inputs are usual. Lower biases or rate, or use an "
        "activation that leaks.",
        "Maas et al. 2013; Lu et al. 2020, Dying ReLU and Initialization",
    ),
    "SATURATED_ACTIVATION": Words(
        "Units are saturated",
        "activations",
        "At the ends of its range a sigmoid or tanh is flat, and next to no gradient comes through. Units that stand "
        "there for most samples learn no more. The output of a sure classifier, and gates, may stand there. Smaller "
        "weights and inputs, normalization, or a ReLU help.",
        "Glorot & Bengio 2010; LeCun et al. 1998",
    ),
    "RANK_COLLAPSE": Words(
        "A layer tells samples apart by little",
        "activations",
        "All outputs of the layer lie near one line. What follows sees nearly the same for every sample. Where one "
        "number is the whole answer it is right. A wider layer, normalization and residual wires help.",
        "Roy & Vetterli 2007; Dong et al. 2021",
    ),
    "NONFINITE": Words(
        "The run ended in NaN",
        "progress",
        "A number became too large for its type, or was divided by nothing. From there on every number that it enters "
        "is NaN, and the run is over. It does not go away by itself. Go back to a checkpoint before it, and mend what "
        "made the numbers grow.",
        "IEEE 754; DeepLocalize (Wardat et al. 2021)",
    ),
    "NOT_LEARNING": Words(
        "The loss does not fall",
        "progress",
        "After a good part of the run the loss stands where an answer without a look at the input would be. Nothing "
        "that is known to stop a network was seen. Targets that are chance alone cannot be learned. Try whether it can "
        "learn one batch by heart, and look for the learning rate with the range test.",
        "Karpathy 2019, A Recipe for Training Neural Networks",
    ),
    "UNSTABLE_LOSS": Words(
        "The loss swings",
        "progress",
        "The loss goes up and down by much of itself and no lower. Steps are too long for the place the weights are "
        "in, or batches too unlike. Small ups and downs are part of every run. A lower rate, larger batches or a "
        "falling schedule help.",
        "Cohen et al. 2021, Gradient Descent at the Edge of Stability",
    ),
    "SLOW_CONVERGENCE": Words(
        "The run ends too early",
        "progress",
        "The loss still falls as fast as before when the run ends. What it could reach is not seen. Where it is good "
        "enough that is harmless. Train longer, or with a higher rate.",
        "Goodfellow et al. 2016, ch. 8",
    ),
    "GAN_COLLAPSE": Words(
        "One side has won",
        "progress",
        "The discriminator tells all made samples from true ones, and its loss is next to nothing. The other side then "
        "gets no gradient that says how to become better. A lead for a while is usual. Let the discriminator learn "
        "slower, smooth its labels, or use another loss.",
        "Goodfellow et al. 2014; Arjovsky & Bottou 2017",
    ),
    "OVERFITTING": Words(
        "The network learns by heart",
        "generalisation",
        "The loss falls in training while that of held-out samples rises. From there on the network learns what is "
        "particular to its samples. A small gap is part of every good fit. More data or augmentation, weight decay, "
        "dropout, a smaller network, or an end at the best epoch help.",
        "Prechelt 1998, Early Stopping; Goodfellow et al. 2016, ch. 7",
    ),
}
_SCRIPT: Mapping[str, Words] = {
    "STRANGE_PARAMETERS": Words(
        "The optimizer trains something else",
        "graph",
        "An optimizer changes the tensors that it was given, and no others. What it was not given stays as it was "
        "drawn, however large its gradient is. Where it trains something beside the model, as a loss with weights, "
        "that is meant. Make the optimizer after the last change of the model.",
        "the documentation of torch.optim",
    ),
    "KEPT_GRADIENTS": Words(
        "Gradients are never cleared",
        "settings",
        "Every backward pass adds to the gradients that are there. Where they are not cleared, a step follows the sum "
        "of all gradients since the start: it goes on long after the loss has turned, and swings. To add up those of a "
        "few batches, and clear them after the step, is harmless. Call zero_grad once a step.",
        "the documentation of torch.optim.Optimizer.zero_grad",
    ),
    "TRAINED_IN_USE": Words(
        "The network trains in the mode of its use",
        "settings",
        "In this mode dropout passes everything on, and batch normalization takes the means that it has kept, which it "
        "no longer brings up to date. Nothing is regularised, and the norms fit no data. With a backbone that was "
        "trained before it may be meant. Call model.train() at the start of every epoch.",
        "the documentation of torch.nn.Module.eval",
    ),
}
RUNNING: Mapping[str, Words] = MappingProxyType({**_START, **_SETTINGS, **_RUNNING, **_SCRIPT})
"""Of what a run tells."""
