"""Counts that several processes share: each worker writes into a slot of its own, and every worker reads them all.

A slot names what it holds, so that its reader needs to know nothing of its writer, and a worker started again in the
place of a dead one goes on where that one was killed. Every count is a 64-bit integer in memory shared by the processes
of one start of the service; it is gone with the last of them.

    slot   := entries in use, values[SERIES_MAX], names[SERIES_MAX], records in use, records[RECORDS_MAX]
    record := name, RECORD_CELLS values

A record is what counts together under one name: a histogram, of which there are too many to name each of its buckets.
Only its own worker writes to a slot, and a name is complete before its entry counts as in use, so nothing is locked.

Source: docs/spec/operations.md#metrics.
"""

import ctypes
from collections.abc import Iterator
from multiprocessing import get_context

SERIES_MAX = 512
NAME_BYTES_MAX = 120
# Twice the methods of all routes: most answer one status or two.
RECORDS_MAX = 2048
RECORD_NAME_BYTES_MAX = 192
RECORD_CELLS = 16
_VALUES_AT = 1
_NAMES_AT = _VALUES_AT + SERIES_MAX
_RECORDS_AT = _NAMES_AT + SERIES_MAX * NAME_BYTES_MAX // 8
_RECORD_NAME_WORDS = RECORD_NAME_BYTES_MAX // 8
_RECORD_WORDS = _RECORD_NAME_WORDS + RECORD_CELLS
_SLOT_WORDS = _RECORDS_AT + 1 + RECORDS_MAX * _RECORD_WORDS


class NoRoomInSlot(Exception):
    """A worker names more series than a slot holds, or a longer one: a mistake in the program, not in its input."""


class Slots:
    """The slots of all workers of one service; handed to each process when it is started."""

    def __init__(self, count: int) -> None:
        self.count = count
        # Within one process plain memory does; the other kind takes a file in /dev/shm.
        self._memory = (
            bytearray(count * _SLOT_WORDS * 8)
            if count == 1
            else get_context("spawn").RawArray(ctypes.c_int64, count * _SLOT_WORDS)
        )

    def slot(self, index: int) -> "Slot":
        """The slot of one worker, counted from 0."""
        start = index * _SLOT_WORDS
        words = memoryview(self._memory).cast("B").cast("q")[start : start + _SLOT_WORDS]
        return Slot(index, words)

    def all(self) -> Iterator["Slot"]:
        """Every slot, those of workers that have not started among them: they are empty."""
        return map(self.slot, range(self.count))


class Slot:
    """One worker's series; `cells` are their values in the order of their places."""

    __slots__ = ("_names", "_words", "cells", "index")

    def __init__(self, index: int, words: memoryview) -> None:
        self.index = index
        self._words = words
        self.cells = words[_VALUES_AT:_NAMES_AT]
        self._names = words[_NAMES_AT:_RECORDS_AT].cast("B")

    @property
    def count(self) -> int:
        """How many series are in use; they are only ever more."""
        return int(self._words[0])

    def names(self) -> list[str]:
        """The series in use, in order."""
        return [self._name(entry) for entry in range(self._words[0])]

    def values(self) -> dict[str, int]:
        """Every series with its value."""
        return {self._name(entry): self.cells[entry] for entry in range(self._words[0])}

    def append(self, name: str) -> int:
        """Take a new series in, and answer its index in `cells`.

        Raises:
            NoRoomInSlot: There is none.
        """
        encoded = name.encode()
        entry = self._words[0]
        if entry == SERIES_MAX or len(encoded) > NAME_BYTES_MAX:
            raise NoRoomInSlot(name)
        start = entry * NAME_BYTES_MAX
        self._names[start : start + NAME_BYTES_MAX] = encoded.ljust(NAME_BYTES_MAX, b"\0")
        self._words[0] = entry + 1
        return int(entry)

    def records(self) -> dict[str, memoryview]:
        """Every record by its name."""
        return {self._record_name(entry): self._record_cells(entry) for entry in range(self._words[_RECORDS_AT])}

    def append_record(self, name: str) -> memoryview:
        """Take a new record in, and answer its cells, all of them 0.

        Raises:
            NoRoomInSlot: There is none.
        """
        encoded = name.encode()
        entry = self._words[_RECORDS_AT]
        if entry == RECORDS_MAX or len(encoded) > RECORD_NAME_BYTES_MAX:
            raise NoRoomInSlot(name)
        start = self._record_at(entry)
        named = self._words[start : start + _RECORD_NAME_WORDS].cast("B")
        named[:] = encoded.ljust(RECORD_NAME_BYTES_MAX, b"\0")
        self._words[_RECORDS_AT] = entry + 1
        return self._record_cells(entry)

    def _record_at(self, entry: int) -> int:
        return _RECORDS_AT + 1 + entry * _RECORD_WORDS

    def _record_name(self, entry: int) -> str:
        start = self._record_at(entry)
        return self._words[start : start + _RECORD_NAME_WORDS].tobytes().rstrip(b"\0").decode()

    def _record_cells(self, entry: int) -> memoryview:
        start = self._record_at(entry) + _RECORD_NAME_WORDS
        return self._words[start : start + RECORD_CELLS]

    def _name(self, entry: int) -> str:
        start = entry * NAME_BYTES_MAX
        return bytes(self._names[start : start + NAME_BYTES_MAX]).rstrip(b"\0").decode()
