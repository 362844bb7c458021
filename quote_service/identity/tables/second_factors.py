"""Second factors: the sealed secret of each person's authenticator app, and recovery codes by hash.

Source: docs/spec/access.md#second-factor.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.sealing import SealedSecret

STATEMENTS = Statements(__file__, "second_factors")


class HeldFactor(NamedTuple):
    """A second factor, its row held; `last_step` is the time step of the last code that was taken."""

    secret: SealedSecret
    is_confirmed: bool
    last_step: int


@STATEMENTS.query()
async def start_factor(connection: Connection, user_id: str, secret: SealedSecret, at: datetime) -> bool:
    """Keep a secret until it is confirmed, in place of one that was not; False if there is one that was."""


async def lock_factor(connection: Connection, user_id: str) -> HeldFactor | None:
    """A person's second factor, held until the transaction ends: two requests with one code are one after the other."""
    row = await connection.fetchrow(STATEMENTS["lock_factor"], user_id)
    if row is None:
        return None
    sealed = SealedSecret(row["secret"], row["secret_key_id"])
    return HeldFactor(sealed, row["confirmed_at"] is not None, row["last_step"])


@STATEMENTS.query()
async def confirm_factor(connection: Connection, user_id: str, at: datetime) -> None:
    """From now on it is asked for."""


@STATEMENTS.query()
async def note_step(connection: Connection, user_id: str, step: int) -> None:
    """Write down the time step of a code that was taken."""


@STATEMENTS.query()
async def remove_factor(connection: Connection, user_id: str) -> bool:
    """Remove it with its recovery codes; whether it was one that is asked for."""


async def replace_codes(connection: Connection, user_id: str, hashes: Sequence[bytes]) -> None:
    """Other recovery codes in place of those there are."""
    await connection.execute(STATEMENTS["forget_codes"], user_id)
    await connection.execute(STATEMENTS["add_codes"], user_id, list(hashes))


@STATEMENTS.query()
async def use_code(connection: Connection, user_id: str, code_hash: bytes, at: datetime) -> bool:
    """Use a recovery code up; False if it is none, or was used."""


@STATEMENTS.query()
async def codes_left(connection: Connection, user_id: str) -> int:
    """How many recovery codes are left."""


@STATEMENTS.query()
async def sealed_with(connection: Connection, key_ids: Sequence[str], limit: int) -> list[tuple[UUID, SealedSecret]]:
    """Secrets sealed with one of these keys, held, `limit` at most."""


@STATEMENTS.query()
async def write_seal(connection: Connection, user_id: UUID, secret: SealedSecret) -> None:
    """The same secret under another key."""


@STATEMENTS.query()
async def forget_unconfirmed(connection: Connection, before: datetime, limit: int) -> int:
    """Delete secrets that nobody confirmed and that were made before an instant, `limit` at most; how many went."""
