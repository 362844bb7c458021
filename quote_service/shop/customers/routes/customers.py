"""Customers: `/api/v1/customers`. Erasing and exporting them is the business of every room that knows a customer
(`personal_data/`).

Source: docs/spec/customers.md.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath

from quote_service.identity.model.people import email_of
from quote_service.platform.callers.access import CUSTOMER_READERS, CUSTOMER_WRITERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import page_answer, tagged_answer
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Conflict, Invalid, NameTaken, NotFound
from quote_service.platform.system.new_ids import new_id
from quote_service.shop.customers.model.customers import (
    CustomerDraft,
    CustomerErased,
    CustomerRecord,
    ErasedIdTaken,
    ExternalRef,
    NewCustomer,
    Segment,
    Tier,
    customer_faults,
)
from quote_service.shop.customers.operations.write_customer import create_customer, replace_customer
from quote_service.shop.customers.routes import examples
from quote_service.shop.customers.tables.customers import CustomerFilter, Place, page_of_customers, read_customer

_CUSTOMERS = "customers"
_Order = Literal["id", "update"]
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class CustomerFilters(msgspec.Struct, frozen=True):
    """Which customers to list."""

    tier: Tier | None = None
    """Only customers of this tier."""
    segment: Segment | None = None
    """Only customers in this segment."""
    is_active: bool | None = None
    """Only customers whose tier and segments count, or only the others."""
    external_ref: ExternalRef | None = None
    """Only the customer whom another system calls so."""
    email: Annotated[str, msgspec.Meta(min_length=1, max_length=254)] | None = None
    """Only the customer with this e-mail address; case does not matter."""
    updated_after: _Instant | None = None
    """Only customers changed after this instant."""


@post(
    "/",
    opt={
        "access": CUSTOMER_WRITERS,
        "described": Described(
            body=NewCustomer,
            body_example=examples.NEW_CUSTOMER,
            answer=CustomerRecord,
            answer_example=examples.CUSTOMER_RECORD,
            message="Customer created",
            repeatable=True,
            problems=(Conflict, NameTaken, ErasedIdTaken),
            headers=created("The customer."),
        ),
    },
)
async def create_known_customer(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a customer.

    Under an `id` of yours, or a new one. The id of a customer who has been erased is refused.
    """
    draft = read_document(await request.body(), NewCustomer)
    _require_valid(draft)
    change = change_of(request)
    customer_id = draft.id or UUID(new_id(change.at_us // 1000))
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await create_customer(creation.connection, change, customer_id, draft)
        return creation.created("/api/v1/customers", record, "Customer created", customer_id=record.id)


@get(
    "/",
    opt={
        "access": CUSTOMER_WRITERS,
        "described": Described(
            answer=CustomerRecord, answer_example=examples.CUSTOMER_RECORD, form="list", query=CustomerFilters
        ),
    },
)
async def list_customers(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List customers.

    By id; by their last change if `updated_after` is given.
    """
    page = read_page(request.scope["query_string"], _CUSTOMERS, CustomerFilters, tuple[_Order, UUID, _Instant | None])
    given = page.filters
    wanted = CustomerFilter(
        tier=given.tier,
        segment=given.segment,
        is_active=given.is_active,
        external_ref=given.external_ref,
        email=None if given.email is None else email_of(given.email),
        updated_after=given.updated_after,
    )
    order: _Order = "id" if given.updated_after is None else "update"
    after = None
    if page.after is not None:
        made_for, customer_id, updated_at = page.after
        if made_for != order or (updated_at is None) == (order == "update"):
            raise Invalid.at("/query/cursor", "is not a cursor of this list")
        after = Place(customer_id, updated_at)
    async with parts_of(request)[Database].transaction() as connection:
        rows = await page_of_customers(connection, wanted, after=after, limit=page.limit + 1)
    return page_answer(
        page, _CUSTOMERS, rows, lambda row: (order, row.id, row.updated_at if order == "update" else None)
    )


@get(
    "/{customer_id:uuid}",
    opt={
        "access": CUSTOMER_READERS,
        "described": Described(
            answer=CustomerRecord,
            answer_example=examples.CUSTOMER_RECORD,
            message="Customer",
            problems=(CustomerErased,),
            headers=VERSIONED,
        ),
    },
)
async def show_customer(request: Request[Any, Any, Any], customer_id: FromPath[UUID]) -> Response[bytes]:
    """Get a customer.

    Shoppers get their own record, if there is one under the id of their login.
    """
    if not caller_of(request).may_see(str(customer_id)):
        raise NotFound("There is no such customer")
    async with parts_of(request)[Database].read() as connection:
        record = await read_customer(connection, customer_id)
    return tagged_answer(record, "Customer", record.id, record.version)


@put(
    "/{customer_id:uuid}",
    opt={
        "access": CUSTOMER_WRITERS,
        "described": Described(
            body=CustomerDraft,
            body_example=examples.CUSTOMER,
            answer=CustomerRecord,
            answer_example={**examples.CUSTOMER_RECORD, "version": 2},
            message="Customer replaced",
            conditional=True,
            problems=(NameTaken, CustomerErased),
            headers=VERSIONED,
        ),
    },
)
async def replace_known_customer(request: Request[Any, Any, Any], customer_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a customer.

    New quotes have the new tier and segments within a second; those that were issued keep their price.
    """
    draft = read_document(await request.body(), CustomerDraft)
    _require_valid(draft)
    async with parts_of(request)[Database].transaction() as connection:
        record = await replace_customer(connection, change_of(request), customer_id, draft, precondition_of(request))
    return tagged_answer(record, "Customer replaced", record.id, record.version)


def _require_valid(draft: CustomerDraft) -> None:
    if faults := tuple(customer_faults(draft)):
        raise Invalid.because(faults)


CUSTOMERS = (create_known_customer, list_customers, show_customer, replace_known_customer)
