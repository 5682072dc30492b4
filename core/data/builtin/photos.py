"""Photographs that come with Chainrule: pieces of them, to be made clean, and scenes of emoji pasted on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from core.data.builtin.emoji import LICENCE
from core.data.builtin.pictures import CLOTHES
from core.data.sources import FieldSpec, OptionSpec, SourceKind, Value

PHOTOS: Mapping[str, str] = MappingProxyType(
    {
        "grass": "grass.png",
        "galaxies": "hubble_deep_field.jpg",
        "rocket": "rocket.jpg",
        "astronaut": "astronaut.png",
        "bricks": "brick.png",
        "coffee": "coffee.png",
        "gravel": "gravel.png",
        "cat": "chelsea.png",
    }
)
"""What is seen, and its file in scikit-image; the last ones are held out."""
HEIGHT, WIDTH = 160, 224
PUBLIC = "Public domain and CC0, as scikit-image says of each"
THINGS: Mapping[str, str] = MappingProxyType(
    {"smiley": "smileys", "animal": "animals", "food": "food", "flag": "flags"}
)
"""What lies in a scene, and the category of emoji that it is of."""
SCENE, CELLS = 64, 4
"""Pixels of a scene's side, and cells of its grid on a side."""


def _pieces(kind: SourceKind, values: Mapping[str, Value]) -> SourceKind:
    channels = 3 if values["colour"] == "colour" else 1
    return replace(kind, fields=_piece_fields(channels, int(values["size"])), samples=int(values["samples"]))


def _piece_fields(channels: int, size: int) -> tuple[FieldSpec, ...]:
    shape = (channels, size, size)
    return (
        FieldSpec("noisy", shape, "float32", "input", scaled=True, help="The piece with noise, 0 to 1"),
        FieldSpec("image", shape, "float32", "target", scaled=True, help="The piece as it is, 0 to 1"),
        FieldSpec("label", (), "int64", "target", classes=tuple(PHOTOS), help="The photograph of which it is a piece"),
    )


PIECES = SourceKind(
    name="photos",
    title="Photographs",
    summary="Pieces of eight photographs, with noise and without",
    fields=_piece_fields(3, 32),
    options=(
        OptionSpec("samples", "int", 2000, 16, 10_000, help="How many pieces, as many of each photograph"),
        OptionSpec("size", "int", 32, 8, 96, help="Pixels of a side"),
        OptionSpec("colour", "choice", "colour", choices=("colour", "grey"), help="Three channels, or one"),
        OptionSpec("noise", "float", 0.1, 0.0, 1.0, help="Standard deviation of the noise, before it is cut to 0 to 1"),
    ),
    normalise="none",
    natural="colours from 0 to 1",
    licence=PUBLIC,
    file="photos.npz",
    samples=2000,
    levels=255,
    group="Pictures",
    splits=("time", "random", "stratified"),
    fitted=_pieces,
)


def _scenes(kind: SourceKind, values: Mapping[str, Value]) -> SourceKind:
    fields = _scene_fields(int(values["objects"]), things_of(values))
    return replace(kind, fields=fields, samples=int(values["samples"]))


def things_of(values: Mapping[str, Value]) -> tuple[str, ...]:
    """The kinds of things that lie in scenes with these options."""
    return tuple(THINGS) if values["things"] == "emoji" else CLOTHES


def _scene_fields(most: int, things: tuple[str, ...]) -> tuple[FieldSpec, ...]:
    kinds, grid = ("ground", *things), "x, y, w, h, 1 and a 1 for its kind in the cell of each thing's middle, for Yolo"
    return (
        FieldSpec("image", (3, SCENE, SCENE), "float32", "input", scaled=True, help="Red, green and blue, 0 to 1"),
        FieldSpec("mask", (SCENE, SCENE), "int64", "target", classes=kinds, help="What each pixel belongs to"),
        FieldSpec("grid", (5 + len(things), CELLS, CELLS), "float32", "target", help=grid),
        FieldSpec("boxes", (most, 4), "float32", "target", help="Left, top, right, bottom, 0 to 1; 0 where none is"),
        FieldSpec("kinds", (most,), "int64", "target", classes=kinds, help="What is in each box; ground where none is"),
    )


SCENES = SourceKind(
    name="scenes",
    title="Scenes",
    summary="Emoji or clothes pasted on pieces of photographs, with exact masks and boxes: to be found and cut out",
    fields=_scene_fields(2, tuple(THINGS)),
    options=(
        OptionSpec("samples", "int", 1000, 10, 4000, help="How many scenes"),
        OptionSpec("objects", "int", 2, 1, 4, help="How many things a scene holds at most; each holds one or more"),
        OptionSpec("things", "choice", "emoji", choices=("emoji", "clothes"), help="Emoji of four groups, or clothing"),
    ),
    normalise="none",
    natural="colours from 0 to 1",
    licence=f"{LICENCE}; clothes: MIT (Zalando SE); photographs: {PUBLIC[:1].lower()}{PUBLIC[1:]}",
    file="emoji.npz",
    samples=1000,
    levels=255,
    group="Pictures",
    fitted=_scenes,
)
