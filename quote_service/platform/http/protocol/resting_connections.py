"""How a connection rests between its requests, and how it ends.

One timer watches a connection however many requests it has: it is looked at when it rings, not set again with each answer.
A connection ends by `_close` alone, so that its state says so and what is left to send is watched.

Source: docs/spec/access.md#bounds-on-requests; `docs/decisions/hot-protocol.md`.
"""

from typing import Any

from quote_service.platform.http.protocol.slow_readers import SentProtocol
from quote_service.platform.http.protocol.states import RESTING, ConnectionState


class RestingProtocol(SentProtocol):
    """uvicorn's protocol, which rests and ends as the table of its states says."""

    _state: ConnectionState = RESTING
    _idle_since: float = 0.0  # 0 while a request is under way

    def _unset_keepalive_if_required(self) -> None:
        """A request begins. The timer goes on, and finds the connection busy: to cancel it each time costs more."""
        self._idle_since = 0.0

    def _rest(self) -> None:
        """Wait for the next request, for as long as a connection may."""
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._watch_rest(self.timeout_keep_alive)

    def _watch_rest(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has rested for its whole time."""
        self.timeout_keep_alive_task = None
        if not self._idle_since:
            return  # it is watched again when it rests again
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._watch_rest(left)
        else:
            self._close()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        run = cycle.run_asgi

        async def run_and_look(app: Any) -> None:
            await run(app)
            if self.transport.is_closing():  # uvicorn closes it after a mistake
                self._close()

        cycle.run_asgi = run_and_look
        super()._start_asgi_task(cycle, app)

    def shutdown(self) -> None:
        """Stop as the server does: at once, or with the next answer."""
        super().shutdown()
        if self.transport.is_closing():
            self._close()

    def _close(self) -> None:
        """Hang up when what was said has been sent."""
        self._state = self._state.closed
        self.transport.close()
        self._watch_sending()

    def connection_lost(self, exc: Exception | None) -> None:
        """Rest no longer."""
        self._state = self._state.closed
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None
        super().connection_lost(exc)
