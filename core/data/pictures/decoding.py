"""A picture's file -> bytes of one size. Only formats that Pillow decodes itself are read; needs no torch."""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
# What Pillow raises for files that are cut, changed or no pictures; a warning where those are errors.
UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Warning,
)
MOST_PIXELS = 80_000_000
ENDS = {"PNG": (b"IEND", 12), "JPEG": (b"\xff\xd9", 4096), "GIF": (b";", 64)}
"""By format what stands among so many of its last bytes."""


@dataclass(frozen=True, slots=True)
class Look:
    """How pictures are brought to one size.

    `fit` is "crop" (fill the size, cut what is over), "pad" (fit into it, black around) or "stretch".
    """

    height: int
    width: int
    grey: bool
    fit: str

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        return (1 if self.grey else 3, self.height, self.width)


def check(path: Path) -> bool:
    """Whether the file's head and end are those of a whole picture: quick, nothing is decoded."""
    try:
        with Image.open(path, formats=FORMATS) as picture:
            kind, size = picture.format or "", picture.size
        mark, among = ENDS.get(kind, (b"", 0))
        with path.open("rb") as stream:
            stream.seek(max(os.fstat(stream.fileno()).st_size - among, 0))
            whole = mark in stream.read()
    except UNREADABLE:
        return False
    return whole and 0 < size[0] * size[1] <= MOST_PIXELS


def picture(path: Path, look: Look) -> NDArray[np.uint8]:
    """The picture (C, H, W), turned as its EXIF says, on white where it is transparent; raises one of UNREADABLE."""
    with Image.open(path, formats=FORMATS) as file:
        side = max(look.height, look.width)
        if file.format == "JPEG":
            file.draft("RGB", (side, side))
        plain = _plain(ImageOps.exif_transpose(file), look.grey)
    pixels = np.asarray(_sized(plain, look, Image.Resampling.BILINEAR), np.uint8)
    return pixels[np.newaxis] if look.grey else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def mask(path: Path, look: Look) -> NDArray[np.uint8]:
    """The numbers (H, W) of a mask's pixels, none of them mixed; raises one of UNREADABLE."""
    with Image.open(path, formats=FORMATS) as file:
        if file.mode not in ("1", "L", "P"):
            raise ValueError(f"a mask of one number a pixel was wanted, {file.mode} came")
        turned = ImageOps.exif_transpose(file)
        numbers = turned.convert("L") if turned.mode == "1" else turned
        sized = _sized(numbers, look, Image.Resampling.NEAREST)
    return np.asarray(sized, np.uint8)


def levels(path: Path) -> frozenset[int]:
    """The numbers that a mask holds; raises one of UNREADABLE."""
    with Image.open(path, formats=FORMATS) as file:
        if file.mode not in ("1", "L", "P"):
            raise ValueError(f"a mask of one number a pixel was wanted, {file.mode} came")
        found = (file.convert("L") if file.mode == "1" else file).histogram()
    return frozenset(number for number, count in enumerate(found) if count)


def _plain(image: Image.Image, grey: bool) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel
        image = Image.fromarray((np.asarray(image).astype(np.int64).clip(0, 65_535) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return image.convert("L" if grey else "RGB")


def _sized(image: Image.Image, look: Look, resampling: Image.Resampling) -> Image.Image:
    size = (look.width, look.height)
    if look.fit == "crop":
        return ImageOps.fit(image, size, resampling)
    if look.fit == "pad":
        return ImageOps.pad(image, size, resampling)
    return image.resize(size, resampling)
