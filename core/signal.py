"""A signal: connect functions, emit values to them, disconnect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVarTuple, Unpack

Values = TypeVarTuple("Values")


class Signal(Generic[*Values]):
    """Calls every connected function, in the order of connecting, with what is emitted."""

    def __init__(self) -> None:
        self._slots: tuple[Callable[[Unpack[Values]], object], ...] = ()

    def connect(self, slot: Callable[[Unpack[Values]], object]) -> None:
        """Call `slot` at every later emission."""
        self._slots = (*self._slots, slot)

    def disconnect(self, slot: Callable[[Unpack[Values]], object]) -> None:
        """Stop calling `slot`; one that is not connected is no error."""
        self._slots = tuple(known for known in self._slots if known != slot)

    def emit(self, *values: *Values) -> None:
        """Call every slot that was connected when the emission began."""
        for slot in self._slots:
            slot(*values)
