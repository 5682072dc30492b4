"""The exceptions of Chainrule, as one tree.

ChainruleError
├── GraphError        a node, port or wire that cannot be as asked
├── KindError         an unknown layer kind
├── ParameterError    a parameter's value is of the wrong type or out of its bounds
├── ShapeError        shapes or dtypes that do not fit
├── CheckError        the graph cannot be trained as it stands
├── FileError         a project file that cannot be read or written
├── DataError         a data set that cannot be read or used
├── CodeError         Python code of the project's own that cannot be read, or raised
│   └── TrustError    such code that the user has not trusted yet
├── TrainingError     a run that cannot start or had to end
├── ExchangeError     a model of another program that cannot be brought in
└── EngineError       the engine process died or answered nonsense
"""

from __future__ import annotations

from typing import Self

LONGEST = 1_000
"""Characters of one part of a message."""


class ChainruleError(Exception):
    """An error told in four parts: what was wanted, what came, where, and what to do."""

    def __init__(self, wanted: str, came: str = "", where: str = "", fix: str = "") -> None:
        super().__init__(wanted, came, where, fix)
        self.wanted = _short(wanted)
        self.came = _short(came)
        self.where = where
        self.fix = _short(fix)

    def __str__(self) -> str:
        """All four parts in one readable paragraph."""
        place = f"{self.where}: " if self.where else ""
        came = f", but {self.came}" if self.came else ""
        fix = f" {self.fix}" if self.fix else ""
        return f"{place}{self.wanted}{came}.{fix}"


def _short(text: str) -> str:
    """The text, its middle left out where nobody would read it: a value of a stranger's file may be of any length."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}…{text[-LONGEST // 2 :]}"


class GraphError(ChainruleError):
    """A node, port or wire cannot be as asked."""


class KindError(ChainruleError):
    """No layer kind has this name."""


class ParameterError(ChainruleError):
    """A parameter's value has the wrong type or lies out of its bounds."""


class ShapeError(ChainruleError):
    """Shapes or dtypes do not fit."""


class CheckError(ChainruleError):
    """The graph cannot be trained as it stands."""


class FileError(ChainruleError):
    """A project file cannot be read or written."""


class DataError(ChainruleError):
    """A data set cannot be read or used."""


class CodeError(ChainruleError):
    """Python code of the project's own cannot be read or raised, in `line` of its source; or it is not trusted."""

    line: int = 0

    @classmethod
    def at_line(cls, error: ChainruleError, line: int) -> Self:
        """The same error, in this line of the source; 0: in none of them."""
        made = cls(error.wanted, error.came, error.where, error.fix)
        made.line = line
        return made


class TrustError(CodeError):
    """Python code of the project's own may not run before the user has trusted it."""


class TrainingError(ChainruleError):
    """A run cannot start or had to end."""


class ExchangeError(ChainruleError):
    """A model of another program cannot be brought in."""


class EngineError(ChainruleError):
    """The engine process died or answered what it should not."""
