"""Sounds: every form of WAVE, rates, lengths and spectrograms, held against the standard library, sines and torch."""

from __future__ import annotations

import importlib.util
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.audio import decoding
from core.data.audio.decoding import Hearing, check, resampled, sound, spectrogram
from core.data.load import load
from core.data.own import inspected
from core.data.settings import DatasetSettings, split_sizes
from core.errors import DataError

WAVE = {"form": "wave", "rate": 8_000, "seconds": 0.05}
HEARD = Hearing(8_000, 400, False, 0, 0)


def sine(frequency: float, rate: int, count: int) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(count) / rate)


def save(path: Path, values: np.ndarray, rate: int = 8_000, width: int = 2) -> Path:
    """Values (n,) or (n, channels) from -1 to 1, written by the standard library."""
    path.parent.mkdir(parents=True, exist_ok=True)
    channels = values.shape[1] if values.ndim > 1 else 1
    whole = np.round(values.reshape(-1) * (2 ** (8 * width - 1) - 1)).astype(np.int64)
    raw = (
        (whole + 128).astype(np.uint8).tobytes()
        if width == 1
        else b"".join(int(value).to_bytes(width, "little", signed=True) for value in whole)
    )
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(raw)
    return path


def save_float(path: Path, values: np.ndarray, extensible: bool = False) -> Path:
    """Values as floats, as the standard library cannot; with a chunk before that is to be passed over."""
    bits = values.itemsize * 8
    kind = 0xFFFE if extensible else 3
    head = struct.pack("<HHIIHH", kind, 1, 8_000, 8_000 * bits // 8, bits // 8, bits)
    if extensible:
        head += struct.pack("<HHIH14s", 22, bits, 0, 3, bytes(14))
    chunks = b"LIST" + struct.pack("<I", 5) + b"hello\0" + b"fmt " + struct.pack("<I", len(head)) + head
    chunks += b"data" + struct.pack("<I", values.nbytes) + values.tobytes()
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    return path


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_whole_numbers_of_every_width_are_read(width: int, tmp_path: Path) -> None:
    values = sine(440, 8_000, 400) * 0.9
    found = sound(save(tmp_path / "a.wav", values, width=width), HEARD)
    assert found.shape == (1, 400)
    assert np.abs(found[0] - values).max() < 2.0 ** (2 - 8 * width) + 1e-6


@pytest.mark.parametrize(("kind", "extensible"), [("<f4", False), ("<f8", False), ("<f4", True)])
def test_floats_are_read(kind: str, extensible: bool, tmp_path: Path) -> None:
    values = sine(440, 8_000, 400).astype(kind)
    found = sound(save_float(tmp_path / "a.wav", values, extensible), HEARD)
    assert np.array_equal(found[0], values.astype(np.float32))


def test_channels_become_their_mean_and_what_is_short_gets_silence(tmp_path: Path) -> None:
    both = np.stack([np.full(100, 0.5), np.full(100, -0.25)], axis=1)
    found = sound(save(tmp_path / "a.wav", both), HEARD)[0]
    assert found[:100] == pytest.approx(np.full(100, 0.125), abs=1e-4)
    assert not found[100:].any()


@pytest.mark.parametrize(("rate", "wanted"), [(8_000, 16_000), (16_000, 8_000), (44_100, 16_000), (11_025, 8_000)])
def test_a_sine_stays_the_sine_at_another_rate(rate: int, wanted: int) -> None:
    found = resampled(sine(400, rate, rate // 4).astype(np.float32), rate, wanted)
    assert len(found) == round(rate // 4 * wanted / rate)
    inner = slice(len(found) // 10, -len(found) // 10)
    assert np.abs(found - sine(400, wanted, len(found)))[inner].max() < 0.02
    high = resampled(sine(7_000, 44_100, 4_410).astype(np.float32), 44_100, 8_000)
    assert np.abs(high[80:-80]).max() < 0.02  # what the new rate cannot hold is gone, not folded back


@pytest.mark.parametrize(("window", "hop"), [(64, 32), (50, 7), (128, 128)])
def test_the_spectrogram_is_that_of_torch(window: int, hop: int) -> None:
    values = np.random.default_rng(0).normal(size=1_000).astype(np.float32)
    weights = torch.hann_window(window, dtype=torch.float64)
    theirs = torch.stft(torch.from_numpy(values).double(), window, hop, window=weights, return_complex=True)
    ours = spectrogram(values, window, hop)
    assert ours.shape == theirs.shape == Hearing(8_000, 1_000, True, window, hop).shape[1:]
    assert np.allclose(ours, torch.log(theirs.abs() ** 2 + decoding.FLOOR).numpy(), atol=1e-5)


def folder(root: Path) -> Path:
    for place, name in enumerate(("high", "low")):
        for number in range(5):
            save(root / name / f"{number}.wav", sine((900, 200)[place], 8_000, 500) * (number + 1) / 6)
    return root


def test_a_folder_is_a_class_of_sounds(tmp_path: Path) -> None:
    settings = inspected(folder(tmp_path), WAVE)
    assert settings.source == "audio"
    plain = DatasetSettings("audio", settings.options, normalise="none", path=settings.path, found=settings.found)
    data = load(plain)
    assert data.fields["audio"].shape == (10, 1, 400)
    assert data.fields["label"].tolist() == [0] * 5 + [1] * 5
    assert data.classes["label"] == ("high", "low")
    wanted = sine(900, 8_000, 400) * 2 / 6
    assert np.allclose(data.fields["audio"][[1]][0, 0], wanted, atol=1e-4)
    seen = load(inspected(tmp_path, {"rate": 8_000, "seconds": 0.05, "window": 64, "hop": 32}))
    assert seen.fields["audio"].shape == (10, 1, 33, 13)
    train = seen.fields["audio"].index_select(0, seen.train)
    assert float(train.mean()) == pytest.approx(0, abs=1e-5)
    assert float(train.std(correction=0)) == pytest.approx(1, abs=1e-5)


def test_broken_sounds_are_left_out_and_counted(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "low" / "text.wav").write_text("no sound")
    content = (tmp_path / "low" / "1.wav").read_bytes()
    (tmp_path / "low" / "1.wav").write_bytes(content[: len(content) // 2])
    save(tmp_path / "low" / "empty.wav", np.zeros(0))
    settings = inspected(tmp_path, WAVE)
    assert settings.found is not None
    assert (settings.found.samples, settings.found.skipped) == (9, 3)
    assert settings.found.notes[0].startswith("Sounds that cannot be read, left out: 3 (low/1.wav")
    (tmp_path / "low" / "0.wav").unlink()
    with pytest.raises(DataError, match="it has changed: 8 sounds"):
        load(settings)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"RIFF\0\0\0\0AVI ",
        b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd",
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + struct.pack("<HHIIHH", 2, 1, 8_000, 0, 1, 4) + b"data\4\0\0\0abcd",
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + struct.pack("<HHIIHH", 1, 1, 0, 0, 1, 16) + b"data\4\0\0\0abcd",
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + struct.pack("<HHIIHH", 1, 0, 8_000, 0, 1, 16) + b"data\4\0\0\0abcd",
        b"RIFF\0\0\0\0WAVEfmt \x04\0\0\0abcd",
    ],
)
def test_heads_of_other_forms_are_no_sounds(head: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(head)
    assert not check(tmp_path / "a.wav")


def test_a_sample_shorter_than_half_a_window_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="longer than half a window"):
        inspected(folder(tmp_path), {"seconds": 0.01, "rate": 8_000})


def test_parts_are_held_out_as_their_folders_say(tmp_path: Path) -> None:
    folder(tmp_path / "train")
    save(tmp_path / "test" / "low" / "9.wav", sine(200, 8_000, 500))
    settings = inspected(tmp_path, WAVE)
    assert split_sizes(settings) == (10, 1)


def test_without_soundfile_flac_is_left_out_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(tmp_path)
    (tmp_path / "low" / "a.flac").write_bytes(b"fLaC")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    settings = inspected(tmp_path, WAVE)
    assert settings.found is not None
    assert settings.found.skipped == 1
    assert "pip install chainrule[audio]" in settings.found.notes[-1]


@pytest.mark.parametrize("ending", ["flac", "ogg"])
def test_flac_and_ogg_are_read_where_soundfile_is(ending: str, tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    folder(tmp_path)
    values = sine(300, 8_000, 4_000) * 0.5
    soundfile.write(tmp_path / "low" / f"a.{ending}", values, 8_000)
    (tmp_path / "low" / f"broken.{ending}").write_bytes(b"fLaC and nothing more")
    settings = inspected(tmp_path, WAVE)
    assert settings.found is not None
    assert (settings.found.samples, settings.found.skipped) == (11, 1)
    assert np.abs(sound(tmp_path / "low" / f"a.{ending}", HEARD)[0] - values[:400])[50:].max() < 0.05
