"""All tables, one after another: `python -m benchmarks [NAME...]`; each bench runs alone, in a process of its own."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

TITLES = {
    "step": "A training step",
    "watching": "What watching costs",
    "foreign": "Watching a plain script",
    "data": "Batches of data",
    "modules": "Many small layers: the engine and the exported module",
    "augmentation": "Augmenting a batch",
    "shapes": "Shapes while one draws",
    "rows": "Rows from the engine to the window",
    "plots": "Drawing curves and heatmaps",
    "monitors": "Monitors of a long run",
    "live": "Memory of a run that goes on",
    "canvas": "The canvas",
    "startup": "Start of the engine",
    "first_window": "Start of the window",
    "window": "Frames of the window while a network trains",
    "accuracy": "What the templates reach",
}
FOLDER = Path(__file__).parent


def main() -> int:
    """Print the tables; 1 where a bench could not end."""
    names = [name for name in TITLES if (FOLDER / f"{name}.py").is_file()]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"only these: {', '.join(names)}")
    chosen = parser.parse_args().names or names
    unknown = [name for name in chosen if name not in names]
    if unknown:
        parser.error(f"no bench is called {', '.join(unknown)}")
    return max([run(name) for name in chosen])


def run(name: str) -> int:
    """Print one bench's table below its title; its exit code."""
    print(f"\n{TITLES[name]}\n{'─' * len(TITLES[name])}", flush=True)
    surroundings = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    line = (sys.executable, "-m", f"{__package__}.{name}")
    return min(abs(subprocess.run(line, cwd=FOLDER.parent, env=surroundings, check=False).returncode), 1)


if __name__ == "__main__":
    sys.exit(main())
