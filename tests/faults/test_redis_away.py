"""Redis stopped, killed, frozen or slow under load: every quote is answered, is right, and says that it was not shared.

Source: docs/spec/quotes.md#when-a-dependency-is-unavailable; docs/spec/quotes.md#limits.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from tests.conftest import eventually
from tests.faults.load import load
from tests.faults.slow_link import SlowLink
from tests.fixtures.serve import QUOTE, Served, a_basket

Fault = tuple[Callable[[ValkeyServer, SlowLink], None], Callable[[ValkeyServer, SlowLink], None]]


def _delay(seconds: float) -> Callable[[ValkeyServer, SlowLink], None]:
    def set_delay(valkey: ValkeyServer, link: SlowLink) -> None:
        link.delay_seconds = seconds

    return set_delay


FAULTS: dict[str, Fault] = {
    "stopped": (lambda valkey, link: valkey.stop(), lambda valkey, link: valkey.start()),
    "killed": (lambda valkey, link: valkey.kill(), lambda valkey, link: valkey.start()),
    "frozen": (lambda valkey, link: valkey.freeze(), lambda valkey, link: valkey.thaw()),
    "slow": (_delay(0.2), _delay(0.0)),  # each way; a command may take 50 ms
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_redis_away(service: Served, own_valkey: ValkeyServer, link: SlowLink, fault: str) -> None:
    begin, end = FAULTS[fault]
    async with load(service) as running:
        await running.until_answered(300)
        await eventually(lambda: _is_shared(service), "quotes are shared")
        before = running.seen.warnings["quote_not_shared"]
        try:
            began = time.monotonic()
            await asyncio.to_thread(begin, own_valkey, link)
            await eventually(
                lambda: running.seen.warnings["quote_not_shared"] > before, "quotes say that they are not shared"
            )
            warned = time.monotonic() - began
            await eventually(lambda: _has_status(service, "degraded"), "health says so")
            await running.until_answered(1000)
        finally:
            await asyncio.to_thread(end, own_valkey, link)
        back = time.monotonic()
        await eventually(lambda: _is_shared(service), "new quotes are shared again")
        well = time.monotonic() - back
        await eventually(lambda: _has_status(service, "ready"), "health is well again")
        ready = time.monotonic() - back
        await running.until_answered(300)
    seen = running.seen
    print(
        f"\nRedis {fault}: {seen.answered} answers, slowest {seen.slowest_seconds:.3f} s; first warning after "
        f"{warned:.3f} s, shared again after {well:.3f} s, ready after {ready:.3f} s"
    )
    assert set(seen.statuses) == {200}
    assert seen.broken == []
    assert seen.refused_connections == 0


async def _has_status(service: Served, status: str) -> bool:
    return bool((await asyncio.to_thread(service.ready)).get("status") == status)


async def _is_shared(service: Served) -> bool:
    def ask() -> bool:
        with service.checkout() as checkout:
            warnings = checkout.post(QUOTE, json=a_basket()).json()["data"]["warnings"]
        return "quote_not_shared" not in [warning["code"] for warning in warnings]

    return await asyncio.to_thread(ask)
