"""Read the tables of an R data file (`.rda`), as far as published sets of prices need it.

Source: the serialisation of R, version 2 and 3 in XDR (R Internals, "Serialization Formats").
"""

import bz2
import gzip
import lzma
import struct
from typing import Any, cast

import numpy as np

_DECOMPRESSORS: tuple[tuple[bytes, Any], ...] = (
    (b"\x1f\x8b", gzip.decompress),
    (b"BZh", bz2.decompress),
    (b"\xfd7zXZ", lzma.decompress),
)
_MAGIC = (b"RDX2\nX\n", b"RDX3\nX\n")

_NIL, _GLOBAL, _REFERENCE, _MISSING = 254, 253, 255, 251
_SYMBOL, _PAIRS, _CHARS, _LOGICALS, _INTEGERS, _REALS, _STRINGS, _LIST = 1, 2, 9, 10, 13, 14, 16, 19

# R's missing integer.
_NO_INTEGER = -(2**31)

Table = dict[str, Any]


class UnreadableRData(ValueError):
    """The file holds something this reader does not know."""


def read_r_data(content: bytes) -> dict[str, Any]:
    """Read what a file of `save()` holds: the name of each object, and the object.

    Vectors become numpy arrays (texts become lists), data frames and named lists become dictionaries by name.

    Raises:
        UnreadableRData: it is no such file, or holds functions, environments or other things that are no data.
    """
    for magic, decompress in _DECOMPRESSORS:
        if content.startswith(magic):
            content = decompress(content)
    if not content.startswith(_MAGIC):
        raise UnreadableRData("not an R data file in XDR")
    reader = _Reader(content, len(_MAGIC[0]))
    version, _, _ = reader.integers(3)
    if version == 3:
        reader.skip(reader.integer())  # the name of the encoding
    return cast(dict[str, Any], reader.item())


class _Reader:
    def __init__(self, content: bytes, position: int) -> None:
        self._content = content
        self._position = position
        self._symbols: list[str] = []

    def skip(self, length: int) -> bytes:
        start, self._position = self._position, self._position + length
        return self._content[start : self._position]

    def integers(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f">{count}i", self.skip(4 * count))

    def integer(self) -> int:
        return self.integers(1)[0]

    def item(self) -> Any:
        flags = self.integer()
        kind, has_attributes, has_tag = flags & 0xFF, bool(flags & 0x200), bool(flags & 0x400)
        if kind in (_NIL, _GLOBAL, _MISSING):
            return None
        if kind == _REFERENCE:
            return self._symbols[(flags >> 8) - 1]
        if kind == _SYMBOL:
            self._symbols.append(self.item())
            return self._symbols[-1]
        if kind == _PAIRS:
            return self._pairs(has_attributes, has_tag)
        if kind == _CHARS:
            length = self.integer()
            return None if length == -1 else self.skip(length).decode("utf-8", "replace")
        value = self._vector(kind)
        return _named(value, self.item()) if has_attributes else value

    def _pairs(self, has_attributes: bool, has_tag: bool) -> dict[str, Any]:
        """A chain of pairs, read without recursion: each rest follows its pair."""
        pairs: dict[str, Any] = {}
        while True:
            if has_attributes:
                self.item()
            tag = self.item() if has_tag else str(len(pairs))
            pairs[tag] = self.item()
            flags = self.integer()
            if flags & 0xFF == _NIL:
                return pairs
            if flags & 0xFF != _PAIRS:
                raise UnreadableRData(f"a chain of pairs that ends in type {flags & 0xFF}")
            has_attributes, has_tag = bool(flags & 0x200), bool(flags & 0x400)

    def _vector(self, kind: int) -> Any:
        if kind not in (_LOGICALS, _INTEGERS, _REALS, _STRINGS, _LIST):
            raise UnreadableRData(f"an object of type {kind}")
        length = self.integer()
        if kind == _REALS:
            return np.frombuffer(self.skip(8 * length), ">f8").astype(float)
        if kind in (_LOGICALS, _INTEGERS):
            return np.frombuffer(self.skip(4 * length), ">i4").astype(np.int64)
        return [self.item() for _ in range(length)]


def _named(value: Any, attributes: dict[str, Any] | None) -> Any:
    attributes = attributes or {}
    names = attributes.get("names")
    if isinstance(value, list) and names:
        return dict(zip(names, value, strict=True))
    levels = attributes.get("levels")
    if levels is not None:
        return [None if code == _NO_INTEGER else levels[code - 1] for code in value]
    return value
