"""What a project file may hold at most: counted before it is parsed, and again before a project is made of it."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path

from core.annotations import LEAST
from core.errors import FileError
from core.fileformat import ChainFile, FileNode
from core.graph import MAX_NAME

MAX_BYTES = 64 * 2**20
MAX_NODES = 25_000
"""Of the main graph and all blocks together."""
MAX_WIRES = 4 * MAX_NODES
MAX_PARTS = 10_000
"""Blocks, data sets, phases, points of wires: of each at most so many."""
MAX_AT_ONE_INPUT = 1_000
"""Wires."""
MAX_TEXT = 100_000
"""Characters of a description."""
MAX_NOTE = 20_000
"""Characters of a note."""
FARTHEST = 1e6
"""Pixels from the middle: cards that lie further out are brought back."""
_OBJECTS, _LISTS = 3 * MAX_NODES + MAX_PARTS, MAX_WIRES + 4 * MAX_NODES + 3 * MAX_PARTS
"""Opening braces and brackets that a file within the limits cannot have."""
_FIX = "Choose another file, or take something out of this one."


def readable(path: Path) -> bytes:
    """The file's content; raises FileError for what is no plain file or too large, and OSError."""
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(21, "Is a directory")
    if not stat.S_ISREG(found.st_mode):
        raise FileError("a plain file was wanted", "it is a device or a pipe", str(path), "Choose another.")
    if found.st_size > MAX_BYTES:
        wanted = f"a project file of at most {MAX_BYTES >> 20} MB was wanted"
        raise FileError(wanted, f"it has {found.st_size >> 20:,} MB", str(path), _FIX)
    return path.read_bytes()


def ensure_short(text: str) -> None:
    """Raise FileError where the text must hold more nodes, wires or parts than a file may."""
    objects, lists = text.count("{"), text.count("[")
    if objects > _OBJECTS or lists > _LISTS:
        wanted = f"at most {MAX_NODES:,} nodes and {MAX_WIRES:,} wires were wanted"
        raise FileError(wanted, f"{objects:,} objects and {lists:,} lists came", "", _FIX)


def ensure_modest(content: ChainFile) -> None:
    """Raise FileError where there is more of something than a file may hold."""
    graphs = [(content.nodes, content.edges), *((block.nodes, block.edges) for block in content.blocks)]
    counts = (
        ("nodes", sum(len(nodes) for nodes, _edges in graphs), MAX_NODES),
        ("wires", sum(len(edges) for _nodes, edges in graphs), MAX_WIRES),
        ("blocks", len(content.blocks), MAX_PARTS),
        ("data sets", len(content.data), MAX_PARTS),
        ("phases", len(content.training.phases), MAX_PARTS),
        ("shares of the learning rate", len(content.training.rates), MAX_PARTS),
        ("frames and notes", len(content.annotations), MAX_PARTS),
        ("wires led through points", len(content.reroutes), MAX_PARTS),
        ("points of wires", sum(len(item.points) for item in content.reroutes), MAX_PARTS),
    )
    for noun, count, most in counts:
        if count > most:
            raise FileError(f"at most {most:,} {noun} were wanted", f"{count:,} came", noun, _FIX)
    for words in (content.name, *_names(content)):
        if len(words) > MAX_NAME:
            wanted = f"names and ids of at most {MAX_NAME} characters were wanted"
            raise FileError(wanted, f"one of {len(words):,} came", f"{words[:20]}…", "Shorten it.")
    if len(content.description) > MAX_TEXT:
        wanted = f"a description of at most {MAX_TEXT:,} characters was wanted"
        raise FileError(wanted, f"one of {len(content.description):,} came", "description", "Shorten it.")
    for item in content.annotations:
        if len(item.text) > MAX_NOTE:
            wanted = f"a note of at most {MAX_NOTE:,} characters was wanted"
            raise FileError(wanted, f"one of {len(item.text):,} came", item.id, "Shorten it.")
    for _nodes, edges in graphs:
        _ensure_few_at_one_input(edges)


def within(place: tuple[float, float]) -> tuple[float, float]:
    """A card's place, no further out than any canvas goes."""
    x, y = (max(-FARTHEST, min(FARTHEST, float(side))) for side in place)
    return x, y


def rect_within(rect: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """A frame's or note's rectangle on the canvas, no smaller than one that can be taken hold of."""
    width, height = (min(max(float(size), least), FARTHEST) for size, least in zip(rect[2:], LEAST, strict=True))
    return *within(rect[:2]), width, height


def _names(content: ChainFile) -> Iterable[str]:
    for block in content.blocks:
        yield from (block.id, block.name)
        yield from _of_nodes(block.nodes)
    yield from _of_nodes(content.nodes)
    yield from (item.id for item in content.data)
    yield from (item.id for item in content.annotations)


def _of_nodes(nodes: list[FileNode]) -> Iterable[str]:
    for node in nodes:
        yield from (node.id, node.name, node.kind, node.block, node.link)


def _ensure_few_at_one_input(edges: list[list[str | int]]) -> None:
    counts: dict[tuple[str | int, ...], int] = {}
    for edge in edges:
        end = tuple(edge[2:4])
        counts[end] = counts.get(end, 0) + 1
        if counts[end] > MAX_AT_ONE_INPUT:
            wanted = f"at most {MAX_AT_ONE_INPUT:,} wires at one input were wanted"
            raise FileError(wanted, "more came", f"{end[0]}", "Add or join them in groups.")
