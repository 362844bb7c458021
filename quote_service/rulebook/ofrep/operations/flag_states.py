"""Which flags a worker holds, as one short text, and who waits for it to become another.

The text is a digest of each flag's version and of how many of its own instants (a start, an end, a step of a ramp) have
passed, so two workers that hold the same flags at the same time have the same one. A client can carry it from one to the
other, as `Last-Event-ID` or as `flagConfigEtag`.

Source: docs/spec/ofrep.md#events.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.pricing.flags.compiled_flag import flag_boundaries
from quote_service.pricing.rulebook.effective_period import EffectivePeriod
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder

_LOOK_SECONDS = 0.1
# A comment then goes to everybody who waits, so that proxies keep their connections.
_ALIVE_SECONDS = 10.0
# So many changes ago is still known to be past, and not to come.
_PAST_STATES = 256


class FlagStates:
    """Of one worker. There are two states: of all flags, and of those that quotes show, which are all that shoppers see."""

    __slots__ = (
        "_flags",
        "_holder",
        "_lifecycle",
        "_listening",
        "_moved",
        "_notified",
        "_past",
        "_period",
        "_states",
        "_timer",
        "_woken_at",
    )

    def __init__(self, holder: RulebookHolder, lifecycle: Lifecycle) -> None:
        self._holder = holder
        self._lifecycle = lifecycle
        self._flags: object = None
        self._period: EffectivePeriod | None = None
        self._states = self._notified = ("", "")
        self._past: deque[str] = deque(maxlen=_PAST_STATES)
        self._listening = 0
        self._moved = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._woken_at = 0.0

    def state(self, *, of_all: bool) -> str:
        """The state at this moment.

        Raises:
            Unavailable: The flags have not been loaded yet.
        """
        rulebook = self._holder.rulebook
        if rulebook is None:
            raise Unavailable("The flags have not been loaded yet")
        at_us = now_us()
        period = rulebook.period_at(at_us)
        if period is not self._period or rulebook.flags is not self._flags:
            self._period, self._flags = period, rulebook.flags
            states = _states_of(rulebook, at_us)
            if states != self._states:
                self._past.extend(self._states)
                self._states = states
        return self._states[0 if of_all else 1]

    async def wait(self) -> None:
        """Return when a state may have changed, when the worker drains, or when it is time for a sign of life."""
        self._look_on()
        await self._moved.wait()

    async def reach(self, wanted: str, seconds: float) -> None:
        """Return once this worker holds a state that another one told of, or has held it, or when that takes too long."""
        with self.listening():
            try:
                async with asyncio.timeout(seconds):
                    while self._is_to_come(wanted) and not self._lifecycle.is_draining:
                        await self.wait()
            except TimeoutError:
                return

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Look for changes meanwhile."""
        self._listening += 1
        try:
            yield
        finally:
            self._listening -= 1

    def _is_to_come(self, wanted: str) -> bool:
        self.state(of_all=True)
        return wanted not in self._states and wanted not in self._past

    def _look_on(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self._listening:
            return
        self._look_on()
        now = asyncio.get_running_loop().time()
        self.state(of_all=True)
        if self._states != self._notified or self._lifecycle.is_draining or now - self._woken_at >= _ALIVE_SECONDS:
            self._notified, self._woken_at = self._states, now
            self._moved.set()
            self._moved = asyncio.Event()


def _states_of(rulebook: Rulebook, at_us: int) -> tuple[str, str]:
    every, shown = blake2b(digest_size=12), blake2b(digest_size=12, person=b"shown")
    for flag_id in sorted(rulebook.flags):
        flag = rulebook.flags[flag_id]
        passed = sum(boundary <= at_us for boundary in flag_boundaries(flag.draft))
        line = f"{flag_id} {flag.version} {flag.changed_in} {passed}\n".encode()
        every.update(line)
        if flag.draft.expose_in_quote:
            shown.update(line)
    return every.hexdigest(), shown.hexdigest()
