"""The project inside of its pictures: put in when they are exported, found again when one is opened.

A picture from a stranger is never decoded: PNG chunks, the metadata element of an SVG and the attachment of a PDF are
found by their bytes, with limits on every size, and no XML parser runs, so that no entity of the file's is expanded.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from core.errors import FileError
from core.filelimits import MAX_BYTES, readable
from core.files import from_text
from core.project import Project

KEYWORD = "chainrule"
"""Of the iTXt chunk of a PNG, and the id of the metadata of an SVG."""
ATTACHMENT = "project.chain"
"""The file that is attached to a PDF."""
PICTURES = (".png", ".svg", ".pdf")
"""Endings of files that may hold a project."""
MAX_PICTURE = 64 * 2**20
_PNG = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">I4s")
_METADATA = re.compile(rb'<metadata\b[^<>]*\bid\s*=\s*["\']chainrule["\'][^<>]*>([^<]*)</metadata\s*>')
_ENTITY = re.compile(r"&([^;&\s]{0,12});?")
_ENTITIES: Mapping[str, str] = MappingProxyType({"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"})
_ATTACHED = re.compile(rb"/EF\s{0,9}<<\s{0,9}/F\s{1,9}(\d{1,9})\s{1,9}0\s{1,9}R")
_STREAM = re.compile(rb"\s{0,9}<<([^<>]{0,400})>>\s{0,9}stream\r?\n")
_MOST_ATTACHMENTS = 16


def in_png(picture: bytes, text: str) -> bytes:
    """The PNG with the project's text in a compressed iTXt chunk, before the end."""
    body = KEYWORD.encode() + b"\0\1\0\0\0" + zlib.compress(text.encode(), 9)
    chunk = _HEADER.pack(len(body), b"iTXt") + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    end = picture.rindex(_HEADER.pack(0, b"IEND"))
    return picture[:end] + chunk + picture[end:]


def in_svg(picture: str, text: str) -> str:
    """The SVG with the project's text in a metadata element, right behind its root's tag."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    root = picture.index(">", picture.index("<svg")) + 1
    return f'{picture[:root]}\n<metadata id="{KEYWORD}">{escaped}</metadata>{picture[root:]}'


def is_picture(path: Path) -> bool:
    """Whether the file's ending is that of a picture which may hold a project."""
    return path.suffix.lower() in PICTURES


def load_embedded(path: Path) -> Project:
    """The project in a picture; raises FileError."""
    where = str(path)
    try:
        size = path.stat().st_size
        if size > MAX_PICTURE:
            raise FileError(f"a picture below {MAX_PICTURE >> 20} MB was wanted", f"it has {size >> 20} MB", where)
        content = readable(path)
    except OSError as error:
        came = (error.strerror or str(error)).lower()
        raise FileError("a readable picture was wanted", came, where, "Choose another.") from error
    return from_text(embedded_text(content, path.suffix.lower(), where), where)


def embedded_text(content: bytes, suffix: str, where: str = "") -> str:
    """The text of the project in a picture's bytes; raises FileError where there is none or the file is damaged."""
    found = _FINDERS[suffix](content, where)
    if found is None:
        wanted = "a picture that Chainrule has exported was wanted"
        fix = "Choose one that was exported here and not converted since: converting drops the project."
        raise FileError(wanted, "it holds no project", where, fix)
    if len(found) > MAX_BYTES:
        raise _too_large(where)
    try:
        return found.decode()
    except UnicodeDecodeError as error:
        raise FileError("a project as text was wanted", "it is not UTF-8", where, "Choose another picture.") from error


def _from_png(content: bytes, where: str) -> bytes | None:
    if not content.startswith(_PNG):
        raise _damaged("a PNG picture was wanted", "its first bytes are not those of one", where)
    prefix = KEYWORD.encode() + b"\0"
    for kind, body in _chunks(content, where):
        if kind == b"iTXt" and body.startswith(prefix):
            return _inflated_text(body[len(prefix) :], where)
    return None


def _chunks(content: bytes, where: str) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of every chunk; what is behind the end chunk is not looked at."""
    place = len(_PNG)
    while place + _HEADER.size <= len(content):
        length, kind = _HEADER.unpack_from(content, place)
        start, end = place + _HEADER.size, place + _HEADER.size + length
        if end + 4 > len(content):
            raise _damaged("whole PNG chunks were wanted", f"the chunk at byte {place} is longer than the file", where)
        if struct.unpack_from(">I", content, end)[0] != zlib.crc32(content[place + 4 : end]):
            raise _damaged("an unharmed PNG was wanted", f"the checksum of the chunk at byte {place} is wrong", where)
        if kind == b"IEND":
            return
        yield kind, content[start:end]
        place = end + 4
    raise _damaged("a whole PNG was wanted", "it breaks off before its end", where)


def _inflated_text(body: bytes, where: str) -> bytes:
    """The text of an iTXt chunk behind its keyword: compressed or not, after language and translated keyword."""
    head, _, rest = body[2:].partition(b"\0")
    _translated, found, text = rest.partition(b"\0")
    if len(body) < 4 or head.strip() != head or not found:
        raise _damaged("an iTXt chunk with a text was wanted", "it ends before its text", where)
    return _inflated(text, where) if body[0] == 1 else text


def _inflated(packed: bytes, where: str) -> bytes:
    """What was compressed, up to the limit of a project file."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, MAX_BYTES)
    except zlib.error as error:
        raise _damaged("a compressed project was wanted", str(error), where) from error
    if not unpacker.eof:
        whole = _damaged("a whole project was wanted", "it breaks off", where)
        raise _too_large(where) if len(text) >= MAX_BYTES else whole
    return text


def _from_svg(content: bytes, where: str) -> bytes | None:
    if b"<!ENTITY" in content or b"<!DOCTYPE" in content:
        came = "it declares entities or a document type, which are not read"
        raise _damaged("an SVG picture without a DTD was wanted", came, where)
    if b"<svg" not in content:
        raise _damaged("an SVG picture was wanted", "it has no svg element", where)
    found = _METADATA.search(content)
    if found is None:
        return None
    text = found[1].decode("utf-8", "replace")
    return _ENTITY.sub(lambda match: _entity(match[1], where), text).encode()


def _entity(name: str, where: str) -> str:
    if name in _ENTITIES:
        return _ENTITIES[name]
    if name.startswith("#"):
        number = int(name[2:], 16) if re.fullmatch(r"#x[0-9a-fA-F]{1,6}", name) else None
        number = int(name[1:]) if re.fullmatch(r"#[0-9]{1,7}", name) else number
        if number is not None and number < 0x110000 and not 0xD800 <= number < 0xE000:
            return chr(number)
    raise _damaged("plain text in the SVG's metadata was wanted", f"the entity “&{name};” came", where)


def _from_pdf(content: bytes, where: str) -> bytes | None:
    if not content.startswith(b"%PDF-"):
        raise _damaged("a PDF file was wanted", "its first bytes are not those of one", where)
    for attached in list(_ATTACHED.finditer(content))[:_MOST_ATTACHMENTS]:
        start = content.find(b"\n%s 0 obj" % attached[1])
        found = _STREAM.match(content, content.find(b"obj", start) + 3) if start >= 0 else None
        if found is None:
            continue
        packed = content[found.end() : content.find(b"endstream", found.end())]
        text = _inflated(packed, where) if b"FlateDecode" in found[1] else packed
        if b'"chainrule"' in text[:64]:
            return text
    return None


def _damaged(wanted: str, came: str, where: str) -> FileError:
    return FileError(wanted, came, where, "Choose another file, or export the picture again.")


def _too_large(where: str) -> FileError:
    wanted = f"a project of at most {MAX_BYTES >> 20} MB was wanted"
    return FileError(wanted, "the one in the picture is larger", where, "Choose another picture.")


_FINDERS: Mapping[str, Callable[[bytes, str], bytes | None]] = MappingProxyType(
    {".png": _from_png, ".svg": _from_svg, ".pdf": _from_pdf}
)
"""By the ending of a file, what finds the text in it."""
