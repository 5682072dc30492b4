"""Two calls that one kind says at once: x * 2 and then + 1 is one Scale, as the code that is exported writes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.exchange.calls import INPUT, Call, Imported, Ref

_SCALE = "Scale"


def joined(imported: Imported) -> Imported:
    """The network with every product by a number, of which nothing but the sum behind it is read, joined with that."""
    firsts = _firsts(imported)
    if not firsts:
        return imported
    gone = set(firsts.values())
    kept = [place for place in range(len(imported.calls)) if place not in gone]
    places = {old: new for new, old in enumerate(kept)} | {INPUT: INPUT}
    calls = []
    for place in kept:
        call = imported.calls[place]
        if place in firsts:
            product = imported.calls[firsts[place]]
            call = replace(call, params={**call.params, "factor": product.params["factor"]}, inputs=product.inputs)
        calls.append(moved(call, places))
    outputs = tuple((name, Ref(places[ref.call], ref.port)) for name, ref in imported.outputs)
    return replace(imported, calls=tuple(calls), outputs=outputs)


def moved(call: Call, places: dict[int, int]) -> Call:
    """The call with its inputs at the places that these have now."""
    inputs = {port: tuple(Ref(places[ref.call], ref.port) for ref in refs) for port, refs in call.inputs.items()}
    return replace(call, inputs=inputs)


def _firsts(imported: Imported) -> dict[int, int]:
    """By sum with a number, the product with a number that goes into it and nowhere else."""
    calls = imported.calls
    readers = Counter(ref.call for ref in _read(calls))
    readers.update(ref.call for _name, ref in imported.outputs)
    found = {}
    for place, call in enumerate(calls):
        if call.kind != _SCALE or call.params.get("factor", 1.0) != 1.0 or call.shared:
            continue
        before = call.inputs["input"][0].call
        if before != INPUT and before not in found and _is_product(calls[before], call) and readers[before] == 1:
            found[place] = before
    return found


def _is_product(call: Call, behind: Call) -> bool:
    plain = call.kind == _SCALE and not call.params.get("offset") and call.params.get("factor", 1.0) != 1.0
    return plain and call.scope == behind.scope and not call.shared


def _read(calls: Sequence[Call]) -> Iterable[Ref]:
    return (ref for call in calls for refs in call.inputs.values() for ref in refs)
