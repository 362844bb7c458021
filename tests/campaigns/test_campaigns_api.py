"""Campaigns over HTTP: planned, replaced, followed, cancelled and refused.

Source: docs/spec/campaigns.md#campaigns-in-the-api.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.access.running import until
from tests.catalog.shop import PRODUCTS, Shop, a_price, pointers, problem

CAMPAIGNS = "/api/v1/campaigns"


def a_campaign(product: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "name": f"campaign {uuid4().hex}",
        "product_id": product["id"],
        "duration": 10,
        "price_manipulation_limit": 20,
        "target_sales_count": 100,
        **fields,
    }


def at(hours: float) -> str:
    """So many hours from now."""
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def place_of(campaign: dict[str, Any]) -> str:
    return f"{CAMPAIGNS}/{campaign['id']}"


def price_now(shop: Shop, product: dict[str, Any]) -> Any:
    return shop.shown(f"{PRODUCTS}/{product['id']}")["prices"][0]["current_price"]


def sold_before(shop: Shop, product: dict[str, Any], quantity: int, hours: float) -> None:
    """Units that a checkout has sold so many hours ago, at 100 each."""
    shop.sql(
        """INSERT INTO accepted_quote_lines
        VALUES (gen_random_uuid(), 1, $1, now() - $2::interval, 'TRY', $3::integer, $3::integer * 10000, 'catalog')""",
        product["id"], timedelta(hours=hours), quantity,
    )  # fmt: skip


def test_a_campaign_begins_at_once_and_moves_the_price(shop: Shop) -> None:
    made = shop.product()
    sold_before(shop, made, 50, 3)
    sold_before(shop, made, 5, 0.4)
    answer = shop.post(CAMPAIGNS, a_campaign(made, starts_at=at(-3.5)))
    assert answer.status_code == 201, answer.text
    campaign = answer.json()["data"]
    assert (campaign["status"], campaign["currency"], campaign["starting_price"]) == ("active", "TRY", 100)
    assert answer.headers["location"] == place_of(campaign)
    shown = shop.http.get(place_of(campaign))
    assert shown.headers["etag"] == answer.headers["etag"]
    detail = shown.json()["data"]
    assert {name: detail[name] for name in campaign} == campaign
    assert (detail["current_price"], price_now(shop, made)) == (106, 106)
    assert (detail["total_sales"], detail["turnover"], detail["average_item_price"]) == (55, 5500, 100)
    assert (detail["target_sales"], detail["target_sales_count"]) == (100, 100)
    assert b'"turnover":5500.00,' in shown.content
    (point,) = detail["price_path"]
    assert {name: point[name] for name in ("hour", "total_sales", "price", "starting_price", "held_by")} == {
        "hour": 3,
        "total_sales": 50,
        "price": 106,
        "starting_price": 100,
        "held_by": None,
    }
    assert point["demand_coefficient"] == 1.666667
    assert shop.listed(f"{place_of(campaign)}/price-path", limit=1) == [point]
    move = shop.history(made)[0]
    assert (move["reason"], move["source_id"], move["actor"]) == ("campaign", campaign["id"], campaign["created_by"])
    assert move["note"] == "hour 3 of 10"
    assert [row["action"] for row in shop.audited(campaign["id"])] == ["campaign.create", "campaign.begin"]


def test_the_service_begins_a_campaign_when_its_time_has_come(shop: Shop) -> None:
    made = shop.product()
    campaign = shop.made(CAMPAIGNS, a_campaign(made, starts_at=at(1 / 3600)))
    assert campaign["status"] == "scheduled"
    until(lambda: shop.shown(place_of(campaign))["status"] == "active", "the campaign is active")
    assert [point["hour"] for point in shop.shown(place_of(campaign))["price_path"]] == [0]


def test_the_service_ends_a_campaign_and_gives_the_price_back(shop: Shop) -> None:
    made = shop.product()
    # Ends in a second.
    campaign = shop.made(CAMPAIGNS, a_campaign(made, duration=2, starts_at=at(-2 + 1 / 3600)))
    assert (campaign["status"], price_now(shop, made)) == ("active", 90)
    until(lambda: shop.shown(place_of(campaign))["status"] == "ended", "the campaign is over")
    assert price_now(shop, made) == 100
    assert problem(shop.post(f"{place_of(campaign)}/cancel", None)) == (409, "campaign-state")


def test_a_campaign_of_the_same_time_and_currency_is_a_conflict(shop: Shop) -> None:
    made = shop.product(prices=[a_price(), a_price(currency="EUR")])
    first = shop.made(CAMPAIGNS, a_campaign(made, currency="TRY"))
    for start in (None, at(9), at(-9)):
        answer = shop.post(CAMPAIGNS, a_campaign(made, currency="TRY", starts_at=start))
        assert problem(answer) == (409, "campaign-overlaps")
        assert answer.json()["campaign_id"] == first["id"]
    shop.made(CAMPAIGNS, a_campaign(made, currency="TRY", starts_at=first["ends_at"]))
    shop.made(CAMPAIGNS, a_campaign(made, currency="EUR"))
    shop.made(CAMPAIGNS, a_campaign(shop.product()))


def test_a_name_is_taken_once(shop: Shop) -> None:
    first = shop.made(CAMPAIGNS, a_campaign(shop.product()))
    again = a_campaign(shop.product(), name=first["name"])
    assert problem(shop.post(CAMPAIGNS, again)) == (409, "name-taken")


def test_a_campaign_is_created_once_however_often_it_is_sent(shop: Shop) -> None:
    body, key = a_campaign(shop.product()), {"Idempotency-Key": uuid4().hex}
    first, again = shop.post(CAMPAIGNS, body, **key), shop.post(CAMPAIGNS, body, **key)
    assert (first.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert shop.post(CAMPAIGNS, {**body, "duration": 11}, **key).status_code == 422
    assert len(shop.listed(CAMPAIGNS, product_id=body["product_id"])) == 1


def test_a_scheduled_campaign_is_replaced_and_an_active_one_is_not(shop: Shop) -> None:
    made, other = shop.product(), shop.product()
    body = a_campaign(made, starts_at=at(5))
    answer = shop.post(CAMPAIGNS, body)
    campaign, tag = answer.json()["data"], answer.headers["etag"]
    changed = {**body, "product_id": other["id"], "duration": 3, "starts_at": None}
    replaced = shop.put(place_of(campaign), changed, **{"If-Match": tag})
    assert replaced.status_code == 200, replaced.text
    record = replaced.json()["data"]
    assert (record["product_id"], record["duration"], record["starts_at"]) == (other["id"], 3, campaign["starts_at"])
    assert (record["version"], record["status"]) == (2, "scheduled")
    assert shop.put(place_of(campaign), body, **{"If-Match": tag}).status_code == 412
    same = shop.put(place_of(campaign), changed)
    assert same.json()["data"] == record
    assert shop.made(CAMPAIGNS, a_campaign(made))["status"] == "active"
    begun = shop.put(place_of(campaign), {**changed, "starts_at": at(-1.5)})
    assert (begun.json()["data"]["status"], price_now(shop, other)) == ("active", 93.33)
    assert problem(shop.put(place_of(campaign), changed)) == (409, "campaign-state")
    actions = [row["action"] for row in shop.audited(campaign["id"])]
    assert actions == ["campaign.create", "campaign.replace", "campaign.replace", "campaign.begin"]


def test_a_campaign_cannot_be_moved_into_the_time_of_another(shop: Shop) -> None:
    made = shop.product()
    shop.made(CAMPAIGNS, a_campaign(made))
    later = a_campaign(made, starts_at=at(20))
    campaign = shop.made(CAMPAIGNS, later)
    refused = shop.put(place_of(campaign), {**later, "starts_at": at(9)})
    assert problem(refused) == (409, "campaign-overlaps")
    assert shop.shown(place_of(campaign))["version"] == 1


def test_a_cancelled_campaign_gives_the_price_back(shop: Shop) -> None:
    made = shop.product()
    answer = shop.post(CAMPAIGNS, a_campaign(made, starts_at=at(-5.5)))
    campaign = answer.json()["data"]
    assert price_now(shop, made) == 90
    assert shop.post(f"{place_of(campaign)}/cancel", None, **{"If-Match": '"x.1"'}).status_code == 412
    cancelled = shop.post(f"{place_of(campaign)}/cancel", None, **{"If-Match": answer.headers["etag"]})
    assert (cancelled.status_code, cancelled.json()["data"]["status"]) == (200, "cancelled")
    assert cancelled.headers["etag"] != answer.headers["etag"]
    assert price_now(shop, made) == 100
    move = shop.history(made)[0]
    assert (move["reason"], move["source_id"], move["note"]) == ("campaign", campaign["id"], "cancelled")
    assert move["actor"] == cancelled.json()["data"]["changed_by"]
    assert problem(shop.post(f"{place_of(campaign)}/cancel", None)) == (409, "campaign-state")
    assert shop.http.delete(place_of(campaign)).status_code == 405
    assert shop.audited(campaign["id"])[-1]["action"] == "campaign.cancel"


def test_campaigns_are_listed_by_status_and_product(shop: Shop) -> None:
    made = shop.product()
    active = shop.made(CAMPAIGNS, a_campaign(made))
    scheduled = shop.made(CAMPAIGNS, a_campaign(made, starts_at=at(20)))
    cancelled = shop.made(CAMPAIGNS, a_campaign(made, starts_at=at(40)))
    shop.post(f"{place_of(cancelled)}/cancel", None)
    ids = [row["id"] for row in shop.listed(CAMPAIGNS, product_id=made["id"], limit=1)]
    assert ids == [cancelled["id"], scheduled["id"], active["id"]]
    for status, campaign in (("active", active), ("scheduled", scheduled), ("cancelled", cancelled)):
        (row,) = shop.listed(CAMPAIGNS, product_id=made["id"], status=status)
        assert row["id"] == campaign["id"]
        assert campaign["id"] in {row["id"] for row in shop.listed(CAMPAIGNS, status=status)}
    assert pointers(shop.http.get(CAMPAIGNS, params={"status": "paused"})) == ["/query/status"]


def test_a_campaign_of_a_variant_moves_and_counts_the_variant(shop: Shop) -> None:
    own = {"sku": f"V-{uuid4().hex}", "name": "47", "prices": [{"currency": "TRY", "base_price": 110}]}
    follows = {"sku": f"V-{uuid4().hex}", "name": "42"}
    made = shop.product(variants=[own, follows])
    first, second = (variant["id"] for variant in made["variants"])
    refused = shop.post(CAMPAIGNS, a_campaign(made, variant_id=second))
    assert pointers(refused) == ["/variant_id"]
    assert pointers(shop.post(CAMPAIGNS, a_campaign(made, variant_id=str(uuid4())))) == ["/variant_id"]
    sold_before(shop, made, 1000, 1)
    shop.sql(
        """INSERT INTO accepted_quote_lines VALUES
        (gen_random_uuid(), 1, $1, now() - interval '1 hour', 'TRY', 3, 33000, 'catalog', $2)""",
        made["id"],
        first,
    )
    campaign = shop.made(CAMPAIGNS, a_campaign(made, variant_id=first, starts_at=at(-1.5)))
    detail = shop.shown(place_of(campaign))
    assert (detail["total_sales"], detail["turnover"], detail["current_price"]) == (3, 330, 107.8)
    assert price_now(shop, made) == 100
    assert problem(shop.post(CAMPAIGNS, a_campaign(made))) == (409, "campaign-overlaps")


def test_what_a_checkout_accepts_is_counted(shop: Shop, checkout: httpx.Client) -> None:
    variant = {"sku": f"V-{uuid4().hex}", "name": "47", "prices": [{"currency": "TRY", "base_price": 100}]}
    made = shop.product(variants=[variant])
    variant_id = made["variants"][0]["id"]
    campaign = shop.made(CAMPAIGNS, a_campaign(made, variant_id=variant_id))
    item = {"product_id": made["id"], "quantity": 2, "unit_price": 100, "variant_id": variant_id}
    plain = {"product_id": made["id"], "quantity": 5, "unit_price": 100}
    basket = {
        "customer_id": str(uuid4()),
        "seller_id": str(uuid4()),
        "currency": "TRY",
        "items": [item, plain],
        "delivery_address": {"country": "TR", "city": "Ankara"},
    }
    quote = checkout.post("/api/v1/quote", json=basket)
    assert quote.status_code == 200, quote.text
    accepted = checkout.post(f"/api/v1/quotes/{quote.json()['data']['quote_id']}/accept", json={})
    assert accepted.status_code == 200, accepted.text
    until(lambda: shop.shown(place_of(campaign))["total_sales"] == 2, "the units are counted")
    assert shop.shown(place_of(campaign))["turnover"] == 200


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"duration": 0}, "/duration"),
        ({"duration": -1}, "/duration"),
        ({"duration": 10**9}, "/duration"),
        ({"duration": 1.5}, "/duration"),
        ({"duration": None}, "/duration"),
        ({"price_manipulation_limit": 100.000001}, "/price_manipulation_limit"),
        ({"price_manipulation_limit": -1}, "/price_manipulation_limit"),
        ({"price_manipulation_limit": "0.1234567"}, "/price_manipulation_limit"),
        ({"price_manipulation_limit": "NaN"}, "/price_manipulation_limit"),
        ({"target_sales_count": 0}, "/target_sales_count"),
        ({"target_sales_count": 10**9 + 1}, "/target_sales_count"),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, "/starts_at"),
        ({"starts_at": "2020-01-01T00:00:00Z"}, "/starts_at"),
        ({"starts_at": "9999-12-31T23:59:59-12:00"}, "/starts_at"),
        ({"starts_at": "2027-01-01T00:00:00"}, "/starts_at"),
        ({"starts_at": "soon"}, "/starts_at"),
        ({"product_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03"}, "/product_id"),
        ({"product_id": None}, "/product_id"),
        ({"currency": "EUR"}, "/currency"),
        ({"currency": "XXX"}, "/currency"),
        ({"name": ""}, "/name"),
        ({"name": "  "}, "/name"),
        ({"name": "n" * 201}, "/name"),
        ({"name": "a\x00b"}, "/name"),
        ({"status": "active"}, "/status"),
    ],
)
def test_a_campaign_that_cannot_be_is_refused(shop: Shop, fields: dict[str, Any], where: str) -> None:
    made = shop.product()
    assert pointers(shop.post(CAMPAIGNS, a_campaign(made, **fields))) == [where]
    assert shop.listed(CAMPAIGNS, product_id=made["id"]) == []
    assert price_now(shop, made) == 100


def test_a_product_that_has_no_price_to_move_is_refused(shop: Shop) -> None:
    assert pointers(shop.post(CAMPAIGNS, a_campaign(shop.product(prices=[])))) == ["/product_id"]
    assert pointers(shop.post(CAMPAIGNS, a_campaign(shop.product(is_active=False)))) == ["/product_id"]
    two = shop.product(prices=[a_price(), a_price(currency="EUR")])
    assert pointers(shop.post(CAMPAIGNS, a_campaign(two))) == ["/currency"]


def test_of_what_there_is_not_nothing_is_shown(shop: Shop) -> None:
    nowhere = f"{CAMPAIGNS}/{uuid4()}"
    assert shop.http.get(nowhere).status_code == 404
    assert shop.http.get(f"{nowhere}/price-path").status_code == 404
    assert shop.put(nowhere, a_campaign(shop.product())).status_code == 404
    assert shop.post(f"{nowhere}/cancel", None).status_code == 404
    assert shop.post(f"{nowhere}/simulate", {"hourly_sales": []}).status_code == 404


def test_who_may_do_what(
    shop: Shop, shopper: dict[str, str], key_with: Callable[..., dict[str, str]], anonymous: httpx.Client
) -> None:
    body = a_campaign(shop.product(), starts_at=at(5))
    campaign = shop.made(CAMPAIGNS, body)
    reports, catalog = key_with("reports:read"), key_with("catalog:write")
    sales = {"hourly_sales": [1]}
    for headers in (shopper, key_with("quote:write", "quote:read", "sales:write")):
        assert anonymous.get(place_of(campaign), headers=headers).status_code == 403
        assert anonymous.post(f"{place_of(campaign)}/simulate", json=sales, headers=headers).status_code == 403
    for headers in (reports, catalog):
        assert anonymous.get(place_of(campaign), headers=headers).status_code == 200
        assert anonymous.post(f"{place_of(campaign)}/simulate", json=sales, headers=headers).status_code == 200
    assert anonymous.post(f"{place_of(campaign)}/cancel", headers=reports).status_code == 403
    assert anonymous.post(f"{place_of(campaign)}/cancel", headers=catalog).status_code == 200


def test_campaigns_are_measured(shop: Shop, admin: httpx.Client) -> None:
    shop.made(CAMPAIGNS, a_campaign(shop.product()))

    def figures() -> dict[str, str]:
        return dict(line.rsplit(" ", 1) for line in admin.get("/metrics").text.splitlines() if line[:1] != "#")

    counted = {
        row["status"]: row["count"]
        for row in shop.sql("SELECT status, count(*) FROM campaigns WHERE next_step_at IS NOT NULL GROUP BY status")
    }
    assert float(figures()['quote_campaigns{status="active"}']) == counted["active"] >= 1
    assert float(figures()["quote_campaign_overdue_seconds"]) < 60


def test_quotes_follow_a_campaign(shop: Shop, checkout: httpx.Client) -> None:
    made = shop.product()
    basket = {
        "customer_id": str(uuid4()),
        "seller_id": str(uuid4()),
        "currency": "TRY",
        "items": [{"product_id": made["id"], "quantity": 1}],
        "delivery_address": {"country": "TR", "city": "Ankara"},
    }

    def quoted() -> tuple[Any, Any] | None:
        """The price of a unit and where it comes from; None while the product is not known to the worker that was asked."""
        answer = checkout.post("/api/v1/quote", json=basket)
        if answer.status_code == 422:
            return None
        assert answer.status_code == 200, answer.text
        (item,) = answer.json()["data"]["items"]
        return item["unit_price"], item["price_source"]

    until(lambda: quoted() == (100, "catalog"), "the product is quoted")
    campaign = shop.made(CAMPAIGNS, a_campaign(made, starts_at=at(-5.5)))
    until(lambda: quoted() == (90, "catalog"), "quotes follow the campaign")
    shop.post(f"{place_of(campaign)}/cancel", None)
    until(lambda: quoted() == (100, "catalog"), "quotes follow its cancellation")
