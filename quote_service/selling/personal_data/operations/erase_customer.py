"""Erase a customer: whatever identifies a person goes, amounts stay.

A room that keeps something about customers adds its line here, and its part to the export beside it.

Source: docs/spec/customers.md#erasure; docs/decisions/erasure.md.
"""

from uuid import UUID

from quote_service.identity.operations.people.erase_shopper import erase_shopper, find_shopper
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.idempotency_keys import blank_answers
from quote_service.platform.postgres.outbox import forget_customer_of_events
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.preconditions import Precondition
from quote_service.quotes.operations.customer_quotes import forget_customer_of_quotes, has_quotes
from quote_service.rulebook.experiments.operations.customer_experiments import (
    forget_customer_of_experiments,
    is_in_experiments,
)
from quote_service.selling.flash_sales.operations.buying.customer_purchases import has_purchases
from quote_service.selling.ledger.operations.customer_entries import has_entries
from quote_service.selling.orders.operations.customer_orders import forget_customer_of_orders, has_orders
from quote_service.selling.orders.operations.customer_refunds import forget_reasons_of_orders
from quote_service.shop.customers.operations.erase_record import erase_record, hold_record
from quote_service.shop.reservations.operations.customer_reservations import (
    forget_customer_of_reservations,
    has_reservations,
)


async def erase_customer(change: Change, customer_id: UUID, precondition: Precondition) -> None:
    """Erase a customer within the caller's transaction; one who is erased already is looked through once more.

    Args:
        change: Its author.
        customer_id: Whom.
        precondition: The version of the record that the author has seen.

    Raises:
        NotFound: Nothing is held about such a customer.
        Stale: The record has been changed since.
    """
    state, held = await hold_record(change.connection, customer_id)
    if held is not None:
        precondition.require(str(customer_id), held.version)
    elif state == "unknown" and not await _is_met_elsewhere(change.connection, customer_id):
        raise NotFound("There is no such customer")
    if state != "erased":
        await erase_record(change, customer_id, held)
    await forget_customer_of_quotes(change.connection, customer_id)
    await forget_customer_of_orders(change.connection, customer_id)
    await forget_reasons_of_orders(change.connection, customer_id)
    await forget_customer_of_reservations(change.connection, customer_id)
    await forget_customer_of_experiments(change.connection, customer_id)
    await erase_shopper(change, str(customer_id))
    await blank_answers(change.connection, customer_id)
    await forget_customer_of_events(change.connection, customer_id)


async def _is_met_elsewhere(connection: Connection, customer_id: UUID) -> bool:
    return (
        await has_quotes(connection, customer_id)
        or await has_reservations(connection, customer_id)
        or await has_orders(connection, customer_id)
        or await has_purchases(connection, customer_id)
        or await has_entries(connection, customer_id)
        or await is_in_experiments(connection, customer_id)
        or await find_shopper(connection, str(customer_id)) is not None
    )
