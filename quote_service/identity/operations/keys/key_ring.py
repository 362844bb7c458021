"""The API keys that hold, in memory: a request with a key waits for nothing.

`identity/loops/access_watch.py` puts a new set in place within a second of any change, so that a revoked key ends on every
worker. While PostgreSQL cannot be reached the last set goes on serving; a key's own expiry holds all the same.

A key is found by the SHA-256 of its bytes: an unknown one costs what a known one costs and leaves nothing behind, and
how long the search takes reveals nothing about any stored key, because nobody can choose the digest that he sends.

Source: docs/spec/access.md#callers.
"""

from collections.abc import Callable, Iterable, Mapping

from quote_service.platform.callers.access import Caller
from quote_service.platform.callers.api_keys import KEY_LENGTH_MAX, key_digest


class KeyRing:
    """Active keys by digest; the generations of people whose tokens were ended recently; the keys used recently."""

    __slots__ = ("_callers", "_generations", "_used", "version", "when_replaced")

    def __init__(self) -> None:
        self._callers: dict[bytes, Caller] = {}
        self._generations: Mapping[str, int] = {}
        self._used: set[str] = set()
        self.version = -1
        # Told after each new set; `open_streams.py` ends what has lost its right.
        self.when_replaced: Callable[[], None] | None = None

    def replace(self, keys: Iterable[tuple[bytes, Caller]], generations: Mapping[str, int], version: int) -> None:
        """Put a new set in place: callers by key digest, and the lowest generation that counts by user id."""
        self._callers = dict(keys)
        self._generations = generations
        self.version = version
        if self.when_replaced is not None:
            self.when_replaced()

    @property
    def is_loaded(self) -> bool:
        """Whether there has been a set at all."""
        return self.version >= 0

    def caller_of_key(self, raw_header_value: bytes, at_us: int) -> Caller | None:
        """The caller whose key this is at this instant; None if it is no active key."""
        if len(raw_header_value) > KEY_LENGTH_MAX:
            return None
        return self.caller_of_digest(key_digest(raw_header_value), at_us)

    def caller_of_digest(self, digest: bytes, at_us: int) -> Caller | None:
        """The caller whose key has this digest, at this instant; None if no active key has."""
        caller = self._callers.get(digest)
        if caller is None or (caller.expires_at_us is not None and caller.expires_at_us <= at_us):
            return None
        self._used.add(caller.id)
        return caller

    def counts(self, user_id: str, generation: int) -> bool:
        """Whether a token of this generation has not been ended by a new role, a new password or deactivation."""
        return self._generations.get(user_id, 0) <= generation

    def take_used(self) -> list[str]:
        """The ids of the keys used since it was last asked; bounded by the number of keys."""
        used, self._used = self._used, set()
        return list(used)
