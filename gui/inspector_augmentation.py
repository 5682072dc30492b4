"""The inspector's part on augmentation: the steps of a data set's list in their order, and samples before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from PySide6.QtCore import QPoint, QPointF, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QWidget

from core.data.augmentation import Augmentation, in_order, moved, possible, refusal
from core.data.augmentation_kinds import AUGMENTATIONS, AugmentationKind
from core.data.settings import DatasetSettings, dataset_kind
from core.errors import ChainruleError
from gui.augmentation_step import StepRow
from gui.augmentation_view import Preview
from gui.session import Editor
from gui.theme import Themes
from gui.widgets import column, prose, push, row

EMPTY = "Samples are trained on as they are. Steps change them at random, anew in every epoch."
LAST = "Mixing comes last, wherever it stands."


class StepList(QWidget):
    """The steps below one another, with a line where a dragged one would go."""

    moved = Signal(int, int)
    """The place of a step, and where it shall be."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.rows: list[StepRow] = []
        self.stack = column(spacing=2)
        self.setLayout(self.stack)
        self._gap: int | None = None
        """Before which step the dragged one would go."""

    def drag(self, at: QPointF) -> None:
        """A step is dragged, and the pointer is here on the screen."""
        y = self.mapFromGlobal(at).y()
        self._gap = sum(y > shown.y() + shown.height() / 2 for shown in self.rows)
        self.update()

    def drop(self, place: int, is_meant: bool) -> None:
        """The drag of the step at this place is over."""
        gap, self._gap = self._gap, None
        self.update()
        if is_meant and gap is not None and gap not in (place, place + 1):
            self.moved.emit(place, gap - (gap > place))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        super().paintEvent(event)
        if self._gap is None or not self.rows:
            return
        edge = self.rows[self._gap].y() - 2 if self._gap < len(self.rows) else self.rows[-1].geometry().bottom()
        painter = QPainter(self)
        painter.fillRect(QRectF(0, max(edge, 0), self.width(), 2), self._themes.current.color("accent"))


class AugmentationForm(QWidget):
    """The list, the button to add to it, and the preview; every edit is one step of undo."""

    asked = Signal(object, int)
    """The settings of which samples are to be drawn, and the seed."""

    def __init__(self, themes: Themes, editor: Editor) -> None:
        super().__init__()
        self._themes, self._editor = themes, editor
        self._dataset = ""
        self._settings: DatasetSettings | None = None
        self._opened: int | None = None
        """The place of the step whose parameters are shown."""
        self._focused: int | None = None
        """The place of the step that shall have the keyboard when the list was made anew."""
        self.seed = 0
        self._drawn: tuple[DatasetSettings, int] | None = None
        """What was asked for last."""
        self.words = prose(EMPTY, "caption2")
        self.list = StepList(themes)
        self.list.moved.connect(self._move)
        self.add = push("Add a step", "link", themes.current.icon("plus", "accent", 12))
        self.add.setToolTip("Change samples at random while training; validation sees them as they are.")
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.add.clicked.connect(self._open_menu)
        self.preview = Preview(themes)
        self.preview.again.connect(self._draw_anew)
        self.preview.retried.connect(self._draw)
        stack = column(self.words, self.list, spacing=4)
        stack.addLayout(row(self.add, None))
        stack.addWidget(self.preview)
        self.setLayout(stack)

    @property
    def rows(self) -> Sequence[StepRow]:
        """The steps that are shown."""
        return self.list.rows

    @property
    def note(self) -> str:
        """How many steps there are, for the section's head."""
        steps = self._steps()
        on = len(in_order(steps))
        return f"{on} of {len(steps)} on" if on < len(steps) else f"{on} step{'s' if on != 1 else ''}" if on else "none"

    def refresh(self, dataset: str, settings: DatasetSettings) -> None:
        """Show the list of this data set."""
        if dataset != self._dataset:
            self._opened = None
        self._dataset, self._settings = dataset, settings
        if [shown.step.name for shown in self.rows] != [step.name for step in settings.augmentation]:
            self._build(settings.augmentation)
        for place, (shown, step) in enumerate(zip(self.rows, settings.augmentation, strict=True)):
            shown.show_step(step)
            shown.set_open(place == self._opened)
        if self._focused is not None and self._focused < len(self.rows):
            self.rows[self._focused].head.setFocus()
        self._focused = None
        mixes = any(AUGMENTATIONS[step.name].way == "mix" for step in settings.augmentation[:-1])
        self.words.setText(LAST if settings.augmentation else EMPTY)
        self.words.setVisible(mixes or not settings.augmentation)
        on = bool(in_order(settings.augmentation))
        self.preview.setVisible(on)
        if on and self._drawn != (settings, self.seed):
            self._draw()

    def _steps(self) -> tuple[Augmentation, ...]:
        return self._settings.augmentation if self._settings is not None else ()

    def _build(self, steps: Sequence[Augmentation]) -> None:
        for shown in self.list.rows:
            self.list.stack.removeWidget(shown)
            shown.hide()
            shown.deleteLater()
        self.list.rows = [self._made(place, step) for place, step in enumerate(steps)]
        for place, shown in enumerate(self.list.rows):
            self.list.stack.addWidget(shown)
            shown.head.up.setEnabled(place > 0)
            shown.head.down.setEnabled(place + 1 < len(steps))

    def _made(self, place: int, step: Augmentation) -> StepRow:
        made = StepRow(self._themes, step)
        head = made.head
        made.changed.connect(partial(self._change, place))
        made.left.connect(self._editor.document.end_merge)
        made.taken_back.connect(self._editor.take_back)
        head.pressed.connect(partial(self._fold, place))
        head.nudged.connect(partial(self._nudge, place))
        head.up.clicked.connect(partial(self._nudge, place, -1))
        head.down.clicked.connect(partial(self._nudge, place, 1))
        head.remove.clicked.connect(partial(self._remove, place))
        head.deleted.connect(partial(self._remove, place))
        head.dragged.connect(self.list.drag)
        head.dropped.connect(partial(self.list.drop, place))
        return made

    def _fold(self, place: int) -> None:
        """Show the parameters of a step, and those of no other."""
        self._opened = None if self._opened == place else place
        for other, shown in enumerate(self.rows):
            shown.set_open(other == self._opened)

    def _open_menu(self) -> None:
        assert self._settings is not None
        kind = dataset_kind(self._settings)
        self.menu.clear()
        for _way, group in groupby(possible(kind), lambda step: step.way):
            for step in group:
                action = self.menu.addAction(step.title)
                action.setToolTip(refusal(Augmentation(step.name), kind) or f"{step.help}.")
                action.setEnabled(not refusal(Augmentation(step.name), kind))
                action.triggered.connect(partial(self._append, step))
            self.menu.addSeparator()
        self.menu.popup(self.add.mapToGlobal(QPoint(0, self.add.height() + 2)))

    def _append(self, kind: AugmentationKind, _checked: bool = False) -> None:
        self._opened = self._focused = len(self._steps())
        self._edit((*self._steps(), Augmentation(kind.name)), f"Add {kind.title.lower()} to")

    def _nudge(self, place: int, by: int, _checked: bool = False) -> None:
        if 0 <= place + by < len(self._steps()):
            self._move(place, place + by)

    def _move(self, place: int, to: int) -> None:
        if self._opened is not None:
            self._opened = moved(range(len(self._steps())), place, to).index(self._opened)
        self._focused = to
        self._edit(moved(self._steps(), place, to), f"Move {self._title(place)} of")

    def _remove(self, place: int, _checked: bool = False) -> None:
        if self._opened is not None:
            self._opened = None if self._opened == place else self._opened - (self._opened > place)
        self._focused = max(min(place, len(self._steps()) - 2), 0)
        rest = (*self._steps()[:place], *self._steps()[place + 1 :])
        self._edit(rest, f"Remove {self._title(place)} from")

    def _change(self, place: int, step: Augmentation, name: str) -> None:
        before = self._steps()
        steps = (*before[:place], step, *before[place + 1 :])
        if not name:
            self._edit(steps, f"Switch {self._title(place)} {'on' if step.active else 'off'} for")
            return
        try:
            self._edit(steps, f"Set {name} of {self._title(place)} for", f"{place}.{name}")
        except ChainruleError as error:
            self.rows[place].refuse(name, error)

    def _title(self, place: int) -> str:
        return AUGMENTATIONS[self._steps()[place].name].title.lower()

    def _edit(self, steps: Sequence[Augmentation], words: str, merge: str = "") -> None:
        assert self._settings is not None
        changed = replace(self._settings, augmentation=tuple(steps))
        key = f"data.{self._dataset}.augmentation.{merge}" if merge else None
        self._editor.set_data(self._dataset, changed, f"{words} {self._dataset}", key)

    def _draw_anew(self) -> None:
        self.seed += 1
        self._draw()

    def _draw(self) -> None:
        assert self._settings is not None
        self._drawn = (self._settings, self.seed)
        self.asked.emit(self._settings, self.seed)
