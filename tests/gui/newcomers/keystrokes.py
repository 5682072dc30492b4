"""How many keys it takes to type or change a Python source: letters typed and deleted, indentation for nothing."""

from __future__ import annotations

from difflib import SequenceMatcher


def keystrokes(before: str, after: str) -> int:
    """The keys from one text to the other: each line that differs is changed letter by letter, in the cheapest order.

    An editor indents by itself, and going to a place costs nothing here. A line that goes is two keys. A line that is
    only indented differently is one.
    """
    old, new = before.splitlines(), after.splitlines()
    return sum(
        _changed(old[start:stop], new[begin:end])
        for tag, start, stop, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    )


def _changed(old: list[str], new: list[str]) -> int:
    """The least keys that make these lines of those: each is typed, deleted or changed."""
    costs = [[0] * (len(new) + 1) for _line in range(len(old) + 1)]
    for row in range(len(old) + 1):
        for column in range(len(new) + 1):
            choices = []
            if row:
                choices.append(costs[row - 1][column] + 2)
            if column:
                choices.append(costs[row][column - 1] + len(new[column - 1].strip()) + 1)
            if row and column:
                choices.append(costs[row - 1][column - 1] + _letters(old[row - 1], new[column - 1]))
            costs[row][column] = min(choices, default=0)
    return costs[-1][-1]


def _letters(old: str, new: str) -> int:
    """The letters that are deleted and typed within a line."""
    if old == new:
        return 0
    blocks = SequenceMatcher(None, old.strip(), new.strip(), autojunk=False).get_matching_blocks()
    kept = sum(block.size for block in blocks)
    return len(old.strip()) - kept + len(new.strip()) - kept + (_indent(old) != _indent(new))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
