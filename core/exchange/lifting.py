"""Tensors that several modules read, lifted out to the module around all of them, so that equal modules stay equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.catalog import KINDS
from core.catalog.kept import CONSTANT
from core.exchange.calls import INPUT, Call, Imported, Ref, Scope
from core.exchange.joining import moved


def lifted(imported: Imported) -> Imported:
    """The network with every call that takes no input where all its readers see it, before the first of them."""
    homes = _homes(imported.calls)
    if not homes:
        return imported
    calls = [replace(call, scope=homes.get(place, call.scope)) for place, call in enumerate(imported.calls)]
    order = sorted(range(len(calls)), key=lambda place: (_begin(calls, place) if place in homes else place, place))
    places = {old: new for new, old in enumerate(order)} | {INPUT: INPUT}
    ordered = tuple(moved(calls[old], places) for old in order)
    outputs = tuple((name, Ref(places[ref.call], ref.port)) for name, ref in imported.outputs)
    return replace(imported, calls=ordered, outputs=outputs)


def _homes(calls: Sequence[Call]) -> dict[int, Scope]:
    """By call without inputs that readers of different modules have, the scope around all of these."""
    found: dict[int, Scope] = {}
    for call in calls:
        for refs in call.inputs.values():
            for ref in refs:
                if ref.call != INPUT and not calls[ref.call].inputs:
                    known = found.get(ref.call, calls[ref.call].scope)
                    found[ref.call] = _common(known, call.scope)
    found = {place: _outside(scope) if calls[place].kind == CONSTANT else scope for place, scope in found.items()}
    return {place: scope for place, scope in found.items() if scope != calls[place].scope}


def _outside(scope: Scope) -> Scope:
    """The scope around a layer: what is fed into it is not a part of it."""
    while scope and scope[-1][1] in KINDS:
        scope = scope[:-1]
    return scope


def _common(one: Scope, other: Scope) -> Scope:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]


def _begin(calls: Sequence[Call], place: int) -> float:
    """Just before the first call within the same module."""
    scope = calls[place].scope
    first = next(index for index, call in enumerate(calls) if call.scope[: len(scope)] == scope)
    return min(first, place) - 0.5
