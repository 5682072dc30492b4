"""The 26 px line at the window's bottom: the graph's state and size, and what the engine is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from core.amounts import bytes_text
from gui.numbers import duration, percent, plain
from gui.theme import Theme, Themes
from gui.widgets import IconLabel, label

if TYPE_CHECKING:
    from core.engine.messages import Ready
    from core.reading import Reading

HEIGHT = 26
_WIDEST = (1 << 24) - 1
"""Qt's own limit of a width."""


class StatusBar(QFrame):
    """What is true of the document and the program, in one line."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._icon = IconLabel(themes, "check", "ok", 13)
        self._state = label("", "caption2")
        self._doctor_icon = IconLabel(themes, "doctor", "error", 13)
        self._doctor = label("", "caption2")
        self._warn_icon = IconLabel(themes, "warn", "warn", 13)
        self._warnings = label("", "caption2")
        self._left = [label("", "caption2") for _index in range(3)]
        self._training = label("", "caption2")
        self._watching = label("", "caption2")
        self._selection = label("", "caption2")
        self._engine = label("", "caption2")
        self._memory = label("", "caption2")
        self._layout = QHBoxLayout(self)
        self._layout.setSpacing(6)
        left: tuple[QWidget, ...] = (
            self._doctor_icon,
            self._doctor,
            self._icon,
            self._state,
            self._warn_icon,
            self._warnings,
            *self._left,
            self._training,
            self._watching,
        )
        for widget in left:
            self._layout.addWidget(widget)
            if widget not in (self._icon, self._warn_icon, self._doctor_icon):
                self._layout.addSpacing(10)
        self._layout.addStretch(1)
        for widget in (self._selection, self._engine, self._memory):
            self._layout.addWidget(widget)
            if widget is not self._memory:
                self._layout.addSpacing(10)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)
        self.show_nothing()

    def show_nothing(self) -> None:
        """Be empty of any document, as on the start page."""
        icons = (self._icon, self._warn_icon, self._doctor_icon)
        for widget in (*icons, self._doctor, self._state, self._warnings, *self._left, self._training, self._watching):
            widget.hide()
        self._selection.hide()

    def show_reading(self, reading: Reading) -> None:
        """Show whether the graph is valid, and its size."""
        faults = len(reading.errors)
        warnings = sum(problem.severity == "warning" for problem in reading.problems)
        empty = not reading.project.graph.nodes
        self._icon.show_icon(*(("error", "error") if faults else ("check", "ok")))
        self._icon.setVisible(not empty)
        self._state.setText("Empty graph" if empty else counted(faults, "error") if faults else "Graph valid")
        self._state.show()
        self._warn_icon.setVisible(warnings > 0)
        self._warnings.setVisible(warnings > 0)
        self._warnings.setText(counted(warnings, "warning"))
        for text, words in zip(self._left, _sizes(reading), strict=True):
            text.setText(words)
            text.setVisible(bool(words))
        self._training.setVisible(self._training.isVisibleTo(self) and not empty)
        if reading.is_weighed:
            self.show_needed(reading)

    def show_needed(self, reading: Reading) -> None:
        """Show what memory training would take: a little after an edit, so that no edit waits for it."""
        self._training.setVisible(reading.can_train)
        if reading.can_train:
            self._training.setText(memory_words(reading))
            self._training.setToolTip(memory_table(reading))

    def show_watching(self, cost: float, seconds: float, cap: float | None) -> None:
        """Show which share of training's time watching it has taken lately, and how much it may, in percent.

        While a run is too short for its share, the seconds are told. Without a cap every step is watched, at any cost.
        """
        if cap is None:
            words, kept = f"{percent(cost)} of the time, every step", "Every step is watched, whatever it costs."
        else:
            spent = f"{duration(seconds)} so far" if cost > cap / 100 else f"{percent(cost)} of the time"
            words = f"{spent}, cap {plain(cap)} %"
            kept = (
                "The first 20 steps are watched whole, and a short run has a hundred samples while they take no more "
                f"than anybody notices; then it is done so seldom that {plain(cap)} % is kept."
            )
        self._watching.setText(f"Watching: {words}")
        self._watching.setToolTip(
            f"Measured: what watching has added to the time of training, {duration(seconds)} in all. {kept} The cap is "
            "“Watching cost” among the training settings (More)."
        )
        self._watching.setVisible(cost > 0)

    def show_finding(self, words: str, tone: str) -> None:
        """Show the Doctor's first finding, or none; red where it is critical."""
        self._doctor_icon.show_icon("doctor", "error" if tone == "critical" else "warn")
        self._doctor.setText(words)
        for widget in (self._doctor_icon, self._doctor):
            widget.setVisible(bool(words))

    def show_selection(self, names: tuple[str, ...]) -> None:
        """Show what is selected."""
        text = names[0] if len(names) == 1 else counted(len(names), "layer")
        self._selection.setText(f"Selected: {text}" if names else "")
        self._selection.setVisible(bool(names))

    def show_starting(self, words: str) -> None:
        """Say what is still starting."""
        self._engine.setText(words)

    def show_engine(self, ready: Ready) -> None:
        """Show the engine's PyTorch."""
        self._engine.setText(f"PyTorch {ready.torch.split('+')[0]}")

    def show_memory(self) -> None:
        """Show how much memory the window holds."""
        held = resident_bytes()
        self._memory.setText(f"Window {held / 2**20:.0f} MiB")
        self._memory.setVisible(held > 0)

    @property
    def text(self) -> str:
        """Everything that stands in the line, as a screen reader says it."""
        parts = [self._doctor, self._state, self._warnings, *self._left, self._training, self._watching]
        parts += [self._selection, self._engine, self._memory]
        return ", ".join(part.text() for part in parts if part.text() and not part.isHidden())

    def event(self, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._drop_what_has_no_room()
        return super().event(event)

    def _drop_what_has_no_room(self) -> None:
        """Leave out the words that matter least until the others are seen whole."""
        nodes, parameters, macs = self._left
        least = (self._memory, self._training, self._watching, macs, parameters, self._selection, nodes)
        items = (self._layout.itemAt(place) for place in range(self._layout.count()))
        shown = (item.widget() for item in items if item is not None)
        widths = {widget: widget.sizeHint().width() for widget in shown if widget is not None and not widget.isHidden()}
        margins = self._layout.contentsMargins()
        room = self.width() - margins.left() - margins.right() - sum(widths.values())
        room -= self._layout.spacing() * self._layout.count() + 10 * len(widths)
        for label_ in least:
            label_.setMaximumWidth(0 if room < 0 else _WIDEST)
            room += widths.get(label_, 0) if room < 0 else 0

    def _restyle(self, theme: Theme) -> None:
        self.setFixedHeight(theme.px(HEIGHT))
        self._layout.setContentsMargins(theme.px(12), 0, theme.px(12), 0)


def counted(count: int, noun: str) -> str:
    """The number and its noun: 1 error, 2 errors."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def quantity(value: float) -> str:
    """A count with a thousand or million shortened: 416.5 k."""
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= limit:
            return f"{value / (1e3 if unit == 'k' else limit):.1f} {unit}"
    return f"{value:,.0f}"


def memory_words(reading: Reading) -> str:
    """What training takes: ≈ 9.2 MiB to train with batch 32."""
    return f"≈ {bytes_text(reading.memory.peak)} to train with batch {reading.project.training.batch_size:,}"


def memory_table(reading: Reading) -> str:
    """What the memory for training is made of, a part a line."""
    memory = reading.memory
    lines = [f"{title}: {bytes_text(size)}" for title, size in memory.parts()]
    saved = f"Of a step, {bytes_text(memory.activations)} are activations kept for the way back."
    back = reading.project.training.look_back
    kept = (f"Steps to look back at take up to {back:,} MiB more (Look back, among the training settings).",)
    told = ("An estimate, within 15 %; the program and the data come on top.", *lines, saved, *(kept if back else ()))
    return "\n".join(told)


def resident_bytes() -> int:
    """The memory that this process holds now; 0 where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _sizes(reading: Reading) -> tuple[str, str, str]:
    graph = reading.project.graph
    if not graph.nodes:
        return "", "", ""
    analysis = reading.analysis
    return (
        f"{counted(len(graph.nodes), 'node')}, {counted(len(graph.edges), 'wire')}",
        counted(analysis.total_parameters, "parameter"),
        f"{quantity(analysis.total_macs)} MACs per sample",
    )
