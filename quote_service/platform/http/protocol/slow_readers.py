"""A peer that does not read is let go: what it does not take for so long is thrown away, with its connection.

Progress is what counts, not how long an answer takes: whoever takes some of it in each stretch of time gets it whole. It
is looked at while the peer holds something up, an answer (writing is paused) or the end of the connection (it is closed,
and not all is sent). Nothing is added then, so fewer bytes left means that some were taken.

Source: docs/spec/access.md#bounds-on-requests; `docs/decisions/http-bounds.md`.
"""

import asyncio
import math
from typing import ClassVar

from quote_service.platform.http.protocol.lost_connections import OrdinaryProtocol


class SentProtocol(OrdinaryProtocol):
    """uvicorn's protocol, whose peers have to take what is sent to them."""

    send_seconds: ClassVar[float] = 30.0  # without a byte taken
    _send_timer: asyncio.TimerHandle | None = None
    _unsent: float = 0.0  # bytes that were left at the last look; infinite if the peer has caught up since

    def pause_writing(self) -> None:
        """Wait for the peer, for so long."""
        super().pause_writing()
        self._watch_sending()

    def resume_writing(self) -> None:
        """Go on when the peer has read some of what was written."""
        super().resume_writing()
        self._unsent = math.inf

    def _watch_sending(self) -> None:
        """See to it that what has been written is taken, from when writing is paused or the transport is closed."""
        if self._send_timer is None:
            self._unsent = self.transport.get_write_buffer_size()
            if self._unsent:
                self._send_timer = self.loop.call_later(self.send_seconds, self._look_at_sending)

    def _look_at_sending(self) -> None:
        self._send_timer = None
        unsent = self.transport.get_write_buffer_size()
        if not (self.flow.write_paused or self.transport.is_closing()):
            return  # it is watched again from when it holds something up again
        if unsent < self._unsent:
            self._watch_sending()
        else:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch no longer."""
        if self._send_timer is not None:
            self._send_timer.cancel()
            self._send_timer = None
        super().connection_lost(exc)
