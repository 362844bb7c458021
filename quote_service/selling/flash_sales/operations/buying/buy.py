"""Buy in a flash sale: Redis admits in one atomic step, or PostgreSQL does while Redis is unavailable.

An answer that does not come is asked for again once, with the same id and key, which takes nothing twice; after that
PostgreSQL decides, with the same id and key too.

Source: docs/spec/flash-sales.md#order-of-checks; docs/spec/flash-sales.md#finding-a-purchase.
"""

import asyncio
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import NotANumber
from quote_service.platform.redis_store.breaker import FIRST_PAUSE_SECONDS
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import Invalid, Overloaded, QuoteServiceError, Unavailable
from quote_service.platform.system.new_ids import random_bits
from quote_service.selling.flash_sales.model.errors import StockUnreachable
from quote_service.selling.flash_sales.model.kept_refusals import KeptRefusal, repeated_refusal
from quote_service.selling.flash_sales.model.purchase import (
    Purchase,
    PurchaseDraft,
    RecordedPurchase,
    instant_of_ms,
    shown_purchase,
)
from quote_service.selling.flash_sales.model.refusals import SaleNotActive, Verdict, refusal_of
from quote_service.selling.flash_sales.model.reservation import Reservation, purchase_id
from quote_service.selling.flash_sales.model.sale import of_minor, to_minor
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.operations.buying.admit_directly import admit_directly
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.tables.gate import GateAnswer, GateAsk
from quote_service.selling.flash_sales.tables.kept_refusals import find_refusal
from quote_service.selling.flash_sales.tables.purchases import Outcome, read_purchase, read_purchase_by_key

_DIRECT_WAIT_SECONDS = 1.5
_STALE_TRIES = 3
# Longer than it takes until an item is built again, once Redis answers again.
_DOUBT_SECONDS = 3.0


class Bought(NamedTuple):
    """A purchase, and whether it was made before under the same key."""

    purchase: Purchase
    is_replayed: bool


async def buy(
    runtime: FlashSaleRuntime, sale_id: UUID, customer_id: UUID, draft: PurchaseDraft, key: str, now_ms: int
) -> Bought:
    """Buy for a customer.

    Args:
        runtime: Of this process.
        sale_id: In which sale.
        customer_id: For whom.
        draft: What, how many, at which price.
        key: The request's Idempotency-Key.
        now_ms: The time that the purchase's id carries; nothing is decided by it.

    Raises:
        NotFound: There is no such sale, or the product is not on it.
        Invalid: The price has more decimals than the currency.
        IdempotencyKeyReused: The key came before with another request.
        SaleNotActive, PriceChanged, LimitReached, SoldOut: The purchase is refused.
        SaleNotLoaded, Overloaded, Unavailable: Not now.
        UnknownVerdict: Redis answered with a word that nobody knows; the units may have been taken.
    """
    item = await runtime.item_cache.find(sale_id, draft.product_id)
    ask = _ask_of(item, customer_id, draft, key, now_ms)
    try:
        return await _admitted(runtime, item, ask)
    except QuoteServiceError as refusal:
        if refusal.kind == "conflict":
            runtime.refused[item.id, refusal.code] += 1
        runtime.meters.refused(refusal.code)
        raise


async def wait_for_outcome(runtime: FlashSaleRuntime, purchase: Purchase, seconds: float) -> Purchase:
    """The purchase as it is once it is recorded, or as it was where that takes longer."""
    if purchase.status != "reserved":
        return purchase
    outcome = await runtime.outcomes.wait(purchase.purchase_id, seconds)
    return purchase if outcome is None else _with(purchase, outcome)


async def in_its_place(runtime: FlashSaleRuntime, purchase: Purchase, key: str) -> Purchase:
    """What a repeated request has bought, where Redis had forgotten it and made a second reservation that came too late.

    Args:
        runtime: Of this process.
        purchase: As it is to be answered.
        key: The request's Idempotency-Key.

    Raises:
        Unavailable: PostgreSQL gave no answer, so it is not known what the request has bought.
    """
    if purchase.reason != "key_of_another_purchase":
        return purchase
    async with runtime.database.read() as connection:
        kept = await read_purchase_by_key(connection, purchase.customer_id, key, purchase.flash_sale_id)
    if kept is None or (kept.product_id, kept.quantity) != (purchase.product_id, purchase.quantity):
        return purchase  # the key belongs to another request
    return shown_purchase(kept)


def shown_reservation(item: StockItem, reservation: Reservation) -> Purchase:
    """A reservation that is not recorded yet as it is shown."""
    return Purchase(
        purchase_id=reservation.id,
        flash_sale_id=item.sale_id,
        product_id=item.product_id,
        customer_id=reservation.customer_id,
        quantity=reservation.quantity,
        unit_price=of_minor(reservation.unit_price_minor, item.currency),
        total=of_minor(reservation.unit_price_minor * reservation.quantity, item.currency),
        currency=item.currency,
        status="reserved",
        reason=None,
        reserved_at=instant_of_ms(reservation.reserved_ms),
        expires_at=instant_of_ms(reservation.expires_ms) if reservation.expires_ms else None,
    )


def _ask_of(item: StockItem, customer_id: UUID, draft: PurchaseDraft, key: str, now_ms: int) -> GateAsk:
    try:
        price_minor = to_minor(draft.expected_price, item.currency)
    except NotANumber:
        raise Invalid.at(
            "/expected_price", f"must have at most {EXPONENTS[item.currency]} decimals in {item.currency}"
        ) from None
    reported = f"{item.sale_id}|{draft.product_id}|{customer_id}|{draft.quantity}|{price_minor}"
    return GateAsk(
        id=purchase_id(item.id, now_ms, random_bits()),
        item_id=item.id,
        customer_id=customer_id,
        quantity=draft.quantity,
        idempotency_key=key,
        fingerprint=blake2b(reported.encode(), digest_size=10).hexdigest(),
        price_minor=price_minor,
        epoch=item.epoch,
    )


async def _admitted(runtime: FlashSaleRuntime, item: StockItem, ask: GateAsk) -> Bought:
    if item.state == "scheduled":  # nothing can have been bought yet: those who come early cost nobody anything
        raise refusal_of(Verdict.NOT_STARTED, item.currency)
    if item.state != "active":
        return await _before_or_never(runtime, item, ask, SaleNotActive(f"This flash sale is {item.state}"))
    if item.is_drifted or asyncio.get_running_loop().time() < runtime.doubtful_until:
        # Redis was unavailable, and knows nothing of what was bought meanwhile until the item is built again.
        before = await _before_if_reachable(runtime, item, ask)
        if before is not None:
            return before
    for _ in range(_STALE_TRIES):
        try:
            answer = await _ask_gate(runtime, ask)
        except StockUnreachable as away:
            return await _directly(runtime, ask, away)
        if answer.verdict is not Verdict.STALE:
            return await _read(runtime, item, ask, answer)
        await runtime.item_cache.refresh()  # the item was built again since it was read
        item = await runtime.item_cache.find(item.sale_id, item.product_id)
        ask = ask._replace(epoch=item.epoch)
    raise refusal_of(Verdict.STALE, item.currency)


async def _ask_gate(runtime: FlashSaleRuntime, ask: GateAsk) -> GateAnswer:
    crash_point("before_script")
    try:
        answer = await runtime.gate.reserve(ask)
    except StockUnreachable as away:
        runtime.doubtful_until = asyncio.get_running_loop().time() + _DOUBT_SECONDS
        if not away.is_unknown:
            raise
    else:
        crash_point("after_script")
        return answer
    await asyncio.sleep(FIRST_PAUSE_SECONDS)
    try:
        return await runtime.gate.reserve(ask)
    except StockUnreachable as away:
        raise StockUnreachable(is_unknown=True) from away  # the first may have been done


async def _read(runtime: FlashSaleRuntime, item: StockItem, ask: GateAsk, answer: GateAnswer) -> Bought:
    verdict = answer.verdict
    if answer.reservation is not None:
        if verdict is Verdict.RESERVED or answer.reservation.id == ask.id:
            runtime.meters.reserved.add()
            return Bought(shown_reservation(item, answer.reservation), is_replayed=False)
        return Bought(await _as_it_is(runtime, item, answer.reservation), is_replayed=True)
    refusal = refusal_of(verdict, item.currency, answer.detail)
    if answer.is_kept:
        raise repeated_refusal(refusal)
    if verdict is Verdict.NOT_LOADED:
        return await _before_or_never(runtime, item, ask, refusal)
    raise refusal


async def _directly(runtime: FlashSaleRuntime, ask: GateAsk, away: StockUnreachable) -> Bought:
    try:
        async with asyncio.timeout(_DIRECT_WAIT_SECONDS):
            await runtime.direct.acquire()
    except TimeoutError:
        raise Overloaded("Too many purchases at once; try again", retry_after_seconds=1) from None
    try:
        runtime.directly += 1
        runtime.meters.directly.add()
        # Redis may have taken the units, so that it cannot be said yet that nothing was bought.
        is_replayed = await admit_directly(runtime.database, ask, refuses_for_good=not away.is_unknown)
    except QuoteServiceError as refusal:
        if away.is_unknown and refusal.kind == "conflict":
            raise _unknown() from refusal
        raise
    finally:
        runtime.direct.release()
    kept = await _kept(runtime, ask)
    if kept is None:
        raise _unknown()
    return Bought(shown_purchase(kept), is_replayed and kept.id != ask.id)


async def _before_or_never(
    runtime: FlashSaleRuntime, item: StockItem, ask: GateAsk, refusal: QuoteServiceError
) -> Bought:
    """The purchase made before under the key, or the refusal of a new one."""
    try:
        on_its_way = await runtime.gate.find_by_key(ask.item_id, ask.customer_id, ask.idempotency_key)
        refused = await runtime.gate.find_refusal(ask.item_id, ask.customer_id, ask.idempotency_key)
    except StockUnreachable:
        on_its_way = refused = None
        if runtime.item_cache.item(item.id) is not None:  # what is no longer there is all recorded
            refusal = _unknown()
    kept = await _kept(runtime, ask)
    if kept is None and on_its_way is not None and on_its_way.fingerprint == ask.fingerprint:
        return Bought(shown_reservation(item, on_its_way), is_replayed=True)
    if kept is not None:
        return _as_before(kept, ask)
    refused = refused or await _refused(runtime, ask)
    raise refusal if refused is None else refused.refusal_for(ask.fingerprint, item.currency)


def _as_before(kept: RecordedPurchase, ask: GateAsk) -> Bought:
    if kept.fingerprint != ask.fingerprint:
        raise refusal_of(Verdict.MISMATCH, kept.currency)
    return Bought(shown_purchase(kept), is_replayed=True)


async def _before_if_reachable(runtime: FlashSaleRuntime, item: StockItem, ask: GateAsk) -> Bought | None:
    """What PostgreSQL has answered under the key while Redis was unavailable; a refusal is raised."""
    try:
        kept = await _kept(runtime, ask)
        refused = None if kept is not None else await _refused(runtime, ask)
    except Unavailable:
        return None
    if refused is not None:
        raise refused.refusal_for(ask.fingerprint, item.currency)
    return None if kept is None else _as_before(kept, ask)


async def _kept(runtime: FlashSaleRuntime, ask: GateAsk) -> RecordedPurchase | None:
    item = await runtime.item_cache.find_by_id(ask.item_id)
    assert item is not None
    async with runtime.database.read() as connection:
        return await read_purchase_by_key(connection, ask.customer_id, ask.idempotency_key, item.sale_id)


async def _refused(runtime: FlashSaleRuntime, ask: GateAsk) -> KeptRefusal | None:
    async with runtime.database.read() as connection:
        return await find_refusal(connection, ask)


async def _as_it_is(runtime: FlashSaleRuntime, item: StockItem, reservation: Reservation) -> Purchase:
    """A purchase made before: as it is recorded where that can be asked, as it was reserved otherwise."""
    try:
        async with runtime.database.read() as connection:
            kept = await read_purchase(connection, reservation.id)
    except Unavailable:
        kept = None
    return shown_reservation(item, reservation) if kept is None else shown_purchase(kept)


def _with(purchase: Purchase, outcome: Outcome) -> Purchase:
    return msgspec.structs.replace(purchase, status=outcome.status, reason=outcome.reason)


def _unknown() -> Unavailable:
    reported = "It is not known what became of the purchase; ask again with the same key"
    return Unavailable(reported, retry_after_seconds=1)
