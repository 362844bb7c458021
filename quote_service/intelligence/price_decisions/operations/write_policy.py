"""People write price policies, one by one or many at once.

Source: docs/spec/price-decisions.md#policies.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

import msgspec

from quote_service.intelligence.price_decisions.model.policies import (
    PoliciesWritten,
    PolicyDraft,
    PolicyExists,
    PolicyImport,
    PolicyRecord,
)
from quote_service.intelligence.price_decisions.tables.policies import (
    compare_units_later,
    compare_units_now,
    delete_policy,
    insert_policy,
    policy_of_scope,
    promote_products,
    read_policy,
    unknown_scopes,
    update_policy,
)
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.preconditions import UNCONDITIONAL, Precondition

_DRAFTED = PolicyDraft.__struct_fields__


async def create_policy(change: Change, draft: PolicyDraft) -> PolicyRecord:
    """Write a policy.

    Args:
        change: Its author.
        draft: Without faults of its own (`policy_faults`).

    Raises:
        Invalid: There is no such product or category.
        PolicyExists: There is one of its product, category or currency.
    """
    await _require_scopes(change.connection, [draft], "")
    policy_id = UUID(new_id(change.at_us // 1000))
    if not await insert_policy(change.connection, policy_id, draft, change.actor, change.at):
        raise PolicyExists("There is a policy of this product, category or currency")
    return await _written(change, None, policy_id)


async def replace_policy(
    change: Change, policy_id: UUID, draft: PolicyDraft, precondition: Precondition
) -> PolicyRecord:
    """Write a policy again; product, category and currency stay. Nothing is written where nothing changes.

    Raises:
        NotFound: There is none.
        Stale: It has been changed since the caller saw it.
        Invalid: It is to be of something else.
    """
    held = await read_policy(change.connection, policy_id, lock=True)
    precondition.require(str(policy_id), held.version)
    for name in ("product_id", "category_id", "currency"):
        if getattr(held, name) != getattr(draft, name):
            raise Invalid.at(f"/{name}", "stays as it is: create another policy")
    if _means(held) == _means(draft):
        # Said again, it still confirms what may happen by itself.
        await promote_products(change.connection, held.product_id, held.category_id, held.currency)
        return held
    await update_policy(change.connection, policy_id, draft, change.actor, change.at)
    return await _written(change, held, policy_id)


async def remove_policy(change: Change, policy_id: UUID, precondition: Precondition) -> None:
    """Take a policy away; what it covered is as the next one has it.

    Raises:
        NotFound, Stale: As `replace_policy`.
    """
    held = await read_policy(change.connection, policy_id, lock=True)
    precondition.require(str(policy_id), held.version)
    await delete_policy(change.connection, policy_id)
    await change.record("price_policy.delete", held)


async def import_policies(change: Change, given: PolicyImport) -> PoliciesWritten:
    """Write many policies, each in place of the one of its product, category or currency; all, or none.

    Raises:
        Invalid: A product or category is not there, or is named twice.
        Conflict: Two sizes of a family would have as many units.
    """
    if faults := tuple(_faults_together(given.policies)):
        raise Invalid.because(faults)
    await _require_scopes(change.connection, given.policies, "/policies")
    await compare_units_later(change.connection)
    created = replaced = 0
    # Everybody in the same order, so that two imports of the same products wait for each other instead of both for ever.
    for draft in sorted(given.policies, key=lambda each: list(map(str, _scope(each)))):
        policy_id = await policy_of_scope(change.connection, *_scope(draft))
        if policy_id is None:
            try:
                await create_policy(change, draft)
                created += 1
                continue
            except PolicyExists:  # somebody was quicker
                policy_id = await policy_of_scope(change.connection, *_scope(draft))
                if policy_id is None:
                    raise
        before = await read_policy(change.connection, policy_id)
        after = await replace_policy(change, policy_id, draft, UNCONDITIONAL)
        replaced += after.version != before.version
    await compare_units_now(change.connection)
    return PoliciesWritten(created=created, replaced=replaced, unchanged=len(given.policies) - created - replaced)


def _faults_together(policies: Sequence[PolicyDraft]) -> Iterator[Fault]:
    """What policies that are right by themselves make wrong together."""
    seen: set[tuple[object, ...]] = set()
    sizes: set[tuple[object, ...]] = set()
    for place, draft in enumerate(policies):
        if _scope(draft) in seen:
            yield Fault(f"/policies/{place}", "has the same scope as another policy")
        seen.add(_scope(draft))
        if draft.family is not None:
            size = (draft.currency, draft.family.name, draft.family.units)
            if size in sizes:
                yield Fault(f"/policies/{place}/family/units", "is that of another size of the family")
            sizes.add(size)


def _scope(draft: PolicyDraft) -> tuple[UUID | None, UUID | None, str]:
    return draft.product_id, draft.category_id, draft.currency


async def _written(change: Change, before: PolicyRecord | None, policy_id: UUID) -> PolicyRecord:
    after = await read_policy(change.connection, policy_id)
    await promote_products(change.connection, after.product_id, after.category_id, after.currency)
    await change.record(
        "price_policy.create" if before is None else "price_policy.replace", before, after, object_id=policy_id
    )
    return after


async def _require_scopes(connection: Connection, drafts: list[PolicyDraft], at: str) -> None:
    unknown = await unknown_scopes(connection, drafts)
    if unknown:
        raise Invalid.because(
            tuple(
                Fault(
                    f"{at}/{place}{_scope_field(drafts[place])}" if at else _scope_field(drafts[place]),
                    "is not in the catalog",
                )
                for place in unknown
            )
        )


def _scope_field(draft: PolicyDraft) -> str:
    return "/product_id" if draft.product_id is not None else "/category_id"


def _means(policy: PolicyDraft | PolicyRecord) -> list[object]:
    reported = msgspec.structs.asdict(policy)
    return [reported[name] for name in _DRAFTED]
