"""A server that does nothing: reads a request and answers as many bytes as its path says.

    uvicorn loadtests.bench.nothing:app

What it costs on the service's own server is what no quote behind an ASGI server can go below.
"""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
_BODY_BYTES_MAX = 10_000_000


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """`POST /3082` is answered with 3082 bytes."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    body = answer_of(scope["path"])
    await send({"type": "http.response.start", "status": 200, "headers": _headers(len(body))})
    await send({"type": "http.response.body", "body": body})


@lru_cache
def answer_of(path: str) -> bytes:
    """A JSON text of so many bytes."""
    name = path.rpartition("/")[2]
    length = min(int(name), _BODY_BYTES_MAX) if name.isdecimal() else 2
    return b'"' + b"x" * max(length - 2, 0) + b'"'


@lru_cache
def _headers(length: int) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", b"application/json"), (b"content-length", str(length).encode())]
