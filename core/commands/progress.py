"""How a run goes, on standard error: one line that is redrawn in a terminal, one line an epoch elsewhere."""

from __future__ import annotations

import shutil
from typing import TextIO

from core.commands.following import Following
from core.engine.messages import Event, Said

BAR = 24
"""Characters of the bar."""
CLEAR = "\r\x1b[K"


class Bar:
    """Tells of the run that `following` follows."""

    def __init__(self, stream: TextIO, following: Following) -> None:
        self._stream = stream
        self._redrawn = stream.isatty()
        self._following = following

    def wait(self, text: str) -> None:
        """Say what is being waited for; only in a terminal, where the next drawing takes its place."""
        if self._redrawn:
            self._write(f"{CLEAR}{text}")

    def tell(self, event: Event, epoch_ended: bool) -> None:
        """Show what a message that was taken in has changed."""
        if isinstance(event, Said):
            self._write(f"{CLEAR if self._redrawn else ''}{event.text}\n")
        if self._following.started is None:
            return
        if self._redrawn:
            self._write(f"{CLEAR}{fitted(self._parts(), shutil.get_terminal_size().columns - 1)}")
        elif epoch_ended:
            self._write("  ".join(self._parts()) + "\n")

    def close(self) -> None:
        """Leave the last state standing in a line of its own."""
        if self._redrawn:
            self._write("\n" if self._following.started is not None else CLEAR)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def _parts(self) -> list[str]:
        """What is told, the most important first."""
        following = self._following
        started = following.started
        assert started is not None  # nothing is told before
        parts = [f"epoch {following.epoch:>{len(str(started.epochs))}}/{started.epochs}"]
        if self._redrawn:
            parts.append(bar(following.share, self._stream.encoding))
        parts += measures("", started.metric, following.loss, following.metric)
        if following.judged is not None:
            parts += measures("validation ", started.metric, following.judged.loss, following.judged.metric)
        if following.speed.samples_per_second:
            parts.append(f"{following.speed.samples_per_second:,.0f} samples/s")
            parts += [f"{clock(following.speed.seconds_left)} left"] if following.share < 1 else []
        return parts


def measures(part: str, name: str, loss: float, metric: float | None) -> list[str]:
    """Loss and metric in words, each with the part of the data that it was measured on."""
    words = [f"{part}loss {loss:.4g}"]
    return words if metric is None else [*words, f"{part}{measured(name, metric)}"]


def measured(name: str, value: float) -> str:
    """A metric in words: accuracy 96.70 %, rmse 0.712."""
    return f"{name} {100 * value:.2f} %" if name == "accuracy" else f"{name} {value:.4g}"


def clock(seconds: float) -> str:
    """A span of time: 0:07, 1:02:45."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def bar(share: float, encoding: str, width: int = BAR) -> str:
    """A bar of `width` characters and the percentage; of plain letters where the terminal has no others."""
    full, empty = _strokes(encoding)
    done = int(width * share)
    return f"{full * done}{empty * (width - done)} {int(100 * share):3d} %"


def fitted(parts: list[str], width: int) -> str:
    """As many of the parts as there is room for, from the first on."""
    while len(parts) > 1 and len("  ".join(parts)) > width:
        parts = parts[:-1]
    return "  ".join(parts)[:width]


def _strokes(encoding: str) -> tuple[str, str]:
    try:
        "━─".encode(encoding)
    except UnicodeEncodeError:
        return "#", "."
    return "━", "─"
