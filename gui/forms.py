"""Forms made from tables: a label and a field a line, with the problem and its fixes under the field."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from core.errors import ChainruleError
from core.graph import Value
from gui.fields import Asked
from gui.scrubbing import ScrubLabel, stepped
from gui.several import Several
from gui.theme import Theme, Themes
from gui.widgets import CheckBox, ComboBox, ElidedLabel, IconButton, column, frame, label, prose, push, restyled, row

LABEL, FIELD = 104, 24


class Line(QLineEdit):
    """A field for a number or text; the arrow keys count whole numbers up and down."""

    left = Signal()

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self._asked = asked
        self.setProperty("role", "value")

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: D102  # Qt's name
        super().focusOutEvent(event)
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        whole = self._asked.type in ("int", "size") and self.text().strip().lstrip("-").isdigit()
        if step is None or not whole:
            super().keyPressEvent(event)
        else:
            self.setText(str(int(self.text()) + step))
            self.textEdited.emit(self.text())


class Field(QWidget):
    """One line of a form: shows a value, and tells of a good new one; a bad one is explained and goes nowhere."""

    changed = Signal(str, object)
    """The name and the checked value."""
    left = Signal()
    """The keyboard has gone elsewhere: what was typed is one step of undo."""
    taken_back = Signal()
    """What was typed so far is to be undone: it went on to be no value."""
    inferred_again = Signal(str)

    def __init__(self, themes: Themes, asked: Asked, resettable: bool = False) -> None:
        super().__init__()
        self._themes = themes
        self.asked = asked
        self._value: Value = None
        self._before: Value = None
        self._is_typing = False
        """Whether what stands in the field is being typed; `_before` is the value from which it began."""
        self._message = prose("", "error")
        self._fixes = QHBoxLayout()
        self._fixes.setSpacing(6)
        self.problem = frame("error-box")
        inner = column(self._message, spacing=6, margins=(8, 6, 8, 6))
        inner.addLayout(self._fixes)
        self.problem.setLayout(inner)
        self.problem.hide()
        self.control = self._made_control()
        line = [self.control]
        if resettable:
            again = IconButton(themes, "reset", f"Let {asked.title} follow the wire again", 13)
            again.clicked.connect(lambda: self.inferred_again.emit(asked.name))
            line.append(again)
        stack = column(spacing=4)
        stack.addLayout(row(*line, spacing=4))
        stack.addWidget(self.problem)
        self.setLayout(stack)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    @property
    def value(self) -> Value:
        """The value that was shown last."""
        return self._value

    def show_value(self, value: Value) -> None:
        """Show the document's value, unless the user is in the middle of typing one that means the same."""
        self._value = value
        control = self.control
        if isinstance(control, CheckBox):
            control.setChecked(bool(value))
            control.setText("on" if value else "off")
        elif isinstance(control, Several):
            control.show_names(str(value))
        elif isinstance(control, ComboBox):
            control.setCurrentIndex(max(control.findText(str(value)), 0))
        elif isinstance(control, Line) and not self._is_being_typed(value):
            control.setText(self.asked.shown(value))
            self.refuse(None)

    def scrub(self, steps: int) -> bool:
        """Count so many steps on from the value that was shown when the drag began; whether this is a number."""
        if not isinstance(self.control, Line):
            return False
        if not self._is_typing:
            self._is_typing, self._before = True, self._value
        value = stepped(self.asked, self._before, steps)
        if value is None:
            return False
        if value != self._value:
            self.control.setText(self.asked.shown(value))
            self.changed.emit(self.asked.name, value)
        return True

    def end_scrub(self, is_kept: bool) -> None:
        """The drag has ended: keep what it came to as one step of undo, or go back to the value before."""
        if not is_kept and self._value != self._before:
            self.taken_back.emit()
        self._stop_typing()

    def refuse(self, error: ChainruleError | None) -> None:
        """Say under the field why its text is no value; None: it is one."""
        self._set_message(str(error) if error is not None else "", ())

    def show_problem(self, message: str, fixes: Sequence[tuple[str, Callable[[], object]]]) -> None:
        """Say what is wrong with the value that the document has, and offer fixes."""
        self._set_message(message, fixes)

    def _set_message(self, message: str, fixes: Sequence[tuple[str, Callable[[], object]]]) -> None:
        while (item := self._fixes.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for index, (title, apply) in enumerate(fixes):
            button = push(title, "small-primary" if index == 0 else "small")
            button.clicked.connect(lambda _on=False, call=apply: call())
            self._fixes.addWidget(button)
        if fixes:
            self._fixes.addStretch(1)
        self._message.setText(message)
        self.problem.setVisible(bool(message))
        if isinstance(self.control, Line):
            restyled(self.control, state="error" if message else "")

    def _made_control(self) -> QWidget:
        asked = self.asked
        control: CheckBox | ComboBox | Several | Line
        if asked.type == "bool":
            control = CheckBox(self._themes, "on")
            control.clicked.connect(lambda on: self.changed.emit(asked.name, on))
        elif asked.type == "choice":
            control = ComboBox(self._themes)
            control.addItems(list(asked.choices))
            control.activated.connect(lambda index: self.changed.emit(asked.name, asked.choices[index]))
        elif asked.type == "several":
            control = Several(self._themes, asked.choices, asked.titles or asked.choices, asked.empty)
            control.chosen.connect(lambda names: self.changed.emit(asked.name, names))
        else:
            control = Line(asked)
            control.textEdited.connect(self._typed)
            control.left.connect(self._stop_typing)
        control.setAccessibleName(asked.title)
        control.setToolTip(asked.help)
        return control

    def _typed(self, text: str) -> None:
        if not self._is_typing:
            self._is_typing, self._before = True, self._value
        try:
            value = self.asked.read(text)
        except ChainruleError as error:
            if self._value != self._before:  # a good beginning, as the 2 of 2.5, had gone into the document
                self.taken_back.emit()
            self.refuse(error)
            return
        self.refuse(None)
        self.changed.emit(self.asked.name, value)

    def _stop_typing(self) -> None:
        self._is_typing = False
        self.left.emit()

    def _is_being_typed(self, value: Value) -> bool:
        """Whether the field's text is to stay: it means this value, or is no value and the document has the old one."""
        text = self.control.text() if isinstance(self.control, Line) else ""
        try:
            return bool(text) and self.asked.read(text) == value
        except ChainruleError:
            return self._is_typing and value == self._before

    def _restyle(self, theme: Theme) -> None:
        self.control.setFixedHeight(theme.px(FIELD))


class Inferred(QWidget):
    """A value that follows from the wire; a press pins it, so that it can be set by hand."""

    pinned = Signal(str)

    def __init__(self, themes: Themes, asked: Asked) -> None:
        super().__init__()
        self.asked = asked
        self._value = ElidedLabel("", "mono")
        line = row(spacing=6, margins=(6, 0, 4, 0))
        line.addWidget(self._value, 1)
        line.addWidget(label("inferred", "tag"))
        box = frame("inferred", line)
        self._box = box
        self.setLayout(column(box, spacing=0))
        self.setToolTip(f"{asked.help}\nFollows from the wire. Press to set it by hand.")
        self.setAccessibleName(f"{asked.title}, inferred")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def show_value(self, value: Value) -> None:
        """Show what the wire says; None where it says nothing yet."""
        self._value.set_text(self.asked.shown(value) if value is not None else "–")

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        event.accept()
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pinned.emit(self.asked.name)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pinned.emit(self.asked.name)
        else:
            super().keyPressEvent(event)

    def _restyle(self, theme: Theme) -> None:
        self._box.setFixedHeight(theme.px(FIELD))


class Form(QWidget):
    """Lines of a label and a field."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.fields: dict[str, Field | Inferred] = {}
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def add(self, asked: Asked, field: Field | Inferred | None = None) -> Field | Inferred:
        """Add a line; the field is made where none is given."""
        made = field if field is not None else Field(self._themes, asked)
        title = ScrubLabel(asked.title, made) if isinstance(made, Field) else ElidedLabel(asked.title, "secondary")
        title.setToolTip(asked.help)
        title.setMinimumHeight(self._themes.current.px(FIELD))
        line = len(self.fields)
        self._grid.addWidget(title, line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(made, line, 1)
        self.fields[asked.name] = made
        return made

    def show_line(self, name: str, is_shown: bool) -> None:
        """Show the line of this name, or leave it out."""
        for column_ in (0, 1):
            item = self._grid.itemAtPosition(list(self.fields).index(name), column_)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setVisible(is_shown)

    def clear(self) -> None:
        """Be empty."""
        self.fields.clear()
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def field(self, name: str) -> Field:
        """The field of this name, which is not an inferred one."""
        found = self.fields[name]
        assert isinstance(found, Field)
        return found

    def _restyle(self, theme: Theme) -> None:
        self._grid.setColumnMinimumWidth(0, theme.px(LABEL - 8))
