"""The time of one answer over HTTP, and the CPU time that service and PostgreSQL took for it."""

import contextlib
import http.client
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit


class Taken(NamedTuple):
    """Of one answer, in milliseconds: the time it took, and the CPU time of the service and of PostgreSQL."""

    wall_ms: float
    cpu_ms: float


class Caller:
    """Asks for one report after the other.

    Args:
        url: Of the service.
        key: With `reports:read`.
        processes: The first processes of the service and of PostgreSQL.
    """

    def __init__(self, url: str, key: str, processes: Sequence[int]) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._key, self._processes = key, processes

    def take(self, path: str, query: dict[str, str]) -> Taken:
        """Ask for a report; exits where it is not answered."""
        asked = f"/api/v1/analytics/{path}?{urlencode(query)}"
        cpu_ms, started = _cpu_ms(self._processes), time.perf_counter()
        self._connection.request("GET", asked, headers={"X-API-Key": self._key})
        answer = self._connection.getresponse()
        body = answer.read()
        taken = Taken((time.perf_counter() - started) * 1000, _cpu_ms(self._processes) - cpu_ms)
        if answer.status != 200:
            sys.exit(f"{asked}: {answer.status} {body.decode(errors='replace')}")
        return taken


def _cpu_ms(processes: Sequence[int]) -> float:
    """CPU time of these processes and of those that they started, all their threads together."""
    spent, waiting = 0, list(processes)
    while waiting:
        process = waiting.pop()
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for thread in Path(f"/proc/{process}/task").iterdir():
                spent += int((thread / "schedstat").read_text().split()[0])
                waiting += map(int, (thread / "children").read_text().split())
    return spent / 1e6
