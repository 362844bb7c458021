"""What bears on prices, read where it stands: the policy in force, prices and their past, campaigns, sales and stock.

Source: docs/spec/price-decisions.md#decisions; docs/spec/price-decisions.md#one-mover.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from quote_service.intelligence.demand.optimiser.price_points import PricePoints
from quote_service.intelligence.price_decisions.model.facts import (
    CampaignTarget,
    Facts,
    Family,
    FamilyMember,
    Learned,
    Obstacle,
    SeenRival,
)
from quote_service.intelligence.price_decisions.model.guardrails import Limits
from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.records import record_of

STATEMENTS = Statements(__file__, "facts")

#: A product and a currency.
Item = tuple[UUID, str]

_OBSTACLES: Final[tuple[tuple[str, Obstacle], ...]] = (
    ("is_in_campaign", "campaign"),
    ("is_in_flash_sale", "flash_sale"),
    ("is_in_change_set", "change_set"),
    ("is_moved_by_stock", "moved_by_stock"),
)


@STATEMENTS.query()
async def database_now(connection: Connection) -> datetime:
    """The instant by PostgreSQL's clock."""


async def items_in_mode(connection: Connection, after: Item | None, limit: int) -> list[Item]:
    """Up to `limit` prices whose policy in force is not `off`, in order, from behind `after`."""
    product_id, currency = after or (None, None)
    rows = await connection.fetch(STATEMENTS["items_in_mode"], product_id, currency, limit)
    return [(row["product_id"], row["currency"]) for row in rows]


async def read_facts(
    connection: Connection,
    items: Sequence[Item],
    rivals: Mapping[Item, tuple[SeenRival, ...]],
    learned: Mapping[Item, Learned],
    *,
    horizon_days: int,
    further: Mapping[Item, tuple[Obstacle, ...]],
    at_war: frozenset[UUID],
) -> dict[Item, Facts]:
    """What bears on some prices; those that are not sold have nothing."""
    rows = await connection.fetch(STATEMENTS["facts"], [item[0] for item in items], [item[1] for item in items])
    found = {}
    for row in rows:
        item = (row["product_id"], row["currency"])
        found[item] = _facts(row, rivals.get(item, ()), learned.get(item), further.get(item, ()), horizon_days, at_war)
    return found


async def read_families(connection: Connection, items: Sequence[Item]) -> dict[Item, Family]:
    """The families that some prices are of, their members without what bears on them; those of none have nothing."""
    found: dict[Item, Family] = {}
    rows = await connection.fetch(STATEMENTS["families"], [item[0] for item in items], [item[1] for item in items])
    for row in rows:
        item = (row["product_id"], row["currency"])
        other = FamilyMember(row["other_id"], int(row["other_units_micro"]), int(row["other_price_micro"]))
        known = found.get(item)
        others = (other,) if known is None else (*known.others, other)
        found[item] = Family(row["family"], int(row["units_micro"]), others)
    return found


def _facts(
    row: Record,
    rivals: tuple[SeenRival, ...],
    learned: Learned | None,
    further: tuple[Obstacle, ...],
    horizon_days: int,
    at_war: frozenset[UUID],
) -> Facts:
    current, is_finer = _whole(row["current_units"])
    obstacles: list[Obstacle] = [name for column, name in _OBSTACLES if row[column]]
    if is_finer:
        obstacles.append("finer_price")
    if not row["is_active"]:
        obstacles.append("not_sold")
    return Facts(
        product_id=row["product_id"],
        currency=row["currency"],
        exponent=row["exponent"],
        policy_ids=tuple(
            row[name] for name in ("policy_id", "category_policy_id", "default_policy_id") if row[name] is not None
        ),
        mode=row["mode"],
        current_minor=current,
        cost_minor=row["cost_minor"],
        floor_minor=row["floor_minor"],
        ceiling_minor=row["ceiling_minor"],
        minimum_advertised_minor=row["minimum_advertised_minor"],
        confirmed_minor=_whole(row["confirmed_units"])[0],
        day_start_minor=_whole(row["day_start_units"])[0],
        lowest_30_days_minor=row["lowest_30_days_minor"],
        keeps_lowest=row["keep_lowest_30_days"],
        limits=_limits(row),
        rivals=rivals,
        learned=learned,
        obstacles=(*obstacles, *further),
        price_war=row["product_id"] in at_war,
        stock=row["stock"],
        horizon_days=horizon_days,
        is_claimed=row["claimed_by"] is not None,
        campaign=_campaign(row),
    )


def _campaign(row: Record) -> CampaignTarget | None:
    if row["campaign_id"] is None or row["campaign_low_minor"] is None:
        return None
    return CampaignTarget(
        campaign_id=row["campaign_id"],
        target_units=row["target_sales_count"],
        sold_units=row["sold"],
        hours_left=row["hours_left"],
        low_minor=row["campaign_low_minor"],
        high_minor=row["campaign_high_minor"],
    )


def _limits(row: Record) -> Limits:
    return record_of(
        Limits,
        row,
        above_rivals_bp=row["above_competitors_bp"],
        below_rivals_bp=row["below_competitors_bp"],
        rival_seconds=row["competitor_seconds"],
        points=points_of(row["price_every"], row["price_endings"], row["exponent"]),
    )


def points_of(every: str | None, endings: Sequence[str] | None, exponent: int) -> PricePoints:
    """Price points as they are kept, in minor units; every amount of the currency where there are none."""
    if every is None or endings is None:
        return PricePoints()
    return PricePoints(
        scale_decimal(Decimal(every), exponent),
        tuple(sorted({scale_decimal(Decimal(ending), exponent) for ending in endings})),
    )


def _whole(units: str | None) -> tuple[int, bool]:
    """Minor units, cut down, and whether there was more; 0 for nothing."""
    number = Decimal(units or 0)
    whole: Any = int(number)
    return whole, whole != number
