"""Customers as rows.

Source: docs/spec/customers.md#customers.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.errors import NotFound
from quote_service.shop.customers.model.customers import CustomerDraft, CustomerErased, CustomerRecord

_QUERIES = load_queries(__file__, "customers")
_CUSTOMER = _QUERIES["customer"]
_LOCK = _QUERIES["lock_customer"]
_INSERT = _QUERIES["insert_customer"]
_UPDATE = _QUERIES["update_customer"]
_HOLD_ALONE = _QUERIES["hold_alone"]
_ERASE = _QUERIES["erase_customer"]
_PLAN = _QUERIES["plan_for_values"]
_BY_ID = _QUERIES["page_by_id"]
_BY_UPDATE = _QUERIES["page_by_update"]


class CustomerFilter(NamedTuple):
    """Which customers; None is all."""

    tier: str | None = None
    segment: str | None = None
    is_active: bool | None = None
    external_ref: str | None = None
    email: str | None = None
    updated_after: datetime | None = None


class Place(NamedTuple):
    """Where a customer stands in a list: by the last change, or by id alone."""

    id: UUID
    updated_at: datetime | None = None


async def read_customer(connection: Connection, customer_id: UUID, *, lock: bool = False) -> CustomerRecord:
    """A customer; with `lock` kept from others until the transaction ends.

    Raises:
        NotFound: There is none.
        CustomerErased: There is no more.
    """
    row = await connection.fetchrow(_LOCK if lock else _CUSTOMER, customer_id)
    if row is None:
        raise NotFound("There is no such customer")
    if row["erased_at"] is not None:
        raise CustomerErased("This customer's data has been erased")
    return _record(row)


async def insert_customer(
    connection: Connection, customer_id: UUID, draft: CustomerDraft, author: str, at: datetime
) -> None:
    """Write a new customer.

    Raises:
        Conflict: There is one with this id.
        NameTaken: Another has the same `external_ref` or e-mail address (sqlstates.py).
    """
    await connection.execute(_INSERT, customer_id, *_columns(draft), author, at)


async def update_customer(connection: Connection, customer_id: UUID, draft: CustomerDraft, author: str) -> None:
    """Write a customer anew; as `insert_customer`."""
    await connection.execute(_UPDATE, customer_id, *_columns(draft), author)


async def hold_alone(connection: Connection, customer_id: UUID) -> None:
    """Wait for whoever is writing about a customer for good, and let others wait until the transaction ends."""
    await connection.execute(_HOLD_ALONE, customer_id)


async def mark_erased(connection: Connection, customer_id: UUID, author: str, at: datetime) -> None:
    """Leave of a customer nothing but that the id is not used again; without a record too."""
    await connection.execute(_ERASE, customer_id, author, at)


def statement_of(wanted: CustomerFilter, after: Place | None, limit: int) -> tuple[str, list[Any]]:
    """The statement and its arguments: by the last change where `updated_after` is given, else by id."""
    *filters, updated_after = wanted
    arguments: list[Any] = [*filters, None if after is None else after.id, limit]
    if updated_after is None:
        return _BY_ID, arguments
    return _BY_UPDATE, [*arguments, updated_after, None if after is None else after.updated_at]


async def page_of_customers(
    connection: Connection, wanted: CustomerFilter, *, after: Place | None, limit: int
) -> list[CustomerRecord]:
    """Up to `limit` customers that pass the filter, from behind `after`. To be asked within a transaction."""
    await connection.execute(_PLAN)
    statement, arguments = statement_of(wanted, after, limit)
    return [_record(row) for row in await connection.fetch(statement, *arguments)]


def _columns(draft: CustomerDraft) -> tuple[object, ...]:
    return draft.external_ref, draft.email, draft.tier, draft.segments, draft.is_active


def _record(row: Record) -> CustomerRecord:
    values = dict(row)
    del values["erased_at"]
    return CustomerRecord(**values)
