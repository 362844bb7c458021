"""Rows of one size by a 16-byte id, a million of them in about as many bytes as they say: no object a row.

Rows lie in shards by a hash of their id, and a change copies the shards that it touches and shares the others. Each shard is
one `bytes` of rows (key and record) and one of tags, a byte a row: a row is found by looking its tag up, which C does in one
instruction for many rows, and comparing the few keys that have it.

Source: docs/decisions/catalog-in-memory.md.
"""

from collections.abc import Iterator
from typing import Final

ID_BYTES: Final = 16

_SHARDS: Final = 4096
_TAG_SHIFT: Final = 12  # the bits of a hash that do not choose the shard
_TAG_MASK: Final = 255
# What CPython needs for a shard beside its rows: two bytes objects, their pair, and the place of that.
_SHARD_BYTES: Final = 130
# A few milliseconds of copying at a million rows.
_FROZEN_AT_ONCE: Final = 128

Shard = tuple[bytes, bytes]

_EMPTY: Final[Shard] = (b"", b"")
# Through a list: the compiler would make a C structure of 4096 fields of a product of tuples.
_NO_ROWS: Final[tuple[Shard, ...]] = tuple([_EMPTY] * _SHARDS)


class PackedRows:
    """Immutable; a row is found by its id and its whole key, which begins with the id."""

    __slots__ = ("_record_at", "_row_bytes", "_shards", "count")

    def __init__(self, key_bytes: int, record_bytes: int, shards: tuple[Shard, ...] = _NO_ROWS, count: int = 0) -> None:
        """The sizes of keys and records; the rest is for `PackedRowsEdit` to say."""
        self._record_at = key_bytes
        self._row_bytes = key_bytes + record_bytes
        self._shards = shards
        self.count = count

    @property
    def size_bytes(self) -> int:
        """About how much memory the rows take."""
        return self.count * (self._row_bytes + 1) + min(self.count, _SHARDS) * _SHARD_BYTES

    def keys(self) -> Iterator[bytes]:
        """The keys of all rows, in an order that is as good as chance."""
        size = self._row_bytes
        for _, rows in self._shards:
            for start in range(0, len(rows), size):
                yield rows[start : start + self._record_at]

    def find(self, row_id: bytes, tagged: bytes, key: bytes) -> bytes | None:
        """The record of a key, None where there is none; a key that is cut off finds any row that begins with it.

        Args:
            row_id: The first 16 bytes of the key.
            tagged: The part of the key that tells rows of one shard apart, the same for each row as when it was added.
            key: The whole of it.
        """
        tags, rows = self._shards[hash(row_id) & (_SHARDS - 1)]
        tag = hash(tagged) >> _TAG_SHIFT & _TAG_MASK
        size = self._row_bytes
        place = tags.find(tag)
        while place >= 0:
            start = place * size
            if rows.startswith(key, start):
                return rows[start + self._record_at : start + size]
            place = tags.find(tag, place + 1)
        return None


class PackedRowsEdit:
    """The rows to be: begun from those that are, changed in place, then frozen, a few shards at a time."""

    __slots__ = ("_count", "_record_at", "_row_bytes", "_shards", "_touched")

    def __init__(self, rows: PackedRows) -> None:
        self._shards: list[Shard] = list(rows._shards)
        self._touched: dict[int, tuple[bytearray, bytearray]] = {}
        self._record_at = rows._record_at
        self._row_bytes = rows._row_bytes
        self._count = rows.count

    def drop(self, row_id: bytes) -> None:
        """Take away every row of an id, where the id is what rows are tagged by."""
        place = hash(row_id) & (_SHARDS - 1)
        tag = hash(row_id) >> _TAG_SHIFT & _TAG_MASK
        size = self._row_bytes
        touched = self._touched.get(place)
        tags, rows = touched if touched is not None else self._shards[place]
        number = tags.find(tag)
        while number >= 0:
            if rows.startswith(row_id, number * size):
                tags, rows = self._open(place)
                self._remove(tags, rows, number * size)
            else:
                number += 1
            number = tags.find(tag, number)

    def drop_tagged_otherwise(self, row_id: bytes) -> None:
        """Take away every row of an id, whatever rows are tagged by: the whole shard is gone through."""
        place = hash(row_id) & (_SHARDS - 1)
        touched = self._touched.get(place)
        start = _find_row(touched[1] if touched is not None else self._shards[place][1], row_id, self._row_bytes)
        if start < 0:
            return
        tags, rows = self._open(place)
        while start >= 0:
            self._remove(tags, rows, start)
            start = _find_row(rows, row_id, self._row_bytes, start)

    def add(self, row_id: bytes, tagged: bytes, row: bytes) -> None:
        """Add a row (key and record) whose key is not there."""
        tags, rows = self._open(hash(row_id) & (_SHARDS - 1))
        tags.append(hash(tagged) >> _TAG_SHIFT & _TAG_MASK)
        rows += row
        self._count += 1

    def freeze(self) -> Iterator[None]:
        """Make what was touched unchangeable; whoever runs this may let others run between the steps."""
        frozen = 0
        while self._touched:
            # Gone at once, so that no more than one shard is held twice.
            place, (tags, rows) = self._touched.popitem()
            self._shards[place] = (bytes(tags), bytes(rows)) if tags else _EMPTY
            frozen += 1
            if frozen % _FROZEN_AT_ONCE == 0:
                yield

    def rows(self) -> PackedRows:
        """The rows, once they are frozen."""
        for _ in self.freeze():
            pass
        return PackedRows(self._record_at, self._row_bytes - self._record_at, tuple(self._shards), self._count)

    def _remove(self, tags: bytearray, rows: bytearray, start: int) -> None:
        """The last row takes the place of the one that begins there."""
        size = self._row_bytes
        tags[start // size] = tags[-1]
        rows[start : start + size] = rows[-size:]
        del tags[-1], rows[-size:]
        self._count -= 1

    def _open(self, place: int) -> tuple[bytearray, bytearray]:
        touched = self._touched.get(place)
        if touched is None:
            tags, rows = self._shards[place]
            touched = self._touched[place] = (bytearray(tags), bytearray(rows))
        return touched


def _find_row(rows: bytes | bytearray, row_id: bytes, row_bytes: int, start: int = 0) -> int:
    """Where the next row of an id begins, -1 for nowhere."""
    found = rows.find(row_id, start)
    while found >= 0 and found % row_bytes:
        found = rows.find(row_id, found + 1)
    return found


def id_bytes(canonical: str) -> bytes:
    """The 16 bytes of an id in canonical form."""
    return bytes.fromhex(canonical.replace("-", ""))
