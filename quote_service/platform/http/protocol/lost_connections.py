"""A connection that is lost ends every request on it; uvicorn tells the one that came in last.

Where requests are pipelined, the one that is being answered is an earlier one: uvicorn lets it go on writing to what is
closed, which is an error with a traceback for each, at the will of any caller.

Whether the peer has gone is asked of the kernel, too: what it knows the event loop reads a round later, and a worker that stood
still begins the requests that came meanwhile before it reads that they were given up.

Source: docs/spec/wire.md#clients-that-have-gone; ASGI, "Disconnected client".
"""

import asyncio
import select
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

CLIENT_IS_GONE: Final = "quote_service.client_is_gone"
"""The extension of a scope that asks whether the client has gone, without waiting."""
_HUNG_UP = getattr(select, "POLLRDHUP", 0)  # Linux; elsewhere the loop's word has to do


class OrdinaryProtocol(HttpToolsProtocol):
    """uvicorn's protocol, whose requests all learn that their peer has gone."""

    _answering: Any = None  # uvicorn's cycle whose turn it is

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._answering = cycle
        send = cycle.send

        async def send_unless_lost(message: Any) -> None:
            # Between the end of a connection and `connection_lost` there is a moment in which a write fails too.
            cycle.disconnected = cycle.disconnected or (self.transport.is_closing() and not cycle.response_complete)
            await send(message)

        cycle.send = send_unless_lost
        cycle.scope.setdefault("extensions", {})[CLIENT_IS_GONE] = lambda: (
            cycle.disconnected or is_hung_up(self.transport)
        )
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request that is being answered, before uvicorn tells the last."""
        answering, self._answering = self._answering, None
        if answering is not None and not answering.response_complete:
            answering.disconnected = True
            answering.message_event.set()
        super().connection_lost(exc)


def is_hung_up(transport: asyncio.BaseTransport) -> bool:
    """Whether the peer has closed its side, as the kernel has it now.

    Whoever closes only the sending half counts too: the server hangs up on them as it does on the others.
    """
    socket = transport.get_extra_info("socket")
    if transport.is_closing() or socket is None or socket.fileno() < 0:
        return True
    watch = select.poll()
    watch.register(socket.fileno(), _HUNG_UP)
    return bool(watch.poll(0))
