"""Passwords: hashed with Argon2id beside the event loop, a few at a time.

One hash takes 19 MiB and some 20 ms of a core, so how many run and wait at once is bounded: who tries passwords by the
thousand is turned away instead of slowing down quotes.

Source: docs/spec/access.md#people; OWASP Password Storage (Argon2id, 19 MiB, 2 passes, 1 lane).
"""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from quote_service.platform.system.errors import Overloaded

Result = TypeVar("Result")


class Passwords:
    """Hashes and checks passwords on threads of its own."""

    def __init__(
        self, *, threads: int = 2, waiting_max: int = 32, memory_kib: int = 19 * 1024, passes: int = 2
    ) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1, type=Type.ID)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._room = threads + waiting_max
        # Checked where there is no such person, so that an unknown address takes as long as a known one.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    async def hash(self, password: str) -> str:
        """The hash to keep.

        Raises:
            Overloaded: Too many are waiting.
        """
        return await self._run(lambda: self._hasher.hash(password))

    async def matches(self, password: str, kept_hash: str | None) -> bool:
        """Whether this is the password; with None it takes as long and is not.

        Raises:
            Overloaded: Too many are waiting.
        """
        # Whoever signs in with a provider alone has something there that is no hash.
        known = kept_hash if kept_hash is not None and kept_hash.startswith("$") else None
        found = await self._run(lambda: self._check(password, known or self._nobody))
        return found and known is not None

    def is_outdated(self, kept_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept_hash)

    def close(self) -> None:
        """Let the threads go once they have finished."""
        self._threads.shutdown(wait=False)

    def _check(self, password: str, kept_hash: str) -> bool:
        try:
            return self._hasher.verify(kept_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._room <= 0:
            raise Overloaded("Too many people are logging in; try again in a moment", retry_after_seconds=1)
        self._room -= 1
        future = self._threads.submit(work)
        # The room is free when the thread is, even where the request that asked has gone.
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave))
        return await asyncio.wrap_future(future)

    def _leave(self) -> None:
        self._room += 1
