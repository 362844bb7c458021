"""All that is held about a customer: `GET /api/v1/customers/{id}/export`, `DELETE /api/v1/customers/{id}`.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.platform.callers.access import ADMINS
from quote_service.platform.http.answers import JSON
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.selling.personal_data.model.customer_export import CustomerExport
from quote_service.selling.personal_data.operations.erase_customer import erase_customer
from quote_service.selling.personal_data.operations.export_customer import find_person, write_export
from quote_service.selling.personal_data.routes import examples
from quote_service.shop.customers.model.customers import CustomerErased

_MESSAGE = "Customer exported"


@get(
    "/{customer_id:uuid}/export",
    opt={
        "access": ADMINS,
        "described": Described(
            answer=CustomerExport,
            answer_example=examples.CUSTOMER_EXPORT,
            message=_MESSAGE,
            problems=(CustomerErased,),
        ),
    },
)
async def export_customer(request: Request[Any, Any, Any], customer_id: FromPath[UUID]) -> Stream:
    """Export all that is held about a customer.

    The record, the login, accepted quotes with what is kept of their requests, orders, refunds, purchases, entries of the ledger, and
    audit rows about the customer. Also for an id without a record, if quotes, orders, purchases or the ledger name it.
    """
    database = parts_of(request)[Database]
    person = await find_person(database, customer_id)
    return Stream(_enveloped(write_export(database, customer_id, person)), media_type=JSON)


@delete(
    "/{customer_id:uuid}",
    status_code=204,
    opt={
        "access": ADMINS,
        "described": Described(form="nothing", conditional=True),
    },
)
async def erase_known_customer(request: Request[Any, Any, Any], customer_id: FromPath[UUID]) -> Response[None]:
    """Erase a customer.

    Removes what identifies a person and keeps amounts; it cannot be undone. Accepted quotes lose their customer, request and
    reference. The id answers 404 `customer-erased` afterwards and is not used again. Also for an id without a record, if
    quotes, orders, purchases or the ledger name it. Erasing again changes nothing more.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await erase_customer(connection, change_of(request), customer_id, precondition_of(request))
    return Response(None, status_code=204)


async def _enveloped(document: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield b'{"success":true,"message":"%b","data":' % _MESSAGE.encode()
    async for piece in document:
        yield piece
    yield b"}"


#: Below `/api/v1/customers`, in one router with those of the record: a path has one.
OF_ONE_CUSTOMER = (export_customer, erase_known_customer)
