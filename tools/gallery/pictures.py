"""Networks whose answer is a picture: denoising, and a class for every pixel."""

from __future__ import annotations

import numpy as np
import torch

from core.data.settings import DatasetSettings
from core.graph import Value
from core.project import Position, Project
from core.training.evaluate import predict
from core.training.optimizers import Optimizer
from tools.gallery.drawing import COLUMN, Drawing, one_cycle
from tools.gallery.exhibit import Exhibit, Figure, Outcome, validation_loss

NARROW = 16
"""Numbers in the waist of the autoencoder."""


def autoencoder() -> Project:
    """Digits with a part of their pixels hidden, through sixteen numbers, back to whole ones."""
    draw = Drawing(6)
    digits = draw.data("mnist", "digits", "image")
    draw.layer("Flatten", "flatten")
    draw.layer("Dropout", "hide", p=0.3)
    for number, units in enumerate((256, 64, NARROW), 1):
        draw.layer("Linear", f"encode{number}", out_features=units)
        draw.layer("ReLU" if units != NARROW else "LeakyReLU", f"bend{number}")
    for number, units in enumerate((64, 256), 1):
        draw.layer("Linear", f"decode{number}", out_features=units)
        draw.layer("ReLU", f"bend{number + 3}")
    draw.layer("Linear", "decode3", out_features=784)
    draw.layer("Sigmoid", "sigmoid")
    draw.layer("Reshape", "picture", shape=(1, 28, 28))
    draw.loss("MSE", "mse", (digits, "image"))
    return draw.project(
        "Autoencoder",
        "Digits with hidden pixels go through a waist of sixteen numbers and come out whole.",
        DatasetSettings("mnist"),
        one_cycle(15, Optimizer("Adam", 0.002)),
        "mnist",
    )


def of_principal_components(outcome: Outcome) -> float:
    """The error of as many principal components, fitted to the training part: the best that is linear."""
    (data,) = outcome.data.values()
    images = (data.fields["image"][rows].double().numpy() for rows in (data.train, data.validation))
    train, held = (pixels.reshape(-1, 784) for pixels in images)
    mean = train.mean(0)
    _u, _s, components = np.linalg.svd(train - mean, full_matrices=False)
    components = components[:NARROW]
    error = (held - mean) - (held - mean) @ components.T @ components
    return float(np.mean(error**2))


def segnet() -> Project:
    """SegNet in small: the decoder puts values back where pooling took them from."""
    draw = Drawing(10)
    scenes = draw.add("Dataset", "scenes", draw.place(0, 0), dataset="scenes")
    draw.tip = (scenes, "image")
    pools: list[str] = []
    for number, channels in ((1, 16), (2, 32), (3, 32)):
        row = number - 1.0
        _stage(draw, "", number, draw.place(1, row), channels)
        pools.append(draw.layer("MaxPool2d", f"pool{number}", draw.place(4, row), kernel_size=2, return_indices=True))
    for number, channels in ((3, 32), (2, 16), (1, 16)):
        row = number - 1.0
        unpool = draw.layer("MaxUnpool2d", f"unpool{number}", draw.place(5, row), kernel_size=2)
        draw.wire((pools[number - 1], "indices"), unpool, "indices")
        _stage(draw, "de", number, draw.place(6, row), channels)
    return _segmenting(
        draw, scenes, 9, "SegNet", "A class for every pixel: the decoder puts values back where pooling took them from."
    )


def unet() -> Project:
    """U-Net in small: what was seen before pooling goes across to the decoder."""
    draw = Drawing(10)
    scenes = draw.add("Dataset", "scenes", draw.place(0, 0), dataset="scenes")
    draw.tip = (scenes, "image")
    seen: list[tuple[str, str]] = []
    for number, channels in ((1, 16), (2, 24), (3, 32)):
        row = number - 1.0
        _stage(draw, "", number, draw.place(1, row), channels)
        if number < 3:
            seen.append(draw.tip)
            draw.layer("MaxPool2d", f"pool{number}", draw.place(4, row), kernel_size=2)
    for number, channels in ((2, 24), (1, 16)):
        row = number - 1.0
        draw.layer("ConvTranspose2d", f"up{number}", draw.place(5, row), out_channels=channels, kernel_size=2, stride=2)
        joined = draw.add("Concat", f"join{number}", draw.place(6, row))
        draw.wire(draw.tip, joined, "inputs", 0)
        draw.wire(seen[number - 1], joined, "inputs", 1)
        draw.tip = (joined, "output")
        _stage(draw, "de", number, draw.place(7, row), channels)
    return _segmenting(
        draw,
        scenes,
        10,
        "U-Net",
        "A class for every pixel: fine detail goes across the U, meaning goes down and up again.",
    )


def _stage(draw: Drawing, prefix: str, number: int, at: Position, channels: int) -> None:
    """A convolution, its batch norm and its ReLU, side by side."""
    layers: tuple[tuple[str, str, dict[str, Value]], ...] = (
        ("Conv2d", "conv", {"out_channels": channels, "kernel_size": 3, "padding": 1}),
        ("BatchNorm2d", "bn", {}),
        ("ReLU", "relu", {}),
    )
    for column, (kind, name, params) in enumerate(layers):
        draw.layer(kind, f"{prefix}{name}{number}", (at[0] + COLUMN * column, at[1]), **params)


def _segmenting(draw: Drawing, scenes: str, column: int, name: str, words: str) -> Project:
    """The drawing with a class for every pixel of its scenes at the end."""
    draw.layer("Conv2d", "classes", draw.place(column, 0), out_channels=5, kernel_size=1)
    draw.loss("CrossEntropy", "cross_entropy", (scenes, "mask"), draw.place(column, 1))
    data = DatasetSettings("scenes", (("samples", 600),))
    return draw.project(name, words, data, one_cycle(10, Optimizer("Adam", 0.004)), "scenes")


def mean_iou(outcome: Outcome) -> float:
    """The mean over the classes of intersection over union, on the validation part's pixels."""
    (data,) = outcome.data.values()
    rows = data.validation
    truth = data.fields["mask"][rows]
    found = predict(outcome.project, dict(outcome.weights), {"image": data.fields["image"][rows]})
    guess = torch.as_tensor(next(iter(found.values()))).argmax(1)
    shares = []
    for number in range(5):
        mine, theirs = guess == number, truth == number
        shares.append(float((mine & theirs).sum() / (mine | theirs).sum().clamp(min=1)))
    return float(np.mean(shares))


EXHIBITS = (
    Exhibit(
        "autoencoder",
        autoencoder,
        "Vision",
        (
            "Nobody says what the sixteen numbers in the waist mean; they have to be enough to draw the digit again.",
            "A part of the pixels is hidden while it trains, so it learns what digits look like, not to copy.",
            "Without bends it would find the principal components, and with them it does better.",
        ),
        "Vincent, Larochelle, Bengio, Manzagol: Extracting robust features with denoising autoencoders, 2008",
        Figure(
            "mean squared error of whole digits",
            validation_loss,
            0.03,
            lower=True,
            reference=of_principal_components,
            against="16 principal components",
            form=".4f",
        ),
    ),
    Exhibit(
        "segnet",
        segnet,
        "Vision",
        (
            "Pooling forgets where the largest value stood; SegNet keeps the place and puts the value back there.",
            "So the decoder draws sharp borders without learned upsampling, for two numbers a window.",
            "Every pixel has a class of its own, and each is judged by the cross-entropy.",
        ),
        "Badrinarayanan, Kendall, Cipolla: SegNet, 2015",
        Figure("mean intersection over union", mean_iou, 0.25, form=".3f"),
    ),
    Exhibit(
        "unet",
        unet,
        "Vision",
        (
            "Going down, the network sees more and more of the picture and less and less where things are.",
            "The wires across hand over the fine detail of the same size, so that both are there on the way up.",
            "It is the plan of networks for medical pictures, and of diffusion models.",
        ),
        "Ronneberger, Fischer, Brox: U-Net: convolutional networks for biomedical image segmentation, 2015",
        Figure("mean intersection over union", mean_iou, 0.25, form=".3f"),
    ),
)
