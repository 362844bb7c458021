"""HEAD on whatever GET answers: the same status and headers, without the body.

Source: RFC 9110, 9.3.2.
"""

from collections.abc import MutableMapping
from typing import Any

from quote_service.platform.http.edge import Application, Message, Receive, Send


class HeadAnswers:
    """Wraps the application; what is no HEAD passes through untouched."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._inner(scope, receive, send)
            return
        is_sent = False

        async def send_head(message: Message) -> None:
            nonlocal is_sent
            if message["type"] == "http.response.start" and not is_sent:
                is_sent = True
                await send(message)
                # At once: a stream would never come to an end of its own.
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        # A copy, because the server goes by the method of its own to leave the length of the body unchecked.
        as_get = {**scope, "method": "GET"}
        try:
            await self._inner(as_get, receive, send_head)
        finally:
            scope["path_template"] = as_get.get("path_template")
