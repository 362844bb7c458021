"""Refusals that PostgreSQL has decided while Redis was unavailable, among the answers that are kept for their idempotency keys.

Source: docs/spec/flash-sales.md#refusals-and-keys.
"""

from uuid import UUID

from quote_service.platform.postgres.idempotency_keys import (
    KeptAnswer,
    KeyUse,
    answers_of_caller,
    find_answer,
    keep_answer,
)
from quote_service.platform.postgres.pool import Connection
from quote_service.selling.flash_sales.model.kept_refusals import KeptRefusal, read_refusal
from quote_service.selling.flash_sales.model.refusals import Verdict
from quote_service.selling.flash_sales.tables.gate import GateAsk

_DIGEST_BYTES = 32
_CONFLICT = 409


async def find_refusal(connection: Connection, ask: GateAsk) -> KeptRefusal | None:
    """The refusal that is final for the key of a request."""
    kept = await find_answer(connection, _use_of(ask))
    return None if kept is None else _read(kept)


async def keep_refusal(connection: Connection, ask: GateAsk, verdict: Verdict, number: int) -> None:
    """Keep it for a day, under the lock of the item."""
    use, text = _use_of(ask), KeptRefusal(verdict, number, ask.fingerprint).text
    answer = KeptAnswer(use.fingerprint, _CONFLICT, {}, text.encode(), customer_id=ask.customer_id)
    await keep_answer(connection, use, answer)


async def refusals_of_item(connection: Connection, item_id: int) -> list[tuple[UUID, str, KeptRefusal]]:
    """All of an item, by customer and key."""
    return [
        (UUID(use.route), use.key, _read(kept))
        for use, kept in await answers_of_caller(connection, _caller_of(item_id))
    ]


def _caller_of(item_id: int) -> str:
    return f"flash-sale-item:{item_id}"


def _use_of(ask: GateAsk) -> KeyUse:
    digest = bytes.fromhex(ask.fingerprint).ljust(_DIGEST_BYTES, b"\0")
    return KeyUse(_caller_of(ask.item_id), str(ask.customer_id), ask.idempotency_key, digest)


def _read(kept: KeptAnswer) -> KeptRefusal:
    # Of a customer who was erased only that the key is taken is left: by a request that nobody can send.
    return read_refusal(kept.body.decode()) if kept.body else KeptRefusal(Verdict.SOLD_OUT, 0, "")
