"""Runs the source of a Python block, once it is trusted, and tells in which of its lines it failed."""

from __future__ import annotations

import hashlib
import json
import linecache
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, TracebackType

from torch import nn

from core.catalog.interface import interface
from core.errors import CodeError
from core.python.questions import Code, raise_fault
from core.python.trust import Trust, not_trusted

_NAME = "chainrule_block_"


def module_name(source: str) -> str:
    """The name of the Python module that a source becomes."""
    return f"{_NAME}{hashlib.sha256(source.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def file_name(source: str) -> str:
    """The file that tracebacks name for a source."""
    return f"<{module_name(source)}>"


def made(code: Code, settings: str, trust: Trust | None = None) -> nn.Module:
    """The block's module, constructed with these settings; raises CodeError where it is not trusted or fails."""
    if not (trust if trust is not None else Trust()).covers(code):
        raise not_trusted()
    raise_fault(code.source)
    name = interface(code.source).class_name
    with told(code.source):
        found = vars(_executed(code.source)).get(name)
        if not (isinstance(found, type) and issubclass(found, nn.Module)):
            fix = f"Write “class {name}(nn.Module):”; the last class of the source is the block."
            raise CodeError("a class that derives from nn.Module was wanted", f"{name} does not", "", fix)
        return found(**json.loads(settings) if settings else {})


@contextmanager
def told(source: str) -> Iterator[None]:
    """Whatever the source raises within is a CodeError that names its line."""
    try:
        yield
    except CodeError:
        raise
    except (Exception, SystemExit) as error:  # whatever a stranger's line throws, exit() included
        raise failure(error, source) from error


def failure(error: BaseException, source: str) -> CodeError:
    """What the source raised, in which line."""
    line = line_of(error, file_name(source))
    kind, text = type(error).__name__, " ".join(str(error).split())
    place = f"line {line} raised" if line else "it raised"
    came = f"{place} {kind}: {text}" if text else f"{place} {kind}"
    fix = "Correct this line." if line else "Look at what the block is given and what it returns."
    return CodeError.at_line(CodeError("Python code that runs was wanted", came, "", fix), line)


def line_of(error: BaseException, file: str) -> int:
    """The last line of this file through which the error came; 0 where it did not come through it."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno or 0
    return next((line for found, line in reversed(list(_places(error.__traceback__))) if found == file), 0)


def block_line(error: BaseException) -> tuple[str, int]:
    """The file name and line of the Python block from which an error came; ("", 0) where it came from none."""
    places = [place for place in _places(error.__traceback__) if place[0].startswith(f"<{_NAME}")]
    return places[-1] if places else ("", 0)


def _places(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


def _executed(source: str) -> ModuleType:
    """The source as a module of its own; Python's own tools find its lines and its classes' module."""
    name, file = module_name(source), file_name(source)
    module = ModuleType(name)
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    sys.modules[name] = module
    exec(compile(source, file, "exec", dont_inherit=True), vars(module))
    return module


def forget(source: str) -> None:
    """Keep nothing of a source that was only tried."""
    sys.modules.pop(module_name(source), None)
    linecache.cache.pop(file_name(source), None)
