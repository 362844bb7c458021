"""All that is held about one customer, as a stream of pieces: however much that is, a page of it is held at a time.

Source: docs/spec/customers.md#export.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from quote_service.identity.model.people import User
from quote_service.identity.operations.people.erase_shopper import (
    find_shopper,
    identities_of_shopper,
    sessions_of_shopper,
)
from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.audit_log import AUDIT_ROWS, AuditRow
from quote_service.platform.postgres.listed_rows import Wanted
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import NotFound
from quote_service.quotes.operations.customer_quotes import has_quotes, quotes_of_customer
from quote_service.rulebook.experiments.operations.customer_experiments import exposures_of_customer, is_in_experiments
from quote_service.selling.flash_sales.operations.buying.customer_purchases import has_purchases, purchases_of_customer
from quote_service.selling.ledger.operations.customer_entries import entries_of_customer, has_entries
from quote_service.selling.orders.operations.customer_orders import has_orders, orders_of_customer
from quote_service.selling.orders.operations.customer_refunds import refunds_of_customer
from quote_service.shop.customers.model.customers import CustomerRecord
from quote_service.shop.customers.operations.find_customer import find_customer
from quote_service.shop.reservations.operations.customer_reservations import has_reservations, reservations_of_customer

_CHANGES_AT_ONCE = 100


class HeldPerson(NamedTuple):
    """Who the customer is, so far as the service knows: the record and the login."""

    customer: CustomerRecord | None
    user: User | None


async def find_person(database: Database, customer_id: UUID) -> HeldPerson:
    """What identifies a customer.

    Raises:
        NotFound: Nothing is held about such a customer.
        CustomerErased: Nothing is held any more.
    """
    async with database.read() as connection:
        customer = await find_customer(connection, customer_id)
        user = await find_shopper(connection, str(customer_id))
        is_met = customer is not None or user is not None
        if not is_met and not await has_quotes(connection, customer_id):
            if not (
                await has_reservations(connection, customer_id)
                or await has_orders(connection, customer_id)
                or await has_purchases(connection, customer_id)
                or await has_entries(connection, customer_id)
                or await is_in_experiments(connection, customer_id)
            ):
                raise NotFound("There is no such customer")
    return HeldPerson(customer, user)


async def write_export(database: Database, customer_id: UUID, person: HeldPerson) -> AsyncIterator[bytes]:
    """The JSON of a `CustomerExport`, in pieces.

    Raises:
        Unavailable: The database cannot be reached; what has come until then is no whole document.
    """
    yield b'{"customer":%b,"user":%b' % (write_document(person.customer), write_document(person.user))
    lists: tuple[tuple[bytes, AsyncIterator[Sequence[Any]]], ...] = (
        (b"accepted_quotes", quotes_of_customer(database, customer_id)),
        (b"reservations", reservations_of_customer(database, customer_id)),
        (b"orders", orders_of_customer(database, customer_id)),
        (b"refunds", refunds_of_customer(database, customer_id)),
        (b"purchases", purchases_of_customer(database, customer_id)),
        (b"ledger_entries", entries_of_customer(database, customer_id)),
        (b"experiments", exposures_of_customer(database, customer_id)),
        (b"identities", identities_of_shopper(database, str(customer_id))),
        (b"sessions", sessions_of_shopper(database, str(customer_id))),
        (b"audit", _changes_of(database, customer_id)),
    )
    for name, pages in lists:
        yield b',"%b":[' % name
        comma = b""
        async for page in pages:
            for row in page:
                yield comma + write_document(row)
                comma = b","
        yield b"]"
    yield b"}"


async def _changes_of(database: Database, customer_id: UUID) -> AsyncIterator[list[AuditRow]]:
    for kind in ("customer", "user"):
        wanted = Wanted({"object_kind": kind, "object_id": str(customer_id)}, limit=_CHANGES_AT_ONCE)
        while True:
            async with database.read() as connection:
                page = await AUDIT_ROWS.page(connection, wanted)
            if page.rows:
                yield page.rows
            if page.next is None:
                break
            wanted = wanted._replace(place=page.next)
