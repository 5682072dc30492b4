"""A sound's file -> one channel at one rate and length; its spectrogram. Needs no torch.

WAVE is read here, as the standard library knows whole numbers alone; FLAC and Ogg by soundfile, where it is there.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
SUFFIXES = (".wav", ".wave")
EXTRA = (".flac", ".ogg")
"""Read where soundfile is installed."""
UNREADABLE = (OSError, ValueError, EOFError, struct.error, RuntimeError)
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
FLOOR = 1e-6
"""Added to the power, so that silence has a logarithm."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """How sounds are brought to one form: so many samples a second, so many of them, as wave or spectrogram.

    A spectrogram has a column every `hop` samples, of `window` // 2 + 1 frequencies.
    """

    rate: int
    samples: int
    spectrogram: bool
    window: int
    hop: int

    @property
    def shape(self) -> tuple[int, ...]:
        """The wave (1, samples), or the spectrogram (1, frequencies, columns)."""
        if not self.spectrogram:
            return (1, self.samples)
        return (1, self.window // 2 + 1, self.samples // self.hop + 1)


@dataclass(frozen=True, slots=True)
class Form:
    """What the head of a WAVE file tells; `bits` of a value, `begin` and `size` of the values in bytes."""

    kind: int
    channels: int
    rate: int
    bits: int
    begin: int
    size: int


def readable(suffix: str) -> bool:
    """Whether sounds with this ending can be read here."""
    return suffix.lower() in SUFFIXES or importlib.util.find_spec("soundfile") is not None


def check(path: Path) -> bool:
    """Whether the file's head is that of a whole sound: quick, nothing is decoded."""
    try:
        if path.suffix.lower() not in SUFFIXES:
            return bool(_soundfile().info(str(path)).frames)
        with path.open("rb") as stream:
            form = wave_form(stream)
        return form.size > 0 and form.begin + form.size <= path.stat().st_size
    except UNREADABLE:
        return False


def sound(path: Path, hearing: Hearing) -> Floats:
    """The sound as it is to be learned from, `hearing.shape`: cut, or silence behind it; raises one of UNREADABLE."""
    seconds = hearing.samples / hearing.rate
    values, rate = _wave(path, seconds) if path.suffix.lower() in SUFFIXES else _other(path, seconds)
    found = resampled(values, rate, hearing.rate)[: hearing.samples]
    wave = np.zeros(hearing.samples, np.float32)
    wave[: len(found)] = found
    return spectrogram(wave, hearing.window, hearing.hop)[np.newaxis] if hearing.spectrogram else wave[np.newaxis]


def resampled(values: Floats, rate: int, wanted: int) -> Floats:
    """The values at another rate: the frequencies that both can hold, by Fourier's transform.

    The end is mirrored up to a length that is whole at both rates, so that nothing drifts.
    """
    if rate == wanted or not len(values):
        return values
    whole = rate // math.gcd(rate, wanted)
    padded = np.pad(values, (0, -len(values) % whole + whole), mode="symmetric")
    count = len(padded) * wanted // rate
    bins = np.fft.rfft(padded)[: (min(count, len(padded)) + 1) // 2]
    found: Floats = (np.fft.irfft(bins, count) * (count / len(padded))).astype(np.float32)
    return found[: round(len(values) * wanted / rate)]


def spectrogram(wave: Floats, window: int, hop: int) -> Floats:
    """The logarithm of the power (frequencies, columns), by Hann windows centred on every so manieth sample.

    The short-time Fourier transform is `torch.stft`'s, its ends mirrored.
    """
    padded = np.pad(wave.astype(np.float64), window // 2, mode="reflect")
    weights = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    pieces = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    power = np.abs(np.fft.rfft(pieces * weights, axis=1)) ** 2
    return np.log(power + FLOOR).T.astype(np.float32)


def wave_form(stream: BinaryIO) -> Form:
    """What the head of a WAVE file tells; raises one of UNREADABLE."""
    mark, _size, form = struct.unpack("<4sI4s", stream.read(12))
    if mark != b"RIFF" or form != b"WAVE":
        raise ValueError("a WAVE file was wanted")
    told: tuple[int, ...] | None = None
    while head := stream.read(8):
        name, size = struct.unpack("<4sI", head)
        if name == b"data":
            if told is None:
                raise ValueError("the values came before their form")
            kind, channels, rate, bits = told
            return Form(kind, channels, rate, bits, stream.tell(), size)
        place = stream.tell()
        if name == b"fmt ":
            told = _told(stream.read(size))
        stream.seek(place + size + size % 2)
    raise EOFError("a WAVE file with values was wanted")


def _told(head: bytes) -> tuple[int, int, int, int]:
    """Kind, channels, rate and bits; raises ValueError for what cannot be read."""
    kind, channels, rate, _speed, _frame, bits = struct.unpack("<HHIIHH", head[:16])
    if kind == EXTENSIBLE and len(head) >= 26:
        (kind,) = struct.unpack("<H", head[24:26])
    if (kind, bits) not in ((PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64)) or not channels:
        raise ValueError(f"values of the form {kind} with {bits} bits")
    if not 0 < rate <= 1_000_000:
        raise ValueError(f"{rate} values a second")
    return kind, channels, rate, bits


def _wave(path: Path, seconds: float) -> tuple[Floats, int]:
    """The first values, from -1 to 1, all channels' mean, and how many there are a second."""
    with path.open("rb") as stream:
        form = wave_form(stream)
        frame = form.channels * form.bits // 8
        raw = stream.read(min(form.size, math.ceil(seconds * form.rate) * frame))
    raw = raw[: len(raw) // frame * frame]
    if not raw:
        raise ValueError("a sound with values was wanted")
    return _mean(_values(raw, form).reshape(-1, form.channels)), form.rate


def _values(raw: bytes, form: Form) -> Floats:
    size = form.bits // 8
    if form.kind == FLOAT:
        return np.asarray(np.frombuffer(raw, f"<f{size}"), np.float32)
    if size == 1:
        return np.asarray((np.frombuffer(raw, np.uint8) - 128.0) / 128, np.float32)
    if size == 3:
        parts = np.zeros((len(raw) // 3, 4), np.uint8)
        parts[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        return np.asarray(parts.reshape(-1).view("<i4") / 2.0**31, np.float32)
    return np.asarray(np.frombuffer(raw, f"<i{size}") / 2.0 ** (form.bits - 1), np.float32)


def _other(path: Path, seconds: float) -> tuple[Floats, int]:
    with _soundfile().SoundFile(str(path)) as file:
        values = file.read(math.ceil(seconds * file.samplerate), dtype="float32", always_2d=True)
        return _mean(values), int(file.samplerate)


def _soundfile() -> Any:
    return importlib.import_module("soundfile")


def _mean(values: Floats) -> Floats:
    return values.mean(axis=1, dtype=np.float32) if values.shape[1] > 1 else np.ascontiguousarray(values[:, 0])
