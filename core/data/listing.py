"""Which pictures or sounds a folder holds: classes by the folders they lie in, masks, and the part each is for."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from core.data.cache import note, noted
from core.data.folders import folders_below, inner_folder, is_held, listed, names_parts
from core.errors import DataError

IMAGES = frozenset({"image", "images", "img", "imgs", "photos", "pictures"})
MASKS = frozenset({"mask", "masks", "segmentation", "segmentations", "annotations", "labels"})
"""Names of two folders beside one another: pictures, and their masks by the same names."""
BROKEN = "broken"
ENDING = ("_mask", "-mask")


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture or a sound, its class ("" where it has none), the file of its mask, and whether it is held out."""

    path: Path
    name: str
    mask: Path | None
    held: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The pictures or sounds of a folder, those for training first; `files` are all that were looked at, masks too."""

    entries: tuple[Entry, ...]
    classes: tuple[str, ...]
    files: tuple[Path, ...]
    broken: tuple[Path, ...] = ()
    skipped: int = 0
    notes: tuple[str, ...] = ()

    @property
    def held(self) -> int:
        """How many, the last ones, lie in folders that say they are held out."""
        return sum(entry.held for entry in self.entries)


def listing(root: Path, files: Collection[Path], noun: str, with_masks: bool, good: Callable[[Path], bool]) -> Listing:
    """These files of the folder, called so, without those that are no whole ones; raises DataError where none is."""
    masks, pictures = _told_apart(root, files) if with_masks else ({}, {path: _key(root, path, ()) for path in files})
    parts = names_parts({key[0] for key in pictures.values() if len(key) > 1}) and all(map(_deep, pictures.values()))
    entries = [_entry(path, key, masks, parts) for path, key in pictures.items()]
    notes, total = _empty(root, noun, entries, parts), len(entries)
    if masks:
        entries, lacking = _split(entries, lambda entry: entry.mask is not None)
        notes += [f"{noun.title()} without a mask, left out: {len(lacking):,}."] if lacking else []
    if any(entry.name for entry in entries):
        entries, loose = _split(entries, lambda entry: bool(entry.name))
        notes += [f"{noun.title()} in no class folder, left out: {len(loose):,}."] if loose else []
    entries, broken = _split(entries, lambda entry: good(entry.path) and (entry.mask is None or good(entry.mask)))
    if broken:
        names = listed(str(entry.path.relative_to(root)) for entry in broken)
        notes.append(f"{noun.title()} that cannot be read, left out: {len(broken):,} ({names}).")
    if not entries:
        came = f"{len(broken):,} that cannot be read" if broken else "none"
        fix = f"Choose a folder with {noun}, in one folder a class where they have classes."
        raise DataError(f"{noun} were wanted", f"{came} came", str(root), fix)
    ordered = sorted(entries, key=lambda entry: (entry.held, entry.path))
    classes = tuple(sorted({entry.name for entry in ordered} - {""}))
    notes += [f"There is one class only, {classes[0]}."] if len(classes) == 1 else []
    lost = tuple(entry.path for entry in broken)
    return Listing(tuple(ordered), classes, tuple(files), lost, total - len(ordered), tuple(notes))


def _deep(key: tuple[str, ...]) -> bool:
    return len(key) > 1


def _entry(path: Path, key: tuple[str, ...], masks: dict[tuple[str, ...], Path], parts: bool) -> Entry:
    inner = key[1:-1] if parts else key[:-1]
    return Entry(path, inner[0] if inner else "", masks.get(key), parts and is_held(key[0]))


def _split(entries: Iterable[Entry], wanted: Callable[[Entry], bool]) -> tuple[list[Entry], list[Entry]]:
    kept: list[Entry] = []
    left: list[Entry] = []
    for entry in entries:
        (kept if wanted(entry) else left).append(entry)
    return kept, left


def _told_apart(root: Path, files: Collection[Path]) -> tuple[dict[tuple[str, ...], Path], dict[Path, tuple[str, ...]]]:
    """The masks by their keys, and the pictures with theirs: a picture and its mask have the same."""
    folders = _twins(root, files)
    keys = {path: _key(root, path, folders) for path in files}
    marked = {path for path in files if path.stem.endswith(ENDING) or _among(root, path, folders, MASKS)}
    pictures = {path: key for path, key in keys.items() if path not in marked}
    known = frozenset(pictures.values())
    masks = {_bare(keys[path]): path for path in marked if _bare(keys[path]) in known}
    # What only looks like a mask, as it has no picture, is a picture; in a folder of masks it is nothing.
    alone = {path for path in marked if _bare(keys[path]) not in known and not _among(root, path, folders, MASKS)}
    return masks, {path: keys[path] for path in files if path in pictures or path in alone}


def _twins(root: Path, files: Iterable[Path]) -> tuple[tuple[str, ...], ...]:
    """The folders, as names from the root on, that are one of pictures and one of masks beside one another."""
    seen = {
        inner[: count + 1] for path in files for inner in (inner_folder(path, root),) for count in range(len(inner))
    }
    found: dict[tuple[str, ...], set[str]] = {}
    for folder in seen:
        found.setdefault(folder[:-1], set()).add(folder[-1])
    return tuple(
        (*parent, name)
        for parent, names in found.items()
        if any(name.lower() in IMAGES for name in names) and any(name.lower() in MASKS for name in names)
        for name in names
        if name.lower() in IMAGES | MASKS
    )


def _among(root: Path, path: Path, folders: Iterable[tuple[str, ...]], names: frozenset[str]) -> bool:
    inner = inner_folder(path, root)
    return any(inner[: len(folder)] == folder and folder[-1].lower() in names for folder in folders)


def _key(root: Path, path: Path, folders: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The folders of a file and its name without its ending, without the folders that tell pictures from masks."""
    inner = inner_folder(path, root)
    drop = {len(folder) - 1 for folder in folders if inner[: len(folder)] == folder}
    return (*(name for place, name in enumerate(inner) if place not in drop), path.stem)


def _bare(key: tuple[str, ...]) -> tuple[str, ...]:
    for ending in ENDING:
        if key[-1].endswith(ending):
            return (*key[:-1], key[-1].removesuffix(ending))
    return key


def _empty(root: Path, noun: str, entries: Iterable[Entry], parts: bool) -> list[str]:
    """What is to be said of class folders without a picture."""
    depth = 2 if parts else 1
    filled = {inner_folder(entry.path, root)[:depth] for entry in entries}
    tops = folders_below(root)
    candidates = [inner for top in tops for inner in folders_below(top)] if parts else tops
    names = [path.parts[len(root.parts) :] for path in candidates if not _masks(path)]
    empty = ["/".join(name) for name in names if name not in filled]
    return [f"No {noun} are in {listed(empty)}."] if empty and len(empty) < len(candidates) else []


def _masks(path: Path) -> bool:
    return path.name.lower() in MASKS


def note_broken(key: str, broken: Iterable[Path], root: Path) -> None:
    """Keep which files are no whole ones, so that they need not be looked at before every run."""
    note(key, BROKEN, json.dumps([path.relative_to(root).as_posix() for path in broken]))


def known_good(key: str, root: Path, good: Callable[[Path], bool]) -> Callable[[Path], bool]:
    """Whether a file is a whole one, as it was found before; by looking where that was not kept."""
    try:
        names = json.loads(noted(key, BROKEN) or "")
    except ValueError:  # nothing was kept, or not whole
        return good
    broken = frozenset(root / name for name in names)
    return lambda path: path not in broken
