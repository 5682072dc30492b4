"""The first rows of a table, as the file has them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QTableView

from gui.theme import Theme, Themes

ROW = 22
WIDE = 108
Index = QModelIndex | QPersistentModelIndex


class RowsModel(QAbstractTableModel):
    """Names of columns and texts of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.names: tuple[str, ...] = ()
        self.rows: tuple[tuple[str, ...], ...] = ()

    def show_rows(self, names: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
        """Hold these."""
        if (tuple(names), tuple(rows)) != (self.names, self.rows):
            self.beginResetModel()
            self.names, self.rows = tuple(names), tuple(rows)
            self.endResetModel()

    def rowCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: D102, B008  # Qt's name and default
        return len(self.rows)

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: D102, B008  # Qt's name and default
        return len(self.names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: D102  # Qt's name
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.rows[index.row()][index.column()][:200]
        return None

    def headerData(  # noqa: D102  # Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self.names[section] if orientation == Qt.Orientation.Horizontal else str(section + 1)


class RowsView(QTableView):
    """The rows, to be looked at."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.rows = RowsModel()
        self.setModel(self.rows)
        self.setAccessibleName("First rows")
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head = self.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.mono(11))
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW))
        self.horizontalHeader().setDefaultSectionSize(theme.px(WIDE))
