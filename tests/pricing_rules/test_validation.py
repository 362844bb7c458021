"""What does not fit is a 422 that points at the field (docs/spec/pricing-rules.md#types)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.pricing_rules.drafts import PATH, code, created, delivery, new_name, pointers, tax

UUID = "44444444-4444-4444-8444-444444444444"


def refused(admin: httpx.Client, **draft: Any) -> list[str]:
    return pointers(admin.post(PATH, json={"name": new_name(), **draft}))


def promotion(**configuration: Any) -> dict[str, Any]:
    return {"type": "PROMOTION", "currency": "TRY", "configuration": configuration}


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ({"type": "DELIVERY_FEE", "currency": "TRY", "configuration": {}}, ["/configuration/base_fee"]),
        (
            {"type": "DELIVERY_FEE", "currency": "TRY", "configuration": {"base_fee": "ten"}},
            ["/configuration/base_fee"],
        ),
        (
            {"type": "DELIVERY_FEE", "currency": "TRY", "configuration": {"base_fee": 10.001}},
            ["/configuration/base_fee"],
        ),
        ({"type": "DELIVERY_FEE", "currency": "JPY", "configuration": {"base_fee": 10.5}}, ["/configuration/base_fee"]),
        ({"type": "DELIVERY_FEE", "currency": "TRY", "configuration": {"base_fee": -1}}, ["/configuration/base_fee"]),
        (
            {"type": "DELIVERY_FEE", "currency": "TRY", "configuration": {"base_fee": 10**13}},
            ["/configuration/base_fee"],
        ),
        (
            {"type": "DELIVERY_FEE", "currency": "TRY", "configuration": {"base_fee": 1, "min_fee": 5, "max_fee": 4}},
            ["/configuration/max_fee"],
        ),
        (
            {"type": "DELIVERY_FEE", "currency": "TRY", "configuration": {"base_fee": 1, "perkm": 5, "per_kg": []}},
            ["/configuration/per_kg", "/configuration/perkm"],
        ),
        (
            {
                "type": "SMALL_BASKET_FEE",
                "currency": "TRY",
                "configuration": {"threshold": 50, "fee": 5, "mode": "odd"},
            },
            ["/configuration/mode"],
        ),
        ({"type": "TAX", "configuration": {"rate": 101}}, ["/configuration/rate"]),
        (
            {"type": "TAX", "configuration": {"rate": 18, "category_rates": {"no-uuid": 1}}},
            ["/configuration/category_rates/no-uuid"],
        ),
        ({"type": "MAGIC", "configuration": {}}, ["/type"]),
        ({"type": "TAX", "configuration": []}, ["/configuration"]),
        ({"type": "TAX"}, ["/configuration"]),
        ({"type": "TAX", "configuration": {"rate": 18}, "typo": 1}, ["/typo"]),
        ({"type": "TAX", "configuration": {"rate": 18}, "currency": "XYZ1"}, ["/currency"]),
        ({"type": "TAX", "configuration": {"rate": 18}, "region": "ZZ/Nowhere"}, ["/region"]),
        ({"type": "TAX", "configuration": {"rate": 18}, "effective_from": "2026-01-01T00:00:00"}, ["/effective_from"]),
        (
            {
                "type": "TAX",
                "configuration": {"rate": 18},
                "effective_from": "2026-01-02T00:00:00Z",
                "effective_to": "2026-01-02T00:00:00Z",
            },
            ["/effective_to"],
        ),
        ({"type": "TAX", "configuration": {"rate": 18}, "effective_to": "2020-01-01T00:00:00Z"}, ["/effective_to"]),
        ({"type": "TAX", "configuration": {"rate": 18}, "priority": 1.5}, ["/priority"]),
        (
            {
                "type": "TAX",
                "configuration": {"rate": 18},
                "currency": "TRY",
                "conditions": {"min_subtotal": 5, "max_subtotal": 4},
            },
            ["/conditions/max_subtotal"],
        ),
        (
            {
                "type": "TAX",
                "configuration": {"rate": 18},
                "conditions": {
                    "weekdays": ["mon", "moonday"],
                    "time_zone": "Mars/Base",
                    "time_of_day": {"from": "25:00", "to": "08:00"},
                },
            },
            ["/conditions/time_of_day/from", "/conditions/time_zone", "/conditions/weekdays/1"],
        ),
        ({"type": "TAX", "configuration": {"rate": 18}, "conditions": {"colour": "red"}}, ["/conditions/colour"]),
        (promotion(kind="percent"), ["/configuration/value"]),
        (promotion(kind="percent", value=101), ["/configuration/value"]),
        (promotion(kind="percent", value=10, buy=2), ["/configuration/buy"]),
        (promotion(kind="buy_x_get_y", buy=2), ["/configuration/get"]),
        (promotion(kind="buy_x_get_y", value={"buy": 0, "get": 1}), ["/configuration/value/buy"]),
        (promotion(kind="buy_x_get_y", buy=1, value={"buy": 2, "get": 1}), ["/configuration/value/buy"]),
        (
            promotion(kind="tiered_percent", value={"tiers": [{"from": 10, "percent": 5}, {"from": 10, "percent": 6}]}),
            ["/configuration/value/tiers/1/from"],
        ),
        (promotion(kind="percent", value=10, funded_by="shared"), ["/configuration/platform_percent"]),
        (
            promotion(kind="tiered_percent", tiers=[{"from": 0, "percent": 5}], applies_to="delivery"),
            ["/configuration/applies_to"],
        ),
        *(
            (promotion(kind="percent", value=10, applies_to="delivery", **funding), ["/configuration/funded_by"])
            for funding in ({"funded_by": "seller"}, {"funded_by": "shared", "platform_percent": 50})
        ),
        (promotion(kind="fixed_price", value=99), ["/configuration/applies_to"]),
        (promotion(kind="fixed_price", value=99, applies_to="delivery"), ["/configuration/applies_to"]),
        (promotion(kind="bundle", value=99), ["/configuration/items"]),
        (promotion(kind="bundle", items=[{"tags_any": ["a"]}]), ["/configuration/value"]),
        (promotion(kind="bundle", value=99, items=[]), ["/configuration/items"]),
        (promotion(kind="bundle", value=99.001, items=[{"tags_any": ["a"]}]), ["/configuration/value"]),
        (
            promotion(kind="bundle", value=99, items=[{"quantity": 1}, {"tags_any": ["a"], "product_ids": [UUID]}]),
            ["/configuration/items/0", "/configuration/items/1"],
        ),
        (
            promotion(kind="bundle", value={"value": 99, "items": [{"quantity": 0, "tags_any": ["a"]}]}),
            ["/configuration/value/items/0/quantity"],
        ),
        (promotion(kind="bundle", value=99, items=[{"tags_any": []}]), ["/configuration/items/0/tags_any"]),
        (promotion(kind="bundle", value=99, items=[{"tags_any": ["a"]}] * 6), ["/configuration/items"]),
        (promotion(kind="bundle", value=9, items=[{"tags_any": ["a"]}], max_sets=0), ["/configuration/max_sets"]),
        (
            promotion(kind="bundle", value=9, items=[{"tags_any": ["a"]}], applies_to="delivery"),
            ["/configuration/applies_to"],
        ),
        (promotion(kind="percent", value=9, items=[{"tags_any": ["a"]}]), ["/configuration/items"]),
        (
            {"type": "EXPRESS_FEE", "currency": "TRY", "configuration": {"base_fee": 1, "provider": ""}},
            ["/configuration/provider"],
        ),
        ({"type": "COUPON", "configuration": {"kind": "percent", "value": 5}}, ["/configuration/code"]),
        ({"type": "TAX", "configuration": {"rate": 18}, "region": "TR/\x00"}, ["/region"]),
        ({"type": "TAX", "configuration": {"rate": 18}, "name": " \t"}, ["/name"]),
        (
            {"type": "COUPON", "configuration": {"kind": "percent", "value": 5, "code": "  "}},
            ["/configuration/code"],
        ),
        *(
            ({"type": "TAX", "configuration": {"rate": 18}, "conditions": conditions}, [f"/conditions/{place}"])
            for conditions, place in (
                ({"flag": "key\n"}, "flag"),
                ({"time_zone": ""}, "time_zone"),
                ({"time_zone": "localtime"}, "time_zone"),
                ({"time_zone": "right/Europe/Istanbul"}, "time_zone"),
                ({"time_of_day": {"from": "09:00", "to": "17:00", "time_zone": "posixrules"}}, "time_of_day/time_zone"),
            )
        ),
        (
            {"type": "TAX", "configuration": {"rate": 18}, "effective_from": "2026-01-01T00:00:00+0300"},
            ["/effective_from"],
        ),
    ],
)
def test_each_field_is_pointed_at(admin: httpx.Client, draft: dict[str, Any], expected: list[str]) -> None:
    assert sorted(refused(admin, **draft)) == expected


def test_all_faults_of_frame_and_configuration_come_at_once(admin: httpx.Client) -> None:
    draft = {
        "type": "DELIVERY_FEE",
        "configuration": {"base_fee": None, "max_fee": "x"},
        "priority": "high",
        "is_active": 1,
    }
    assert set(refused(admin, **draft)) == {
        "/configuration/base_fee",
        "/configuration/max_fee",
        "/priority",
        "/is_active",
    }


def test_put_is_checked_as_post_is(admin: httpx.Client) -> None:
    draft = delivery()
    made = created(admin, draft)
    wrong = {**draft, "configuration": {"base_fee": -1}}
    assert pointers(admin.put(f"{PATH}/{made['id']}", json=wrong)) == ["/configuration/base_fee"]


@pytest.mark.parametrize(
    "configuration",
    [
        {"kind": "buy_x_get_y", "value": {"buy": 2, "get": 1}},
        {"kind": "tiered_percent", "value": {"tiers": [{"from": 100, "percent": 5}]}},
    ],
)
def test_an_object_under_value_is_accepted_and_kept(admin: httpx.Client, configuration: dict[str, Any]) -> None:
    assert created(admin, {"name": new_name(), "region": "TR/X", **promotion(**configuration)})["configuration"] == {
        **configuration,
        "respects_min_price": True,
    }


def test_bodies_that_are_no_documents(admin: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (b"", b"{", b"NaN", b'{"a": Infinity}', b"[" * 10_000, b"\xff"):
        assert admin.post(PATH, content=body, headers=headers).status_code == 400
    assert pointers(admin.post(PATH, content=b"[]", headers=headers)) == [""]
    assert code(admin.post(PATH, content=b"x=1", headers={"Content-Type": "text/plain"})) == (
        415,
        "unsupported-media-type",
    )
    twice = b'{"name": "a", "name": "b", "type": "TAX", "configuration": {"rate": 1, "rate": 2}}'
    assert set(pointers(admin.post(PATH, content=twice, headers=headers))) == {"/name", "/configuration/rate"}


def test_sql_in_every_text_is_just_text(admin: httpx.Client) -> None:
    evil = "'; DROP TABLE pricing_rules; --"
    draft = tax(name=new_name(evil), region=f"TR/{evil}", conditions={"tags_any": [evil], "customer_tiers": [evil]})
    made = created(admin, draft)
    assert made["name"] == draft["name"]
    (found,) = admin.get(PATH, params={"name": draft["name"]}).json()["data"]
    assert found["conditions"] == draft["conditions"]
