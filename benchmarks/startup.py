"""How long one waits for the engine: until it is ready, from Train to the first rows, and until its death is told.

    python -m benchmarks.startup [--times N]

What a warm engine costs is set against `import torch` in a bare Python; Train is sent to it as the window does, with a
run folder, and the clock stops when the client holds the first rows.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import resources
from core.engine.client import Engine, EngineDied
from core.engine.messages import AnyEvent, Failed, Finished, Ready, StepRows, Stop, Train

TEMPLATES = Path(resources.__file__).parent / "templates"


def until(engine: Engine, wanted: type[AnyEvent]) -> None:
    """Wait for such an event; ends the program where none can come."""
    while engine.wait(60.0):
        for event in engine.drain():
            if isinstance(event, wanted):
                return
            if isinstance(event, Failed | EngineDied):
                sys.exit(f"{event}\n{engine.output}")
    sys.exit(f"no {wanted.__name__} came\n{engine.output}")


def ready_seconds() -> float:
    """From nothing to an engine that would train at once."""
    began = time.perf_counter()
    engine = Engine()
    try:
        until(engine, Ready)
        return time.perf_counter() - began
    finally:
        engine.close()


def torch_seconds() -> float:
    """From nothing to a Python that has imported torch."""
    began = time.perf_counter()
    subprocess.run((sys.executable, "-I", "-c", "import torch"), check=True)
    return time.perf_counter() - began


def first_rows_seconds(engine: Engine, project: str, folder: str) -> float:
    """From Train to the first rows; the run is stopped then."""
    began = time.perf_counter()
    engine.send(Train(project=project, folder=folder))
    until(engine, StepRows)
    took = time.perf_counter() - began
    engine.send(Stop())
    until(engine, Finished)
    return took


def death_seconds(engine: Engine) -> float:
    """From a kill in the middle of a run to the notice."""
    engine.send(Train(project=(TEMPLATES / "lenet5.chain").read_text(encoding="utf-8")))
    until(engine, StepRows)
    began = time.perf_counter()
    engine.kill()
    while engine.wait(10.0):
        if any(isinstance(event, EngineDied) for event in engine.drain()):
            return time.perf_counter() - began
    sys.exit("no EngineDied came")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    pairs = [(ready_seconds(), torch_seconds()) for _ in range(times)]
    ready, bare = (median(side) for side in zip(*pairs, strict=True))
    print(f"engine ready {ready:.2f} s; import torch {bare:.2f} s: {median(a / b for a, b in pairs):.2f}x")
    engine = Engine()
    try:
        until(engine, Ready)
        with tempfile.TemporaryDirectory() as root:
            for template in sorted(TEMPLATES.glob("*.chain")):
                text = template.read_text(encoding="utf-8")
                took = [first_rows_seconds(engine, text, f"{root}/{template.stem}-{turn}") for turn in range(times)]
                print(f"Train to first rows, {template.stem:<22} first {took[0]:.3f} s, median {median(took):.3f} s")
        print(f"kill -9 in mid-training to its notice: {death_seconds(engine) * 1e3:.1f} ms")
    finally:
        engine.close()


if __name__ == "__main__":
    main()
