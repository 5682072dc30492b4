"""What the search at the pointer offers: kinds, blocks, data sets and notes, the best fit for the words first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.catalog import KINDS, spoken
from core.catalog.kind import TensorType
from core.catalog.searching import Spoken
from core.catalog.sources import DATASET
from core.data.builtin.listing import SOURCES
from core.fitting import Candidate
from core.graph import Parameters
from core.owndata import OWN_DATA
from core.phrases import Meaning, meaning, told
from core.planning import DATA_PREFIX
from gui.canvas import captions


@dataclass(frozen=True, slots=True)
class Offer:
    """One row: what can be added, the port it is wired by, and what it says."""

    kind: str
    title: str
    category: str
    icon: str
    note: str = ""
    shape: str = ""
    port: str = ""
    likely: bool = False
    params: Parameters = ()


NOTE = "note"
"""What an offer of a note has in the place of a kind."""
_NOTE = Offer(NOTE, "Note", "Data", "file", "text in Markdown")
_OWN = Offer(OWN_DATA, "Data from a file…", "Data", "folder", "your own")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: the head of the list, and what flows in by the wire that was let go."""

    prompt: str = "Search layers"
    tensor: TensorType | None = None
    candidates: tuple[Candidate, ...] | None = None
    """The kinds that fit the wire; None for everything."""
    recent: tuple[str, ...] = ()
    """The kinds that were added last, the newest first."""
    blocks: tuple[Offer, ...] = ()
    """The blocks, which are found by their names alone: what they take is told by what is in them."""


def offers(wanted: Wanted, text: str) -> tuple[Offer, ...]:
    """The rows for these letters, best first; without letters the likely ones first."""
    if wanted.candidates is not None:
        kinds = tuple(_fitting_offer(item) for item in wanted.candidates)
    else:
        kinds = (*_data_offers(), *(_offer(name) for name in KINDS if is_offered(name)))
    if not text.strip():
        return tuple(_recent_first(wanted, [offer for offer in kinds if offer.kind in KINDS]))
    notes = (_NOTE, _OWN) if wanted.candidates is None else ()
    found = meaning(text, (*kinds, *wanted.blocks, *notes), _spoken, lambda offer: KINDS.get(offer.kind))
    return tuple(_with_values(found)) if found.said.says_more else found.items


def _recent_first(wanted: Wanted, found: list[Offer]) -> list[Offer]:
    """What was added last before all others, unless a wire says what is likely."""
    places = {kind: place for place, kind in enumerate(wanted.recent)} if wanted.candidates is None else {}
    return sorted(found, key=lambda offer: places.get(offer.kind, len(places)))


def _with_values(found: Meaning[Offer]) -> Iterator[Offer]:
    """The layers with the values typed behind the name; where these are none, the first one says why."""
    if found.error is not None:
        note = f"{found.error.wanted}, but {found.error.came}"
        yield from (replace(offer, kind="", note=note) for offer in found.items[:1])
        return
    for offer in found.items:
        values = found.params(KINDS[offer.kind])
        yield replace(offer, note=told(values), params=values)


def words_of(text: str, found: Sequence[Offer]) -> str:
    """What is told above the rows: why there are none, or the values, which may be too long for a row."""
    told_whole = found and (found[0].params or not found[0].kind)
    return found[0].note if told_whole else "" if found else f"No layer called “{text.strip()}” fits here."


def is_offered(kind: str) -> bool:
    """Whether the search offers the kind: not data as such, nor what blocks are made of."""
    return kind != DATASET and KINDS[kind].role != "structure"


def _spoken(offer: Offer) -> Spoken:
    if offer.kind in KINDS:
        return spoken(KINDS[offer.kind])
    if offer.kind == NOTE:
        return Spoken(offer.title, ("note", "comment", "markdown"))
    if offer.kind == OWN_DATA:
        return Spoken(offer.title, ("own", "folder", "csv", "table", "parquet", "npz", "add"))
    what = ("data", "set") if offer.kind.startswith(DATA_PREFIX) else ("blocks",)
    return Spoken(offer.title, (offer.kind.partition(":")[2], *what))


def _data_offers() -> tuple[Offer, ...]:
    return tuple(
        Offer(f"{DATA_PREFIX}{name}", source.title, "Data", "data", "data set") for name, source in SOURCES.items()
    )


def _offer(name: str) -> Offer:
    kind = KINDS[name]
    return Offer(name, name, kind.category, kind.icon, kind.hint)


def _fitting_offer(item: Candidate) -> Offer:
    kind = item.kind
    size = next((param for param in kind.params if param.name == "kernel_size"), None)
    note = captions.number((size.default,) * size.dims) if size is not None else ""
    shape = str(item.output) if item.output is not None else ""
    return Offer(kind.name, kind.name, kind.category, kind.icon, note, shape, item.port, item.likely)
