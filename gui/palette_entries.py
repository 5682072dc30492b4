"""What the palette lists: every kind one can drop, and every data set."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from types import MappingProxyType
from typing import NamedTuple

from core.blocklib import Shelved
from core.catalog import CATEGORIES, KINDS, spoken
from core.catalog.searching import Spoken
from core.catalog.sources import DATASET
from core.data.builtin.listing import SOURCES
from core.graph import BLOCK_INPUT, BLOCK_OUTPUT, Block
from core.instances import BLOCK_PREFIX, LINKED_PREFIX, PORTS, needed
from core.owndata import OWN_DATA
from core.phrases import Meaning, meaning
from core.planning import DATA_PREFIX
from core.project import Project

BLOCKS = "Blocks"


class Entry(NamedTuple):
    """One row: what is dropped, and what the row says of it."""

    kind: str
    """A kind's name, or data:NAME for a data set."""
    title: str
    category: str
    icon: str
    hint: str
    help: str
    group: str = ""
    """The head within its category under which it stands; none where the category has no groups."""


GLYPHS = MappingProxyType(
    {
        "Data": "data",
        "Convolution": "conv",
        "Linear": "linear",
        "Activation": "act",
        "Normalization": "norm",
        "Pooling": "pool",
        "Recurrent": "recur",
        "Attention": "attn",
        "Shape": "shape",
        "Math": "math",
        "Loss": "loss",
        "Blocks": "block",
    }
)
"""The picture of each category."""

OWN_WORDS = ("data", "file", "folder", "own", "csv", "table", "parquet", "npz", "add")
_OWN = Entry(OWN_DATA, "From a file…", "Data", "folder", "", "Data of your own: tables, arrays, folders.", "Your own")


def entries() -> tuple[Entry, ...]:
    """Everything one can drop, category by category."""
    data = tuple(_data_entry(name) for name in SOURCES)
    kinds = tuple(_kind_entry(name) for name in KINDS if _is_dropped(name))
    listed = (*data, _OWN, *kinds)
    return tuple(entry for category in CATEGORIES for entry in listed if entry.category == category)


def block_entries(project: Project, scope: str, shelf: Sequence[Shelved]) -> tuple[Entry, ...]:
    """The blocks one can drop into this graph: the project's, linked ones, the library's; inside one, its ports."""
    found: list[Entry] = []
    for block in project.blocks.values():
        if scope and scope in needed(project, block.id):
            continue
        placed = [node for node in project.scope(scope).nodes.values() if node.block == block.id]
        help_ = f"{_layers(block)}, with weights of its own."
        found.append(Entry(f"{BLOCK_PREFIX}{block.id}", block.name, BLOCKS, "block", _layers(block), help_))
        if placed:
            help_ = f"Shares its weights with {placed[-1].name}."
            found.append(Entry(f"{LINKED_PREFIX}{block.id}", block.name, BLOCKS, "link", "linked", help_))
    if scope:
        found += [
            Entry(BLOCK_INPUT, "Block input", BLOCKS, "right", "port", KINDS[BLOCK_INPUT].summary),
            Entry(BLOCK_OUTPUT, "Block output", BLOCKS, "right", "port", KINDS[BLOCK_OUTPUT].summary),
        ]
    found += [Entry(item.kind, item.title, BLOCKS, "book", "library", item.help) for item in shelf if item.is_mine]
    found += [Entry(item.kind, item.title, BLOCKS, "book", "", item.help) for item in shelf if not item.is_mine]
    return tuple(found)


def _layers(block: Block) -> str:
    count = sum(node.kind not in PORTS for node in block.graph.nodes.values())
    return f"{count} layer{'s' if count != 1 else ''}"


def matching(text: str, listed: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries that the words mean, best first."""
    return understood(text, listed).items


def understood(text: str, listed: Sequence[Entry]) -> Meaning[Entry]:
    """The entries that the words mean, and the values that were typed behind the name of a layer."""
    return meaning(text, listed, _spoken, lambda entry: KINDS.get(entry.kind))


def closest(text: str, listed: Sequence[Entry]) -> str:
    """The title most like a text that matches nothing, or nothing."""
    by_lower = {entry.title.lower(): entry.title for entry in listed}
    close = difflib.get_close_matches(text.strip().lower(), by_lower, 1, 0.5)
    return by_lower[close[0]] if close else ""


def _spoken(entry: Entry) -> Spoken:
    if entry.kind in KINDS:
        return spoken(KINDS[entry.kind])
    if entry.kind == OWN_DATA:
        return Spoken(entry.title, OWN_WORDS)
    what = ("data", "set") if entry.kind.startswith(DATA_PREFIX) else ("blocks",)
    return Spoken(entry.title, (*what, *re.findall(r"[\w×]+", f"{entry.kind} {entry.help}".lower())))


def _is_dropped(name: str) -> bool:
    return name != DATASET and KINDS[name].role != "structure"


def _kind_entry(name: str) -> Entry:
    kind = KINDS[name]
    return Entry(name, name, kind.category, kind.icon, kind.hint, kind.summary)


def _data_entry(name: str) -> Entry:
    source = SOURCES[name]
    shape = source.fields[0].shape
    hint = "×".join(map(str, shape[1:] if len(shape) == 3 else shape))
    return Entry(f"{DATA_PREFIX}{name}", source.title, "Data", "data", hint, f"{source.summary}.", source.group)
