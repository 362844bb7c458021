"""The tables of events refuse what no bus could carry and what no event is, whoever writes to them."""

from datetime import timedelta
from typing import Any

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.new_ids import new_id
from tests.postgres.rows import LONG_AGO


@pytest.mark.parametrize(
    "columns",
    [
        {"topic": "weather"},
        {"key": ""},
        {"key": "k" * 201},
        {"type": "changed"},
        {"type": "Price.Changed"},
        {"data": '{"text": "' + "x" * 262_144 + '"}'},
    ],
    ids=lambda columns: " ".join(f"{name} {value[:12]}" for name, value in columns.items()),
)
async def test_an_event_that_no_bus_could_carry_is_not_reported(database: Database, columns: dict[str, str]) -> None:
    row = {"topic": "decisions", "key": "k", "type": "decision.made", "data": "{}", **columns}
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await connection.execute(
                "INSERT INTO event_outbox (topic, key, type, data) VALUES ($1, $2, $3, $4)", *row.values()
            )


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "retrying", "due_at": None},
        {"state": "lost"},
        {"data": None},
        {"key": None},
        {"raw": b"junk"},
        {"attempts": 0},
    ],
    ids=" ".join,
)
async def test_a_dead_letter_holds_an_event_or_what_came_instead(database: Database, columns: dict[str, Any]) -> None:
    row = {
        "consumer_group": "g",
        "topic": "decisions",
        "event_id": new_id(),
        "key": "k",
        "type": "decision.made",
        "at": LONG_AGO,
        "data": "{}",
        "raw": None,
        "state": "dead",
        "attempts": 1,
        "last_error": "e",
        "due_at": None,
        **columns,
    }
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await connection.execute(
                f"INSERT INTO event_dead_letters ({', '.join(row)}) VALUES ({places})", *row.values()
            )


@pytest.mark.parametrize(
    "columns", [{"hour": LONG_AGO + timedelta(minutes=1)}, {"views": -1}, {"carts": -1}], ids=" ".join
)
async def test_behaviour_is_kept_by_whole_hours_and_counts(database: Database, columns: dict[str, Any]) -> None:
    row = {"product_id": new_id(), "hour": LONG_AGO, "views": 1, "carts": 0, **columns}
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await connection.execute(
                "INSERT INTO product_behaviour_hours (product_id, hour, views, carts) VALUES ($1, $2, $3, $4)",
                *row.values(),
            )
