"""The answer to a write says from when on it is there, and a request can ask to be answered no earlier.

Source: docs/spec/wire.md#positions.
"""

import re
from collections.abc import MutableMapping
from typing import Any

from quote_service.platform.http.edge import Application, Message, Receive, Send
from quote_service.platform.http.parts import AnyRequest, parts_of
from quote_service.platform.http.positions import MIN_POSITION, POSITION, is_followed
from quote_service.platform.system.errors import Fault, PositionInvalid
from quote_service.platform.system.parts import Parts
from quote_service.rulebook.snapshot.operations.positions import Positions

_POSITION = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


async def reach_position(request: AnyRequest) -> None:
    """Let a request go on when this process is where the request wants it.

    Raises:
        PositionInvalid: What is wanted is no position.
        PositionNotReached: It is not there in time.
    """
    wanted = request.headers.getall(MIN_POSITION, [])
    if not wanted:
        return
    if not all(map(_POSITION.fullmatch, wanted)):
        fault = Fault(f"/headers/{MIN_POSITION.lower()}", f"must be the {POSITION} of an answer: a whole number")
        raise PositionInvalid(f"{MIN_POSITION} is not a position", faults=(fault,))
    await parts_of(request)[Positions].reach(max(map(int, wanted)))


class PositionAnswers:
    """Wraps the application: a write that succeeded is answered with its position; everything else passes through."""

    __slots__ = ("_inner", "_positions")

    def __init__(self, inner: Application, parts: Parts) -> None:
        self._inner = inner
        self._positions = parts[Positions]

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_followed(scope["method"], scope["path"]):
            await self._inner(scope, receive, send)
            return

        async def send_position(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 300:
                # What was written is written, even if this cannot be found out any more.
                position = await self._positions.now()
                if position is not None:
                    name = POSITION.lower().encode()
                    message["headers"] = [*message.get("headers", ()), (name, str(position).encode())]
            await send(message)

        await self._inner(scope, receive, send_position)
