"""The service counts what is sold, shows it on /metrics, and works out its commissions once more.

Source: docs/spec/analytics.md#metrics.
"""

from __future__ import annotations

import re
from decimal import Decimal

import httpx

from tests.orders.conftest import market
from tests.orders.market import Market
from tests.quotes.lifecycle.shop import until

__all__ = ["market"]


def shown(admin: httpx.Client) -> dict[str, Decimal]:
    text = admin.get("/metrics").text
    return {name: Decimal(value) for name, value in re.findall(r"^(quote_[^ ]+) (\S+)$", text, re.MULTILINE)}


def test_an_order_is_reported(market: Market, admin: httpx.Client) -> None:
    market.charged(10)
    names = [f'quote_sales_{name}{{currency="TRY"}}' for name in ("orders", "revenue", "commission")]
    before = shown(admin)
    order = market.ordered_quote()
    (seller,) = order["sellers"]
    wanted = (1, order["total_amount"], seller["commission"])
    assert min(wanted) > 0

    def is_reported() -> bool:
        # Other tests sell in the same service.
        after = shown(admin)
        return all(after.get(name, 0) - before.get(name, 0) >= more for name, more in zip(names, wanted, strict=True))

    until(is_reported, "the order is counted")
    after = shown(admin)
    assert 0 < after['quote_sales_take_rate{currency="TRY"}'] <= 1
    until(lambda: shown(admin)["quote_analytics_waiting"] == 0, "nothing waits")
    assert after['quote_analytics_age_seconds{source="orders"}'] >= 0


def test_commissions_are_worked_out_once_more(market: Market, admin: httpx.Client) -> None:
    market.charged(12.5)
    before = shown(admin)["quote_commission_checks_total"]

    def is_checked() -> bool:
        assert market.quote()["commission_breakdown"]["total_commission"] > 0
        return shown(admin)["quote_commission_checks_total"] > before

    until(is_checked, "a quote is checked")
    assert shown(admin)["quote_commission_mismatches_total"] == 0
