"""Both tiers of kept quotes as one aiocache cache: this process first, then Redis. Keys are quote ids.

The quote path calls the tiers directly, because a wrapped call costs more than what it wraps; everything else comes here.
aiocache's own time limit is off: each Redis command has one already.

Source: docs/spec/quotes.md#caching; aiocache 0.12.3, `BaseCache`.
"""

from typing import Any, NoReturn
from uuid import UUID

import msgspec
from aiocache.base import BaseCache
from aiocache.serializers import NullSerializer

from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.redis_store.connection import RedisClient
from quote_service.platform.redis_store.guarded_commands import GuardedCommands
from quote_service.platform.redis_store.keys import quote_key
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.identifiers import uuid7_bits
from quote_service.quotes.model.kept_bytes import pack_quote, unpack_quote
from quote_service.quotes.model.kept_quote import KeptQuote
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.write_answer import issued_data


class QuoteCache(BaseCache):  # type: ignore[misc]  # aiocache has no types
    """Kept quotes by id, from the local tier where it has them as issued, else from Redis."""

    def __init__(self, issuer: QuoteIssuer, client: RedisClient, breaker: Breaker, ttl_seconds: int) -> None:
        super().__init__(serializer=NullSerializer(), timeout=None, ttl=ttl_seconds)
        self._issuer = issuer
        self._redis = GuardedCommands(client, breaker)

    def build_key(self, key: str, namespace: str | None = None) -> str:
        """Keys are ids as they are."""
        return key

    async def _get(self, key: str, encoding: Any = None, _conn: Any = None) -> KeptQuote | None:
        bits = uuid7_bits(UUID(key))
        local = self._issuer.quotes.by_bits(bits, now_us())
        if local is not None and local.quote_id == key:
            return KeptQuote(
                key,
                local.rulebook_version,
                local.issued_at_us,
                local.valid_until_us,
                issued_data(local),
                local.request,
                local.form,
            )
        packed = await self._redis.send("GET", quote_key(bits))
        try:
            kept = unpack_quote(packed) if packed is not None else None
        except msgspec.MsgspecError:
            return None  # written by a version that kept quotes in another form
        return kept if kept is not None and kept.quote_id == key else None

    _gets = _get

    async def _multi_get(self, keys: list[str], encoding: Any = None, _conn: Any = None) -> list[KeptQuote | None]:
        return [await self._get(key) for key in keys]

    async def _set(
        self, key: str, value: KeptQuote, ttl: Any = None, _cas_token: Any = None, _conn: Any = None
    ) -> bool:
        milliseconds = int((ttl or self.ttl) * 1000)
        bits = uuid7_bits(UUID(key))
        self._issuer.quotes.forget(bits)
        await self._redis.send("SET", quote_key(bits), pack_quote(value), "PX", milliseconds)
        return True

    async def _multi_set(self, pairs: list[tuple[str, KeptQuote]], ttl: Any = None, _conn: Any = None) -> bool:
        for key, value in pairs:
            await self._set(key, value, ttl)
        return True

    async def _add(self, key: str, value: KeptQuote, ttl: Any = None, _conn: Any = None) -> bool:
        milliseconds = int((ttl or self.ttl) * 1000)
        kept = await self._redis.send(
            "SET", quote_key(uuid7_bits(UUID(key))), pack_quote(value), "PX", milliseconds, "NX"
        )
        if kept is None:
            raise ValueError(f"{key} is kept already")
        return True

    async def _exists(self, key: str, _conn: Any = None) -> bool:
        return await self._get(key) is not None

    async def _expire(self, key: str, ttl: float, _conn: Any = None) -> bool:
        return bool(await self._redis.send("PEXPIRE", quote_key(uuid7_bits(UUID(key))), int(ttl * 1000)))

    async def _delete(self, key: str, _conn: Any = None) -> int:
        bits = uuid7_bits(UUID(key))
        self._issuer.quotes.forget(bits)
        return int(await self._redis.send("DEL", quote_key(bits)))

    async def _clear(self, namespace: str | None = None, _conn: Any = None) -> bool:
        # Of this process alone: what others can show stays honoured until it ends.
        self._issuer.quotes.clear()
        return True

    async def _increment(self, key: str, delta: int, _conn: Any = None) -> NoReturn:
        raise TypeError("a quote is no number")

    async def _raw(self, command: str, *args: Any, encoding: Any = None, _conn: Any = None, **kwargs: Any) -> Any:
        return await self._redis.send(command, *args)

    async def _redlock_release(self, key: str, value: Any) -> int:
        return await self._delete(key)
