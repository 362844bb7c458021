"""Rows as processes flush them, and what the rollups then say. Source: docs/spec/analytics.md#quotes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from quote_service.platform.postgres.pool import Database
from quote_service.steering.analytics.model.quote_figures import QUOTE_FIGURES

MINUTE = datetime(2026, 3, 10, 22, 17, tzinfo=UTC)
_NEEDED = (
    "lines",
    "units",
    "lines_request",
    "lines_catalog",
    "lines_flash_sale",
    "gross_minor",
    "seller_discount_minor",
)
_NEEDED_TOO = (
    "platform_discount_minor",
    "exclusive_tax_minor",
    "inclusive_tax_minor",
    "total_minor",
    "commission_minor",
)
_OF_RULES = ("rule_counts", "rule_gross_minor", "rule_total_minor", "rule_seller_minor", "rule_platform_minor")


def minute_row(**fields: Any) -> dict[str, Any]:
    """A row of analytics_quote_minutes; what is not said is empty or 0."""
    row: dict[str, Any] = {"minute": MINUTE, "is_line": False, "currency": "EUR", "region": "", "tier": "", "flags": []}
    row |= {"seller": "", "category": "", "product": "", "rules": [], **{key: [] for key in _OF_RULES}}
    return row | dict.fromkeys((*_NEEDED, *_NEEDED_TOO), 0) | fields


async def put_minutes(database: Database, *rows: dict[str, Any]) -> None:
    """Write rows, as a flush does."""
    columns = list(rows[0])
    assert all(list(row) == columns for row in rows)
    async with database.transaction() as connection:
        await connection.copy_records_to_table(
            "analytics_quote_minutes", columns=columns, records=[tuple(row.values()) for row in rows]
        )


async def rollups(database: Database, cube: str, grain: str) -> dict[tuple[Any, ...], dict[str, int]]:
    """Figures that are not 0, by period (of month_hour: and hour), currency and keys."""
    async with database.read() as connection:
        rows = await connection.fetch("SELECT * FROM analytics_quotes WHERE cube = $1 AND grain = $2", cube, grain)
    found = {}
    for row in rows:
        when = (row["period"], row["hour"]) if grain == "month_hour" else (row["period"],)
        key = (*when, row["currency"], row["key_a"], row["key_b"])
        found[key] = {figure: row[figure] for figure in QUOTE_FIGURES if row[figure]}
    return found


async def everything(database: Database) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """All rollups."""
    async with database.read() as connection:
        rows = await connection.fetch("SELECT * FROM analytics_quotes")
    keys = ("cube", "grain", "period", "hour", "currency", "key_a", "key_b")
    return {tuple(row[key] for key in keys): tuple(row[figure] for figure in QUOTE_FIGURES) for row in rows}
