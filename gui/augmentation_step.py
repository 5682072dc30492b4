"""One step of augmentation in the inspector: its head to switch, move and remove it, and its parameters below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from core.data.augmentation import Augmentation
from core.data.augmentation_kinds import AUGMENTATIONS
from core.errors import ChainruleError
from core.graph import Value
from gui.fields import of_option
from gui.forms import Field, Form
from gui.theme import Themes
from gui.widgets import CheckBox, ElidedLabel, IconButton, IconLabel, column, prose, restyled, row

_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape, Qt.Key.Key_Space)
KEYS = "Space opens it, Alt+Up and Alt+Down move it, Delete removes it."


class StepHead(QWidget):
    """The title, which folds the parameters, with what switches and moves the step; it can be dragged."""

    pressed = Signal()
    nudged = Signal(int)
    """By how many places the step is to go, by the keyboard."""
    deleted = Signal()
    dragged = Signal(QPointF)
    """Where the pointer is, on the screen, while the step is dragged."""
    dropped = Signal(bool)
    """The drag is over; whether it was meant."""

    def __init__(self, themes: Themes, name: str) -> None:
        super().__init__()
        self._themes = themes
        kind = AUGMENTATIONS[name]
        self.box = CheckBox(themes)
        self.box.setToolTip("Switch it off and on; its settings stay.")
        self.box.setAccessibleName(f"{kind.title} is done")
        self.title = ElidedLabel(kind.title, "")
        self.arrow = IconLabel(themes, "right", "text3", 10)
        self.up = IconButton(themes, "up", "Do this step earlier", 12, hit=20)
        self.down = IconButton(themes, "down", "Do this step later", 12, hit=20)
        self.remove = IconButton(themes, "close", f"Remove {kind.title}", 12, hit=20)
        line = row(IconLabel(themes, "grip", "text3", 12), self.box, self.title, self.arrow, spacing=4)
        line.setStretch(2, 1)
        for button in (self.up, self.down, self.remove):
            line.addWidget(button)
        self.setLayout(line)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"{kind.title}. {KEYS}")
        self.setToolTip(f"{kind.help}.\nPress to see its parameters, drag to move it. {KEYS}")
        self._begun: QPointF | None = None
        self._is_dragged = False

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._begun, self._is_dragged = event.globalPosition(), False
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if self._begun is None:
            return
        way = (event.globalPosition() - self._begun).manhattanLength()
        if self._is_dragged or way >= QApplication.startDragDistance():
            self._is_dragged = True
            self.dragged.emit(event.globalPosition())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if self._begun is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._begun = None
        if self._is_dragged:
            self._is_dragged = False
            self.dropped.emit(True)
        elif self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def event(self, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _KEYS:
            event.accept()  # the window has commands on some of these keys
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        key, alt = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if self._is_dragged and key == Qt.Key.Key_Escape:
            self._begun, self._is_dragged = None, False
            self.dropped.emit(False)
        elif alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.nudged.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pressed.emit()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.deleted.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: D102  # Qt's name
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: D102  # Qt's name
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._themes.current.color("accent"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


class StepRow(QWidget):
    """A step with its head and its parameters, which are made when they are first looked at."""

    changed = Signal(object, str)
    """The step as it shall be, and the parameter that differs; empty where it is whether it is done."""
    left = Signal()
    taken_back = Signal()

    def __init__(self, themes: Themes, step: Augmentation) -> None:
        super().__init__()
        self._themes = themes
        self.step = step
        self.head = StepHead(themes, step.name)
        self.form = Form(themes)
        self.help = prose(f"{AUGMENTATIONS[step.name].help}.", "caption2")
        self.body = QWidget()
        self.body.setLayout(column(self.help, self.form, spacing=4, margins=(16, 0, 0, 4)))
        self.body.hide()
        self.setLayout(column(self.head, self.body, spacing=2))
        self.head.box.clicked.connect(self._switch)
        self.show_step(step)

    @property
    def is_open(self) -> bool:
        """Whether the parameters are shown."""
        return not self.body.isHidden()

    def set_open(self, is_open: bool) -> None:
        """Show the parameters, or fold them away."""
        if is_open and not self.form.fields:
            kind = AUGMENTATIONS[self.step.name]
            for spec in kind.params:
                field = self.form.add(of_option(spec, kind.title))
                assert isinstance(field, Field)
                field.changed.connect(self._set)
                field.left.connect(self.left)
                field.taken_back.connect(self.taken_back)
            self.show_step(self.step)
        self.body.setVisible(is_open)
        self.head.arrow.show_icon("down" if is_open else "right", "text3")

    def show_step(self, step: Augmentation) -> None:
        """Show the step as it stands."""
        self.step = step
        self.head.box.setChecked(step.active)
        restyled(self.head.title, role="" if step.active else "caption")
        values = step.values
        for name, field in self.form.fields.items():
            field.show_value(values[name])

    def refuse(self, name: str, error: ChainruleError) -> None:
        """Say why a parameter's value will not do."""
        self.form.field(name).refuse(error)

    def _switch(self, on: bool) -> None:
        self.changed.emit(Augmentation(self.step.name, self.step.params, on), "")

    def _set(self, name: str, value: Value) -> None:
        assert isinstance(value, int | float | str)  # the options of a step are no others
        try:
            self.changed.emit(self.step.with_value(name, value), name)
        except ChainruleError as error:
            self.refuse(name, error)
