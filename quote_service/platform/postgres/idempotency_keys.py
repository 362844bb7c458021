"""First answers under an Idempotency-Key, kept for 24 h.

Source: docs/spec/wire.md#idempotency-keys.
"""

import hashlib
import json
from collections.abc import Sequence
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "idempotency_keys")
_TRY_LOCK = _QUERIES["try_lock_key"]
_FIND = _QUERIES["find_answer"]
_KEEP = _QUERIES["keep_answer"]
_TRY_LOCKS = _QUERIES["try_lock_keys"]
_FIND_ALL = _QUERIES["find_answers"]
_KEEP_ALL = _QUERIES["keep_answers"]
_OF_CALLER = _QUERIES["answers_of_caller"]
_BLANK = _QUERIES["blank_answers"]
_FORGET = _QUERIES["forget_expired_answers"]


class KeyUse(msgspec.Struct, frozen=True):
    """One use of a key: by whom, on which route, for which request."""

    caller: str
    route: str
    key: str
    fingerprint: bytes


class KeptAnswer(msgspec.Struct, frozen=True):
    """The first answer, and the fingerprint of the request that it answered; `customer_id` is whom it tells of."""

    fingerprint: bytes
    status: int
    headers: dict[str, str]
    body: bytes
    is_sealed: bool = False
    customer_id: UUID | None = None


async def try_lock_key(connection: Connection, use: KeyUse) -> bool:
    """Take the key until the transaction ends; False if another transaction has it."""
    return bool(await connection.fetchval(_TRY_LOCK, _lock_of(use)))


async def try_lock_keys(connection: Connection, uses: Sequence[KeyUse]) -> list[bool]:
    """As `try_lock_key`, of many."""
    return [row[0] for row in await connection.fetch(_TRY_LOCKS, [_lock_of(use) for use in uses])]


async def find_answer(connection: Connection, use: KeyUse) -> KeptAnswer | None:
    """The answer kept under the key, if it is younger than 24 h. To be asked under the key's lock."""
    row = await connection.fetchrow(_FIND, use.caller, use.route, use.key)
    return None if row is None else _kept(row)


async def find_answers(connection: Connection, uses: Sequence[KeyUse]) -> list[KeptAnswer | None]:
    """As `find_answer`, of many, in their order."""
    found: list[KeptAnswer | None] = [None] * len(uses)
    callers, routes, keys = [use.caller for use in uses], [use.route for use in uses], [use.key for use in uses]
    for row in await connection.fetch(_FIND_ALL, callers, routes, keys):
        found[row["place"] - 1] = _kept(row)
    return found


async def answers_of_caller(connection: Connection, caller: str) -> list[tuple[KeyUse, KeptAnswer]]:
    """All that is kept for a caller."""
    rows = await connection.fetch(_OF_CALLER, caller)
    return [(KeyUse(caller, row["route"], row["key"], row["fingerprint"]), _kept(row)) for row in rows]


async def keep_answer(connection: Connection, use: KeyUse, answer: KeptAnswer) -> None:
    """Keep the first answer, within the transaction of its effect; an expired one gives way."""
    await connection.execute(
        _KEEP,
        use.caller,
        use.route,
        use.key,
        answer.fingerprint,
        answer.status,
        json.dumps(answer.headers),
        answer.body,
        answer.is_sealed,
        answer.customer_id,
    )


async def keep_answers(connection: Connection, answers: Sequence[tuple[KeyUse, KeptAnswer]]) -> None:
    """As `keep_answer`, of many under distinct keys, all locked."""
    await connection.execute(
        _KEEP_ALL,
        [use.caller for use, _ in answers],
        [use.route for use, _ in answers],
        [use.key for use, _ in answers],
        [answer.fingerprint for _, answer in answers],
        [answer.status for _, answer in answers],
        [json.dumps(answer.headers) for _, answer in answers],
        [answer.body for _, answer in answers],
        [answer.is_sealed for _, answer in answers],
        [answer.customer_id for _, answer in answers],
    )


async def blank_answers(connection: Connection, customer_id: UUID) -> None:
    """Erase the kept answers that report a customer; a repeat of their requests is refused until they expire."""
    await connection.execute(_BLANK, customer_id)


async def forget_expired_answers(connection: Connection, limit: int) -> int:
    """Delete expired answers, `limit` at most; how many went."""
    return int(await connection.fetchval(_FORGET, limit))


def _lock_of(use: KeyUse) -> int:
    name = "\0".join((use.caller, use.route, use.key)).encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True)


def _kept(row: Record) -> KeptAnswer:
    return KeptAnswer(row["fingerprint"], row["status"], json.loads(row["headers"]), row["body"], row["is_sealed"])
