"""A stream of server-sent events, read with patience."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import httpx
import msgspec


class EventStream:
    """Events of one connection, each the data of its JSON; the client's patience bounds every wait."""

    def __init__(self, client: httpx.Client, path: str, **query: Any) -> None:
        self._client = client
        self._path = path
        self._query = query
        self._stack = ExitStack()

    def __enter__(self) -> EventStream:
        answer = self._stack.enter_context(self._client.stream("GET", self._path, params=self._query, timeout=60))
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        self._lines = answer.iter_lines()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def next(self, name: str) -> dict[str, Any]:
        """The data of the next event, which has this name; comments are passed over."""
        assert next(line for line in self._lines if line.startswith("event:")) == f"event: {name}"
        return dict(msgspec.json.decode(next(self._lines).removeprefix("data: ")))

    def until(self, name: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first event from here on that it holds for; signs of life keep coming, so events are bounded too."""
        for _ in range(200):
            reported = self.next(name)
            if holds(reported):
                return reported
        raise AssertionError("it was not told in 200 events")
