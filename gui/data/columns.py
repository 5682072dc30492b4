"""The columns of a table that is to be taken in: how each is read and what for, to be changed in place."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from core.data.survey import SurveyColumn
from core.data.table.options import TYPES
from gui.theme import Theme, Themes
from gui.widgets import ComboBox

HEAD = ("Column", "Type", "Use", "Missing", "Values")
USES = MappingProxyType({"input": "input", "target": "to predict", "out": "left out"})
"""What a column's role is called."""
MOST = 200
"""Columns whose type and use can be changed here; of more the first are listed."""
ROW, FEW = 30, 6
MAX = 2**24 - 1
"""Pixels, as many as Qt has."""


class ColumnsTable(QTableWidget):
    """A line a column; where `fixed`, the file says itself what each is."""

    type_chosen = Signal(str, str)
    """A column and a type."""
    use_chosen = Signal(str, str)
    """A column and its role: input, target or out."""

    def __init__(self, themes: Themes) -> None:
        super().__init__(0, len(HEAD))
        self._themes = themes
        self._shown: tuple[SurveyColumn, ...] = ()
        self.fixed = False
        """Whether the file says itself what each is; all lines are then seen where there are few."""
        self.setHorizontalHeaderLabels(list(HEAD))
        self.setAccessibleName("Columns")
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        head = self.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def show_columns(self, columns: Sequence[SurveyColumn], fixed: bool) -> None:
        """Show these; their lines are made anew only where the columns are others."""
        shown = tuple(columns[:MOST])
        names = [column.name for column in shown]
        if names != [column.name for column in self._shown] or fixed != (self.cellWidget(0, 1) is None):
            self._make(shown, fixed)
        self._shown, self.fixed = shown, fixed
        self._fit()
        for place, column in enumerate(shown):
            self._write(place, column)

    def combo(self, column: str, part: str) -> ComboBox:
        """The choice of a column's "Type" or "Use"."""
        place = [one.name for one in self._shown].index(column)
        found = self.cellWidget(place, HEAD.index(part))
        assert isinstance(found, ComboBox)
        return found

    def _make(self, columns: Sequence[SurveyColumn], fixed: bool) -> None:
        self.setRowCount(0)
        self.setRowCount(len(columns))
        for place, column in enumerate(columns):
            for part in range(len(HEAD)):
                self.setItem(place, part, QTableWidgetItem())
            if not fixed:
                types = self._combo(place, 1, TYPES, f"Type of {column.name}")
                types.activated.connect(lambda at, name=column.name: self.type_chosen.emit(name, TYPES[at]))
                uses = self._combo(place, 2, tuple(USES.values()), f"Use of {column.name}")
                uses.activated.connect(lambda at, name=column.name: self.use_chosen.emit(name, tuple(USES)[at]))

    def _combo(self, place: int, part: int, choices: Sequence[str], name: str) -> ComboBox:
        made = ComboBox(self._themes)
        made.addItems(list(choices))
        made.setAccessibleName(name)
        made.setProperty("role", "cell")
        self.setCellWidget(place, part, made)
        return made

    def _write(self, place: int, column: SurveyColumn) -> None:
        missing = f"{column.missing:,}" if column.missing else "–"
        texts = (column.name, column.type, USES[column.role], missing, column.values)
        for part, text in enumerate(texts):
            widget, item = self.cellWidget(place, part), self.item(place, part)
            if isinstance(widget, ComboBox):
                widget.setCurrentIndex(max(widget.findText(text), 0))
                guessed = f"Guessed: {column.guess}" if part == 1 else ""
                widget.setToolTip(guessed)
            elif item is not None:
                item.setText(text)
                item.setToolTip(text)
                item.setForeground(self._ink(column))

    def _ink(self, column: SurveyColumn) -> QColor:
        return self._themes.current.color("text3" if column.role == "out" else "text")

    def _fit(self) -> None:
        """As high as a few lines need, where there is no more to do than to look at them."""
        most = self._themes.current.px(ROW) * (min(len(self._shown), FEW) + 1) + 4
        self.setMaximumHeight(most if self.fixed else MAX)

    def _restyle(self, theme: Theme) -> None:
        self._fit()
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW))
        for place, column in enumerate(self._shown):
            self._write(place, column)
