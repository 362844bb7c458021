"""An OFREP server by its URL, and what the tests ask it."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx

PATIENCE_SECONDS = 120.0
BULK = "/ofrep/v1/evaluate/flags"
EVENTS = "/ofrep/v1/events"
JSON = {"Content-Type": "application/json"}


class OfrepServer(NamedTuple):
    """Where it is, credentials as headers, and how a flag's value is set (None: it cannot be)."""

    url: str
    headers: dict[str, str]
    change: Callable[[str, Any], None] | None = None

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={**self.headers, **headers}, timeout=PATIENCE_SECONDS)

    def one(self, key: str, context: Any = None, **headers: str) -> httpx.Response:
        """One flag."""
        with self.client(**headers) as client:
            return client.post(f"{BULK}/{key}", json={"context": context or {}})

    def all(self, context: Any = None, query: str = "", **headers: str) -> httpx.Response:
        """All flags."""
        with self.client(**headers) as client:
            return client.post(f"{BULK}{query}", json={"context": context or {}})

    def send(self, path: str, body: bytes, **headers: str) -> httpx.Response:
        """A body as it is."""
        with self.client(**{**JSON, **headers}) as client:
            return client.post(path, content=body)

    @contextmanager
    def events(self, path: str = EVENTS, **headers: str) -> Iterator[Events]:
        """The stream of events."""
        with self.client(**headers) as client, client.stream("GET", path) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield Events(answer)


class Events:
    """The blocks of a stream, as they come."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()

    def block(self) -> dict[str, str]:
        """The next block that is no comment alone; empty at the end of the stream."""
        for lines in iter(self._next, None):
            if fields := dict(line.split(": ", 1) for line in lines if not line.startswith(":")):
                return fields
        return {}

    def event(self) -> dict[str, Any]:
        """The next block with data, read."""
        while block := self.block():
            if "data" in block:
                return {**block, "data": json.loads(block["data"])}
        raise AssertionError("the stream has ended")

    def ends(self) -> bool:
        """Whether it comes to an end."""
        return all(False for _ in iter(self.block, {}))

    def _next(self) -> list[str] | None:
        lines = list(itertools.takewhile(bool, self._lines))
        return lines or None


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Return as soon as it holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not reached: {what}"
        time.sleep(0.02)
