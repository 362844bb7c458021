"""Pricing rules as admins write and read them: versions that are added and never changed.

Source: docs/spec/pricing-rules.md#versions.
"""

from uuid import UUID

from asyncpg import Record

from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.changes import Author
from quote_service.platform.system.records import record_of
from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.regions import region_key
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.rulebook.pricing_rules.model.rule_records import RuleFilters, RuleRecord

STATEMENTS = Statements(__file__, "pricing_rules")


def _written(row: Record | None) -> RuleRecord:
    assert row is not None  # the caller holds the rule, and versions are never removed
    return _record(row)


def _record(row: Record) -> RuleRecord:
    conditions = row["conditions"]
    return record_of(
        RuleRecord,
        row,
        configuration=parse_exact(row["configuration"]),
        conditions=None if conditions is None else convert_exact(parse_exact(conditions), Conditions),
    )


@STATEMENTS.query()
async def hold_rules(connection: Connection) -> None:
    """Keep every other writer of the rulebook out until the transaction ends."""


async def insert_version(
    connection: Connection, change: Author, rule_id: UUID, version: int, draft: RuleDraft
) -> RuleRecord:
    """Write a version; the draft has a start.

    Raises:
        asyncpg.UniqueViolationError: The name has this version (leaves the pool as VersionConflict).
    """
    row = await connection.fetchrow(
        STATEMENTS["insert_version"],
        rule_id,
        draft.name,
        draft.type,
        json_literal(draft.configuration),
        None if draft.conditions is None else json_literal(draft.conditions),
        draft.currency,
        draft.region,
        region_key(draft.region),
        draft.priority,
        draft.effective_from,
        draft.effective_to,
        draft.is_active,
        version,
        change.actor,
        change.at,
    )
    return _written(row)


@STATEMENTS.query(row=_written)
async def switch_off(connection: Connection, change: Author, rule_id: UUID) -> RuleRecord:
    """Make a version inactive; it is there."""


@STATEMENTS.query(row=_record)
async def rule_by_id(connection: Connection, rule_id: UUID) -> RuleRecord | None:
    """A version by its id."""


@STATEMENTS.query(row=_record)
async def rule_by_version(connection: Connection, name: str, version: int) -> RuleRecord | None:
    """A version by its number."""


@STATEMENTS.query()
async def newest_version(connection: Connection, name: str) -> int | None:
    """The highest version of a name, active or not; None if there is no such rule. Sure only after `hold_rules`."""


async def page_of_rules(
    connection: Connection, wanted: RuleFilters, *, after: tuple[str, int] | None, limit: int
) -> list[RuleRecord]:
    """Up to `limit` versions that pass the filters, by name and newest first, from behind `after`."""
    rows = await connection.fetch(
        STATEMENTS["page_of_rules"],
        wanted.name,
        wanted.type,
        None if wanted.region is None else region_key(wanted.region),
        wanted.currency,
        wanted.is_active,
        wanted.active_at,
        *(after or (None, None)),
        limit,
    )
    return [_record(row) for row in rows]


@STATEMENTS.query(row=_record)
async def page_of_versions(
    connection: Connection, name: str, *, before_version: int | None, limit: int
) -> list[RuleRecord]:
    """Up to `limit` versions of a name, newest first, from below `before_version`."""


async def record_exhaustions(
    connection: Connection, name: str, usage_limit: int | None, usage_limit_per_customer: int | None
) -> None:
    """Notify the rulebook of the counts of a coupon that have reached the limits of its newest version."""
    if usage_limit is not None or usage_limit_per_customer is not None:
        await connection.execute(STATEMENTS["record_exhaustions"], name, usage_limit, usage_limit_per_customer)


async def record_budget_spends(
    connection: Connection, name: str, currency: str, budget_minor: int | None, budget_per_customer_minor: int | None
) -> None:
    """Notify the rulebook of the budgets of a rule that are used up by what its newest version allows, in minor units."""
    if budget_minor is not None or budget_per_customer_minor is not None:
        await connection.execute(
            STATEMENTS["record_budget_spends"], name, currency, budget_minor, budget_per_customer_minor
        )
