"""CPU time and memory of a process with all its children: from /proc on Linux, from `ps` elsewhere."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Use(NamedTuple):
    """User and system time since the start, and resident memory now, of all living processes of a tree."""

    cpu_seconds: float
    memory_bytes: int


class _Process(NamedTuple):
    parent: int
    use: Use


def use_of_tree(root: int) -> Use:
    """What a process and its descendants use; nothing of one that has ended."""
    processes = dict(_read_proc() if sys.platform == "linux" else _read_ps())
    children: dict[int, list[int]] = {}
    for pid, process in processes.items():
        children.setdefault(process.parent, []).append(pid)
    cpu_seconds, memory_bytes, queue = 0.0, 0, [root]
    while queue:
        pid = queue.pop()
        queue += children.get(pid, ())
        if pid in processes:
            cpu_seconds += processes[pid].use.cpu_seconds
            memory_bytes += processes[pid].use.memory_bytes
    return Use(cpu_seconds, memory_bytes)


def _read_proc() -> Iterator[tuple[int, _Process]]:
    for folder in _PROC.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            stat = (folder / "stat").read_text()
            pages = int((folder / "statm").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
        # The name stands in parentheses and may hold anything; the fields after it are numbers.
        fields = stat.rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        yield int(folder.name), _Process(int(fields[1]), Use(ticks / _TICKS_PER_SECOND, pages * _PAGE_BYTES))


def _read_ps() -> Iterator[tuple[int, _Process]]:
    listed = subprocess.run(["ps", "-axo", "pid=,ppid=,rss=,time="], capture_output=True, check=True, text=True).stdout
    for line in listed.splitlines():
        pid, parent, kibibytes, clock = line.split()
        yield int(pid), _Process(int(parent), Use(seconds_of_clock(clock), int(kibibytes) * 1024))


def seconds_of_clock(clock: str) -> float:
    """CPU time as `ps` writes it: `0:01.50`, `1:02:03`, `2-03:04:05`."""
    days, _, rest = clock.rpartition("-")
    seconds = 0.0
    for part in rest.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds + int(days or 0) * 86_400
