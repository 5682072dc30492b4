"""A layer in one line: “conv2d 6 5 padding=2” is what is searched for, and the values that the layer begins with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

from core.catalog.kind import LayerKind, Param
from core.catalog.searching import Spoken, ranked
from core.errors import ParameterError
from core.expressions import sizes
from core.graph import Parameters, Value

Item = TypeVar("Item")
_NUMBER = re.compile(r"[-+−]?\.?\d")


class Phrase(NamedTuple):
    """What was typed: the words of a search, and values, some of them by the parameters' names."""

    words: str
    values: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()

    @property
    def says_more(self) -> bool:
        """Whether it holds values."""
        return bool(self.values or self.named)


def phrase(text: str) -> Phrase:
    """The typed text taken apart; the first word is never a value."""
    first, *rest = re.sub(r"\s*=\s*", "=", text).split() or [""]
    words, values, named = [first], [], []
    for word in rest:
        name, equals, value = word.partition("=")
        if equals:
            named.append((name, value))
        elif _NUMBER.match(word):
            values.append(word.strip(","))
        else:
            words.append(word)
    return Phrase(" ".join(words), tuple(values), tuple(named))


class Meaning(NamedTuple, Generic[Item]):
    """What was searched for, best first; the values for it; and why these are none."""

    items: tuple[Item, ...]
    said: Phrase = Phrase("")
    error: ParameterError | None = None

    def params(self, kind: LayerKind | None) -> Parameters:
        """The values for a layer of this kind."""
        return params(kind, self.said) if kind is not None and self.said.says_more and self.error is None else ()


def meaning(
    text: str,
    items: Iterable[Item],
    spoken: Callable[[Item], Spoken],
    kind_of: Callable[[Item], LayerKind | None],
) -> Meaning[Item]:
    """What a line means: of layers to which values were given those that take them.

    Numbers may belong to a name instead, as in “relu 6”. A name that is written out means that layer and no other:
    “block 2” is the block of this name, though there is one called “block”.
    """
    listed, said = tuple(items), phrase(text)
    plain = () if said.named else ranked(text, listed, spoken)
    if not said.says_more:
        return Meaning(plain)
    titled = tuple(item for item in listed if spoken(item).title.lower() == said.words.lower())
    whole = " ".join(text.lower().split())
    if plain and (not titled or any(spoken(item).title.lower() == whole for item in plain)):
        return Meaning(plain)
    found = tuple(item for item in titled or ranked(said.words, listed, spoken) if kind_of(item) is not None)
    good, error = _taking(found, said, kind_of)
    if error is not None and plain:
        return Meaning(plain)
    return Meaning(good or found, said, error)


def _taking(
    items: tuple[Item, ...], said: Phrase, kind_of: Callable[[Item], LayerKind | None]
) -> tuple[tuple[Item, ...], ParameterError | None]:
    """Those that take these values, and if there are none why the first one does not."""
    good: list[Item] = []
    first = None
    for item in items:
        kind = kind_of(item)
        try:
            if kind is not None:
                params(kind, said)
                good.append(item)
        except ParameterError as error:
            first = first or error
    return tuple(good), None if good else first


def params(kind: LayerKind, said: Phrase) -> Parameters:
    """The values by parameter: those without a name in the order of torch's constructor, without inferred sizes.

    Raises ParameterError for a value that is not legal, a name that there is not, or too many values.
    """
    free = _in_order(kind)
    if len(said.values) > len(free):
        names = ", ".join(param.name for param in free) or "no values"
        raise ParameterError(f"{kind.name} takes {names}", f"{len(said.values)} values came", fix="Leave some out.")
    given = [*zip(free, said.values, strict=False), *((_named(kind, name), text) for name, text in said.named)]
    return tuple(sorted((param.name, read_value(param, text)) for param, text in given))


def told(values: Parameters) -> str:
    """Parameters in words: kernel_size 5, padding 2."""
    return ", ".join(
        f"{name} {'×'.join(map(str, value)) if isinstance(value, tuple) else value}" for name, value in values
    )


def read_value(param: Param, text: str) -> Value:
    """What a text in a command or a search means for a parameter; raises ParameterError."""
    if param.choices:
        return param.check(_chosen(param.choices, text))
    if param.type in ("text", "code"):
        return param.check(text)
    if param.type in ("sizes", "numbers"):
        return param.check(tuple(parsed(part) for part in _parts(text)))
    if param.type == "size" and len(several := sizes(text.strip("[]()"))) > 1:
        return param.check(tuple(map(int, several)))
    if param.keeps and "," in text:
        return param.check(tuple(None if part == "keep" else parsed(part) for part in _parts(text)))
    return param.check(parsed(text))


def parsed(text: str) -> Value:
    """The text as a number, true, false or none; else as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        value = _number(text)
    return tuple(value) if isinstance(value, list) else value


def _number(text: str) -> Value:
    words: Mapping[str, Value] = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    try:
        return float(text)
    except ValueError:
        return text


def _in_order(kind: LayerKind) -> list[Param]:
    known = {param.name: param for param in kind.params if not param.inferred and param.type != "code"}
    torchs = [name for name in kind.arguments if name in known]
    return [known[name] for name in dict.fromkeys((*torchs, *known))]


def _named(kind: LayerKind, name: str) -> Param:
    """The parameter of this name, or the one that begins like it: pad is padding, of which padding_mode is a part."""
    begun = sorted((param for param in kind.params if param.name.startswith(name.lower())), key=lambda it: len(it.name))
    plain = bool(begun) and all(param.name.startswith(begun[0].name) for param in begun)
    return begun[0] if plain else kind.param(name)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,x×]", text.strip("()[]")) if part.strip()]


def _chosen(choices: tuple[str, ...], text: str) -> str:
    """The choice that is meant, whatever its letters' size."""
    return next((choice for choice in choices if choice.lower() == text.lower()), text)
