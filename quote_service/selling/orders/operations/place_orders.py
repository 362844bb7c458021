"""Place orders: many in one transaction, each by itself.

One transaction accepts the quotes that are not accepted yet, takes what their prices rest on, writes the orders, posts them
and keeps the answers, for all of a group; its statements are as many for one order as for a hundred. What is refused of a
group takes nothing, and the others go on.

Locks, in this order: keys (nobody waits for one), quotes in the order of their ids, what reservations lock, and at the commit
the ledger's accounts.

Source: docs/spec/orders.md#place-an-order; docs/decisions/orders.md.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.documents.documents import envelope, write_document
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.idempotency_keys import (
    KeptAnswer,
    KeyUse,
    find_answers,
    keep_answers,
    try_lock_keys,
)
from quote_service.platform.postgres.outbox import publish_many
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.errors import IdempotencyKeyReused, Invalid, QuoteServiceError, RequestStillRunning
from quote_service.platform.system.new_ids import new_id
from quote_service.quotes.model.accepted_quote import AcceptedQuote
from quote_service.quotes.model.errors import QuoteUnknown
from quote_service.quotes.operations.accept_offers import OfferToAccept, accept_offers, accepted_quotes
from quote_service.quotes.operations.accept_quote import Offer
from quote_service.quotes.operations.sign_receipt import ReceiptSigner
from quote_service.rulebook.commission_rates.operations.refund_rules import refund_rules
from quote_service.rulebook.pricing_rules.operations.commission_tax_versions import commission_tax_versions
from quote_service.selling.ledger.model.transactions import Transaction
from quote_service.selling.ledger.operations.post_transaction import post_transactions
from quote_service.selling.orders.model.freeze_quote import freeze_quote
from quote_service.selling.orders.model.ledger_entries import entries_of_order
from quote_service.selling.orders.model.order import Order, OrderFigures
from quote_service.selling.orders.model.quoted import QuotedOrder, read_quoted
from quote_service.selling.orders.model.records import placed_record, record_of
from quote_service.selling.orders.model.refusals import QuoteOrdered
from quote_service.selling.orders.operations.asked_order import AskedOrder, OfferWanted, Outcome, PlacedOrder
from quote_service.selling.orders.tables.orders import insert_orders, orders_of_quotes
from quote_service.shop.reservations.operations.hold_quotes import HeldQuotes, hold_quotes

MESSAGE = "Order placed"
_UNKNOWN = "There is no quote with this id"


class _Ready(NamedTuple):
    """A request that can be placed, if what its quote rests on can be taken; `accepted` if it has been."""

    place: int
    asked: AskedOrder
    quoted: QuotedOrder
    rulebook_version: int | None
    customer_id: UUID
    accepted: AcceptedQuote | None


async def place_orders(connection: Connection, asked: Sequence[AskedOrder], receipts: ReceiptSigner) -> list[Outcome]:
    """Place orders.

    Args:
        connection: Inside a transaction of its own.
        asked: At most one for each quote, and for each key.
        receipts: Signs the receipts of quotes that are accepted now.

    Returns:
        For each the answer, or why there is no order: RequestStillRunning, IdempotencyKeyReused, QuoteOrdered,
        QuoteUnknown, QuoteEnded, QuoteDiffers, QuoteUnreadable, Unavailable, Invalid where the customer has to be known
        and is not, and what reservations refuse. The answer is kept under its key, and so is a refusal for good.
    """
    outcomes: list[Outcome | None] = list(await _answered_before(connection, [each.use for each in asked]))
    open_places = [place for place, outcome in enumerate(outcomes) if outcome is None]
    ready: list[_Ready] = []
    held = await hold_quotes(connection, [asked[place].quote_id for place in open_places])
    for place, standing in zip(
        open_places, await _stand(connection, [asked[place] for place in open_places]), strict=True
    ):
        outcome = _ready(place, asked[place], *standing)
        if isinstance(outcome, _Ready):
            ready.append(outcome)
        else:
            outcomes[place] = outcome
    frozen = await _freeze(connection, ready)
    await _accept(connection, ready, held, outcomes, receipts)
    placed = [
        (each, _order(each, figures))
        for each, figures in zip(ready, frozen, strict=True)
        if outcomes[each.place] is None
    ]
    if placed:
        answers = await _write(connection, placed)
        for (each, _), answer in zip(placed, answers, strict=True):
            outcomes[each.place] = answer
    await _keep_refusals(connection, [(asked[place], outcomes[place]) for place in open_places])
    return [outcome for outcome in outcomes if outcome is not None]


async def _answered_before(connection: Connection, uses: Sequence[KeyUse]) -> list[Outcome | None]:
    """What is said to each request by what stands under its key; None where it is the first."""
    are_ours = await try_lock_keys(connection, uses)
    kept = await find_answers(connection, uses)
    return [
        _by_key(use, answer)
        if is_ours
        else RequestStillRunning("Try again when the first request has finished", retry_after_seconds=1)
        for use, is_ours, answer in zip(uses, are_ours, kept, strict=True)
    ]


async def _keep_refusals(connection: Connection, outcomes: Sequence[tuple[AskedOrder, Outcome | None]]) -> None:
    """Keep the refusals that are final: an order that was refused is never placed by a copy of its request that comes late."""
    refused = [(each, outcome) for each, outcome in outcomes if isinstance(outcome, QuoteServiceError)]
    written = [(each.use, each.refusal_to_keep(refusal, each.customer_id)) for each, refusal in refused]
    kept = [(use, answer) for use, answer in written if answer is not None]
    if kept:
        await keep_answers(connection, kept)


def _by_key(use: KeyUse, kept: KeptAnswer | None) -> Outcome | None:
    if kept is None:
        return None
    if kept.fingerprint != use.fingerprint:
        return IdempotencyKeyReused("This key was used with a different request; use a new key for a new request")
    return PlacedOrder(kept.status, kept.headers, kept.body, is_replayed=True)


async def _stand(connection: Connection, asked: Sequence[AskedOrder]) -> list[tuple[AcceptedQuote | None, UUID | None]]:
    """Whether the quote of each request is accepted, and which order it has, asked under the quotes' locks."""
    quote_ids = [each.quote_id for each in asked]
    accepted = await accepted_quotes(connection, quote_ids)
    ordered = await orders_of_quotes(connection, quote_ids)
    return [(accepted.get(quote_id), ordered.get(quote_id)) for quote_id in quote_ids]


def _ready(
    place: int, asked: AskedOrder, accepted: AcceptedQuote | None, order_id: UUID | None
) -> _Ready | OfferWanted | QuoteServiceError:
    offer = asked.offer
    customer_id = asked.customer_id
    if accepted is not None:
        # First: of another's quote a shopper is reported nothing, whatever the request names.
        if asked.shopper_id is not None and accepted.customer_id != str(asked.shopper_id):
            return QuoteUnknown(_UNKNOWN)
        if accepted.customer_id is not None:
            if customer_id not in (None, UUID(accepted.customer_id)):
                return Invalid.at("/customer_id", "is not the customer of this quote")
            customer_id = UUID(accepted.customer_id)
        data, rulebook_version = accepted.data, accepted.rulebook_version
    elif offer is None:
        return OfferWanted()
    elif isinstance(offer, QuoteServiceError):
        return offer
    else:
        data, rulebook_version = offer.data, None if offer.kept is None else offer.kept.rulebook_version
    if asked.shopper_id is not None and customer_id != asked.shopper_id:
        return QuoteUnknown(_UNKNOWN)
    if order_id is not None:
        return QuoteOrdered("This quote has been ordered already", order_id=str(order_id))
    if customer_id is None:
        return Invalid.at("/customer_id", "is required, because the quote is no longer stored")
    quoted = read_quoted(data)
    if quoted.has_shopper_form:
        return QuoteUnknown("The quote is no longer stored, and the data sent is not all of it")
    return _Ready(place, asked, quoted, rulebook_version, customer_id, accepted)


async def _freeze(connection: Connection, ready: Sequence[_Ready]) -> list[OrderFigures]:
    rate_ids: set[UUID] = set()
    tax_ids: set[UUID] = set()
    for each in ready:
        rate_ids |= each.quoted.rate_ids
        tax_ids |= each.quoted.missing_tax_ids
    rules = await refund_rules(connection, rate_ids)
    taxes = await commission_tax_versions(connection, tax_ids)
    kept = {rate_id for rate_id, rule in rules.items() if rule == "keep"}
    return [freeze_quote(each.quoted, kept, taxes) for each in ready]


async def _accept(
    connection: Connection,
    ready: Sequence[_Ready],
    held: HeldQuotes,
    outcomes: list[Outcome | None],
    receipts: ReceiptSigner,
) -> None:
    """Accept the quotes that are not accepted yet; what is refused is noted in `outcomes`."""
    fresh = [each for each in ready if each.accepted is None]
    if not fresh:
        return
    offers = []
    for each in fresh:
        assert isinstance(each.asked.offer, Offer)
        offers.append(OfferToAccept(each.asked.quote_id, each.asked.offer, each.customer_id, each.asked.change))
    for each, refusal in zip(fresh, await accept_offers(connection, offers, held, receipts), strict=True):
        outcomes[each.place] = refusal


def _order(ready: _Ready, figures: OrderFigures) -> Order:
    change = ready.asked.change
    at = change.at
    return Order(
        id=UUID(new_id(change.at_us // 1000)),
        quote_id=ready.asked.quote_id,
        purchase_id=None,
        customer_id=ready.customer_id,
        status="placed",
        figures=figures,
        external_ref=ready.quoted.external_ref,
        rulebook_version=ready.rulebook_version,
        placed_at=at,
        placed_by=change.actor,
        placed_by_kind=change.actor_kind,
        request_id=change.request_id,
        changed_at=at,
        fulfilled_at=None,
        cancelled_at=None,
    )


async def _write(connection: Connection, placed: Sequence[tuple[_Ready, Order]]) -> list[PlacedOrder]:
    orders = [order for _, order in placed]
    is_wanted = await insert_orders(connection, orders)
    await post_orders(connection, orders)
    answers = [_answer(each.asked, order) for each, order in placed]
    await keep_answers(
        connection,
        [
            (
                each.asked.use,
                KeptAnswer(
                    each.asked.use.fingerprint,
                    answer.status,
                    answer.headers,
                    answer.body,
                    customer_id=order.customer_id,
                ),
            )
            for (each, order), answer in zip(placed, answers, strict=True)
        ],
    )
    if is_wanted:
        await publish_placed(connection, orders, [each.asked.change.traceparent for each, _ in placed])
    return answers


async def post_orders(connection: Connection, orders: Sequence[Order]) -> None:
    """Post orders to the ledger; those of nothing are not posted."""
    transactions = [
        Transaction("order", order.id, entries, actor=order.placed_by)
        for order in orders
        if (entries := entries_of_order(order.figures, order.customer_id))
    ]
    if transactions:
        at_us = max(int(order.placed_at.timestamp() * 1_000_000) for order in orders)
        await post_transactions(Change.within(connection, change_by_system("orders", at_us)), transactions)


async def publish_placed(
    connection: Connection, orders: Sequence[Order], traceparents: Iterable[str | None] = repeat(None)
) -> None:
    """Publish orders that were placed to those who want to know; `insert_orders` says whether anybody does."""
    reported = ((str(order.id), write_document(record_of(order)).decode(), order.customer_id) for order in orders)
    await publish_many(connection, "order.placed", reported, traceparents=traceparents)


def _answer(asked: AskedOrder, order: Order) -> PlacedOrder:
    body = envelope(placed_record(order, asked.warnings, for_shopper=asked.shopper_id is not None), MESSAGE)
    return PlacedOrder(201, {"Location": f"/api/v1/orders/{order.id}"}, body, is_replayed=False)
