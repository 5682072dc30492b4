"""The project inside of a picture: found again, and a stranger's picture is read within limits."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import FileError
from core.exchange import embedded
from core.exchange.embedded import embedded_text, in_png, in_svg, load_embedded
from core.files import to_text
from tests.core.networks import lenet

SVG = '<?xml version="1.0"?>\n<svg width="1" height="1" xmlns="http://www.w3.org/2000/svg"><g/></svg>'


@pytest.fixture
def png(tmp_path) -> bytes:
    Image.new("RGB", (3, 2), (10, 20, 30)).save(tmp_path / "plain.png")
    return (tmp_path / "plain.png").read_bytes()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


def framed(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND", b"")


@given(st.text())
def test_any_text_comes_back_from_an_svg_and_a_png(text):
    assert embedded_text(in_svg(SVG, text).encode(), ".svg") == text
    assert embedded_text(in_png(framed(), text), ".png") == text


def test_the_picture_stays_a_picture_for_everybody_else(png, tmp_path):
    (tmp_path / "p.png").write_bytes(in_png(png, to_text(lenet())))
    with Image.open(tmp_path / "p.png") as image:
        assert image.getpixel((0, 0)) == (10, 20, 30)
        assert image.text["chainrule"] == to_text(lenet())
    assert load_embedded(tmp_path / "p.png") == lenet()


def test_an_uncompressed_chunk_is_read_too():
    body = b"chainrule\0\0\0en\0key\0" + b'{"a": 1}'
    assert embedded_text(framed(chunk(b"iTXt", body)), ".png") == '{"a": 1}'


@pytest.mark.parametrize(
    ("content", "suffix", "told"),
    [
        (b"GIF89a", ".png", "first bytes"),
        (framed(), ".png", "holds no project"),
        (framed()[:-6], ".png", "before its end"),
        (framed(chunk(b"tEXt", b"abc"))[:-14], ".png", "longer than the file"),
        (framed(chunk(b"iTXt", b"chainrule\0\1\0\0\0" + zlib.compress(b"{}")[:-3])), ".png", "breaks off"),
        (framed(chunk(b"iTXt", b"chainrule\0\1\0\0\0garbage")), ".png", "compressed project"),
        (framed(chunk(b"iTXt", b"chainrule\0\1")), ".png", "before its text"),
        (framed(chunk(b"iTXt", b"chainrule\0\0\0\0\0\xff\xfe")), ".png", "not UTF-8"),
        (b"<html></html>", ".svg", "no svg element"),
        (SVG.encode(), ".svg", "holds no project"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.encode(), ".svg", "entities"),
        (b'<!DOCTYPE svg SYSTEM "file:///etc/passwd">' + SVG.encode(), ".svg", "entities"),
        (b'<svg><metadata id="chainrule">{&xxe;}</metadata></svg>', ".svg", "“&xxe;”"),
        (b'<svg><metadata id="chainrule">&#xFFFFFFF;</metadata></svg>', ".svg", "entity"),
        (b'<svg><metadata id="chainrule">&#xD800;</metadata></svg>', ".svg", "entity"),
        (b"plain", ".pdf", "first bytes"),
        (b"%PDF-1.4\n", ".pdf", "holds no project"),
        (b"%PDF-1.4\n/EF <</F 7 0 R>>\n7 0 obj\n<</Filter /FlateDecode>>\nstream\nxx\nendstream", ".pdf", "compressed"),
    ],
)
def test_a_picture_that_is_not_ours_or_is_damaged_is_told_in_four_parts(content, suffix, told):
    with pytest.raises(FileError, match=told) as caught:
        embedded_text(content, suffix, "x")
    error = caught.value
    assert all((error.wanted, error.came, error.where, error.fix))


def test_a_flipped_bit_is_noticed(png):
    whole = bytearray(in_png(png, to_text(lenet())))
    whole[len(png)] ^= 1
    with pytest.raises(FileError, match="checksum"):
        embedded_text(bytes(whole), ".png", "x")


def test_a_bomb_ends_at_the_limit(monkeypatch):
    monkeypatch.setattr(embedded, "MAX_BYTES", 2**20)
    bomb = zlib.compress(bytes(2**26), 9)
    tracemalloc.start()
    with pytest.raises(FileError, match="at most 1 MB"):
        embedded_text(framed(chunk(b"iTXt", b"chainrule\0\1\0\0\0" + bomb)), ".png", "x")
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**23


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "MAX_PICTURE", 100)
    (tmp_path / "large.png").write_bytes(bytes(101))
    with pytest.raises(FileError, match="below 0 MB"):
        load_embedded(tmp_path / "large.png")
    with pytest.raises(FileError, match="readable picture"):
        load_embedded(tmp_path / "none.png")
