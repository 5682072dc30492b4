"""Write docs/newcomers.md: the six tasks of tests/gui/newcomers are done, and their gestures counted.

python -m tools.make_newcomers
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "newcomers.md"
RECORD = "CHAINRULE_NEWCOMERS"
"""The environment variable that names the folder into which the tests write what they counted."""
ORDER = ("mouse", "keyboard", "norms", "residual", "block", "repair")
GESTURES = ("click", "double click", "drag", "wheel", "key", "letter")


class Counted(NamedTuple):
    """A task that was done: its words, the gestures of each sort, and the keys that the same takes in Python."""

    words: str
    gestures: Mapping[str, int]
    python: int

    @property
    def total(self) -> int:
        """All gestures; of a typed word each letter is one."""
        return sum(self.gestures.values())


HEAD = """# The first hour, counted

Six tasks that people meet in their first hour, done by real mouse and key events on the whole window
(`tests/gui/newcomers/`). Each script ends in the network it should, without a problem, and trains two steps.

A gesture is a click, a double click, a drag, a turn of the wheel, a key (with whatever is held), or a letter that is
typed. Beside them: the keys that the same edit takes in Python, counted by a program over the two source texts in
`tests/gui/newcomers/python/`: letters typed and deleted. That favours Python: finding the place, indenting, imports
of the data and the training loop cost nothing there; in the window data, sizes and loss are part of the count.

| task | clicks | double clicks | drags | wheel | keys | letters | gestures | keys in Python | share |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
"""
FOOT = """
## How they are done

- **Mouse alone.** *New graph*, then a double click on each layer in the palette: it is wired behind the one before.
  Numbers are set by dragging their titles in the inspector to the right or left. The last Linear takes its width, and
  the loss its label, from the data.
- **Keyboard alone.** `Ctrl+N`, `Shift+F6` to the palette, then a line a layer, as *conv2d 6 5 padding=2*, and Enter.
- **A norm after each convolution.** Press one, `Shift+G` selects all of its kind, `Shift+F6`, *batchnorm2d*, Enter: one
  goes into the wires behind each.
- **A skip connection.** Drag from the output that is to skip onto the wire it should join, Enter takes *Add*.
- **A block, repeated.** A box around the layers, `Ctrl+G`, and the title *repeat* dragged to four.
- **Repair.** `Alt+Enter` makes the first fix of the first problem, `F8` goes to the next one before.

## For teachers

The start page has exercises at the end of *Lessons*: graphs with faults to find, and a note that says what to do. To
make your own, break a network, write a note (`Space`, *note*, Enter) and save it as a `.chain` file; whoever opens it
sees the same problems, and every repair is a step that can be undone. Ours come from `tools/make_exercises.py`.

This page is written by `python -m tools.make_newcomers`.
"""


def row(counted: Counted) -> str:
    """The task's line of the table."""
    figures = [counted.gestures.get(kind, 0) for kind in GESTURES]
    share = f"{counted.total / counted.python:.0%}".replace("%", " %")
    return f"| {counted.words} | {' | '.join(map(str, figures))} | {counted.total} | {counted.python} | {share} |"


def page(tasks: list[Counted]) -> str:
    """The whole page."""
    return HEAD + "\n".join(row(task) for task in tasks) + "\n" + FOOT


def main() -> None:
    """Do the tasks and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        line = [sys.executable, "-m", "pytest", "-q", "tests/gui/newcomers"]
        subprocess.run(line, check=True, cwd=ROOT, env={**os.environ, RECORD: folder})
        found = [json.loads((Path(folder) / f"{name}.json").read_text("utf-8")) for name in ORDER]
    PAGE.write_text(page([Counted(**counted) for counted in found]), "utf-8")


if __name__ == "__main__":
    main()
