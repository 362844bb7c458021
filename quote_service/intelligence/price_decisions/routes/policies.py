"""Price policies: `/api/v1/price-policies`.

Source: docs/spec/price-decisions.md#policies.
"""

from collections.abc import Iterator
from uuid import UUID

import msgspec
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
from quote_service.intelligence.price_decisions.tables.policies import POLICY_ROWS, read_policy
from quote_service.platform.callers.access import (
    PRICE_LIMITS_READERS,
    PRICE_POLICY_WRITERS,
)
from quote_service.platform.http.checked_filters import check_filters, check_named
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get, post, put
from quote_service.platform.http.endpoints.results import Location, Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Fault
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.catalog.operations.require_product import require_category, require_product


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
    access=PRICE_POLICY_WRITERS,
    message="Price policy created",
    location=Location("/api/v1/price-policies/{id}", "The policy."),
    faults=policy_faults,
    problems=(PolicyExists,),
)
async def add_policy(change: CreatingChange, data: PolicyDraft) -> Tagged[PolicyRecord]:
    """Create a price policy.

    Of a product, of a category with all below it, or of all products in a currency. What it leaves null is as the nearest
    category's policy has it, then as the policy of all products, then the default.
    """
    return await create_policy(change, data)


async def _check(_: Connection, asked: PolicyFilters) -> None:
    check_filters(asked.currency)


async def _check_named(connection: Connection, asked: PolicyFilters) -> None:
    await check_named(
        connection,
        product_id=(require_product, asked.product_id),
        category_id=(require_category, asked.category_id),
    )


@get(access=PRICE_LIMITS_READERS, listing=Listing("price-policies", POLICY_ROWS, PolicyFilters))
async def list_policies(rows: ListRequest[PolicyRecord]) -> ListAnswer:
    """List price policies.

    Oldest first.
    """
    return await rows.answer(check=_check, check_empty=_check_named)


@get("/{policy_id:uuid}", access=PRICE_LIMITS_READERS, message="Price policy")
async def show_policy(connection: Reading, policy_id: FromPath[UUID]) -> Tagged[PolicyRecord]:
    """Get a price policy."""
    return await read_policy(connection, policy_id)


@put(
    "/{policy_id:uuid}",
    access=PRICE_POLICY_WRITERS,
    body_example={**examples.POLICY, "mode": "suggest"},
    example={**examples.POLICY_RECORD, "mode": "suggest", "version": 2},
    message="Price policy replaced",
    faults=policy_faults,
)
async def edit_policy(
    change: WritingChange, policy_id: FromPath[UUID], data: PolicyDraft, precondition: Precondition
) -> Tagged[PolicyRecord]:
    """Replace a price policy.

    Its product, category and currency stay. Prices that were rolled back are set by themselves again, where its mode is
    `auto`.
    """
    return await replace_policy(change, policy_id, data, precondition)


@delete("/{policy_id:uuid}", access=PRICE_POLICY_WRITERS)
async def delete_policy(change: WritingChange, policy_id: FromPath[UUID], precondition: Precondition) -> None:
    """Delete a price policy.

    What it covered is as the next policy has it: a product with no policy left is `off`.
    """
    await remove_policy(change, policy_id, precondition)


def _import_faults(data: PolicyImport) -> Iterator[Fault]:
    for place, draft in enumerate(data.policies):
        yield from policy_faults(draft, f"/policies/{place}")


@post(
    "/import",
    status_code=200,
    access=PRICE_POLICY_WRITERS,
    body_example={"policies": [examples.POLICY]},
    example={"created": 1, "replaced": 0, "unchanged": 0},
    message="Price policies imported",
    faults=_import_faults,
    is_import=True,
)
async def import_many(change: WritingChange, data: PolicyImport) -> PoliciesWritten:
    """Import price policies.

    Up to 1,000 at a time; all are written, or none. Each replaces the policy of its product, category or currency, if there is
    one.
    """
    return await import_policies(change, data)
