"""Where a network may come from, told from what was typed; and what of a stranger's will run to bring it in."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.catalog.sources import DTYPES
from core.errors import FileError, ParameterError

Kind = Literal["module", "program", "onnx", "weights"]
SUFFIXES = {".py": "module", ".pt2": "program", ".onnx": "onnx", ".safetensors": "weights"}
WANTED = "package.module:factory, file.py:factory, a .pt2, an .onnx or a .safetensors file"
_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_LARGEST = 2**24


@dataclass(frozen=True, slots=True)
class Source:
    """What a network is brought in from."""

    kind: Kind
    place: str
    """A file, or the name of a module of Python."""
    factory: str = ""
    """What is called in it, with its arguments where it has any; empty: the only module that it defines."""

    @property
    def is_file(self) -> bool:
        """Whether the place is a file."""
        return self.kind != "module" or self.place.endswith(".py")

    @property
    def runs(self) -> str:
        """What will run, in a sentence; empty where nothing does."""
        if self.kind == "program":
            return (
                f"PyTorch will unpack {self.place}, which may hold Python objects (pickle): whoever made it can make "
                "it run anything."
            )
        if self.kind != "module":
            return ""
        what = f"the file {self.place}" if self.is_file else f"the Python module {self.place}"
        called = f" and call {self.factory}" if self.factory else " and make the module that it defines"
        return f"Python will run {what}{called}, and run the network on random inputs."

    @property
    def title(self) -> str:
        """What the project is called."""
        stem = Path(self.place).stem if self.is_file else self.place.rpartition(".")[2]
        name = re.match(r"[\w.]*", self.factory)
        return (name[0].rpartition(".")[2] if name is not None and self.factory else "") or stem


def source(text: str) -> Source:
    """What is meant; raises ParameterError for what is no source, FileError for a file that is not there."""
    place, factory = _parted(text.strip())
    kind = SUFFIXES.get(Path(place).suffix.lower())
    if kind is None and _NAME.fullmatch(place) and (factory or not Path(place).exists()):
        if not factory:
            wanted = f"what to call in the module {place} was wanted"
            raise ParameterError(wanted, "nothing came", text, f"Write {place}:NAME.")
        return Source("module", place, _checked(factory, text))
    if kind is None:
        raise ParameterError(f"a source was wanted: {WANTED}", f"“{text[:80]}” came", "Import")
    if not Path(place).is_file():
        raise FileError("a file that is there was wanted", "there is none", place, "Choose another.")
    if factory and kind != "module":
        raise ParameterError("a file alone was wanted", f"“:{factory}” came behind it", place, "Leave it out.")
    found: Kind = kind  # type: ignore[assignment]  # the table holds these
    return Source(found, str(Path(place).absolute()), _checked(factory, text) if factory else "")


def _parted(text: str) -> tuple[str, str]:
    """The place and what is called in it; the colon of a drive parts nothing."""
    found = re.match(r"(?s)(.+?\.py|[^\W\d][\w.]*):(?![\\/])(.*)", text)
    return (found[1], found[2].strip()) if found is not None else (text, "")


def _checked(factory: str, where: str) -> str:
    """A name, or a call of one with plain values; raises ParameterError."""
    try:
        call(factory)
    except (ValueError, SyntaxError) as error:
        wanted = "a name, or a call with plain values like Net(10, wide=True), was wanted"
        raise ParameterError(wanted, f"“{factory[:80]}” came", where, "Write a function without arguments.") from error
    return factory


def call(factory: str) -> tuple[str, tuple[object, ...] | None, dict[str, object]]:
    """The name, the arguments (None: it is not called) and the named ones; raises ValueError or SyntaxError."""
    tree = ast.parse(factory, mode="eval").body
    if not isinstance(tree, ast.Call):
        return _dotted(tree), None, {}
    args = tuple(ast.literal_eval(item) for item in tree.args)
    return _dotted(tree.func), args, {item.arg or "": ast.literal_eval(item.value) for item in tree.keywords}


def _dotted(tree: ast.expr) -> str:
    text = ast.unparse(tree)
    if not _NAME.fullmatch(text):
        raise ValueError(text)
    return text


@dataclass(frozen=True, slots=True)
class InputText:
    """What was typed of one input."""

    name: str
    """Empty: the next one that has no name."""
    shape: tuple[int, ...]
    dtype: str


def agreed(difference: float | None) -> str:
    """How far our outputs are from the original's, in words; the difference is a share of the largest."""
    if difference is None:
        return "not compared with the original"
    return f"outputs within {difference:.1e} of the original's" if difference else "outputs equal to the original's"


def inputs(texts: list[str]) -> tuple[InputText, ...]:
    """Sizes of samples like 3x224x224, tokens=16:int64; raises ParameterError."""
    return tuple(_input(text) for text in texts)


def _input(text: str) -> InputText:
    name, equals, rest = text.strip().rpartition("=")
    sizes, _colon, dtype = rest.partition(":")
    dtype = dtype.strip() or "float32"
    parts = [part for part in re.split(r"[x×,\s]+", sizes.strip().strip("()[]")) if part]
    fits = dtype in DTYPES and all(part.isdecimal() and 0 < int(part) < _LARGEST for part in parts)
    if not fits or (equals and not name.strip().isidentifier()):
        wanted = "sizes of one sample like 3x224x224, or NAME=16:int64, were wanted"
        raise ParameterError(wanted, f"“{text[:60]}” came", "--input", "Leave the batch out.")
    return InputText(name.strip(), tuple(int(part) for part in parts), dtype)
