"""`chainrule layers`: every kind that can be put into a network, with its ports and parameters."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable
from typing import Any

from core.catalog import CATEGORIES, KINDS, find
from core.catalog.kind import LayerKind, Param, PortSpec
from core.catalog.left_out import LEFT_OUT
from core.commands.telling import json_line, table

SUMMARY = "the kinds of layers"
HELP = "List the kinds of layers by category, each with its ports and parameters; with KIND, tell all of these."


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("kinds", metavar="KIND", nargs="*", help="tell all of these kinds: Conv2d")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Print the list, or the kinds asked for."""
    kinds = tuple(find(name) for name in options.kinds) or tuple(KINDS.values())
    if options.json:
        left_out = {} if options.kinds else {"left_out": dict(LEFT_OUT)}
        print(json_line({**_categories(kinds), **left_out}))
    else:
        print("\n\n".join(map(_whole, kinds)) if options.kinds else _overview(kinds))
    return 0


def _overview(kinds: tuple[LayerKind, ...]) -> str:
    parts = []
    for category in CATEGORIES:
        lines = [line for kind in kinds if kind.category == category for line in _brief(kind)]
        if lines:
            parts.append("\n".join([category, *lines]))
    parts.append("\n".join(["Left out of torch.nn", *(f"  {name:<18}  {why}" for name, why in LEFT_OUT.items())]))
    return "\n\n".join(parts)


def _brief(kind: LayerKind) -> Iterable[str]:
    yield f"  {kind.name:<18}  {kind.summary}"
    params = ", ".join(_assigned(param) for param in kind.params)
    details = " · ".join(part for part in (_ports(kind), params) if part)
    if details:
        yield f"  {'':<18}  {details}"


def _ports(kind: LayerKind) -> str:
    inputs, outputs = ", ".join(map(_port, kind.inputs)), ", ".join(map(_port, kind.outputs))
    return f"{inputs} → {outputs}".strip() if inputs or outputs else ""


def _port(port: PortSpec) -> str:
    mark = "..." if port.variadic else "?" if port.optional else ""
    return port.name + mark


def _assigned(param: Param) -> str:
    return param.name if param.inferred else f"{param.name}={_value(param.default)}"


def _value(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return "“”" if value == "" else "..." if "\n" in str(value) else str(value)


def _whole(kind: LayerKind) -> str:
    lines = [f"{kind.name} ({kind.category})", f"  {kind.help}"]
    lines += [f"  {kind.formula}"] if kind.formula else []
    lines += [f"  as torch.{kind.offers}"] if kind.offers else []
    lines += [f"  ports  {_ports(kind)}"] if _ports(kind) else []
    rows = [(f"  {param.name}", _default(param), param.help, param.wanted()) for param in kind.params]
    return "\n".join([*lines, "", table(rows)] if rows else lines)


def _default(param: Param) -> str:
    return "inferred" if param.inferred else _value(param.default)


def _categories(kinds: tuple[LayerKind, ...]) -> dict[str, Any]:
    grouped = ((category, [_kind(kind) for kind in kinds if kind.category == category]) for category in CATEGORIES)
    return {"categories": [{"name": name, "kinds": found} for name, found in grouped if found]}


def _kind(kind: LayerKind) -> dict[str, Any]:
    return {
        "name": kind.name,
        "summary": kind.summary,
        "help": kind.help,
        "formula": kind.formula,
        "role": kind.role,
        "module": kind.module,
        "torch": kind.offers,
        "inputs": [_port_json(port) for port in kind.inputs],
        "outputs": [_port_json(port) for port in kind.outputs],
        "parameters": [_param(param) for param in kind.params],
    }


def _port_json(port: PortSpec) -> dict[str, Any]:
    return {"name": port.name, "type": port.dtype, "optional": port.optional, "variadic": port.variadic}


def _param(param: Param) -> dict[str, Any]:
    bounds = {name: _finite(getattr(param, name)) for name in ("minimum", "maximum")}
    return {
        "name": param.name,
        "type": param.type,
        "default": param.default,
        "inferred": param.inferred,
        "optional": param.optional,
        "choices": list(param.choices or param.words),
        **bounds,
        "help": param.help,
    }


def _finite(bound: float) -> float | None:
    return None if math.isinf(bound) else bound
