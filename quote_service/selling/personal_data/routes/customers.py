"""All that is held about a customer: `GET /api/v1/customers/{id}/export`, `DELETE /api/v1/customers/{id}`.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from litestar.params import FromPath
from litestar.response import Stream

from quote_service.platform.callers.access import ADMINS
from quote_service.platform.http.answers import JSON
from quote_service.platform.http.endpoints.connections import WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.preconditions import Precondition
from quote_service.selling.personal_data.model.customer_export import CustomerExport
from quote_service.selling.personal_data.operations.erase_customer import erase_customer
from quote_service.selling.personal_data.operations.export_customer import find_person, write_export
from quote_service.selling.personal_data.routes.examples import CUSTOMER_EXPORT
from quote_service.shop.customers.model.customers import CustomerErased

_MESSAGE = "Customer exported"


@get(
    "/{customer_id:uuid}/export",
    access=ADMINS,
    message=_MESSAGE,
    answer=CustomerExport,
    example=CUSTOMER_EXPORT,
    problems=(CustomerErased,),
)
async def export_customer(database: Database, customer_id: FromPath[UUID]) -> Stream:
    """Export all that is held about a customer.

    The record, the login, accepted quotes with what is kept of their requests, orders, refunds, purchases, entries of the ledger, and
    audit rows about the customer. Also for an id without a record, if quotes, orders, purchases or the ledger name it.
    """
    person = await find_person(database, customer_id)
    return Stream(_enveloped(write_export(database, customer_id, person)), media_type=JSON)


@delete("/{customer_id:uuid}", access=ADMINS)
async def erase_known_customer(change: WritingChange, customer_id: FromPath[UUID], precondition: Precondition) -> None:
    """Erase a customer.

    Removes what identifies a person and keeps amounts; it cannot be undone. Accepted quotes lose their customer, request and
    reference. The id answers 404 `customer-erased` afterwards and is not used again. Also for an id without a record, if
    quotes, orders, purchases or the ledger name it. Erasing again changes nothing more.
    """
    await erase_customer(change, customer_id, precondition)


async def _enveloped(document: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield b'{"success":true,"message":"%b","data":' % _MESSAGE.encode()
    async for piece in document:
        yield piece
    yield b"}"


#: Below `/api/v1/customers`, in one router with those of the record: a path has one.
OF_ONE_CUSTOMER = (export_customer, erase_known_customer)
