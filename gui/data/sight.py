"""What is seen of a file before it is taken in: its columns, its first rows, or its pictures."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QSizePolicy, QWidget

from core.data.settings import DatasetSettings, dataset_kind
from core.errors import ChainruleError
from core.inspecting.told import AskLook, Surveyed
from gui.data.columns import MAX, ColumnsTable
from gui.data.reader import DataReader
from gui.data.rows import RowsView
from gui.data_view import Picture
from gui.theme import Themes
from gui.widgets import column, frame, label, prose

if TYPE_CHECKING:
    from core.inspecting.looked import Looked

INVITATION = "Here stands what is in the file: its columns with the types that were guessed, and its first rows."


class Sight(QWidget):
    """Columns above, rows or pictures below; an invitation where there is nothing yet."""

    def __init__(self, themes: Themes, reader: DataReader) -> None:
        super().__init__()
        self._themes, self._reader = themes, reader
        self.columns, self.rows, self.picture = ColumnsTable(themes), RowsView(themes), Picture(themes)
        self._head, self._below = label("Columns", "title"), label("", "title")
        self._nothing = prose(INVITATION)
        self._upper = frame("inset", column(self.columns, margins=(4, 4, 4, 4)))
        self._lower = frame("inset", column(self.rows, margins=(4, 4, 4, 4)))
        layout = column(self._nothing, spacing=6)
        layout.addWidget(self._head)
        layout.addWidget(self._upper, 3)
        self._upper.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        layout.addWidget(self._below)
        layout.addWidget(self._lower, 2)
        layout.addWidget(self.picture)
        layout.addStretch()
        self.setLayout(layout)
        self.clear()

    def clear(self) -> None:
        """Show nothing but the invitation."""
        self._nothing.show()
        for widget in (self._head, self._upper, self._below, self._lower, self.picture):
            widget.hide()

    def show_survey(self, told: Surveyed, settings: DatasetSettings | None, fixed: bool) -> None:
        """Show this file; where `fixed`, it says itself how it is read."""
        self._nothing.hide()
        self.columns.show_columns(told.columns, fixed)
        count = f"{len(told.columns):,} column{'s' if len(told.columns) != 1 else ''}"
        self._head.setText(count if told.rows else "Fields")
        for widget in (self._head, self._upper):
            widget.setVisible(bool(told.columns))
        self.rows.rows.show_rows([one.name for one in told.columns], told.rows)
        self._lower.setVisible(bool(told.rows))
        self._upper.setMaximumHeight(min(self.columns.maximumHeight() + 8, MAX))
        self._below.setText(f"First of {told.total:,} rows" if told.rows else "First samples")
        self._below.setVisible(bool(told.rows))
        self.picture.hide()
        field = self._pictured(settings)
        if settings is not None and field:
            ask = AskLook(told.dataset, field)
            from core.inspecting.looked import Looked

            self._reader.ask(ask, Looked, partial(self._show_pictures, settings), self._unseen)

    def _pictured(self, settings: DatasetSettings | None) -> str:
        """The field that holds pictures or texts; empty where none does."""
        fields = dataset_kind(settings).fields if settings is not None else ()
        return next((one.name for one in fields if len(one.shape) == 3 or (one.classes and len(one.shape) == 1)), "")

    def _show_pictures(self, settings: DatasetSettings, looked: Looked) -> None:
        self._below.setText("First samples")
        if self.picture.show_preview(looked.preview(settings)):
            self._below.show()
            self.picture.show()

    def _unseen(self, error: ChainruleError) -> None:
        self._below.setText(str(error))
        self._below.show()
