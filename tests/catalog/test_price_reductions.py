"""Which reductions are announced over HTTP, whatever makes them: the price, the prices of a page, and the product agree.

Source: docs/spec/price-reductions.md.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from quote_service.platform.system.identifiers import uuid7
from tests.catalog.shop import PRODUCTS, Shop, a_price
from tests.catalog.test_shown_prices import counts, page, rule, seen
from tests.quotes.lifecycle.shop import until

Move = tuple[float, int | None]  # how many days ago, and the price from then on


def days(number: float) -> timedelta:
    return timedelta(days=number)


def run(shop: Shop, statement: str, *arguments: Any) -> None:
    async def write() -> None:
        connection = await asyncpg.connect(shop.database_url)
        try:
            await connection.execute(statement, *arguments)
        finally:
            await connection.close()

    asyncio.run(write())


def with_past(shop: Shop, *moves: Move, currency: str = "TRY", **fields: Any) -> dict[str, Any]:
    """A product at the last of the prices, which it was asked for at when the moves say."""
    now, last = datetime.now(UTC), moves[-1][1]
    made = shop.product(prices=[a_price(currency=currency, base_price=last, min_price=1, max_price=1000)], **fields)
    before = None
    for ago, price in moves:
        run(
            shop,
            "INSERT INTO price_history (product_id, currency, old_price, new_price, reason, actor, at) "
            "VALUES ($1, $2, $3, $4, 'manual', 'test', $5)",
            made["id"],
            currency,
            before,
            price,
            now - days(ago),
        )
        before = price
    until(lambda: shop.http.get(f"{PRODUCTS}/{made['id']}/price?currency={currency}").status_code == 200, "it is known")
    return made


def readings(shop: Shop, product_id: str, variant_id: str | None = None, **query: Any) -> set[tuple[Any, ...] | None]:
    """Price, prior price and percentage of what is announced (None for nothing), by every way of reading it."""
    of_variant = {} if variant_id is None else {"variant_id": variant_id}
    shown = seen(shop.http, product_id, **of_variant, **query)
    listed = page(shop.http, {"product_id": product_id, **of_variant}, **query)["prices"][0]
    read: list[dict[str, Any]] = [shown, listed]
    if "region" not in query:  # products are read as they are everywhere
        products = [shop.shown(f"{PRODUCTS}/{product_id}"), *shop.listed(PRODUCTS, ids=product_id)]
        owners = [each for product in products for each in (product, *product["variants"])]
        prices = [price for each in owners if each["id"] == (variant_id or product_id) for price in each["prices"]]
        read += [price for price in prices if price["currency"] == shown["currency"]]
        assert len(read) == 4
    for each in read:
        found = each["reduction"]
        if found is not None:
            assert found["prior_price"] == each["lowest_price_30_days"]
            assert found["price"] == each.get("public_price", found["price"])
    return {
        None
        if each["reduction"] is None
        else tuple(each["reduction"][name] for name in ("price", "prior_price", "percent_off"))
        for each in read
    }


def announces(shop: Shop, product_id: str, wanted: tuple[int, int, int] | None, **query: Any) -> None:
    """Wait until every worker says so, in every way."""
    until(lambda: all(readings(shop, product_id, **query) == {wanted} for _ in range(2)), f"{wanted} is announced")


def flash_sale(shop: Shop, product_id: str, price: int, **fields: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    item = {"product_id": product_id, "allocated_stock": 5, "per_customer_limit": 1, "sale_price": price}
    dates = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=1)).isoformat()}
    draft = {"name": uuid4().hex, **dates, "items": [{**item, "currency": "TRY"}], **fields}
    return shop.made("/api/v1/flash-sales", draft)


def accepted(shop: Shop, product_id: str) -> httpx.Response:
    """What came of accepting a quote of one unit."""
    basket = {
        "customer_id": str(uuid4()),
        "seller_id": str(uuid4()),
        "items": [{"product_id": product_id, "quantity": 1}],
        "delivery_address": {"country": "TR", "city": "Istanbul"},
        "currency": "TRY",
    }
    quote = shop.http.post("/api/v1/quote", json=basket, headers={"Cache-Control": "no-cache"})
    assert quote.status_code == 200, quote.text
    return shop.post(f"/api/v1/quotes/{quote.json()['data']['quote_id']}/accept", {})


YEAR = ((800, 200), (365, 100))


def test_a_cut_of_long_ago_is_no_reduction(shop: Shop) -> None:
    made = with_past(shop, *YEAR)
    announces(shop, made["id"], None)
    assert seen(shop.http, made["id"])["lowest_price_30_days"] == 100


def test_a_price_entered_today_is_announced_against_what_was_asked_before(shop: Shop) -> None:
    made = with_past(shop, *YEAR)
    shop.price(made, 66)
    announces(shop, made["id"], (66, 100, 34))
    shop.price(made, 33)  # ever lower: the first prior price stays
    announces(shop, made["id"], (33, 100, 67))
    shop.price(made, 40)
    announces(shop, made["id"], None)


def test_a_price_raised_before_it_is_cut_announces_nothing(shop: Shop) -> None:
    announces(shop, with_past(shop, (800, 100), (10, 180), (1, 150))["id"], None)
    announces(shop, with_past(shop, (800, 100), (50, 180), (1, 150))["id"], (150, 180, 16))


def test_a_time_price_of_today(shop: Shop) -> None:
    made = with_past(shop, *YEAR)
    cheaper = rule(shop, made["id"], "TIME_PRICE", {"adjustment": {"percent": -25}})
    counts(shop, made["id"], cheaper)
    announces(shop, made["id"], (75, 100, 25))
    assert seen(shop.http, made["id"])["reduction"]["cause"] == "price_rule"
    # Switched off and written again within the 30 days it is asked once more, and no reduction.
    answer = shop.http.delete(f"/api/v1/pricing-rules/{cheaper['id']}")
    assert answer.status_code == 204, answer.text
    until(lambda: seen(shop.http, made["id"])["unit_price"] == 100, "it does not count any more")
    counts(shop, made["id"], rule(shop, made["id"], "TIME_PRICE", {"adjustment": {"percent": -25}}))
    until(lambda: seen(shop.http, made["id"])["public_price"] == 75, "the other one counts")
    announces(shop, made["id"], None)
    assert seen(shop.http, made["id"])["lowest_price_30_days"] == 75


def test_a_flash_sale_of_today_and_one_of_last_week(shop: Shop) -> None:
    made = with_past(shop, *YEAR)
    sale = flash_sale(shop, made["id"], 60)
    announces(shop, made["id"], (60, 100, 40))
    assert seen(shop.http, made["id"])["reduction"]["cause"] == "flash_sale"
    answer = shop.http.post(f"/api/v1/flash-sales/{sale['id']}/end")
    assert answer.status_code == 200, answer.text
    until(lambda: seen(shop.http, made["id"])["unit_price"] == 100, "the sale is over")
    shop.price(made, 80)
    until(lambda: seen(shop.http, made["id"])["public_price"] == 80, "the price has moved")
    announces(shop, made["id"], None)


def test_a_sale_that_is_sold_out_asks_nothing(shop: Shop) -> None:
    made = with_past(shop, *YEAR)
    sale = flash_sale(shop, made["id"], 60)
    announces(shop, made["id"], (60, 100, 40))
    record = shop.shown(f"/api/v1/flash-sales/{sale['id']}")
    items = [{**record["items"][0], "allocated_stock": 0}]
    body = {**{name: record[name] for name in ("name", "starts_at", "ends_at")}, "items": items}
    answer = shop.http.put(f"/api/v1/flash-sales/{sale['id']}", json=body)
    assert answer.status_code == 200, answer.text
    until(lambda: seen(shop.http, made["id"])["unit_price"] == 100, "nothing is left")
    announces(shop, made["id"], None)


def test_a_promotion_for_everybody_is_a_reduction_and_one_for_some_is_none(shop: Shop) -> None:
    made = with_past(shop, *YEAR)
    some = {"conditions": {"customer_segments": ["vip"]}}
    off = {"kind": "percent", "value": 50, "applies_to": "lines"}
    rule(shop, made["id"], "PROMOTION", off, **some)
    rule(shop, made["id"], "PROMOTION", {**off, "value": 20})
    announces(shop, made["id"], (80, 100, 20))
    shown = seen(shop.http, made["id"])
    assert (shown["unit_price"], shown["public_price"], shown["reduction"]["cause"]) == (100, 80, "promotion")


def test_a_promotion_whose_budget_is_used_up_is_asked_of_nobody(shop: Shop) -> None:
    made = with_past(shop, *YEAR)
    off = {"kind": "percent", "value": 20, "applies_to": "lines", "budget": 25}
    promotion = rule(shop, made["id"], "PROMOTION", off)
    announces(shop, made["id"], (80, 100, 20))
    answers = [accepted(shop, made["id"]) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409], "5.00 of the budget is left, and 20.00 is wanted"
    until(lambda: seen(shop.http, made["id"])["public_price"] == 100, "what quotes charge is told")
    announces(shop, made["id"], None)
    assert seen(shop.http, made["id"])["lowest_price_30_days"] == 80, "it was asked while the budget lasted"
    more = {**promotion["configuration"], "budget": 1000}
    draft = {name: promotion[name] for name in ("name", "type", "currency", "conditions")}
    answer = shop.put(f"/api/v1/pricing-rules/{promotion['id']}", {**draft, "configuration": more})
    assert answer.status_code == 200, answer.text
    until(lambda: seen(shop.http, made["id"])["public_price"] == 80, "it is asked again")
    announces(shop, made["id"], None)  # as it was a moment ago


def test_what_a_flag_asks_of_all_was_asked_of_everybody(shop: Shop) -> None:
    made, key = with_past(shop, *YEAR), f"flag-{uuid4().hex}"
    flag = {"key": key, "name": "Cheaper", "type": "BOOLEAN", "value": True, "is_enabled": True}
    flag_id = shop.made("/api/v1/feature-flags", flag)["id"]
    cheaper = rule(shop, made["id"], "TIME_PRICE", {"adjustment": {"percent": -25}}, conditions={"flag": key})
    counts(shop, made["id"], cheaper)
    announces(shop, made["id"], (75, 100, 25))
    answer = shop.put(f"/api/v1/feature-flags/{flag_id}", {**flag, "rollout": {"percentage": 50}})
    assert answer.status_code == 200, answer.text
    shop.price(made, 80)
    # Half of all customers are asked for 60 now; everybody was asked for 75.
    until(lambda: seen(shop.http, made["id"])["lowest_price_30_days"] == 75, "it is known")
    announces(shop, made["id"], None)


def test_a_price_for_a_tier_or_a_quantity_is_not_asked_of_everybody(shop: Shop) -> None:
    made = with_past(shop, *YEAR)
    tier = rule(shop, made["id"], "USER_TIER_PRICE", {"tiers": {"gold": {"percent": -50}}})
    many = rule(shop, made["id"], "QUANTITY_PRICE", {"breaks": [{"min_quantity": 3, "adjustment": {"percent": -10}}]})
    counts(shop, made["id"], tier, customer_tier="gold")
    counts(shop, made["id"], many, quantity=3)
    for query, unit_price in (({"customer_tier": "gold"}, 50), ({"quantity": 3}, 90)):
        shown = seen(shop.http, made["id"], **query)
        assert (shown["unit_price"], shown["public_price"], shown["reduction"]) == (unit_price, None, None)
        assert shown["lowest_price_30_days"] == 100
    announces(shop, made["id"], None)


def test_a_reduction_of_a_region_is_announced_there_alone(shop: Shop) -> None:
    made = with_past(shop, *YEAR)
    there = rule(shop, made["id"], "TIME_PRICE", {"adjustment": {"amount": -30}}, region="TR/Istanbul")
    counts(shop, made["id"], there, region="TR/Istanbul")
    announces(shop, made["id"], (70, 100, 30), region="TR/Istanbul")
    announces(shop, made["id"], None)
    announces(shop, made["id"], None, region="TR/Ankara")


@pytest.mark.parametrize(("currency", "wanted"), [("JPY", (67, 101, 33)), ("KWD", (67, 101, 33))])
def test_whatever_the_currency(shop: Shop, currency: str, wanted: tuple[int, int, int]) -> None:
    made = with_past(shop, (90, 101), (1, 67), currency=currency)
    announces(shop, made["id"], wanted, currency=currency)


def test_a_new_product_announces_nothing(shop: Shop) -> None:
    made = with_past(shop, (20, 100), (1, 70))
    announces(shop, made["id"], None)
    assert seen(shop.http, made["id"])["lowest_price_30_days"] == 100


def test_a_variant_with_a_price_of_its_own_has_its_own_past(shop: Shop) -> None:
    own = {"currency": "TRY", "base_price": 120}
    variants = [{"sku": uuid4().hex, "name": "own", "prices": [own]}, {"sku": uuid4().hex, "name": "same"}]
    made = with_past(shop, (90, 100), (1, 80), variants=variants)
    special, same = (each["id"] for each in made["variants"])
    announces(shop, made["id"], (80, 100, 20))
    announces(shop, made["id"], (80, 100, 20), variant_id=same)
    announces(shop, made["id"], None, variant_id=special)
    assert seen(shop.http, made["id"], variant_id=special)["lowest_price_30_days"] == 120


def test_a_variant_cost_what_its_product_did_until_it_has_a_price_of_its_own(shop: Shop) -> None:
    made = with_past(shop, (90, 100), (20, 110))
    product_id = made["id"]
    # A variant that has been there for 80 days, as its id says.
    variant_id = uuid7(int((datetime.now(UTC) - days(80)).timestamp() * 1000), 1)
    run(
        shop,
        "INSERT INTO product_variants (id, product_id, sku, name, place) VALUES ($1, $2, $3, 'old', 0)",
        variant_id,
        product_id,
        uuid4().hex,
    )
    until(
        lambda: shop.http.get(f"{PRODUCTS}/{product_id}/price?currency=TRY&variant_id={variant_id}").is_success, "known"
    )
    announces(shop, product_id, None, variant_id=variant_id)
    shop.price(made, 95, variant_id=variant_id)
    announces(shop, product_id, (95, 100, 5), variant_id=variant_id)
    shop.price(made, 120, variant_id=variant_id)
    until(lambda: seen(shop.http, product_id, variant_id=variant_id)["unit_price"] == 120, "it is dearer")
    assert seen(shop.http, product_id, variant_id=variant_id)["lowest_price_30_days"] == 95


def test_while_it_is_off_sale_nothing_is_asked(shop: Shop) -> None:
    made = with_past(shop, (90, 60), (40, 100), (5, 50))
    announces(shop, made["id"], (50, 100, 50))
    for ago, is_active in ((20, False), (5.5, True)):
        run(
            shop,
            "INSERT INTO product_activity (product_id, is_active, at) VALUES ($1, $2, $3)",
            made["id"],
            is_active,
            datetime.now(UTC) - days(ago),
        )
    announces(shop, made["id"], (50, 100, 50))
    body = {"sku": made["sku"], "name": made["name"], "prices": [a_price(base_price=50)], "is_active": False}
    assert shop.put(f"{PRODUCTS}/{made['id']}", body).status_code == 200
    kept = shop.shown(f"{PRODUCTS}/{made['id']}")["prices"][0]
    assert (kept["lowest_price_30_days"], kept["reduction"]) == (None, None)
    assert shop.put(f"{PRODUCTS}/{made['id']}", {**body, "is_active": True}).status_code == 200
    kept = shop.shown(f"{PRODUCTS}/{made['id']}")["prices"][0]
    assert (kept["lowest_price_30_days"], kept["reduction"]) == (50, None), "it came back at the price it had"


def test_prices_to_come_say_nothing_of_what_was(shop: Shop, product_to_come: dict[str, Any]) -> None:
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    shown = seen(shop.http, product_to_come["id"], at=later)
    assert not {"public_price", "lowest_price_30_days", "reduction"} & shown.keys()


def test_a_price_says_what_tax_is_on_it(shop: Shop, product_to_come: dict[str, Any]) -> None:
    product_id = product_to_come["id"]
    where = {"product_id": product_id, "region": "FI/Helsinki"}
    assert seen(shop.http, product_id, region="FI/Helsinki")["tax"] is None
    for rate, inclusive in ((25.5, False), (14, True)):
        made = {"rate": rate, "inclusive": inclusive}
        rule(shop, product_id, "TAX", made, region="FI/Helsinki", priority=int(inclusive))
        wanted = {"percent": rate, "is_included": inclusive}
        until(lambda: seen(shop.http, product_id, region="FI/Helsinki")["tax"] == wanted, "the rule counts")  # noqa: B023 (asked at once)
        assert (
            page(shop.http, {"product_id": where["product_id"]}, region=where["region"])["prices"][0]["tax"] == wanted
        )


@pytest.fixture
def product_to_come(shop: Shop) -> dict[str, Any]:
    made = shop.product()
    until(
        lambda: httpx.codes.is_success(shop.http.get(f"{PRODUCTS}/{made['id']}/price?currency=TRY").status_code),
        "it is known",
    )
    return made
