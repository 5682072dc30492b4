"""The forms beside what is in a file: how it is read, and how its samples are split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from core.data.settings import DatasetSettings, dataset_kind, shared_options
from core.data.sources import OptionSpec
from gui.data.choice import Choice
from gui.fields import of_option
from gui.forms import Field, Form
from gui.theme import Themes
from gui.widgets import column, label, prose

WIDE, MOST = 300, 500
"""Pixels, and columns of which one can be chosen from a list."""


class Sides(QScrollArea):
    """Both forms below one another."""

    option_set = Signal(str, object)
    shared_set = Signal(str, object)

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self.reading, self.split = Form(themes), Form(themes)
        self._how, self._parts = label("How it is read", "title"), label("Split and scale", "title")
        self.settled = prose("", "caption2")
        self._source = self._mark = ""
        self._columns: tuple[str, ...] = ()
        page = QWidget()
        page.setProperty("role", "page")
        margins = (2, 0, 8, 0)
        page.setLayout(column(self._how, self.reading, self.settled, self._parts, self.split, None, margins=margins))
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(themes.current.px(WIDE))
        for widget in (self._how, self.settled, self._parts):
            widget.hide()

    def show_choice(self, choice: Choice, columns: Sequence[str] = ()) -> None:
        """Ask about the reading of this file, whose columns are called so."""
        self._columns = tuple(columns)
        self._source = choice.source
        held = next((name for name, one in self.reading.fields.items() if _has_focus(one)), "")
        self.reading.clear()
        for spec in choice.asked:
            field = self.reading.add(of_option(self._offered(spec), spec.name))
            assert isinstance(field, Field)
            field.show_value(choice.options.get(spec.name, spec.default))
            field.changed.connect(self.option_set)
            field.changed.connect(lambda _name, value, one=field: one.show_value(value))
        self._how.setVisible(bool(choice.asked))
        if held in self.reading.fields:
            self.reading.field(held).control.setFocus()

    def follow(self, choice: Choice, columns: Sequence[str]) -> None:
        """Ask anew where other columns were found."""
        if (choice.source, tuple(columns)) != (self._source, self._columns):
            self.show_choice(choice, columns)

    def clear(self) -> None:
        """Ask about nothing: another file is looked at."""
        self.show_settled({})
        self._mark = ""

    def _offered(self, spec: OptionSpec) -> OptionSpec:
        """An option that names a column as a choice of those that there are."""
        if spec.name != "order" or not 0 < len(self._columns) <= MOST:
            return spec
        return replace(spec, type="choice", choices=("", *self._columns))

    def show_settled(self, settled: Mapping[str, str]) -> None:
        """Say what was found where nothing is chosen."""
        told = ", ".join(f"{name} {value}" for name, value in settled.items())
        self.settled.setText(f"Found: {told}." if told else "")
        self.settled.setVisible(bool(told))

    def show_shared(self, settings: DatasetSettings) -> None:
        """Ask how these samples are split and scaled."""
        kind = dataset_kind(settings)
        specs = [spec for spec in shared_options(kind) if spec.name != "split" or len(kind.splits) > 1]
        mark = "|".join(f"{spec.name} {spec.choices}" for spec in specs)
        if mark != self._mark:
            self._mark = mark
            self.split.clear()
            for spec in specs:
                field = self.split.add(of_option(spec, "Split"))
                assert isinstance(field, Field)
                field.changed.connect(self.shared_set)
        for spec in specs:
            self.split.field(spec.name).show_value(getattr(settings, spec.name))
        self._parts.show()


def _has_focus(widget: QWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and widget.isAncestorOf(focused)
