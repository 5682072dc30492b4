"""The library of blocks: ours beside the program, and the user's own folder; one project file a block.

In a file's main graph stands one instance of the block, wired to an example of what it takes where its author gave one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import platformdirs

import resources
from core.errors import ChainruleError, FileError
from core.files import SUFFIX, load, save
from core.graph import BLOCK, Graph, Node
from core.instances import BLOCK_PREFIX, stem
from core.pasting import extract, with_blocks
from core.planning import new_id
from core.project import Project

LIBRARY_PREFIX = "library:"
"""Before a key, makes it something one can drop: library:ours/residual."""
OURS, MINE = "ours", "mine"


class Shelved(NamedTuple):
    """One block of the library, as it is listed."""

    key: str
    """ours/NAME or mine/NAME."""
    title: str
    help: str

    @property
    def is_mine(self) -> bool:
        """Whether it is the user's."""
        return self.key.startswith(f"{MINE}/")

    @property
    def kind(self) -> str:
        """What is dropped."""
        return f"{LIBRARY_PREFIX}{self.key}"


def own_folder() -> Path:
    """Where the user's blocks lie."""
    return Path(platformdirs.user_data_dir("chainrule", appauthor=False)) / "blocks"


def our_folder() -> Path:
    """Where ours lie."""
    return Path(resources.__file__).parent / "blocks"


def shelf() -> tuple[tuple[Shelved, ...], tuple[ChainruleError, ...]]:
    """Every block of the library, the user's first, and what is wrong with files that hold none."""
    found: list[Shelved] = []
    wrong: list[ChainruleError] = []
    for key, path in _files():
        try:
            clip = opened(path)
        except ChainruleError as error:
            wrong.append(error)
        else:
            found.append(Shelved(key, clip.name, clip.description))
    return tuple(found), tuple(wrong)


def opened(path: Path) -> Project:
    """The block of this file as a clip of one instance, with its name and help; raises FileError."""
    project = load(path)
    node = next((node for node in project.graph.nodes.values() if node.kind == BLOCK), None)
    if node is None:
        fix = "Choose another file, or save a block to the library."
        raise FileError("a file with a block was wanted", "there is none in its main graph", str(path), fix)
    clip = extract(project, (node.id,))
    return replace(clip, name=project.blocks[node.block].name, description=project.description)


def brought(project: Project, kind: str) -> tuple[Project, str]:
    """With the block of the library that this kind names, and the kind by which the project now knows it.

    Any other kind is left alone. A block that the project has already is used. Raises FileError.
    """
    if not kind.startswith(LIBRARY_PREFIX):
        return project, kind
    clip = opened(_path(kind.removeprefix(LIBRARY_PREFIX)))
    project, named = with_blocks(project, clip)
    (node,) = clip.graph.nodes.values()
    return project, f"{BLOCK_PREFIX}{named[node.block]}"


def save_block(project: Project, block: str, folder: Path | None = None, overwrite: bool = False) -> Path:
    """Put a block of the project, with those in it, into the user's library; its file. Raises FileError."""
    folder = folder if folder is not None else own_folder()
    found = project.blocks[block]
    path = folder / f"{stem(found.name)}{SUFFIX}"
    if path.exists() and not overwrite:
        raise FileError(
            "a name that is new in the library was wanted",
            f"{found.name} is there already",
            str(path),
            "Rename the block, or replace the one that is there.",
        )
    node = Node(new_id(project), BLOCK, stem(found.name), block=block)
    whole = replace(
        project,
        graph=Graph.of((node,)),
        positions=MappingProxyType({**project.positions, node.id: (0.0, 0.0)}),
    )
    clip = replace(extract(whole, (node.id,)), name=found.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        wanted, fix = "a folder for the library was wanted", "Make room for it, or free its name."
        raise FileError(wanted, (error.strerror or str(error)).lower(), str(folder), fix) from error
    save(clip, path)
    return path


def _files() -> Iterator[tuple[str, Path]]:
    for owner, folder in ((MINE, own_folder()), (OURS, our_folder())):
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            yield f"{owner}/{path.stem}", path


def _path(key: str) -> Path:
    """The file of a key that was listed; raises FileError for any other."""
    for known, path in _files():
        if known == key:
            return path
    raise FileError("a block of the library was wanted", f"there is no “{key}”", "", "Choose another.")
