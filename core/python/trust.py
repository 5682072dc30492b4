"""Which Python sources the user has trusted; kept in the user's own folder, never in a project.

Trust is given to a source together with its settings, by their hash: the same text is the same code wherever it
stands, and a project is trusted when all that it would run is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain
from pathlib import Path

from core.catalog.python_block import EXAMPLE, PYTHON
from core.errors import FileError, TrustError
from core.keptlist import KeptList, users_file
from core.project import Project
from core.python.questions import Code, code_of

_VOUCHED: ContextVar[frozenset[str]] = ContextVar("vouched", default=frozenset())


def trust_file() -> Path:
    """Where trust is kept."""
    return users_file("trusted-code.json")


def codes(project: Project) -> tuple[Code, ...]:
    """Everything of its own that the project would run, each once, in the order of the file."""
    graphs = (project.graph, *(block.graph for block in project.blocks.values()))
    nodes = chain.from_iterable(graph.nodes.values() for graph in graphs)
    return tuple(dict.fromkeys(code_of(node.params) for node in nodes if node.kind == PYTHON))


def fingerprint(code: Code) -> str:
    """The hash by which a source with its settings is known."""
    digest = hashlib.sha256()
    for part in code:
        content = part.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


class Trust:
    """What is trusted so far, in memory and in the user's folder."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file if file is not None else trust_file()
        self._stamp = _stamp(self._file)
        self._kept = KeptList(self._file, "trusted", "your trust")
        self._known = dict.fromkeys(self._kept.read())

    def covers(self, code: Code) -> bool:
        """Whether this may run: the user has trusted it, here or in another window, or it is our own example."""
        if code.source == EXAMPLE:
            return True
        mark = fingerprint(code)
        if mark not in self._known and (stamp := _stamp(self._file)) != self._stamp:
            self._stamp = stamp
            self._known.update(dict.fromkeys(self._kept.read()))
        return mark in self._known or mark in _VOUCHED.get()

    def untrusted(self, project: Project) -> tuple[Code, ...]:
        """What the project would run and may not."""
        return tuple(code for code in codes(project) if not self.covers(code))

    def remember(self, trusted: Iterable[Code]) -> None:
        """Trust these from now on; raises FileError where that cannot be kept, and trusts them all the same."""
        new = [code for code in trusted if not self.covers(code)]
        if not new:
            return
        added = dict.fromkeys(fingerprint(code) for code in new)
        self._known.update(added)
        self._kept.add(added)

    def forget(self) -> None:
        """Trust nothing any more; raises FileError."""
        self._known.clear()
        try:
            self._file.unlink(missing_ok=True)
        except OSError as error:
            wanted, fix = "a file that can be removed was wanted", "Remove it by hand."
            raise FileError(wanted, (error.strerror or str(error)).lower(), str(self._file), fix) from error


@contextmanager
def vouched(marks: Iterable[str]) -> Iterator[None]:
    """Within, code with these fingerprints may run too: whoever asks knows that the user trusts it."""
    before = _VOUCHED.set(frozenset(marks))
    try:
        yield
    finally:
        _VOUCHED.reset(before)


def not_trusted(where: str = "") -> TrustError:
    """The error of code that may not run."""
    return TrustError(
        "Python code that you trust was wanted",
        "this project's code is not trusted yet, and nothing of it has run",
        where,
        "Read it, then press “Trust this project's code” in the window, or add --trust on the command line.",
    )


def _stamp(file: Path) -> tuple[int, int]:
    """What changes when the file does."""
    try:
        found = file.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
