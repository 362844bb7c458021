"""Customers. Erasing and exporting them is the business of every room that knows a customer (`personal_data/`).

Source: docs/spec/customers.md#customers.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.callers.access import CUSTOMER_READERS, CUSTOMER_WRITERS, Caller
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.resource.operations import read
from quote_service.platform.resource.resource import Resource
from quote_service.platform.system.errors import Conflict, NameTaken, NotFound
from quote_service.shop.customers.model.customers import (
    CustomerDraft,
    CustomerErased,
    CustomerRecord,
    ErasedIdTaken,
    ExternalRef,
    NewCustomer,
    Segment,
    Tier,
    audited,
    customer_faults,
    in_one_spelling,
)
from quote_service.shop.customers.tables.customers import is_erased


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
    updated_after: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """Only customers changed after this instant."""


def _sees(caller: Caller, customer_id: UUID) -> bool:
    return caller.may_see(str(customer_id))


async def _refuse_erased(connection: Connection, customer_id: UUID) -> None:
    if await is_erased(connection, customer_id):
        raise CustomerErased("This customer's data has been erased")


async def _refuse_known(
    connection: Connection, customer_id: UUID, _: CustomerDraft, held: CustomerRecord | None
) -> None:
    if held is not None:
        return
    try:
        await read(CUSTOMERS, connection, customer_id)
    except CustomerErased as erased:
        raise ErasedIdTaken(erased.detail) from None
    except NotFound:
        return
    raise Conflict("A customer with this id exists")


CUSTOMERS: Resource[CustomerDraft, CustomerRecord] = Resource(
    one="customer",
    many="customers",
    draft=CustomerDraft,
    new=NewCustomer,
    record=CustomerRecord,
    example=NewCustomer(
        id=UUID("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a07"),
        external_ref="C-20417",
        email="ayse@example.com",
        tier="gold",
        segments=["newsletter", "vip"],
    ),
    readers=CUSTOMER_READERS,
    writers=CUSTOMER_WRITERS,
    listers=CUSTOMER_WRITERS,
    verbs=frozenset({"create", "list", "show", "replace"}),
    only="erased_at IS NULL",
    filters=CustomerFilters,
    conditions={
        "segment": "listed.segments @> ARRAY[{}::text]",
        "email": 'lower(listed.email COLLATE "pg_c_utf8") = lower(trim({}::text) COLLATE "pg_c_utf8")',
        "updated_after": "listed.updated_at > {}",
    },
    sorts=("external_ref", "email", "tier", "created_at", "updated_at"),
    sorts_when={"updated_after": "updated_at"},
    search=("external_ref", "email"),
    is_personal=True,
    faults=customer_faults,
    normal=in_one_spelling,
    check=_refuse_known,
    absent=_refuse_erased,
    audited=audited,
    sees=_sees,
    problems={
        "create": (Conflict, NameTaken, ErasedIdTaken),
        "show": (CustomerErased,),
        "replace": (NameTaken, CustomerErased),
    },
    about={
        "create": "Under an `id` of yours, or a new one. The id of a customer who has been erased is refused.",
        "list": "By id; by their last change if `updated_after` is given.",
        "show": "Shoppers get their own record, if there is one under the id of their login.",
        "replace": "New quotes have the new tier and segments within a second; those that were issued keep their price.",
    },
)
