"""PostgreSQL stopped under load: quotes go on from the last snapshot, and follow the rules again once it is back.

Source: docs/spec/quotes.md#when-a-dependency-is-unavailable; docs/spec/quotes.md#limits.
"""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from uuid import uuid4

from quote_service.lab.embedded.postgres_server import PostgresServer
from tests.conftest import eventually
from tests.faults.load import load
from tests.fixtures.serve import QUOTE, Served, a_basket, exact


async def test_postgres_away(service: Served, own_postgres: PostgresServer) -> None:
    city = f"city-{uuid4()}"
    async with load(service) as running:
        await running.until_answered(300)
        try:
            await asyncio.to_thread(own_postgres.stop)
            await eventually(lambda: _has_status(service, "degraded"), "health says so")
            await running.until_answered(1000)
        finally:
            await asyncio.to_thread(own_postgres.start)
        back = time.monotonic()
        await eventually(lambda: _has_status(service, "ready"), "health is well again")
        ready = time.monotonic() - back
        await asyncio.to_thread(_price_delivery, service, city)
        changed = time.monotonic()
        await eventually(lambda: _costs(service, city, Decimal("3.00")), "a new rule is seen")
        print(
            f"\nPostgreSQL stopped: {running.seen.answered} answers, slowest {running.seen.slowest_seconds:.3f} s; ready "
            f"after {ready:.3f} s, a rule made then seen after {time.monotonic() - changed:.3f} s"
        )
        await running.until_answered(300)
    seen = running.seen
    assert set(seen.statuses) == {200}
    assert seen.broken == []
    assert seen.refused_connections == 0


async def _has_status(service: Served, status: str) -> bool:
    return bool((await asyncio.to_thread(service.ready)).get("status") == status)


def _price_delivery(service: Served, city: str) -> None:
    rule = {
        "name": city,
        "type": "DELIVERY_FEE",
        "configuration": {"base_fee": 3},
        "currency": "TRY",
        "region": f"TR/{city}",
    }
    with service.admin() as admin:
        answer = admin.post("/api/v1/pricing-rules", json=rule)
    assert answer.status_code == 201, answer.text


async def _costs(service: Served, city: str, fee: Decimal) -> bool:
    def ask() -> bool:
        with service.checkout() as checkout:
            answer = checkout.post(QUOTE, json=a_basket(delivery_address={"country": "TR", "city": city}))
        return bool(exact(answer)["data"]["delivery_fee"] == fee)

    return await asyncio.to_thread(ask)
