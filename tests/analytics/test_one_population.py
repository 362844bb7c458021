"""Rates are of one population, and what is not counted is null. Source: docs/spec/analytics.md#pricing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx
import pytest

from quote_service.steering.analytics.model.sales.cubes import CubeKey
from quote_service.steering.analytics.model.sales.of_orders import SoldOrder, accepted_fact, by_issue, order_fact
from quote_service.steering.analytics.operations.count_sales import sums_of
from tests.analytics.test_report_routes import put, read, rows
from tests.analytics.test_reports_of_orders import _read as read_now
from tests.analytics.test_sale_facts import ADA, FIGURES, quoted
from tests.fixtures.service import Service
from tests.orders.market import Market
from tests.quotes.lifecycle.shop import until

TEN = datetime(2026, 1, 5, 10, 2, tzinfo=UTC)
BEFORE_TEN = datetime(2026, 1, 5, 9, 58, tzinfo=UTC)
Sums = Mapping[CubeKey, Mapping[str, int]]


def counted(figure: Literal["accepted", "orders"], issued_at: datetime | None) -> dict[int, Sums]:
    """What is counted of something that happened at two minutes past ten, by the minute of the day's quarter."""
    fact = accepted_fact(quoted(), TEN, "TRY", 10_00)
    if figure == "orders":
        fact = order_fact(SoldOrder(UUID(int=1), TEN, FIGURES, quoted()))
    found = sums_of(by_issue(fact, figure, issued_at))
    return {at.hour * 60 + at.minute: sums for (at, _), sums in found.items()}


@pytest.mark.parametrize("figure", ["accepted", "orders"])
def test_what_happens_later_counts_where_its_quote_was_issued(figure: Literal["accepted", "orders"]) -> None:
    shift = f"{figure}_shift"
    found = counted(figure, BEFORE_TEN)
    assert found.keys() == {9 * 60 + 45, 10 * 60}
    issue, later = found[9 * 60 + 45], found[10 * 60]
    assert issue.keys() == later.keys()
    assert {sums[name] for sums in issue.values() for name in sums} <= {1, 2}
    assert all(sums.keys() == {shift} for sums in issue.values())
    for key in (CubeKey(""), CubeKey("tier", "gold"), CubeKey("seller", ADA)):
        assert issue[key][shift] == later[key][figure] == -later[key][shift] == (2 if key.cube == "seller" else 1), key
    (at_once,) = counted(figure, TEN.replace(minute=14)).values()
    assert not [sums for sums in at_once.values() if shift in sums]
    (not_issued,) = counted(figure, None).values()
    assert not_issued[CubeKey("")][figure] + not_issued[CubeKey("")][shift] == 0


@pytest.mark.parametrize(
    ("issued", "accepted", "shift", "rate"),
    [
        (4, 10, -8, Decimal("0.5")),
        (4, 0, 4, Decimal(1)),
        (4, 5, 0, None),
        (0, 5, 0, None),
        (0, 0, 0, None),
        (4, 0, 0, Decimal(0)),
        (4, 1, -2, None),
    ],
)
async def test_no_rate_is_above_one(
    service: Service, admin: httpx.Client, issued: int, accepted: int, shift: int, rate: Decimal | None
) -> None:
    """Where fewer are counted as issued than were accepted, not all were counted, and the rate is not known."""
    tier, flag = f"tier {uuid4()}", f"flag-{uuid4()}"
    sold = {"accepted": accepted, "accepted_shift": shift, "orders": accepted, "orders_shift": shift, "refunds": 1}
    quotes = {"priced": issued, "lines": issued}
    for cube, key in (("tier", tier), ("flag", f"{flag}=on")):
        await put(service, "analytics_quotes", {"cube": cube, "a": key, **quotes, "quotes": issued + 1})
        await put(service, "analytics_orders", {"cube": cube, "a": key, **sold})
    (block,) = read(admin, "pricing", tier=tier, group_by="day")["currencies"]
    for figures in (block["totals"]["sold"], block["groups"][0]["figures"]["sold"]):
        assert (figures["accepted"], figures["conversion_rate"], figures["order_rate"]) == (accepted, rate, rate)
    (total, *_) = rows(admin, "pricing", tier=tier)
    assert total["sold_conversion_rate"] == ("" if rate is None else str(rate))
    (reported,) = read(admin, "flags", flag=flag, group_by="day")["flags"]
    (variant,) = reported["variants"]
    assert [variant["conversion_rate"], variant["days"][0]["conversion_rate"]] == [rate, rate]


def test_quotes_that_were_never_issued_here_are_no_share_of_those_that_were(
    market: Market, admin: httpx.Client
) -> None:
    tier = f"tier-{uuid4().hex[:8]}"
    quotes = [market.quote(customer_tier=tier) for _ in range(4)]
    market.quote(customer_tier=tier)
    assert market.accept(quotes[0]["quote_id"]).status_code == 200
    for _ in range(2):  # repeated, and found in the cache
        market.accept(quotes[0]["quote_id"])
    columns = market.rows(
        "SELECT string_agg(column_name, ', ') AS names FROM information_schema.columns"
        " WHERE table_name = 'accepted_quotes' AND column_name NOT IN ('quote_id', 'accepted_by_kind')"
    )[0]["names"]
    for _ in range(7):  # as seeds and demonstrations write quotes of the past
        market.rows(
            f"INSERT INTO accepted_quotes (quote_id, accepted_by_kind, {columns})"
            f" SELECT $2, 'system', {columns} FROM accepted_quotes WHERE quote_id = $1",
            UUID(quotes[0]["quote_id"]),
            uuid4(),
        )
    market.ordered(**market.basket(customer_tier=tier))

    def is_counted() -> bool:
        found = read_now(admin, "pricing", tier=tier)
        return bool(found) and (found[0]["totals"]["sold"]["accepted"], found[0]["totals"]["quoted"]["issued"]) == (
            9,
            6,
        )

    until(is_counted, "everything is counted")
    (block,) = read_now(admin, "pricing", tier=tier)
    sold = block["totals"]["sold"]
    assert (sold["conversion_rate"], sold["order_rate"]) == (Decimal("0.333333"), Decimal("0.166667"))


async def test_what_is_not_counted_by_rule_is_null(service: Service, admin: httpx.Client) -> None:
    region, rule = f"DE/{str(uuid4()).title()}", f"rule {uuid4()}"
    quotes = {"priced": 4, "gross_minor": 10_000, "seller_discount_minor": 500, "total_minor": 9_000}
    orders = {"accepted": 2, "orders": 1, "gross_minor": 10_000, "seller_discount_minor": 400,
              "platform_discount_minor": 100, "delivery_fee_minor": 300, "small_basket_fee_minor": 50,
              "exclusive_tax_minor": 1_600, "total_minor": 10_750}  # fmt: skip
    await put(service, "analytics_quotes", {"cube": "region+rule", "a": region, "b": rule, **quotes})
    await put(service, "analytics_orders", {"cube": "region+rule", "a": region, "b": rule, **orders})
    (block,) = read(admin, "pricing", region=region, rule=rule)["currencies"]
    quoted_by_rule, sold = block["totals"]["quoted"], block["totals"]["sold"]
    nulls = {
        "answers", "lines", "units", "net", "delivery_fee", "small_basket_fee", "exclusive_tax", "inclusive_tax",
        "commission", "express_share", "cache_hit_rate",
    }  # fmt: skip
    assert {name for name, value in quoted_by_rule.items() if value is None} == nulls
    assert {*quoted_by_rule["latency"].values(), *quoted_by_rule["price_sources"].values()} == {None}
    assert (quoted_by_rule["issued"], quoted_by_rule["gross"], quoted_by_rule["seller_discount"]) == (4, 100, 5)
    assert (quoted_by_rule["total"], quoted_by_rule["average_total"]) == (90, Decimal("22.50"))
    # 100.00 less 5.00 of its own and 7.00 of others; with 3.50 of fees and 16.00 of tax the total.
    assert (sold["gross"], sold["other_discounts"], sold["net"]) == (100, 7, 88)
    assert sold["net"] + sold["delivery_fee"] + sold["small_basket_fee"] + sold["exclusive_tax"] == sold["total"]
    assert sold["conversion_rate"] == Decimal("0.5")
    (row, *_) = rows(admin, "pricing", region=region, rule=rule)
    assert {name for name in nulls if row[f"quoted_{name}"] != ""} == set()
    assert (row["quoted_issued"], row["quoted_latency_longer"], row["sold_net"]) == ("4", "", "88.00")


async def test_what_is_not_counted_of_lines_is_null(service: Service, admin: httpx.Client) -> None:
    seller, rule = str(uuid4()), f"rule {uuid4()}"
    figures = {"lines": 4, "units": 5, "gross_minor": 10_000, "total_minor": 9_000, "commission_minor": 700}
    await put(service, "analytics_quotes", {"cube": "seller", "a": seller, **figures})
    await put(service, "analytics_orders", {"cube": "seller", "a": seller, "accepted": 1, "orders": 1})
    by_rule = {name: figures[name] for name in ("lines", "gross_minor", "total_minor")}
    await put(service, "analytics_quotes", {"cube": "seller+rule", "a": seller, "b": rule, **by_rule})
    await put(service, "analytics_orders", {"cube": "seller+rule", "a": seller, "b": rule, "orders": 1})
    (block,) = read(admin, "pricing", seller=seller)["currencies"]
    of_lines, sold = block["totals"]["quoted"], block["totals"]["sold"]
    nulls = {"answers", "issued", "delivery_fee", "small_basket_fee", "express_share", "cache_hit_rate"}
    assert {name for name, value in of_lines.items() if value is None} == nulls
    assert (of_lines["lines"], of_lines["units"], of_lines["commission"]) == (4, 5, 7)
    assert (sold["accepted"], sold["conversion_rate"], sold["other_discounts"]) == (1, Decimal("0.25"), 0)
    (block,) = read(admin, "pricing", seller=seller, rule=rule)["currencies"]
    assert (block["totals"]["quoted"]["lines"], block["totals"]["quoted"]["units"]) == (4, None)
    sold = block["totals"]["sold"]
    assert (sold["accepted"], sold["accepted_total"], sold["conversion_rate"]) == (None, None, None)


def test_net_by_rule_leads_to_its_total(market: Market, admin: httpx.Client) -> None:
    tier = f"tier-{uuid4().hex[:8]}"
    names = [
        market.add_rule("PROMOTION", {"kind": "percent", "value": value, "funded_by": by})["name"]
        for value, by in ((10, "seller"), (20, "platform"))
    ]
    market.add_rule("TAX", {"rate": 20})
    fee = market.add_rule("DELIVERY_FEE", {"base_fee": 7})
    market.applied(fee)
    order = market.ordered_quote(customer_tier=tier)
    assert order["tax_amount"] > 0 < order["discount_amount"]
    until(lambda: bool(read_now(admin, "pricing", tier=tier, group_by="rule")), "the order is counted")

    def sold_by_rule() -> dict[str | None, dict[str, Any]]:
        (block,) = read_now(admin, "pricing", tier=tier, group_by="rule")
        return {group["keys"]["rule"]: group["figures"]["sold"] for group in block["groups"]}

    until(lambda: sold_by_rule().get(names[0], {"orders": 0})["orders"] == 1, "the order is counted")
    for name, sold in sold_by_rule().items():
        discounts = sold["seller_discount"] + sold["platform_discount"] + sold["other_discounts"]
        assert sold["gross"] - discounts == sold["net"] == order["subtotal"], name
        beside = sold["delivery_fee"] + sold["small_basket_fee"] + sold["exclusive_tax"]
        assert sold["net"] + beside == sold["total"] == order["total_amount"], name
