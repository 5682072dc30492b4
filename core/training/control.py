"""What a run is asked while it trains: from any thread, obeyed between two steps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.training.fields import checked
from core.training.optimizers import OPTIMIZER_FIELDS

if TYPE_CHECKING:
    from torch import Tensor

    from core.engine.activations import Peeked
    from core.engine.histograms import Distributed
    from core.plan import Value
    from core.training.moments import Moments
    from core.training.predicting import Predictor
    from core.training.tracing import Tracer

_RATE = next(field for field in OPTIMIZER_FIELDS if field.name == "learning_rate")


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to be done before the next step."""

    stop: bool
    wait: bool
    """Whether to stand still."""
    rates: tuple[tuple[int, float], ...] = ()
    """Learning rates by phase, in the order they came."""


class Control:
    """The wishes for one run; every method may be called from any thread."""

    def __init__(self, paused: bool = False) -> None:
        self.attention = paused
        """Whether there is anything to obey: all that the loop looks at in a step."""
        self.weights: Callable[[str], dict[str, Tensor]] | None = None
        """Set by the run when it begins: a copy of its weights whose path begins so, as they are, during the run and
        after it. To be called between two events, on the thread that asks for them."""
        self.peek: Callable[[Sequence[Value]], Peeked] | None = None
        """Set by the run likewise: what these values are now. To be called as `weights` is."""
        self.histograms: Callable[[Sequence[str]], Distributed] | None = None
        """Set by the run likewise: how the numbers of these layers are spread. To be called as `weights` is."""
        self.load: Callable[[dict[str, Tensor]], None] | None = None
        """Set by the run when it is over: give its network these weights."""
        self.predictor: Predictor | None = None
        """Set by the run likewise: who answers for new samples with the network as it is."""
        self.tracer: Tracer | None = None
        """Set by the run likewise: who goes through one batch step by step."""
        self.moments: Moments | None = None
        """Set by the run likewise: who shows it as it was at an earlier step."""
        self._changed = threading.Condition()
        self._paused = paused
        self._stopped = False
        self._steps: int | None = None
        self._until_epoch = False
        self._rates: list[tuple[int, float]] = []

    def pause(self) -> None:
        """Stand still after the step that is under way."""
        with self._changed:
            self._paused, self._steps, self._until_epoch = True, None, False
            self._notify()

    def resume(self, steps: int = 0, until_epoch: bool = False) -> None:
        """Go on: for ever, for so many steps, or until the epoch ends."""
        with self._changed:
            self._paused, self._steps, self._until_epoch = False, steps or None, until_epoch
            self._notify()

    def stop(self) -> None:
        """End the run after the step that is under way."""
        with self._changed:
            self._stopped = True
            self._notify()

    def set_learning_rate(self, value: float, phase: int = 0) -> None:
        """Use another learning rate from the next step on; raises ParameterError."""
        rate = float(checked(_RATE, value))
        with self._changed:
            self._rates.append((phase, rate))
            self._notify()

    def take(self) -> Orders:
        """What is to be done now; called by the run before a step, which counts unless it waits or stops."""
        with self._changed:
            if self._steps == 0:
                self._paused, self._steps = True, None
            going = not (self._stopped or self._paused)
            if going and self._steps is not None:
                self._steps -= 1
            orders = Orders(self._stopped, self._paused, tuple(self._rates))
            self._rates.clear()
            self.attention = self._wanted()
            return orders

    def wait(self, seconds: float) -> None:
        """Stand still until something is asked, but not longer."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or not self._paused or self._rates, seconds)

    def epoch_ended(self) -> None:
        """Told by the run; pauses where `until_epoch` was asked."""
        with self._changed:
            if self._until_epoch:
                self._paused, self._until_epoch = True, False
                self._notify()

    def _notify(self) -> None:
        self.attention = self._wanted()
        self._changed.notify_all()

    def _wanted(self) -> bool:
        return bool(self._paused or self._stopped or self._steps is not None or self._rates)
