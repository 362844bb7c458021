"""Rows as an admin flow would write them, with only what a test cares about spelled out."""

import json
from datetime import UTC, datetime
from typing import Any

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.new_ids import new_id
from quote_service.pricing.regions import region_key

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
WHEN = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)


async def insert_rate(connection: Connection, **columns: Any) -> str:
    """A percentage rate of 10 % for a seller of its own; answers its id."""
    row = {"id": new_id(), "seller_id": new_id(), "commission_type": "PERCENTAGE", "rate": "10", **columns}
    return await _insert(connection, "commission_rates", row | _scope(row) | _by())


async def insert_rule(connection: Connection, **columns: Any) -> str:
    """Version 1 of a tax rule of its own name; answers its id."""
    row = {
        "id": new_id(),
        "name": f"rule {new_id()}",
        "version": 1,
        "type": "TAX",
        "configuration": {"rate": 18},
        **columns,
    }
    return await _insert(connection, "pricing_rules", row | _scope(row) | _by())


async def insert_flag(connection: Connection, **columns: Any) -> str:
    """A flag of type BOOLEAN with a key of its own; answers its id."""
    row = {"id": new_id(), "key": f"flag-{new_id()}", "type": "BOOLEAN", "value": True, **columns}
    return await _insert(connection, "feature_flags", row | _by())


async def change(connection: Connection, table: str, identifier: str, **columns: Any) -> None:
    """Set columns of one row; somebody else did it."""
    columns = {"changed_by": "ayşe", "changed_at": WHEN, **columns}
    settings = ", ".join(f"{name} = {_cast(name, place)}" for place, name in enumerate(columns, 2))
    await connection.execute(
        f"UPDATE {table} SET {settings} WHERE id = $1", identifier, *map(_stored, columns, columns.values())
    )


async def exhaust(connection: Connection, rule_name: str, customer_id: str | None, uses: int) -> None:
    """A coupon's count reached a limit."""
    await connection.execute(
        """
        INSERT INTO coupon_exhaustions (rule_name, customer_id, uses) VALUES ($1, $2, $3)
        ON CONFLICT ON CONSTRAINT coupon_exhaustions_counter DO UPDATE SET uses = excluded.uses
        """,
        rule_name,
        customer_id,
        uses,
    )


async def spend_budget(
    connection: Connection, rule_name: str, customer_id: str | None, spent_minor: int, currency: str = "TRY"
) -> None:
    """What is left of a budget could not cover a discount."""
    await connection.execute(
        """
        INSERT INTO budget_exhaustions (rule_name, currency, customer_id, spent_minor) VALUES ($1, $2, $3, $4)
        ON CONFLICT ON CONSTRAINT budget_exhaustions_counter DO UPDATE SET spent_minor = excluded.spent_minor
        """,
        rule_name,
        currency,
        customer_id,
        spent_minor,
    )


async def _insert(connection: Connection, table: str, row: dict[str, Any]) -> str:
    places = ", ".join(_cast(name, place) for place, name in enumerate(row, 1))
    await connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *map(_stored, row, row.values())
    )
    return str(row["id"])


def _scope(row: dict[str, Any]) -> dict[str, Any]:
    defaults: dict[str, Any] = {"effective_from": LONG_AGO, "region_key": region_key(row.get("region"))}
    return {name: value for name, value in defaults.items() if name not in row}


def _by() -> dict[str, Any]:
    return {"created_by": "mehmet", "created_at": WHEN, "changed_by": "mehmet", "changed_at": WHEN}


_JSON = ("tiers", "split", "configuration", "conditions", "value", "default_value", "rollout")
_NUMERIC = ("rate", "min_amount", "max_amount")


def _cast(name: str, place: int) -> str:
    # As text, so that the literal in the test is the one stored.
    return f"${place}::text::numeric" if name in _NUMERIC else f"${place}"


def _stored(name: str, value: Any) -> Any:
    return json.dumps(value) if name in _JSON and value is not None and not isinstance(value, Written) else value


class Written(str):
    """JSON as a test spells it, digits and all."""
