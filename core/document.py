"""The one mutable thing: a project with its past, its future and its path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.differing import copied, differing
from core.graph import Block, Graph
from core.project import Project
from core.reroutes import pruned
from core.signal import Signal

_MISSING = object()
_AMENDED = "amended"
"""The merge key of a step that was added to."""
Change = tuple[tuple[str, ...], Any, Any]
"""Where in the project, what stood there, what stands there now."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One step of the history: its label and what differs."""

    label: str
    changes: tuple[Change, ...]
    merge: str | None = None


class Document:
    """Holds the project; `edit` is the only door through which it changes.

    `changed(old, new)` tells of every change; `stored` when the path or the saved state changes.
    """

    def __init__(self, project: Project | None = None, path: Path | None = None, read_only: bool = False) -> None:
        """One that is `read_only` stays as it is: it shows what somebody else has made."""
        self.project = project or Project()
        self.path = path
        self.read_only = read_only
        self.changed: Signal[Project, Project] = Signal()
        self.stored: Signal[()] = Signal()
        self._first = self.project
        self._saved: Project | None = self.project
        self._past: list[Edit] = []
        self._future: list[Edit] = []
        self.retraced = False
        """Whether the last change was one of undo and redo: it led to a project that was there before."""

    @property
    def past(self) -> tuple[str, ...]:
        """The labels of what can be undone, oldest first."""
        return tuple(edit.label for edit in self._past)

    @property
    def future(self) -> tuple[str, ...]:
        """The labels of what can be redone, next first."""
        return tuple(edit.label for edit in reversed(self._future))

    @property
    def modified(self) -> bool:
        """Whether the project differs from the saved one."""
        return self._saved is None or (self.project is not self._saved and self.project != self._saved)

    def edit(self, label: str, project: Project, merge: str | None = None) -> bool:
        """Make this the project, as one step of undo; says whether anything differs.

        Steps in a row with the same `merge` are one (typing in a field, dragging a slider). Points of wires that are
        there no more go with them.
        """
        project = pruned(project)
        changes = differences(self.project, project) if not self.read_only else ()
        if not changes:
            return False
        last = self._past[-1] if self._past else None
        if merge is not None and last is not None and last.merge == merge and not self._future:
            before = applied(self.project, _reversed(last.changes))
            self._past[-1] = Edit(label, differences(before, project), merge)
            if not self._past[-1].changes:
                self._past.pop()
                project = project if self._past else self._first
        else:
            self._past.append(Edit(label, changes, merge))
        self._future.clear()
        self.retraced = False
        self._become(project)
        return True

    def follow(self, project: Project) -> None:
        """Show what somebody else has made anew; only one that is read-only has nothing to lose by it."""
        if self.read_only and project != self.project:
            self._first = self._saved = project
            self._become(project)

    def undone(self) -> Project | None:
        """What `undo` would lead to; None where there is nothing to undo."""
        if not self._past:
            return None
        return applied(self.project, _reversed(self._past[-1].changes)) if len(self._past) > 1 else self._first

    def redone(self) -> Project | None:
        """What `redo` would lead to; None where there is nothing to redo."""
        return applied(self.project, self._future[-1].changes) if self._future else None

    def undo(self) -> bool:
        """Go back one step; says whether there was one."""
        before = self.undone()
        if before is None:
            return False
        self._future.append(self._past.pop())
        self.retraced = True
        self._become(before)
        return True

    def redo(self) -> bool:
        """Go forward one step; says whether there was one."""
        after = self.redone()
        if after is None:
            return False
        edit = self._future.pop()
        self._past.append(Edit(edit.label, edit.changes))
        self.retraced = True
        self._become(after)
        return True

    def walk(self, steps: int) -> None:
        """Go so many steps forward, or back where it is below zero, as far as there are any, as one change."""
        old = self.project
        for _step in range(-steps):
            if (before := self.undone()) is not None:
                self._future.append(self._past.pop())
                self.project = before
        for _step in range(steps):
            if (after := self.redone()) is not None:
                edit = self._future.pop()
                self._past.append(Edit(edit.label, edit.changes))
                self.project = after
        if self.project is not old:
            self.retraced = True
            self.changed.emit(old, self.project)

    def amend(self, label: str, project: Project) -> bool:
        """Make this the project as a part of the last step of undo; says whether anything differs."""
        if self._past and not self._future:
            self._past[-1] = replace(self._past[-1], merge=_AMENDED)
        changed = self.edit(label, project, _AMENDED)
        self.end_merge()
        return changed

    def end_merge(self) -> None:
        """Let the next edit be a step of its own, whatever its merge key."""
        if self._past and self._past[-1].merge is not None:
            self._past[-1] = replace(self._past[-1], merge=None)

    def saved(self, path: Path, project: Project) -> None:
        """Take note that this project stands in the file at this path."""
        self.path = path
        self._saved = project
        self.end_merge()
        self.stored.emit()

    def recovered(self) -> None:
        """Take note that the project differs from every file."""
        self._saved = None
        self.stored.emit()

    def _become(self, project: Project) -> None:
        old, self.project = self.project, project
        self.changed.emit(old, project)


_TABLES = ("positions", "data", "blocks", "annotations", "reroutes", "bodies")


def differences(old: Project, new: Project) -> tuple[Change, ...]:
    """What differs, entry by entry; its size follows the difference, not the project."""
    changes: list[Change] = []
    for item in fields(Project):
        before, after = getattr(old, item.name), getattr(new, item.name)
        if before is after or (not isinstance(before, Mapping | Graph) and before == after):
            continue
        if item.name == "graph":
            changes += _graph_differences(("graph",), before, after)
        elif item.name == "blocks":
            changes += _block_differences(before, after)
        elif item.name in _TABLES:
            changes += _table_differences((item.name,), before, after)
        else:
            changes.append(((item.name,), before, after))
    return tuple(changes)


def applied(project: Project, changes: tuple[Change, ...]) -> Project:
    """The project with every change made."""
    grouped: dict[tuple[str, ...], list[tuple[Any, Any]]] = {}
    plain: dict[str, Any] = {}
    for key, _old, value in changes:
        if len(key) == 1:
            plain[key[0]] = value
        else:
            grouped.setdefault(key[:-1], []).append((key[-1], value))
    project = replace(project, **plain)
    for table in sorted(grouped, key=lambda path: (path[0] != "blocks", len(path))):
        project = _with_entries(project, table, grouped[table])
    return project


def _with_entries(project: Project, table: tuple[str, ...], entries: list[tuple[Any, Any]]) -> Project:
    if table[0] == "graph":
        return replace(project, graph=_graph_with(project.graph, table[1], entries))
    if table[0] == "blocks" and len(table) > 1:
        block = project.blocks[table[1]]
        inside = replace(block, graph=_graph_with(block.graph, table[2], entries))
        return replace(project, blocks=_entries(project.blocks, [(table[1], inside)]))
    changed: dict[str, Any] = {table[0]: _entries(getattr(project, table[0]), entries)}
    return replace(project, **changed)


def _graph_with(graph: Graph, table: str, entries: list[tuple[Any, Any]]) -> Graph:
    return replace(graph, **{table: _entries(getattr(graph, table), entries)})


def _entries(table: Mapping[Any, Any], entries: list[tuple[Any, Any]]) -> Mapping[Any, Any]:
    order = dict(entries).get(_ORDER)
    merged = copied(table)
    for key, value in entries:
        if key is _ORDER:
            continue
        if value is _MISSING:
            merged.pop(key, None)
        else:
            merged[key] = value
    if order is not None:
        merged = {key: merged[key] for key in order}
    return MappingProxyType(merged)


_ORDER = "\0order"
"""The entry that keeps a table's order where adding and removing at the end would not."""


def _table_differences(path: tuple[str, ...], old: Mapping[Any, Any], new: Mapping[Any, Any]) -> list[Change]:
    before, after = copied(old), copied(new)
    touched = differing(before, after)
    if len(before) + sum(key not in before for key in touched) > len(after):
        touched += [key for key in before if key not in after]
    changes: list[Change] = [
        ((*path, key), before.get(key, _MISSING), after.get(key, _MISSING))
        for key in touched
        if before.get(key, _MISSING) != after.get(key, _MISSING)
    ]
    keys, wanted = list(before), list(after)
    if keys[: len(wanted)] != wanted[: len(keys)]:
        forward, back = _order_after(before, after), _order_after(after, before)
        if forward is not None or back is not None:
            changes.append(((*path, _ORDER), back, forward))
    return changes


def _order_after(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> tuple[Any, ...] | None:
    """The order of `new`, or None where changing `old` entry by entry gives it anyway."""
    kept = [key for key in old if key in new]
    added = [key for key in new if key not in old]
    return None if kept + added == list(new) else tuple(new)


def _graph_differences(path: tuple[str, ...], old: Graph, new: Graph) -> list[Change]:
    nodes = _table_differences((*path, "nodes"), old.nodes, new.nodes) if old.nodes is not new.nodes else []
    edges = _table_differences((*path, "edges"), old.edges, new.edges) if old.edges is not new.edges else []
    return nodes + edges


def _block_differences(old: Mapping[str, Block], new: Mapping[str, Block]) -> list[Change]:
    changes: list[Change] = []
    whole_old, whole_new = dict(old), dict(new)
    for key, block in new.items():
        before = old.get(key)
        if before is not None and before.name == block.name and before.graph is not block.graph:
            changes += _graph_differences(("blocks", key), before.graph, block.graph)
            whole_old[key] = whole_new[key]
    return changes + _table_differences(("blocks",), whole_old, whole_new)


def _reversed(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    return tuple((key, new, old) for key, old, new in changes)
