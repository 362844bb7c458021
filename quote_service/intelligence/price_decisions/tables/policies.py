"""Price policies as rows.

Source: docs/spec/price-decisions.md#policies.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.intelligence.price_decisions.model.details import percent_number
from quote_service.intelligence.price_decisions.model.policies import (
    BP_PLACES,
    PERCENTS,
    FamilyDraft,
    PolicyDraft,
    PolicyMode,
    PolicyRecord,
    PricePointsDraft,
)
from quote_service.platform.money.numbers import scale_decimal, written_number
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.errors import NotFound
from quote_service.shop.catalog.model.prices import price_number

STATEMENTS = Statements(__file__, "policies")

_AMOUNTS: Final = ("floor_price", "ceiling_price", "minimum_advertised_price", "cost")


class PolicyFilter(msgspec.Struct, frozen=True):
    """Which policies to list; None for all."""

    product_id: UUID | None = None
    category_id: UUID | None = None
    currency: str | None = None
    mode: PolicyMode | None = None


def _record(row: Record) -> PolicyRecord:
    values = dict(row)
    currency = values["currency"]
    for name in _AMOUNTS:
        values[name] = None if values[name] is None else price_number(Decimal(values[name]), currency)
    for name, column in PERCENTS.items():
        kept = values.pop(column)
        values[name] = None if kept is None else percent_number(kept)
    every, endings = values.pop("price_every"), values.pop("price_endings")
    values["price_points"] = (
        None
        if every is None
        else PricePointsDraft(
            every=price_number(Decimal(every), currency),
            endings=[price_number(Decimal(ending), currency) for ending in endings],
        )
    )
    family, units = values.pop("family"), values.pop("family_units")
    values["family"] = (
        None if family is None else FamilyDraft(name=family, units=written_number(f"{Decimal(units).normalize():f}"))
    )
    return PolicyRecord(**values)


async def read_policy(connection: Connection, policy_id: UUID, *, lock: bool = False) -> PolicyRecord:
    """A policy; with `lock` kept from others until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    if lock:
        await connection.execute(STATEMENTS["lock_policy"], policy_id)
    row = await connection.fetchrow(STATEMENTS["policy"], policy_id)
    if row is None:
        raise NotFound("There is no such price policy")
    return _record(row)


@STATEMENTS.query()
async def policy_of_scope(
    connection: Connection, product_id: UUID | None, category_id: UUID | None, currency: str
) -> UUID | None:
    """The id of the policy of a product, a category or all products; None where there is none."""


async def insert_policy(connection: Connection, policy_id: UUID, draft: PolicyDraft, author: str, at: datetime) -> bool:
    """Write a new policy; false where there is one of its product, category or currency."""
    scope = (draft.product_id, draft.category_id, draft.currency)
    return (
        await connection.fetchval(STATEMENTS["insert_policy"], policy_id, *scope, author, at, *_columns(draft))
        is not None
    )


async def update_policy(connection: Connection, policy_id: UUID, draft: PolicyDraft, author: str, at: datetime) -> None:
    """Write a held policy again."""
    await connection.execute(STATEMENTS["update_policy"], policy_id, author, at, *_columns(draft))


@STATEMENTS.query()
async def compare_units_later(connection: Connection) -> None:
    """Let sizes of a family have as many units until `compare_units_now`, or the transaction's end."""


@STATEMENTS.query()
async def compare_units_now(connection: Connection) -> None:
    """Make sure that no two sizes of a family have as many units.

    Raises:
        Conflict: Two have.
    """


@STATEMENTS.query()
async def delete_policy(connection: Connection, policy_id: UUID) -> None:
    """Take a policy away; what it covers is as the next one has it."""


@STATEMENTS.query()
async def promote_products(
    connection: Connection, product_id: UUID | None, category_id: UUID | None, currency: str
) -> None:
    """What was rolled back may be set by itself again, for a product, a category with all below it, or everything."""


@STATEMENTS.query(row=lambda row: row["place"] - 1)
async def unknown_scopes(connection: Connection, drafts: Sequence[PolicyDraft]) -> list[int]:
    """The places, from 0, of drafts whose product or category is not there."""


def _columns(draft: PolicyDraft) -> tuple[Any, ...]:
    reported = msgspec.structs.asdict(draft)
    bp = {
        column: None if reported[name] is None else scale_decimal(reported[name], BP_PLACES)
        for name, column in PERCENTS.items()
    }
    points = draft.price_points
    return (
        draft.mode,
        draft.floor_price,
        bp["floor_bp"],
        draft.ceiling_price,
        draft.minimum_advertised_price,
        draft.cost,
        bp["lowest_margin_bp"],
        bp["highest_margin_bp"],
        bp["step_bp"],
        bp["day_bp"],
        bp["cumulative_bp"],
        bp["above_competitors_bp"],
        bp["below_competitors_bp"],
        draft.competitor_seconds,
        None if points is None else points.every,
        None if points is None else points.endings,
        draft.keep_lowest_30_days,
        bp["breaker_move_bp"],
        bp["breaker_share_bp"],
        None if draft.family is None else draft.family.name,
        None if draft.family is None else draft.family.units,
    )


POLICY_ROWS = ListedRows(
    PolicyRecord,
    STATEMENTS["policies"],
    sorts=("mode", "currency", "created_at", "updated_at"),
    search=("family",),
    make=_record,
)
