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
SOUNDS = (
    OptionSpec("rate", "int", 16_000, 100, 96_000, help="Values a second to which every sound is brought"),
    OptionSpec(
        "seconds", "float", 1.0, 0.001, 600.0, help="Length of a sample: the rest is cut, or silence comes after"
    ),
    OptionSpec(
        "form",
        "choice",
        "spectrogram",
        choices=("spectrogram", "wave"),
        help="The strength of each frequency over time, for two-dimensional layers, or the values themselves",
    ),
    OptionSpec("window", "int", 512, 4, 16_384, help="Values of a column of the spectrogram"),
    OptionSpec("hop", "int", 256, 1, 16_384, help="Values from one column to the next"),
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
