"""What must be true of a shop afterwards, worked out of its history alone and by no code that decides.

Source: docs/spec/price-decisions.md#guardrails; docs/spec/price-decisions.md#one-mover.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any
from uuid import UUID

from quote_service.platform.postgres.pool import Database

FLOOR, COST = Decimal(75), Decimal(70)
STEP, DAY, CUMULATIVE, MARGIN = Decimal("0.05"), Decimal("0.10"), Decimal("0.20"), Decimal("0.05")


async def judge(database: Database, products: list[UUID]) -> list[str]:
    """Everything that is wrong; nothing of a shop that works."""
    async with database.snapshot() as connection:
        moves = await connection.fetch(
            "SELECT product_id, old_price, new_price, reason, source_id FROM price_history"
            " WHERE product_id = ANY ($1::uuid[]) ORDER BY at",
            products,
        )
        rows = await connection.fetch("SELECT * FROM price_decisions WHERE product_id = ANY ($1::uuid[])", products)
        prices = await connection.fetch("SELECT product_id, current_price FROM product_prices")
        reported = await connection.fetch(
            "SELECT data ->> 'decision_id' AS id, type FROM event_outbox WHERE topic = 'decisions'"
        )
        audited = await connection.fetch("SELECT object_id, action FROM audit_log WHERE object_kind = 'price_decision'")
    decisions = {str(row["id"]): row for row in rows}
    found = [fault for product_id in products for fault in _of_product(product_id, moves, decisions)]
    last = {move["product_id"]: move["new_price"] for move in moves}
    now = {row["product_id"]: row["current_price"] for row in prices}
    found += [f"{each}: the history ends elsewhere" for each in products if last[each] != now[each]]
    events, actions = (
        Counter((row["id"], row["type"]) for row in reported),
        Counter((row[0], row[1]) for row in audited),
    )
    used = Counter(move["source_id"] for move in moves if move["reason"] == "intelligence")
    for key, row in decisions.items():
        is_applied = row["state"] in ("applied", "rolled_back")
        if used[key] != is_applied:
            found.append(f"{key} is {row['state']} and has moved the price {used[key]} times")
        for state, event, action in (
            ("applied", "decision.applied", "price_decision.apply"),
            ("rolled_back", "decision.rolled_back", "price_decision.roll_back"),
            ("rejected", "decision.rejected", "price_decision.reject"),
        ):
            wanted = row["state"] == state or (state == "applied" and is_applied)
            if (events[key, event], actions[key, action]) != (wanted, wanted):
                found.append(f"{key} is {row['state']}: {event} told {events[key, event]} times")
    waiting = Counter(row["product_id"] for row in rows if row["state"] in ("held", "suggested"))
    found += [f"{each}: {count} decisions wait" for each, count in waiting.items() if count > 1]
    return found


def _of_product(product_id: UUID, moves: list[Any], decisions: dict[str, Any]) -> list[str]:
    found, confirmed = [], Decimal(0)
    for move in moves:
        if move["product_id"] != product_id:
            continue
        old, new, key = move["old_price"], move["new_price"], move["source_id"]
        if move["reason"] != "intelligence":
            confirmed = new
            continue
        decision = decisions.get(key)
        if decision is None or decision["state"] not in ("applied", "rolled_back"):
            found.append(f"{product_id}: moved to {new} by no decision")
            continue
        if (decision["price_minor"], decision["current_minor"]) != (new * 100, old * 100):
            found.append(f"{product_id}: {key} decided something else")
        if new < FLOOR or new - COST < MARGIN * new:
            found.append(f"{product_id}: {new} is below the floor or the margin")
        if decision["by_person"]:
            confirmed = new
            continue
        # All of it is within a day, so what moves of a day are measured against is the confirmed price.
        if abs(new - old) > STEP * old or abs(new - confirmed) > min(DAY, CUMULATIVE) * confirmed:
            found.append(f"{product_id}: {old} to {new}, confirmed {confirmed}, is too far")
        if decision["mode"] != "auto":
            found.append(f"{product_id}: set by itself in {decision['mode']}")
    return found
