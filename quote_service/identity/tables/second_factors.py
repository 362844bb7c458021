"""Second factors: the sealed secret of each person's authenticator app, and recovery codes by hash.

Source: docs/spec/access.md#second-factor.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.sealing import SealedSecret

_QUERIES = load_queries(__file__, "second_factors")
_START = _QUERIES["start_factor"]
_LOCK = _QUERIES["lock_factor"]
_CONFIRM = _QUERIES["confirm_factor"]
_NOTE_STEP = _QUERIES["note_step"]
_REMOVE = _QUERIES["remove_factor"]
_FORGET_CODES = _QUERIES["forget_codes"]
_ADD_CODES = _QUERIES["add_codes"]
_USE_CODE = _QUERIES["use_code"]
_CODES_LEFT = _QUERIES["codes_left"]
_SEALED_WITH = _QUERIES["sealed_with"]
_WRITE_SEAL = _QUERIES["write_seal"]
_FORGET_UNCONFIRMED = _QUERIES["forget_unconfirmed"]


class HeldFactor(NamedTuple):
    """A second factor, its row held; `last_step` is the time step of the last code that was taken."""

    secret: SealedSecret
    is_confirmed: bool
    last_step: int


async def start_factor(connection: Connection, user_id: str, secret: SealedSecret, at: datetime) -> bool:
    """Keep a secret until it is confirmed, in place of one that was not; False if there is one that was."""
    return await connection.fetchval(_START, user_id, *secret, at) is not None


async def lock_factor(connection: Connection, user_id: str) -> HeldFactor | None:
    """A person's second factor, held until the transaction ends: two requests with one code are one after the other."""
    row = await connection.fetchrow(_LOCK, user_id)
    if row is None:
        return None
    sealed = SealedSecret(row["secret"], row["secret_key_id"])
    return HeldFactor(sealed, row["confirmed_at"] is not None, row["last_step"])


async def confirm_factor(connection: Connection, user_id: str, at: datetime) -> None:
    """From now on it is asked for."""
    await connection.execute(_CONFIRM, user_id, at)


async def note_step(connection: Connection, user_id: str, step: int) -> None:
    """Write down the time step of a code that was taken."""
    await connection.execute(_NOTE_STEP, user_id, step)


async def remove_factor(connection: Connection, user_id: str) -> bool:
    """Remove it with its recovery codes; whether it was one that is asked for."""
    return await connection.fetchval(_REMOVE, user_id) is not None


async def replace_codes(connection: Connection, user_id: str, hashes: Sequence[bytes]) -> None:
    """Other recovery codes in place of those there are."""
    await connection.execute(_FORGET_CODES, user_id)
    await connection.execute(_ADD_CODES, user_id, list(hashes))


async def use_code(connection: Connection, user_id: str, code_hash: bytes, at: datetime) -> bool:
    """Use a recovery code up; False if it is none, or was used."""
    return await connection.fetchval(_USE_CODE, user_id, code_hash, at) is not None


async def codes_left(connection: Connection, user_id: str) -> int:
    """How many recovery codes are left."""
    return int(await connection.fetchval(_CODES_LEFT, user_id))


async def sealed_with(connection: Connection, key_ids: Sequence[str], limit: int) -> list[tuple[UUID, SealedSecret]]:
    """Secrets sealed with one of these keys, held, `limit` at most."""
    rows = await connection.fetch(_SEALED_WITH, list(key_ids), limit)
    return [(row["user_id"], SealedSecret(row["secret"], row["secret_key_id"])) for row in rows]


async def write_seal(connection: Connection, user_id: UUID, secret: SealedSecret) -> None:
    """The same secret under another key."""
    await connection.execute(_WRITE_SEAL, user_id, *secret)


async def forget_unconfirmed(connection: Connection, before: datetime, limit: int) -> int:
    """Delete secrets that nobody confirmed and that were made before an instant, `limit` at most; how many went."""
    return int(await connection.fetchval(_FORGET_UNCONFIRMED, before, limit))
