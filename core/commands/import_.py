"""`chainrule import SOURCE -o FILE`: a network from elsewhere as an editable project with its weights."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.commands.machine import ready
from core.commands.opening import opened
from core.commands.telling import json_line, plural
from core.engine.errand import Errand
from core.engine.messages import Doing
from core.errors import ExchangeError, FileError, ParameterError
from core.exchange.incoming import WANTED, Source, agreed, inputs, source
from core.files import SUFFIX, from_text, save, trained_weights, weights_path
from core.project import Weights

SUMMARY = "a network from elsewhere as a project"
HELP = (
    "Bring a network in: the graph can be edited and trained, the weights come with it, modules become blocks. The "
    "source's own code runs in a process of its own, after you have agreed."
)
INPUT = "sizes of one sample without the batch, as 3x224x224 or NAME=16:int64 (by the first layer)"


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("source", metavar="SOURCE", help=WANTED)
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help=f"the project to write ({SUFFIX})")
    parser.add_argument(
        "--into", metavar="FILE", help="the project that a .safetensors file is for; it is written anew"
    )
    parser.add_argument("--input", metavar="SIZE", action="append", default=[], help=INPUT)
    parser.add_argument("--trust", action="store_true", help="run the source's code without asking")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Import it, write the project and say what came of it."""
    wanted = source(options.source)
    inputs(options.input)
    if wanted.kind == "weights":
        return _take_weights(Path(wanted.place), options)
    if options.into:
        raise ParameterError("weights were wanted for --into", "a network came", options.source, "Use -o FILE.")
    output = _output(options, wanted)
    _agree(wanted, trust=options.trust)
    with tempfile.TemporaryDirectory(prefix="chainrule-import-") as folder:
        weights = Path(folder) / "weights.safetensors"
        answer = _asked(options, weights)
        project = from_text(answer["project"], options.source)
        saved = save(replace(project, weights=Weights("")), output, weights)
    told = {"path": str(output), "weights": str(weights_path(output)), "difference": answer["difference"]}
    print(json_line({**told, **answer["report"]}) if options.json else _text(output, answer, saved.name))
    return 0


def _take_weights(given: Path, options: argparse.Namespace) -> int:
    """Put the weights of a file into a project beside which they then stand; say what matched."""
    if not options.into:
        raise ParameterError(
            "the project that the weights are for was wanted", "none came", "--into", "Add --into FILE."
        )
    file = opened(options.into)
    output = options.output or file.path
    if output.suffix != SUFFIX:
        raise FileError(f"a {SUFFIX} file to write to was wanted", f"{output.name} came", str(output), "Add -o FILE.")
    ready(file.project.training.threads)
    from core.exchange.weights_in import take_weights

    with tempfile.TemporaryDirectory(prefix="chainrule-import-") as folder:
        weights = Path(folder) / "weights.safetensors"
        found = take_weights(file.project, trained_weights(file.project, file.path), given, weights)
        save(replace(file.project, weights=Weights("")), output, weights)
    if options.json:
        print(json_line({"path": str(output), **asdict(found)}))
        return 0
    print(f"{output}: {len(found.by_name)} weights by name, {len(found.by_order)} by order and shape")
    lines = [f"  {ours} from {theirs}" for ours, theirs in found.by_order]
    lines += [f"  wrong shape: {name}, {why}" for name, why in found.wrong]
    lines += [f"  missing: {name} stays as it was" for name in found.missing]
    lines += [f"  unused: {name}" for name in found.unused]
    print("\n".join(lines), end="\n" if lines else "")
    return 0


def _output(options: argparse.Namespace, wanted: Source) -> Path:
    if options.output is None:
        raise ParameterError("a file to write was wanted", "none came", "-o", f"Add -o {wanted.title}{SUFFIX}.")
    path: Path = options.output
    if not path.absolute().parent.is_dir():
        raise FileError("a folder that exists was wanted", "there is none", str(path.parent), "Make it.")
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def _agree(wanted: Source, *, trust: bool) -> None:
    """Ask whether the source's code may run; raises ExchangeError where it may not."""
    if trust or not wanted.runs:
        return
    fix = "Read it first; then add --trust."
    if not sys.stdin.isatty():
        raise ExchangeError("your consent was wanted", f"nobody can be asked here. {wanted.runs[:-1]}", "Import", fix)
    print(f"{wanted.runs}\nIt can do whatever you can do on this computer.", file=sys.stderr)
    print("Run it? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise ExchangeError("your consent was wanted", "you said no; nothing has run", "Import", fix)


def _asked(options: argparse.Namespace, weights: Path) -> dict[str, Any]:
    body = {
        "source": _absolute(options.source),
        "weights": str(weights),
        "inputs": options.input,
        "folders": folders(),
    }
    with Errand("import", json.dumps(body)) as errand:
        _progress("Starting PyTorch")
        while True:
            errand.wait()
            for news in errand.news():
                if not isinstance(news, Doing):
                    _progress("")
                    return dict(json.loads(news))
                _progress(news.text)


def _absolute(text: str) -> str:
    """The source with its file's whole path: the engine stands in another folder."""
    found = source(text)
    return f"{found.place}:{found.factory}" if found.factory else found.place


def folders() -> list[str]:
    """Where a package of the user is looked for: here, and where Python was told to."""
    told = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    return [os.getcwd(), *told]


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}{'...' if text else ''}", end="", file=sys.stderr, flush=True)


def _text(output: Path, answer: dict[str, Any], name: str) -> str:
    report, difference = answer["report"], answer["difference"]
    parts = [plural(report["layers"], "layer"), plural(report["blocks"], "block")]
    parts.append(f"{report['parameters']:,} parameters")
    lines = [f"{output}: {name}, {', '.join(parts)}; {agreed(difference)}"]
    lines += [f"  opaque: {path}" for path in report["opaque"]]
    return "\n".join([*lines, *(f"  note: {note}" for note in report["notes"])])
