"""First answers under an Idempotency-Key, kept for 24 h.

Source: docs/spec/wire.md#idempotency-keys.
"""

import hashlib
import json
from uuid import UUID

import msgspec

from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "idempotency_keys")
_TRY_LOCK = _QUERIES["try_lock_key"]
_FIND = _QUERIES["find_answer"]
_KEEP = _QUERIES["keep_answer"]
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
    name = "\0".join((use.caller, use.route, use.key)).encode()
    lock = int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True)
    return bool(await connection.fetchval(_TRY_LOCK, lock))


async def find_answer(connection: Connection, use: KeyUse) -> KeptAnswer | None:
    """The answer kept under the key, if it is younger than 24 h. To be asked under the key's lock."""
    row = await connection.fetchrow(_FIND, use.caller, use.route, use.key)
    if row is None:
        return None
    headers = json.loads(row["headers"])
    return KeptAnswer(row["fingerprint"], row["status"], headers, row["body"], row["is_sealed"])


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


async def blank_answers(connection: Connection, customer_id: UUID) -> None:
    """Erase the kept answers that tell of a customer; a repeat of their requests is refused until they expire."""
    await connection.execute(_BLANK, customer_id)


async def forget_expired_answers(connection: Connection, limit: int) -> int:
    """Delete expired answers, `limit` at most; how many went."""
    return int(await connection.fetchval(_FORGET, limit))
