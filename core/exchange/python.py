"""The network as a Python module that needs only torch: what the source pane shows, as a file."""

from __future__ import annotations

from pathlib import Path

from core.codegen import source
from core.files import write_atomically
from core.reading import Reading


def write_model(known: Reading, path: Path) -> None:
    """Write the class of the network, and its loss as a function; raises FileError."""
    write_atomically(path, source(known.project, known.plan, known.analysis))
