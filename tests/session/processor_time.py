"""Processor time of this process and of all that it has started, those that have ended included."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class ProcessorTime:
    """A meter that remembers which processes are none of ours, and does not read about them again.

    Where there is no /proc only what this process and its ended children took is counted.
    """

    def __init__(self) -> None:
        self._ours = {os.getpid()}
        self._others: set[int] = set()

    def seconds(self) -> float:
        """Total so far. A process that ends while its parent looks away takes its seconds with it."""
        if not _PROC.is_dir():
            return sum(os.times()[:4])
        found = {int(each.name) for each in _PROC.iterdir() if each.name.isdecimal()}
        self._ours &= found
        self._others &= found
        total, unknown = 0.0, {}
        for pid in found - self._others:
            with suppress(OSError):
                parent, used = _stat_of(pid)
                if pid in self._ours:
                    total += used
                else:
                    unknown[pid] = (parent, used)
        return total + self._sort(unknown)

    def _sort(self, unknown: dict[int, tuple[int, float]]) -> float:
        """Which of the processes that are new are ours; the seconds of those."""
        total = 0.0
        while ours := [pid for pid, (parent, _) in unknown.items() if parent in self._ours]:
            self._ours.update(ours)
            total += sum(unknown.pop(pid)[1] for pid in ours)
        self._others.update(unknown)
        return total


def _stat_of(pid: int) -> tuple[int, float]:
    # After the name, which may hold anything: state, parent; utime, stime, cutime and cstime are the 14th to the 17th.
    fields = (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
    return int(fields[1]), sum(map(int, fields[11:15])) / _TICKS


class Stopwatch:
    """Processor time of one test after the other, read no more often than a test of that length asks for."""

    FRESH_SECONDS = 0.1

    def __init__(self) -> None:
        self._meter = ProcessorTime()
        self._read_at = -1.0
        self._read = 0.0
        self._started_at = self._started = 0.0

    def start(self) -> None:
        """A test begins. What was read a moment ago counts as read now."""
        if time.monotonic() - self._read_at > self.FRESH_SECONDS:
            self.read()
        self._started_at, self._started = time.monotonic(), self._read

    def read(self) -> float:
        """Seconds so far, exactly."""
        self._read = self._meter.seconds()
        self._read_at = time.monotonic()
        return self._read

    def taken(self, at_least: float) -> float:
        """Seconds since the start; 0 where all processors together cannot have taken so many in that time."""
        most = (time.monotonic() - self._started_at) * (os.cpu_count() or 1)
        return 0.0 if most < at_least else max(self.read() - self._started, 0.0)
