"""Campaigns as rows, and whose turn it is.

Source: docs/spec/campaigns.md#campaigns-in-the-api.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.platform.money.amounts import decimal_text
from quote_service.platform.money.numbers import ExactNumber, scale_decimal, written_number
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.records import record_of
from quote_service.shop.campaigns.model.campaigns import CampaignRecord
from quote_service.shop.campaigns.model.catalog_prices import PRICE_PLACES, price_of
from quote_service.shop.campaigns.model.terms import CampaignStatus

STATEMENTS = Statements(__file__, "campaigns")


class HeldCampaign(NamedTuple):
    """A campaign under its lock; `last_price` is what it made the price last, None before its start."""

    record: CampaignRecord
    last_price: Decimal | None


class Due(NamedTuple):
    """A campaign whose turn it is, under its lock, and the instant that it is looked at."""

    campaign: HeldCampaign
    at: datetime


class CampaignState(NamedTuple):
    """What becomes of a campaign while it runs."""

    status: CampaignStatus
    starting_price: Decimal | None
    last_price: Decimal | None
    next_step_at: datetime | None
    stopped_at: datetime | None


def _record(row: Record) -> CampaignRecord:
    return record_of(
        CampaignRecord,
        row,
        duration=row["duration_hours"],
        price_manipulation_limit=_percent(row["limit_percent"]),
        starting_price=optional_price(row["starting_price"], row["currency"]),
    )


def optional_price(text: str | None, currency: str) -> ExactNumber | None:
    """A price of a row as it is shown; None for NULL."""
    return None if text is None else price_of(scale_decimal(Decimal(text), PRICE_PLACES), currency)


def _percent(text: str) -> ExactNumber:
    return written_number(decimal_text(scale_decimal(Decimal(text), 6), 6))


@STATEMENTS.query()
async def insert_campaign(connection: Connection, campaign: CampaignRecord) -> None:
    """Write a new campaign that has not begun.

    Raises:
        NameTaken: Another has its name.
        CampaignOverlaps: Another of the product and currency is in its period.
    """


@STATEMENTS.query()
async def replace_terms(connection: Connection, campaign: CampaignRecord, author: str, at: datetime) -> None:
    """Write what a held campaign that has not begun is from now on; as `insert_campaign`."""


async def read_campaign(connection: Connection, campaign_id: UUID) -> CampaignRecord:
    """A campaign.

    Raises:
        NotFound: There is none.
    """
    return (await _read(connection, campaign_id)).record


async def hold_campaign(connection: Connection, campaign_id: UUID) -> HeldCampaign:
    """A campaign, locked until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    await connection.execute(STATEMENTS["lock_campaign"], campaign_id)
    return await _read(connection, campaign_id)


@STATEMENTS.query()
async def write_state(
    connection: Connection, campaign_id: UUID, state: CampaignState, author: str, at: datetime
) -> None:
    """Write what has become of a held campaign."""


async def next_due(
    connection: Connection,
    at: datetime | None,
    *,
    only: UUID | None = None,
    passed_over: Sequence[UUID] = (),
) -> Due | None:
    """The campaign that is due first and that nobody has in hand; it is in hand until the transaction ends.

    Args:
        connection: Inside a transaction.
        at: The instant to judge by; None for PostgreSQL's clock.
        only: Look at no other campaign.
        passed_over: Look at none of these.
    """
    row = await connection.fetchrow(STATEMENTS["next_due"], at, only, list(passed_over))
    return None if row is None else Due(await _read(connection, row["id"]), row["at"])


@STATEMENTS.query()
async def seconds_to_next_step(connection: Connection) -> float | None:
    """How long until the next campaign is due; below 0 where one is, None where none waits for its time."""


@STATEMENTS.query()
async def find_clash(
    connection: Connection, campaign_id: UUID, product_id: UUID, currency: str, begin: datetime, end: datetime
) -> tuple[UUID, str] | None:
    """Another campaign of the product and currency that is not over in this period, and its name."""


@STATEMENTS.query()
async def count_by_status(connection: Connection) -> dict[str, int]:
    """How many campaigns are scheduled, and how many are active."""


async def seconds_overdue(connection: Connection) -> float:
    """How long the campaign that is due first has waited for a worker; 0 where none waits."""
    return float(await connection.fetchval(STATEMENTS["seconds_overdue"]) or 0)


@STATEMENTS.query()
async def database_now(connection: Connection) -> datetime:
    """The instant by PostgreSQL's clock."""


async def _read(connection: Connection, campaign_id: UUID) -> HeldCampaign:
    row = await connection.fetchrow(STATEMENTS["campaign"], campaign_id)
    if row is None:
        raise NotFound("There is no such campaign")
    last = row["last_price"]
    return HeldCampaign(_record(row), None if last is None else Decimal(last))


CAMPAIGN_ROWS = ListedRows(
    CampaignRecord,
    STATEMENTS["campaigns"],
    order="-id",
    sorts=("name", "status", "starts_at", "ends_at", "created_at", "changed_at"),
    search=("name",),
    make=_record,
)
