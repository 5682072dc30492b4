"""What can be said about the reading of folders: pictures, sounds and texts of the user's own."""

from __future__ import annotations

from core.data.sources import OptionSpec

TEXT = (
    OptionSpec("level", "choice", "character", choices=("character", "word", "byte"), help="What one token is"),
    OptionSpec("context", "int", 64, 1, 4_096, help="Tokens of a sample"),
    OptionSpec("stride", "int", 0, 0, 4_096, help="Tokens from one sample to the next; 0 is as many as a sample has"),
    OptionSpec(
        "vocabulary", "int", 5_000, 2, 50_000, help="Different tokens at most, the most frequent; the others are one"
    ),
    OptionSpec("case", "choice", "as it is", choices=("as it is", "small"), help="Whether capitals become small"),
)
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
