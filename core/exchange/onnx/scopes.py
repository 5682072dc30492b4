"""The modules around a call, as the exporters note them in names and metadata."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.catalog import find
from core.exchange.calls import Call, Scope
from core.exchange.onnx.model import OnnxNode

DEPTH = 24
"""Modules within modules; what lies deeper counts to the innermost of these."""
_AGAIN = re.compile(r"@\d+$")
_REPEAT = re.compile(r"\[(\d+)\]")
_WEIGHTS = ("weight", "bias", "kernel", "gamma", "running_mean")


def scope_of(node: OnnxNode) -> Scope:
    """The modules around a node, outermost first; the innermost may be the layer itself."""
    if node.scopes:
        return _noted(node)
    if "/" in node.name:
        segments = [part for part in node.name.split("/") if part]
        return _relative([(part, "") for part in segments[:-1]])
    for name in node.inputs[1:]:
        path, _dot, last = name.rpartition(".")
        if path and last in _WEIGHTS:
            return tuple((part, "") for part in path.split("."))[:DEPTH]
    return ()


def _noted(node: OnnxNode) -> Scope:
    """As torch's newer exporter notes them: the dotted path of each module, and at last the operation."""
    classes = (*node.classes, *("",) * len(node.scopes))
    pairs = [
        (_AGAIN.sub("", path), kind.rpartition(".")[2])
        for path, kind in zip(node.scopes[:-1], classes, strict=False)
        if path
    ]
    return _relative(pairs, dotted=True)


def _relative(pairs: list[tuple[str, str]], dotted: bool = False) -> Scope:
    """Each module by its name in its parent: layer1.0 within layer1 is 0."""
    found: list[tuple[str, str]] = []
    before = ""
    for path, kind in pairs[:DEPTH]:
        short = path[len(before) + 1 :] if before and path.startswith(f"{before}.") else path
        before = path
        # encoder[2] is how we write the third repetition of a block.
        plain = _REPEAT.sub(r".\1", short)
        parts = plain.split(".") if dotted or plain != short else [short]
        found += [(part, "") for part in parts[:-1]] + [(parts[-1], kind)]
    return tuple(found[:DEPTH])


def named(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """The calls by name: a module that holds one call is that layer, any other is a module around its calls."""
    paths = [tuple(name for name, _kind in call.scope) for call in calls]
    counts = Counter(paths)
    around = {path[:depth] for path in counts for depth in range(len(path))}
    return tuple(
        replace(call, name=path[-1], scope=call.scope[:-1])
        if path and counts[path] == 1 and path not in around
        else replace(call, name=call.name or find(call.kind).stem)
        for call, path in zip(calls, paths, strict=True)
    )


def whole(call: Call) -> Call:
    """The call with weights that stand in memory one behind the other and can be written, as torch wants them."""
    if all(array.flags.c_contiguous and array.flags.writeable for array in call.weights.values()):
        return call
    weights = {name: np.require(array, requirements=("C", "W", "O")) for name, array in call.weights.items()}
    return replace(call, weights=weights)


def with_sharing(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """Only what is one module stays shared.

    Exporters write equal weights once, so that norms which are fresh seem to be one: it takes numbers that are not all
    the same, or the same place in the hierarchy, to be the same module.
    """
    places: dict[str, list[Call]] = {}
    for call in calls:
        if call.shared:
            places.setdefault(_key(call), []).append(call)
    one = {key for key, found in places.items() if len(found) > 1 and _is_one(found)}
    return tuple(call if call.shared and _key(call) in one else replace(call, shared="") for call in calls)


def _key(call: Call) -> str:
    return f"{call.kind}:{call.shared}"


def _is_one(calls: list[Call]) -> bool:
    own = any(array.size and (array != array.reshape(-1)[0]).any() for array in calls[0].weights.values())
    same_place = len({call.scope for call in calls}) == 1 and bool(calls[0].scope)
    return (own or same_place) and len({tuple(_sorted(call)) for call in calls}) == 1


def _sorted(call: Call) -> Iterator[tuple[str, object]]:
    return iter(sorted(call.params.items()))
