"""The inspector's page of a data node: the set, its options and split, and what it looks like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from core.data.augmentation import possible, suiting
from core.data.builtin.listing import SOURCES
from core.data.settings import (
    SETTINGS,
    DatasetSettings,
    dataset_kind,
    option_values,
    plain,
    shared_options,
    split_sizes,
)
from core.data.sources import SourceKind
from core.errors import ChainruleError
from core.graph import Value
from core.reading import Reading
from gui.data.figures_view import FiguresView
from gui.data_view import MOST, Balance, Picture
from gui.fields import Asked, of_option
from gui.forms import Field, Form
from gui.inspector_augmentation import AugmentationForm
from gui.inspector_page import NodeHead, Page
from gui.session import Editor
from gui.theme import Themes
from gui.widgets import ElidedLabel, column, label, prose, row

if TYPE_CHECKING:
    from core.data.preview import Preview


class DataPage(Page):
    """Options, split, fields, class balance and samples of a data set."""

    def __init__(self, themes: Themes, editor: Editor, node: str) -> None:
        super().__init__(themes, editor)
        self._node = node
        self._source = ""
        self._shown: DatasetSettings | None = None
        self.head = NodeHead(themes, editor, node, "Data")
        self._words = prose("")
        self.form = Form(themes)
        self.split = Form(themes)
        self._sizes = label("", "caption2")
        self._fields = QWidget()
        self._fields.setLayout(column(spacing=4))
        self.picture = Picture(themes)
        self.balance = Balance(themes)
        self.figures = FiguresView(themes)
        self._licence = prose("", "caption")
        self.stack.addWidget(self.head)
        self.stack.addWidget(self._words)
        self._samples = self.section("Samples", self.picture)
        self._options = self.section("Data set", self.form)
        self.section("Split", self.split, self._sizes)
        self.augmentation = AugmentationForm(themes, editor)
        self._augmentation = self.section("Augmentation", self.augmentation)
        self._classes = self.section("Classes", self.balance)
        self._columns = self.section("Statistics", self.figures)
        self.section("Fields", self._fields)
        self.stack.addWidget(self._licence)
        self.stack.addStretch(1)

    @property
    def dataset(self) -> str:
        """The id of the data set that the node offers."""
        node = self.editor.node(self._node)
        return str(node.param("dataset", "")) if node is not None else ""

    def refresh(self, reading: Reading) -> None:  # noqa: D102  # of Page
        node = self.editor.node(self._node)
        settings = reading.project.data.get(self.dataset)
        if node is None or settings is None:
            return
        source = dataset_kind(settings)
        self.head.show_node(node.name, source.title)
        if settings.source != self._source:
            self._build(source)
        self.augmentation.refresh(self.dataset, settings)
        self._augmentation.note.set_text(self.augmentation.note)
        self._augmentation.setVisible(bool(possible(source)))
        settings = plain(settings)
        if settings == self._shown:
            return
        if self._shown is not None and dataset_kind(self._shown).fields != source.fields:
            self._list_fields(source)
        self._shown = settings
        self._show_options(settings)
        for name, field in self.split.fields.items():
            field.show_value(getattr(settings, name))
        train, validation = split_sizes(settings)
        self._sizes.setText(f"{train:,} for training, {validation:,} for validation")
        self._show_preview(settings)

    def _show_options(self, settings: DatasetSettings) -> None:
        self.form.fields["source"].show_value(settings.source)
        for name, value in option_values(settings).items():
            self.form.fields[name].show_value(value)

    def _build(self, source: SourceKind) -> None:
        self._source = source.name
        self._words.setText(f"{source.summary}.")
        self._licence.setText(f"Licence: {source.licence}")
        self.form.clear()
        chooser = Asked("source", "data set", "choice", "Which data set this is.", lambda value: value, tuple(SOURCES))
        self._listen(self.form.add(chooser))
        for spec in source.options:
            self._listen(self.form.add(of_option(spec, source.title)))
        self._build_split(source)
        self._list_fields(source)

    def _build_split(self, source: SourceKind) -> None:
        self.split.clear()
        for spec in shared_options(source):
            if spec.name != "split" or len(source.splits) > 1:
                self._listen(self.split.add(of_option(spec, "Split")))

    def _list_fields(self, source: SourceKind) -> None:
        layout = self._fields.layout()
        assert layout is not None
        while (item := layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for field in source.fields:
            line = QWidget()
            size = "×".join(str(part) for part in field.shape) or "1"
            words = row()
            words.addWidget(ElidedLabel(field.name, "secondary"), 1)
            words.addWidget(label(f"{size}  {field.dtype}", "mono-secondary"))
            line.setLayout(words)
            line.setToolTip(field.help)
            layout.addWidget(line)

    def _show_preview(self, settings: DatasetSettings) -> None:
        from core.data.preview import preview

        try:
            found = preview(settings, dataset_kind(settings).fields[0].name, 200)
        except ChainruleError as error:
            self.editor.refuse(error)
            return
        self._show_found(found)

    def _show_found(self, found: Preview) -> None:
        self._samples.setVisible(self.picture.show_preview(found))
        self._classes.setVisible(bool(found.classes))
        tokens = bool(found.texts) and len(found.classes) > MOST
        self._classes.note.set_text(f"{len(found.classes):,} tokens" if tokens else f"{found.samples:,} samples")
        self.balance.show_classes(found.classes)
        self.figures.show_columns(found.columns)
        self._columns.setVisible(bool(found.columns))

    def _listen(self, field: object) -> None:
        assert isinstance(field, Field)
        field.changed.connect(self._set)
        field.left.connect(self.editor.document.end_merge)
        field.taken_back.connect(self.editor.take_back)

    def _set(self, name: str, value: Value) -> None:
        old = self.editor.project.data[self.dataset]
        form = self.split if name in self.split.fields else self.form
        try:
            changed = _changed(old, name, value)
        except ChainruleError as error:
            form.field(name).refuse(error)
            return
        label_text = f"Set {name} of {self.dataset}"
        self.editor.set_data(self.dataset, changed, label_text, f"data.{self.dataset}.{name}")


def _changed(settings: DatasetSettings, name: str, value: Value) -> DatasetSettings:
    """The settings with one field or option changed; raises a ChainruleError."""
    if name == "source":
        made = replace(settings, source=str(value), options=(), split="auto", augmentation=())
        return replace(made, augmentation=suiting(settings.augmentation, dataset_kind(made)))
    if any(spec.name == name for spec in SETTINGS):
        return replace(settings, **{name: value})  # type: ignore[arg-type]  # checked by Asked
    spec = next(spec for spec in dataset_kind(settings).options if spec.name == name)
    options = {**dict(settings.options), name: value}
    if value == spec.default:
        options.pop(name)
    return replace(settings, options=tuple(sorted(options.items())))  # type: ignore[arg-type]  # checked by Asked
