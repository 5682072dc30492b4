"""Frames and notes as values: what people write on a graph for one another; the network knows nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["frame", "note"]
Color = Literal["grey", "blue", "green", "yellow", "orange", "red"]
ROLES: tuple[Role, ...] = get_args(Role)
COLORS: tuple[Color, ...] = get_args(Color)
"""The palette, in the order in which it is offered."""
HEAD = 24.0
"""The height of a frame's title, in scene units."""
LEAST = (96.0, 48.0)
"""The smallest width and height."""
PADDING = 16.0
"""Between a frame and what it was put around: less than to the wires that come back below a row, which would run along
the frame's edge."""
NOTE_SIZE = (240.0, 120.0)
"""Of a new note."""

Rect = tuple[float, float, float, float]
"""Left, top, width and height in scene units."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A frame behind cards, with a title, or a note with text in Markdown."""

    id: str
    role: Role
    rect: Rect
    text: str = ""
    color: Color = "grey"
    block: str = ""
    """The block in which it stands, "" for the main graph."""

    @property
    def noun(self) -> str:
        """What it is called in a sentence: frame “Encoder”, note."""
        return f"frame “{self.text}”" if self.role == "frame" and self.text else self.role

    def holds(self, rect: Rect) -> bool:
        """Whether it is a frame and the whole of the rectangle lies in it."""
        left, top, width, height = self.rect
        inside = left <= rect[0] and top <= rect[1]
        ends = rect[0] + rect[2] <= left + width and rect[1] + rect[3] <= top + height
        return self.role == "frame" and inside and ends


def around(rects: list[Rect]) -> Rect:
    """The rectangle of a frame that holds these, with room for its title."""
    left, top = min(rect[0] for rect in rects) - PADDING, min(rect[1] for rect in rects) - PADDING - HEAD
    right = max(rect[0] + rect[2] for rect in rects) + PADDING
    bottom = max(rect[1] + rect[3] for rect in rects) + PADDING
    return left, top, right - left, bottom - top
