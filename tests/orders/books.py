"""Accepted quotes straight into a database, and requests to order them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.idempotency_keys import KeyUse
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.platform.system.new_ids import new_id
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.model.accepted_quote import AcceptedQuote, figures_of
from quote_service.quotes.operations.sign_receipt import ReceiptSigner
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.quotes.tables.accepted_quotes import insert_accepted
from quote_service.selling.orders.operations.asked_order import AskedOrder, Outcome, PlacedOrder
from quote_service.selling.orders.operations.order_groups import OrderGroups
from quote_service.selling.orders.operations.place_orders import place_orders
from tests.pricing.books import book_of, instant_us
from tests.pricing.rulebooks import AT, World

RECEIPTS = ReceiptSigner([("test", b"r" * 32)])


def a_change() -> Author:
    return Author(actor=str(uuid4()), actor_kind="key", request_id=uuid4().hex, at_us=now_us())


def issued(world: World) -> tuple[UUID, bytes]:
    """A quote of a world, with an id of its own, as it is issued but for the signature."""
    setup, request = world.setup(), world.request()
    at_us, quote_id = instant_us(AT), new_id()
    quote = price_quote(QuoteBasis(book_of(setup), decode_basket(write_document(request)), at_us))
    text = write_quote(quote, quote_id, at_us, at_us + 900_000_000)
    return UUID(quote_id), f'{text.head}{text.flags}{text.middle}"miss"{text.tail}}}'.encode()


async def accepted(database: Database, world: World, *, data: bytes | None = None) -> UUID:
    """An accepted quote; `data` instead of what was issued."""
    quote_id, issued_data = issued(world)
    document: dict[str, Any] = parse_json(issued_data)
    figures = figures_of(document, EXPONENTS[document["currency"]])
    row = AcceptedQuote(
        quote_id=str(quote_id),
        customer_id=str(uuid4()),
        data=issued_data if data is None else data,
        request=None,
        rulebook_version=None,
        issued_at_us=figures.issued_at_us,
        valid_until_us=figures.valid_until_us,
        accepted_at_us=now_us(),
        receipt="receipt",
    )
    async with database.transaction() as connection:
        assert await insert_accepted(connection, a_change(), row, figures) is not None
    return quote_id


def asked(quote_id: UUID, key: str | None = None) -> AskedOrder:
    """A request to order it, under a key."""
    key = key or uuid4().hex
    return AskedOrder(
        use=KeyUse("key:test", "POST /orders", key, str(quote_id).encode()[:32]),
        change=a_change(),
        quote_id=quote_id,
        offer=None,
        customer_id=None,
        shopper_id=None,
    )


async def place(database: Database, *wanted: AskedOrder) -> list[Outcome]:
    """All in one transaction."""
    async with database.transaction() as connection:
        return await place_orders(connection, wanted, RECEIPTS)


def groups_on(database: Database, *, waiting_max: int = 1000, wait_seconds: float = 60.0) -> OrderGroups:
    return OrderGroups(
        database,
        lambda connection, wanted: place_orders(connection, wanted, RECEIPTS),
        waiting_max=waiting_max,
        wait_seconds=wait_seconds,
        committed=lambda: None,
    )


def placed(outcome: Outcome | BaseException) -> dict[str, Any]:
    """The order that was answered."""
    assert isinstance(outcome, PlacedOrder), outcome
    document: dict[str, Any] = parse_json(outcome.body)
    return dict(document["data"])


def code_of(outcome: Outcome | BaseException) -> str:
    assert isinstance(outcome, QuoteServiceError), outcome
    return outcome.code
