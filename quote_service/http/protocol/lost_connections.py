"""A connection that is lost ends every request on it; uvicorn tells the one that came in last.

Where requests are pipelined, the one that is being answered is an earlier one: uvicorn lets it go on writing to what is
closed, which is an error with a traceback for each, at the will of any caller.

Source: docs/spec/wire.md; ASGI, "Disconnected client".
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


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
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request that is being answered, before uvicorn tells the last."""
        answering, self._answering = self._answering, None
        if answering is not None and not answering.response_complete:
            answering.disconnected = True
            answering.message_event.set()
        super().connection_lost(exc)
