"""What became of the learning rate when another optimizer was chosen, and the other choice at one click."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.training.optimizers import Optimizer, defaults
from gui.fields import number_text
from gui.widgets import column, prose, push, row


class RateOffer(QWidget):
    """A line under the optimizer: the usual rate was taken, or the user's kept; hidden as soon as it is not so."""

    taken = Signal(float)
    """The rate that is to be taken instead."""

    def __init__(self) -> None:
        super().__init__()
        self._chosen: Optimizer | None = None
        """What the choice came to."""
        self._other = 0.0
        self.words = prose("")
        self.button = push("Use the other rate", "link")
        self.button.clicked.connect(lambda: self.taken.emit(self._other))
        stack = column(self.words, spacing=2)
        stack.addLayout(row(self.button, None))
        self.setLayout(stack)
        self.hide()

    def tell(self, before: Optimizer, after: Optimizer) -> None:
        """Another optimizer was chosen: say what its rate is, and offer the other one where there are two."""
        usual, rate = defaults(after.name).learning_rate, after.learning_rate
        self._chosen = after
        if rate != before.learning_rate:
            self._other = before.learning_rate
            self.words.setText(f"The learning rate is now {number_text(rate)}, as is usual with {after.name}.")
            self.button.setText(f"Keep {number_text(self._other)}")
        else:
            self._other = usual
            self.words.setText(f"{after.name} usually begins at a learning rate of {number_text(usual)}.")
            self.button.setText(f"Use {number_text(usual)}")

    def forget(self) -> None:
        """Another phase is shown: nothing was chosen there."""
        self._chosen = None

    def follow(self, optimizer: Optimizer) -> None:
        """Show what was told while it is of this optimizer and there is another rate to take."""
        chosen, rate = self._chosen, optimizer.learning_rate
        is_so = chosen is not None and (chosen.name, chosen.learning_rate) == (optimizer.name, rate)
        self.setVisible(is_so and self._other != rate)
