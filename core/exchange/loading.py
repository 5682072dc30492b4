"""A stranger's module, brought to life: their Python file or package is run, once they have agreed to it."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from core.errors import ExchangeError
from core.exchange.incoming import Source, call


def loaded(source: Source, folders: Sequence[str]) -> nn.Module:
    """The module that the source makes; runs its code. Raises ExchangeError, whatever that code does.

    `folders` are where packages are looked for, first of all; they stay there, for what is imported late.
    """
    sys.path[:0] = [folder for folder in folders if folder not in sys.path]
    place = _imported(source)
    factory = source.factory or _only(place, source)
    name, args, kwargs = call(factory)
    found: Any = place
    for part in name.split("."):
        if not hasattr(found, part):
            raise _missing(place, source, part)
        found = getattr(found, part)
    return _module(found, args, kwargs, source, factory)


def _imported(source: Source) -> ModuleType:
    try:
        return _of_file(Path(source.place)) if source.is_file else importlib.import_module(source.place)
    except (Exception, SystemExit) as error:  # whatever a stranger's file throws is told as the reason
        fix = "Mend it, or install what it imports where Chainrule runs."
        raise ExchangeError("Python code that can be imported was wanted", _told(error), source.place, fix) from error


def _of_file(path: Path) -> ModuleType:
    """The file as a module of its name; beside it lies what it imports."""
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    name = path.stem if path.stem.isidentifier() and path.stem not in sys.modules else f"imported_{abs(hash(path))}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is no file of Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _only(place: ModuleType, source: Source) -> str:
    """The name of the only network that the file defines; raises ExchangeError for none or several."""
    names = list(_candidates(place))
    if len(names) == 1:
        return names[0]
    came = f"it has {', '.join(names)}" if names else "it defines none"
    fix = f"Write {Path(source.place).name}:{names[-1] if names else 'NAME'}."
    raise ExchangeError("one network in the file was wanted", came, source.place, fix)


def _candidates(place: ModuleType) -> Iterator[str]:
    """Networks and classes of networks that no other class of the file is built of."""
    own = {name: value for name, value in vars(place).items() if not name.startswith("_")}
    ready = [name for name, value in own.items() if isinstance(value, nn.Module)]
    if ready:
        yield from ready
        return
    for name, value in own.items():
        is_class = isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == place.__name__
        if is_class and not _needs(value):
            yield name


def _needs(factory: Any) -> list[str]:
    """The arguments that must be given."""
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):
        return []
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [item.name for item in parameters if item.default is item.empty and item.kind not in optional]


def _module(
    found: Any, args: tuple[object, ...] | None, kwargs: dict[str, object], source: Source, factory: str
) -> nn.Module:
    where = f"{source.place}:{factory}"
    if isinstance(found, nn.Module) and args is None:
        return found
    if not callable(found):
        wanted = "a network, or what makes one, was wanted"
        raise ExchangeError(wanted, f"a {type(found).__name__} came", where, "Name a class or a function.")
    if args is None and (needed := _needs(found)):
        came = f"{factory} wants {', '.join(needed)}"
        fix = f"Write {factory}({', '.join(f'{name}=...' for name in needed)}), or a function that makes it."
        raise ExchangeError("what makes a network without being told more was wanted", came, where, fix)
    try:
        made = found(*(args or ()), **kwargs)
    except (Exception, SystemExit) as error:  # as above
        raise ExchangeError("a network was to be made", _told(error), where, "Mend it.") from error
    if not isinstance(made, nn.Module):
        came = f"{factory} made a {type(made).__name__}"
        raise ExchangeError("a torch.nn.Module was wanted", came, where, "Return the module.")
    return made


def _missing(place: ModuleType, source: Source, part: str) -> ExchangeError:
    names = [name for name, value in vars(place).items() if callable(value) and not name.startswith("_")]
    own = [name for name in names if getattr(getattr(place, name), "__module__", "") == place.__name__] or names
    fix = f"It has {', '.join(own[:8])}." if own else "Choose another file."
    return ExchangeError(f"{part} was wanted in it", "there is none", source.place, fix)


def _told(error: BaseException) -> str:
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__} came: {text}" if text else f"{type(error).__name__} came"
