"""Python text for the calls of a plan: what code generator and builder share.

Only the catalog's templates and the literals of checked values enter the text, never a stranger's words.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from core.catalog.kind import EACH, Arguments, LayerKind, Param
from core.graph import Value
from core.python.questions import read_settings

LOOSE = "None"
"""What stands for the variable of a port that holds no wire."""


class _Given(NamedTuple):
    """What is wired to an input port: `{?NAME}` is that as arguments of a call, and nothing where the port is loose."""

    value: str | tuple[str, ...]

    def arguments(self, keyword: str) -> str:
        """Each one behind the keyword and with a comma."""
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        return "".join(f"{keyword}{value}, " for value in values if value != LOOSE)


class _Template(string.Formatter):
    """Formats `{NAME}`, `{NAME|OTHER}`, `{NAME:sum}` and `{NAME:text}` from a mapping of names to text."""

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """What stands for the name; of several names the first that is wired, or else the last."""
        *first, last = str(key).split("|")
        wired = [name for name in first if kwargs[name] != LOOSE]
        return super().get_value(wired[0] if wired else last, args, kwargs)

    def format_field(self, value: Any, format_spec: str) -> str:
        """Variables joined by a plus or by commas, a text as it is; within the spec, or nothing where there is none."""
        if isinstance(value, _Given):
            return value.arguments(format_spec)
        text = (" + " if format_spec == "sum" else ", ").join(value) if isinstance(value, tuple) else str(value)
        if format_spec in ("", "sum"):
            return text
        if text in ("", LOOSE):
            return ""
        return format_spec.replace("%", text) if "%" in format_spec else f"{format_spec}{text}"


def builtins() -> dict[str, object]:
    """What the text finds when it runs, beside the names that it is given: nothing but the way to torch's own modules.

    Torch's C code imports them through the builtins of its caller when it needs them for the first time.
    """
    return {"__import__": _torchs_own}


def _torchs_own(name: str, *rest: Any) -> Any:
    if name.partition(".")[0] != "torch":
        raise ImportError(f"a module of torch was wanted, {name} came")
    return __import__(name, *rest)


def literal(value: Value) -> str:
    """The value as Python writes it, a text in double quotes."""
    text = repr(value)
    return f'"{text[1:-1]}"' if isinstance(value, str) and text[0] == "'" and '"' not in text else text


def call(kind: LayerKind, template: str, arguments: Arguments, names: Mapping[str, str | tuple[str, ...]]) -> str:
    """The template with variables by port name and literals by parameter."""
    fields: dict[str, Any] = {}
    for param in kind.params:
        value = arguments.get(param.name, param.default)
        fields[f"p_{param.name}"] = literal(value)
        fields[f"s_{param.name}"] = ", ".join(map(literal, value)) if isinstance(value, tuple) else literal(value)
        fields[f"d_{param.name}"] = literal(value[0] if isinstance(value, tuple) and len(value) == 1 else value)
        fields[f"c_{param.name}"] = str(value) if param.type == "choice" and value != EACH else ""
        fields[f"t_{param.name}"] = f"({list(value)!r})" if isinstance(value, tuple) else ""
        fields[f"o_{param.name}"] = "" if value == param.default else literal(value)
        fields[f"k_{param.name}"] = "" if value == param.default else f", {param.name}={literal(value)}"
    fields.update((f"?{name}", _Given(value)) for name, value in names.items())
    return _Template().vformat(template, (), {**fields, **names}).replace(", )", ")")


def target(unpack: str, outputs: Mapping[str, str]) -> str:
    """What is assigned to: the first output's variable, or all of them as the module hands them out."""
    return unpack.format(**outputs) if unpack else next(iter(outputs.values()))


def constructor(kind: LayerKind, arguments: Arguments, variables: Mapping[str, str] = MappingProxyType({})) -> str:
    """The module's construction: nn.Conv2d(1, 6, kernel_size=5, padding=2); some arguments may be variables."""
    if kind.opaque:
        settings = read_settings(str(arguments["settings"]))
        return f"{class_of(kind)}({', '.join(f'{name}={value!r}' for name, value in settings.items())})"
    parts: list[str] = []
    for place, item in enumerate(kind.arguments):
        name, _equals, fixed = item.partition("=")
        if fixed:
            parts.append(item)
            continue
        param, value = kind.param(name), arguments[name]
        if param.tensor and isinstance(value, tuple):
            parts.append(f"{param.tensor}=torch.tensor({list(value)!r})")
            continue
        if name not in variables and is_left_out(param, value, arguments):
            continue
        text = variables.get(name) or literal(given(param, value))
        if param.required and param.type != "size" and len(parts) == place and not any("=" in part for part in parts):
            parts.append(text)
        elif param.required or value != param.default or name in variables:
            parts.append(f"{name}={text}")
    if kind.bundle is not None and (bundled := kind.bundled(arguments)) is not None:
        inside = ", ".join(f"{name}={literal(value)}" for name, value in bundled)
        parts.append(f"{kind.bundle.name}={kind.bundle.maker}({inside})")
    return f"{class_of(kind)}({', '.join(parts)})"


def is_left_out(param: Param, value: Value, arguments: Arguments) -> bool:
    """Whether it says nothing beside the others, or is None where torch has that by itself."""
    return not param.matters(arguments) or (value is None and param.optional and param.required)


def given(param: Param, value: Value) -> Value:
    """The argument that torch is given: a single size as a number where it may also be inferred or left out."""
    if not isinstance(value, tuple) or len(value) != 1:
        return value
    listed = param.type == "sizes" and (param.inferred or param.optional)
    return value[0] if listed or (param.type == "numbers" and not param.tensor) else value


def class_of(kind: LayerKind) -> str:
    """The module's class as code names it: nn.Conv2d, or PatchEmbedding, whose text stands above."""
    return kind.module if kind.is_torchs else kind.module.rpartition(".")[2]


def sizes(text: str) -> tuple[str, ...]:
    """The whole numbers in a text like 16,5,5; empty where it holds anything else."""
    parts = text.replace("×", ",").replace("x", ",").split(",")
    try:
        return tuple(str(int(part)) for part in parts)
    except ValueError:
        return ()
