"""What can be said about the reading of folders: pictures, sounds and texts of the user's own."""

from __future__ import annotations

from core.data.sources import OptionSpec

PICTURES = (
    OptionSpec("height", "int", 64, 1, 2_048, help="Pixels to which every picture is brought"),
    OptionSpec("width", "int", 64, 1, 2_048, help="Pixels to which every picture is brought"),
    OptionSpec("colour", "choice", "colour", choices=("colour", "grey"), help="Three channels, or one"),
    OptionSpec(
        "fit",
        "choice",
        "crop",
        choices=("crop", "pad", "stretch"),
        help="How another shape is met: what is over is cut, black is put around, or the picture is stretched",
    ),
    OptionSpec(
        "masks",
        "choice",
        "beside",
        choices=("beside", "none"),
        help="Whether name_mask.png beside name.png, and a folder masks beside images, are masks of the pictures",
    ),
)
