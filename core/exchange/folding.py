"""Calls to nested blocks: folded by the modules they lie in, equal ones told, chains of equal ones stacked.

A module that was called makes one block for each call; what lies outside of modules stays where it is. Calls that share
weights must lie in one graph to be linked, so blocks whose walls would part them are dissolved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from core.exchange.calls import INPUT, Call, Imported, Ref
from core.graph import Parameters

AGAIN = "@"
"""In the name of a scope, before the number of the call of one module: encoder@2."""


@dataclass(eq=False)
class Leaf:
    """One call."""

    call: int


@dataclass(eq=False)
class Nest:
    """The calls of one module's run: what becomes an instance of a block."""

    path: tuple[str, ...]
    """The names of the modules down to it, as the scope has them."""
    title: str
    items: list[Item] = field(default_factory=list)
    stack: list[Nest] = field(default_factory=list)
    """It and the equal ones behind it, each fed by the one before: the repetitions."""
    inputs: tuple[Ref, ...] = ()
    """What comes in from outside, in the order of use."""
    outputs: tuple[Ref, ...] = ()
    """What others read of it, or of its last repetition."""
    own: tuple[Ref, ...] = ()
    """What is read of the first repetition."""
    shape: Shape = ()
    order: tuple[int, ...] = ()
    """The places of its inputs so that those come first that a repetition feeds to the next."""
    link: str = ""


Item = Leaf | Nest
Shape = tuple[object, ...]
"""What is in a nest whatever it is called: equal for those that compute the same alike."""


class Folding:
    """The nested blocks of one imported network."""

    def __init__(self, imported: Imported, params: Sequence[Parameters]) -> None:
        self.calls = imported.calls
        self.params = params
        self._results = {ref for _name, ref in imported.outputs}
        self._readers = _readers(imported.calls)
        self._orders: dict[Shape, tuple[int, ...]] = {}
        self.names: dict[int, str] = {}
        """Of calls that stand in the place of a module that held nothing else: the module's."""

    def items(self) -> list[Item]:
        """What stands in the main graph, in running order."""
        dissolved: set[tuple[str, ...]] = set()
        while True:
            items = _nested(self.calls, range(len(self.calls)), 0, dissolved)
            parted = _parted(items, self.calls)
            if not parted - dissolved:
                break
            dissolved |= parted
        return self._finished(items)

    def _finished(self, items: list[Item]) -> list[Item]:
        """The items with chains stacked, and what a nest of one item holds in its place."""
        finished: list[Item] = []
        for item in items:
            if isinstance(item, Nest):
                item.items = self._finished(item.items)
                if len(item.items) == 1:
                    finished.append(self._alone(item))
                    continue
                self._describe(item)
            finished.append(item)
        return self._stacked(finished)

    def _alone(self, nest: Nest) -> Item:
        """The only item of a nest, under the nest's name where its own is just a number."""
        item = nest.items[0]
        if isinstance(item, Leaf):
            name = self.names.get(item.call, self.calls[item.call].name)
            if name[:1].isdigit() or not name:
                self.names[item.call] = nest.path[-1]
        elif item.path[-1][:1].isdigit() or len(item.stack) > 1:
            item.path = nest.path
        if isinstance(item, Nest) and nest.link:
            item.link = nest.link
        return item

    def _describe(self, nest: Nest) -> None:
        """Work out what comes in and goes out, and what the nest looks like inside."""
        inside = set(members(nest))
        asked = [ref for item in nest.items for _port, refs in self.fed(item) for ref in refs]
        nest.inputs = tuple(dict.fromkeys(ref for ref in asked if ref.call not in inside))
        made = [ref for item in nest.items for ref in self.made(item)]
        nest.outputs = tuple(ref for ref in dict.fromkeys(made) if self._leaves(ref, inside))
        nest.own = nest.outputs
        nest.stack = [nest]
        places: dict[Ref, tuple[object, ...]] = {ref: ("in", place) for place, ref in enumerate(nest.inputs)}
        links: dict[str, int] = {}
        parts: list[object] = []
        for place, item in enumerate(nest.items):
            inputs = tuple((port, tuple(places[ref] for ref in refs)) for port, refs in self.fed(item))
            places |= {ref: (place, number) for number, ref in enumerate(self.made(item))}
            parts.append((*self._looks(item, links), inputs))
        nest.shape = (*parts, tuple(places[ref] for ref in nest.outputs))

    def _looks(self, item: Item, links: dict[str, int]) -> tuple[object, ...]:
        label = item.link if isinstance(item, Nest) else self.calls[item.call].shared
        link = links.setdefault(label, len(links)) if label else -1
        if isinstance(item, Nest):
            return (item.shape, len(item.stack), link)
        return (self.calls[item.call].kind, self.params[item.call], link)

    def fed(self, item: Item) -> list[tuple[str, tuple[Ref, ...]]]:
        """By input port what comes into a call, or by the number of the port into a nest."""
        if isinstance(item, Nest):
            return [(str(place), (ref,)) for place, ref in enumerate(item.inputs)]
        return sorted(self.calls[item.call].inputs.items())

    def made(self, item: Item) -> list[Ref]:
        """What is read of a call or a nest, in the order of its ports."""
        if isinstance(item, Nest):
            return list(item.outputs)
        return sorted(ref for ref in self._readers.keys() | self._results if ref.call == item.call)

    def _leaves(self, ref: Ref, inside: set[int]) -> bool:
        return ref in self._results or not inside.issuperset(self._readers.get(ref, ()))

    def _stacked(self, items: list[Item]) -> list[Item]:
        """The items with chains of equal nests as one that is repeated."""
        kept: list[Item] = []
        for item in items:
            last = kept[-1] if kept else None
            if isinstance(item, Nest) and isinstance(last, Nest) and self._continues(last, item):
                last.stack += item.stack
                last.outputs = item.outputs
            else:
                kept.append(item)
        return kept

    def _continues(self, first: Nest, then: Nest) -> bool:
        """Whether the second nest is one more repetition of the first."""
        if first.shape != then.shape or not first.outputs or first.link or then.link:
            return False
        order = _order(first, then)
        if order is None or self._orders.get(first.shape, order) != order:
            return False
        inside = set(members(then))
        if any(self._leaves(ref, inside) for ref in first.outputs):
            return False
        self._orders[first.shape] = first.order = then.order = order
        return True

    def order(self, nest: Nest) -> tuple[int, ...]:
        """The places of the inputs, those that repetitions feed first."""
        return self._orders.get(nest.shape) or tuple(range(len(nest.inputs)))


def _order(first: Nest, then: Nest) -> tuple[int, ...] | None:
    """Where the outputs of one repetition go into the next; None where the two do not follow one another so."""
    before = first.stack[-1]
    fed: list[int] = []
    for ref in first.outputs:
        places = [place for place, known in enumerate(then.inputs) if known == ref]
        if len(places) != 1:
            return None
        fed += places
    rest = [place for place in range(len(then.inputs)) if place not in fed]
    if any(then.inputs[place] != before.inputs[place] for place in rest):
        return None
    return (*fed, *rest)


def members(item: Item) -> Iterator[int]:
    """The calls in it, of all its repetitions."""
    if isinstance(item, Leaf):
        yield item.call
        return
    for nest in item.stack or [item]:
        for inner in nest.items:
            yield from members(inner)


def _readers(calls: Sequence[Call]) -> dict[Ref, tuple[int, ...]]:
    found: dict[Ref, tuple[int, ...]] = {}
    for place, call in enumerate(calls):
        for refs in call.inputs.values():
            for ref in refs:
                if ref.call != INPUT:
                    found[ref] = (*found.get(ref, ()), place)
    return found


def _nested(calls: Sequence[Call], places: Sequence[int], depth: int, dissolved: set[tuple[str, ...]]) -> list[Item]:
    """The items of calls whose scopes agree down to this depth; runs of one module are nests."""
    items: list[Item] = []

    def module(place: int) -> tuple[str, ...]:
        return tuple(name for name, _class in calls[place].scope[: depth + 1])

    for path, run in groupby(places, module):
        group = list(run)
        if len(path) <= depth:
            items += [Leaf(place) for place in group]
            continue
        inner = _nested(calls, group, depth + 1, dissolved)
        items += inner if path in dissolved else [Nest(path, calls[group[0]].scope[depth][1], inner)]
    return items


def _parted(items: list[Item], calls: Sequence[Call]) -> set[tuple[str, ...]]:
    """The paths of the nests that must go, for calls that share weights to lie in one graph.

    Nests that are runs of one module, alike inside, are linked instead.
    """
    homes: dict[str, list[tuple[Nest, ...]]] = {}
    for chain, leaf in _leaves(items, ()):
        if label := calls[leaf.call].shared:
            homes.setdefault(label, []).append(chain)
    gone: set[tuple[str, ...]] = set()
    for chains in homes.values():
        gone |= _walls(chains, calls)
    return gone


def _walls(chains: list[tuple[Nest, ...]], calls: Sequence[Call]) -> set[tuple[str, ...]]:
    """The nests between calls that share weights, unless they can be linked themselves."""
    depth = 0
    while all(len(chain) > depth for chain in chains) and len({id(chain[depth]) for chain in chains}) == 1:
        depth += 1
    below = [chain[depth:] for chain in chains]
    if not any(below):
        return set()
    if all(below):
        heads = list(dict.fromkeys(chain[0] for chain in below))
        if len({plain(nest.path) for nest in heads}) == 1 and len({_sketch(nest, calls) for nest in heads}) == 1:
            for nest in heads:
                nest.link = plain(nest.path)
            return set().union(*(_walls([c[1:] for c in below if c[0] is nest], calls) for nest in heads))
    return {nest.path for chain in below for nest in chain}


def _sketch(nest: Nest, calls: Sequence[Call]) -> tuple[object, ...]:
    """What runs in it, in order: enough to tell whether two runs of one module are alike."""
    return tuple(
        (calls[place].kind, tuple(sorted(calls[place].params.items(), key=lambda item: item[0])), calls[place].shared)
        for place in members(nest)
    )


def plain(path: tuple[str, ...]) -> str:
    """The module's path, whichever of its runs is meant."""
    return ".".join(name.partition(AGAIN)[0] for name in path)


def _leaves(items: list[Item], chain: tuple[Nest, ...]) -> Iterator[tuple[tuple[Nest, ...], Leaf]]:
    for item in items:
        if isinstance(item, Leaf):
            yield chain, item
        else:
            yield from _leaves(item.items, (*chain, item))
