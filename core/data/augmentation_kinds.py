"""The table of what can be done to the samples of a batch while training; needs neither numpy nor torch.

The functions of the same names stand in `core/data/augmenting.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from core.data.sources import OptionSpec

Acts = Literal["pictures", "rows", "inputs"]
Way = Literal["move", "change", "mix"]


@dataclass(frozen=True, slots=True)
class AugmentationKind:
    """One step that a list can have.

    `acts` says on which inputs: pictures (C, H, W), rows of a table (F), or all of floating numbers. `way` says how: a
    move goes with masks too, a change leaves them as they are, a mix joins samples with others and their labels, after
    all else was done.
    """

    name: str
    title: str
    help: str
    acts: Acts
    way: Way
    params: tuple[OptionSpec, ...]

    @property
    def moves_masks(self) -> bool:
        """Whether what says something of every pixel goes where its picture goes."""
        return self.acts == "pictures" and self.way != "change"

    def param(self, name: str) -> OptionSpec | None:
        """The parameter of this name, or None."""
        return next((spec for spec in self.params if spec.name == name), None)


def _p(default: float) -> OptionSpec:
    return OptionSpec("p", "float", default, 0.0, 1.0, help="Probability that a sample is changed; the others stay")


_FILL = OptionSpec(
    "fill",
    "choice",
    "zero",
    choices=("zero", "edge", "reflect"),
    help="What comes in from outside: zeros as the network sees them, the edge drawn out, or the picture mirrored",
)
_ALPHA = "Of the Beta distribution from which the share is drawn: small ones mix little, 1 mixes evenly"
AUGMENTATIONS: Mapping[str, AugmentationKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            AugmentationKind(
                "horizontal_flip",
                "Flip left to right",
                "Mirrors pictures left to right: for whatever has no writing and no left and right of its own",
                "pictures",
                "move",
                (_p(0.5),),
            ),
            AugmentationKind(
                "vertical_flip",
                "Flip upside down",
                "Mirrors pictures top to bottom: for pictures from above or through a microscope",
                "pictures",
                "move",
                (_p(0.5),),
            ),
            AugmentationKind(
                "rotate",
                "Rotate",
                "Turns pictures about their middle by an angle drawn evenly",
                "pictures",
                "move",
                (
                    OptionSpec("degrees", "float", 15.0, 0.0, 180.0, help="The largest angle to either side"),
                    _FILL,
                    _p(1.0),
                ),
            ),
            AugmentationKind(
                "crop",
                "Pad and crop",
                "Shifts pictures by whole pixels: padded on all sides, then cut out anywhere at their old size",
                "pictures",
                "move",
                (
                    OptionSpec("padding", "int", 4, 1, 512, help="Pixels on each side, the largest shift"),
                    _FILL,
                    _p(1.0),
                ),
            ),
            AugmentationKind(
                "resized_crop",
                "Random resized crop",
                "Cuts out a part anywhere and enlarges it to the picture's size",
                "pictures",
                "move",
                (
                    OptionSpec("area", "float", 0.5, 0.01, 1.0, help="The smallest share of the picture"),
                    OptionSpec("ratio", "float", 1.33, 1.0, 4.0, help="How much longer one side may be; 1 is a square"),
                    _p(1.0),
                ),
            ),
            AugmentationKind(
                "affine",
                "Shift, scale and shear",
                "Moves, zooms and slants pictures at once, by amounts drawn evenly",
                "pictures",
                "move",
                (
                    OptionSpec("shift", "float", 0.1, 0.0, 1.0, help="The largest shift, as a share of the side"),
                    OptionSpec("scale", "float", 0.1, 0.0, 0.9, help="The largest change of size: 0.1 is 0.9 to 1.1"),
                    OptionSpec("shear", "float", 10.0, 0.0, 60.0, help="The largest slant to either side, in degrees"),
                    _FILL,
                    _p(1.0),
                ),
            ),
            AugmentationKind(
                "color",
                "Colour jitter",
                "Changes brightness, contrast, saturation and hue; grey pictures have only the first two",
                "pictures",
                "change",
                (
                    OptionSpec("brightness", "float", 0.2, 0.0, 10.0, help="The largest number added to all pixels"),
                    OptionSpec("contrast", "float", 0.2, 0.0, 1.0, help="About the picture's mean: 0.2 is 0.8 to 1.2"),
                    OptionSpec("saturation", "float", 0.2, 0.0, 1.0, help="About its grey values: 0.2 is 0.8 to 1.2"),
                    OptionSpec("hue", "float", 0.05, 0.0, 0.5, help="The largest turn of the colours; 0.5 is half way"),
                    _p(1.0),
                ),
            ),
            AugmentationKind(
                "noise",
                "Gaussian noise",
                "Adds normal numbers, drawn for every pixel or entry, to what the network sees",
                "inputs",
                "change",
                (OptionSpec("deviation", "float", 0.1, 0.0, 100.0, help="Standard deviation"), _p(1.0)),
            ),
            AugmentationKind(
                "blur",
                "Gaussian blur",
                "Makes pictures softer, each as much as drawn",
                "pictures",
                "change",
                (
                    OptionSpec("sigma", "float", 1.0, 0.1, 16.0, help="The largest width, in pixels"),
                    _p(0.5),
                ),
            ),
            AugmentationKind(
                "cutout",
                "Cutout",
                "Sets a rectangle to zero, anywhere in the picture (random erasing)",
                "pictures",
                "change",
                (
                    OptionSpec("least", "float", 0.02, 0.001, 1.0, help="The smallest share of the picture"),
                    OptionSpec("most", "float", 0.25, 0.001, 1.0, help="The largest share of the picture"),
                    OptionSpec("ratio", "float", 1.0, 1.0, 10.0, help="How much longer one side may be; 1 is a square"),
                    _p(0.5),
                ),
            ),
            AugmentationKind(
                "randaugment",
                "RandAugment",
                "Draws for each picture some of nine changes, all equally strong: nothing, turn, slant, shift, "
                "brightness, contrast, saturation",
                "pictures",
                "move",
                (
                    OptionSpec("count", "int", 2, 1, 8, help="How many changes for each picture (N)"),
                    OptionSpec("magnitude", "float", 9.0, 0.0, 30.0, help="How strong they are, of 30 (M)"),
                    _FILL,
                    _p(1.0),
                ),
            ),
            AugmentationKind(
                "feature_dropout",
                "Feature dropout",
                "Sets entries of a row to zero, which is their mean where they are standardised",
                "rows",
                "change",
                (OptionSpec("rate", "float", 0.1, 0.0, 1.0, help="The share of the entries"), _p(1.0)),
            ),
            AugmentationKind(
                "mixup",
                "Mixup",
                "Lays another sample of the batch over each; the loss is that of both labels, by their shares",
                "inputs",
                "mix",
                (OptionSpec("alpha", "float", 0.2, 0.01, 100.0, help=_ALPHA), _p(1.0)),
            ),
            AugmentationKind(
                "cutmix",
                "CutMix",
                "Pastes a rectangle of another picture; the loss is that of both labels, by their areas",
                "pictures",
                "mix",
                (OptionSpec("alpha", "float", 1.0, 0.01, 100.0, help=_ALPHA), _p(1.0)),
            ),
        )
    }
)
