"""Price policies: `/api/v1/price-policies`.

Source: docs/spec/price-decisions.md#policies.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath

from quote_service.intelligence.price_decisions.model.policies import (
    PoliciesWritten,
    PolicyDraft,
    PolicyExists,
    PolicyImport,
    PolicyMode,
    PolicyRecord,
    policy_faults,
)
from quote_service.intelligence.price_decisions.operations.write_policy import (
    create_policy,
    import_policies,
    remove_policy,
    replace_policy,
)
from quote_service.intelligence.price_decisions.routes import examples
from quote_service.intelligence.price_decisions.tables.policies import PolicyFilter, page_of_policies, read_policy
from quote_service.platform.callers.access import PRICE_DECISION_READERS, PRICE_POLICY_WRITERS, require_price_bounds
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import one_answer, page_answer, tagged_answer
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.checked_filters import check_filters, check_named
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid
from quote_service.shop.catalog.operations.require_product import require_category, require_product

_LIST = "price-policies"


class PolicyFilters(msgspec.Struct, frozen=True):
    """Which policies to list."""

    product_id: UUID | None = None
    """Only the policies of this product."""
    category_id: UUID | None = None
    """Only the policies of this category."""
    currency: str | None = None
    """Only policies in this currency."""
    mode: PolicyMode | None = None
    """Only policies with this mode, such as `auto`."""


@post(
    "/",
    opt={
        "access": PRICE_POLICY_WRITERS,
        "described": Described(
            body=PolicyDraft,
            body_example=examples.POLICY,
            answer=PolicyRecord,
            answer_example=examples.POLICY_RECORD,
            message="Price policy created",
            repeatable=True,
            problems=(PolicyExists,),
            headers=created("The policy."),
        ),
    },
)
async def add_policy(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a price policy.

    Of a product, of a category with all below it, or of all products in a currency. What it leaves null is as the nearest
    category's policy has it, then as the policy of all products, then the default.
    """
    draft = _read_draft(await request.body())
    change = change_of(request)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        made = await create_policy(creation.connection, change, draft)
        return creation.created("/api/v1/price-policies", made, "Price policy created")


@get(
    "/",
    opt={
        "access": PRICE_DECISION_READERS,
        "described": Described(
            answer=PolicyRecord, answer_example=examples.POLICY_RECORD, form="list", query=PolicyFilters
        ),
    },
)
async def list_policies(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List price policies.

    Oldest first. They bound prices, so that a key needs `prices:read` beside `reports:read`.
    """
    require_price_bounds(caller_of(request))
    page = read_page(request.scope["query_string"], _LIST, PolicyFilters, tuple[UUID])
    filters = page.filters
    check_filters(filters.currency)
    wanted = PolicyFilter(filters.product_id, filters.category_id, filters.currency, filters.mode)
    after = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_policies(connection, wanted, after=after, limit=page.limit + 1)
        if not rows:
            await check_named(
                connection,
                product_id=(require_product, filters.product_id),
                category_id=(require_category, filters.category_id),
            )
    return page_answer(page, _LIST, rows, lambda row: (row.id,))


@get(
    "/{policy_id:uuid}",
    opt={
        "access": PRICE_DECISION_READERS,
        "described": Described(
            answer=PolicyRecord, answer_example=examples.POLICY_RECORD, message="Price policy", headers=VERSIONED
        ),
    },
)
async def show_policy(request: Request[Any, Any, Any], policy_id: FromPath[UUID]) -> Response[bytes]:
    """Get a price policy.

    A key needs `prices:read` beside `reports:read`.
    """
    require_price_bounds(caller_of(request))
    async with parts_of(request)[Database].read() as connection:
        found = await read_policy(connection, policy_id)
    return tagged_answer(found, "Price policy", found.id, found.version)


@put(
    "/{policy_id:uuid}",
    opt={
        "access": PRICE_POLICY_WRITERS,
        "described": Described(
            body=PolicyDraft,
            body_example={**examples.POLICY, "mode": "suggest"},
            answer=PolicyRecord,
            answer_example={**examples.POLICY_RECORD, "mode": "suggest", "version": 2},
            message="Price policy replaced",
            conditional=True,
            headers=VERSIONED,
        ),
    },
)
async def edit_policy(request: Request[Any, Any, Any], policy_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a price policy.

    Its product, category and currency stay. Prices that were rolled back are set by themselves again, where its mode is
    `auto`.
    """
    draft = _read_draft(await request.body())
    async with parts_of(request)[Database].transaction() as connection:
        written = await replace_policy(connection, change_of(request), policy_id, draft, precondition_of(request))
    return tagged_answer(written, "Price policy replaced", written.id, written.version)


@delete(
    "/{policy_id:uuid}",
    status_code=204,
    opt={"access": PRICE_POLICY_WRITERS, "described": Described(form="nothing", conditional=True)},
)
async def delete_policy(request: Request[Any, Any, Any], policy_id: FromPath[UUID]) -> Response[None]:
    """Delete a price policy.

    What it covered is as the next policy has it: a product with no policy left is `off`.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await remove_policy(connection, change_of(request), policy_id, precondition_of(request))
    return Response(None, status_code=204)


@post(
    "/import",
    status_code=200,
    opt={
        "access": PRICE_POLICY_WRITERS,
        "is_import": True,
        "described": Described(
            body=PolicyImport,
            body_example={"policies": [examples.POLICY]},
            answer=PoliciesWritten,
            answer_example={"created": 1, "replaced": 0, "unchanged": 0},
            message="Price policies imported",
        ),
    },
)
async def import_many(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Import price policies.

    Up to 1,000 at a time; all are written, or none. Each replaces the policy of its product, category or currency, if there is
    one.
    """
    given = read_document(await request.body(), PolicyImport)
    faults = [
        fault for place, draft in enumerate(given.policies) for fault in policy_faults(draft, f"/policies/{place}")
    ]
    if faults:
        raise Invalid.because(tuple(faults))
    async with parts_of(request)[Database].transaction() as connection:
        written = await import_policies(connection, change_of(request), given)
    return one_answer(written, "Price policies imported")


def _read_draft(body: bytes) -> PolicyDraft:
    draft = read_document(body, PolicyDraft)
    if faults := policy_faults(draft):
        raise Invalid.because(faults)
    return draft
