"""`chainrule export FILE -o OUT`: the network, its weights or its picture for other programs."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from core.commands.allowing import add_allow, allow
from core.commands.machine import ready
from core.commands.opening import FILE_HELP, Opened, opened
from core.commands.process import call
from core.commands.shot import STABLE
from core.commands.telling import json_line
from core.commands.trusting import add_trust, oracle
from core.errors import FileError
from core.exchange.card import write_card
from core.exchange.formats import FORMATS, Format, agreement, find, guess
from core.exchange.python import write_model
from core.exchange.script import write_script_of
from core.files import trained_weights
from core.reading import Reading, read

SUMMARY = "the network for other programs, or its picture"
HELP = "Write the network as code, ONNX, a traced program, weights, a picture or a model card."
TRAINED, INITIAL = "trained", "initial"
THEMES = ("light", "dark")
GROUNDS = ("theme", "white", "none")


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.epilog = " ".join(f"{known.name}: {known.summary}" for known in FORMATS)
    parser.add_argument("file", metavar="FILE", help=FILE_HELP)
    parser.add_argument("-o", "--output", metavar="OUT", required=True, type=Path, help="where it goes")
    names = [known.name for known in FORMATS]
    parser.add_argument("--format", choices=names, help="what to write (by the ending of OUT)")
    parser.add_argument(
        "--weights",
        metavar="WHICH",
        default="",
        help=f"{TRAINED}, {INITIAL} or a safetensors file (trained ones where there are any)",
    )
    parser.add_argument("--theme", choices=THEMES, default=THEMES[0], help="of pictures (light)")
    parser.add_argument("--scale", metavar="S", type=_scale, default=2.0, help="pixels of a point in PNG, 0.5 to 8 (2)")
    parser.add_argument("--background", choices=GROUNDS, default=GROUNDS[0], help="of pictures (theme)")
    add_trust(parser)
    add_allow(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Write the file and say what it holds."""
    kind = find(options.format) if options.format else guess(options.output)
    if not options.output.absolute().parent.is_dir():
        place = str(options.output.parent)
        raise FileError("a folder that exists was wanted", "there is none", place, "Make it, or choose another.")
    file = opened(options.file)
    known = read(file.project, oracle=oracle(file.project, trust=options.trust))
    writers = {"text": _text, "model": _model, "picture": _picture}
    return writers[kind.made](file, known, kind, options)


def _model(file: Opened, _known: Reading, kind: Format, options: argparse.Namespace) -> int:
    weights = _weights(file, options.weights)
    ready(file.project.training.threads)
    from core.exchange.models import export_model

    written = export_model(file.project, kind, options.output, weights, lambda _text, _share: None)
    which = "trained" if written.trained else "initial"
    seed = "" if written.trained else f" (seed {file.project.training.seed})"
    told = f", {which}{seed}" if kind.name == "safetensors" else f" with {which} weights{seed}"
    checked = f"; {agreement(written.difference)}" if written.difference is not None else ""
    facts = {"size": written.size, "trained": written.trained, "difference": written.difference}
    return _told(options, kind, f"{told}{checked}", facts)


def _text(file: Opened, known: Reading, kind: Format, options: argparse.Namespace) -> int:
    if kind.name == "python":
        write_model(known, options.output)
        return _told(options, kind, "", {})
    if kind.name == "script":
        allow(file, options)
        _script, *data = write_script_of(known, options.output)
        beside_it = f", its data {' and '.join(path.name for path in data)}" if data else ""
        return _told(options, kind, beside_it, {"data": [str(path) for path in data]})
    beside = options.output.with_suffix(".png")
    failed = _painted(file, "png", beside, options)
    if not failed:
        write_card(known, options.output, beside.name)
        _told(options, kind, f", its picture {beside.name}", {"picture": str(beside)})
    return failed


def _picture(file: Opened, _known: Reading, kind: Format, options: argparse.Namespace) -> int:
    return _painted(file, kind.name, options.output, options) or _told(options, kind, "", {})


def _painted(file: Opened, kind: str, path: Path, options: argparse.Namespace) -> int:
    """Let a program that can paint do it: this process loads no Qt."""
    look = ("--theme", options.theme, "--scale", f"{options.scale:g}", "--background", options.background)
    return call("gui.exchange", (str(file.path), "-o", str(path), "--format", kind, *look), STABLE)


def _told(options: argparse.Namespace, kind: Format, text: str, facts: Mapping[str, object]) -> int:
    if options.json:
        print(json_line({"path": str(options.output), "format": kind.name, **facts}))
    else:
        print(f"{options.output}: {kind.title}{text}")
    return 0


def _weights(file: Opened, wanted: str) -> Path | None:
    """The file of weights to use, or None for those the seed starts with; raises FileError where it is not there."""
    if wanted == INITIAL:
        return None
    if wanted not in ("", TRAINED):
        path = Path(wanted)
        if not path.is_file():
            raise FileError("a file of weights was wanted", "there is none", wanted, f"Or say {TRAINED} or {INITIAL}.")
        return path
    found = trained_weights(file.project, file.path)
    if found is None and wanted == TRAINED:
        fix = "Train it: “chainrule train FILE --out DIR”, then use DIR as FILE."
        raise FileError("trained weights were wanted", "it is untrained", str(file.path), fix)
    return found


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0.5 <= scale <= 8.0:
        raise argparse.ArgumentTypeError(f"a scale from 0.5 to 8 was wanted, “{text}” came")
    return scale
