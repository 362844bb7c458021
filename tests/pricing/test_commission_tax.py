"""Tax on commission: by where each seller is, once for each seller, and never the customer's to pay.

Source: docs/spec/pricing-rules.md#commission_tax; docs/spec/commission.md#tax-on-commission.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from quote_service.platform.documents.exact_json import parse_json
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.explain.explain_pricing import explain_pricing
from quote_service.pricing.fingerprint import fingerprint_bits
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.quotes.answer.restore_quote import NotAQuote, restore_quote
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.books import answer_text, book_of, instant_us, priced, read_answer, stored_rates, stored_rules

AT = "2025-06-11T10:30:00Z"
HERE, THERE = "a0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000002"
SECRET = b"0123456789abcdef"
REQUEST: dict[str, Any] = {
    "customer_id": "d0000000-0000-4000-8000-000000000000",
    "seller_id": HERE,
    "items": [
        {"product_id": "b0000000-0000-4000-8000-000000000001", "quantity": 1, "unit_price": 100},
        {"product_id": "b0000000-0000-4000-8000-000000000002", "quantity": 1, "unit_price": 33.33, "seller_id": THERE},
        {"product_id": "b0000000-0000-4000-8000-000000000003", "quantity": 1, "unit_price": 3.35, "tags": ["a"]},
    ],
    "delivery_address": {"city": "Ankara", "country": "TR"},
    "currency": "TRY",
}


def tax(name: str, rate: Any = 20, **fields: Any) -> dict[str, Any]:
    configuration = {"rate": rate, **({"inclusive": True} if fields.pop("inclusive", False) else {})}
    return {"id": name, "name": name, "type": "COMMISSION_TAX", "configuration": configuration, **fields}


def setup(*rules: dict[str, Any], regions: dict[str, str] | None = None, rate: Any = 10) -> dict[str, Any]:
    return {
        "commission_rates": [{"id": "rate", "commission_type": "PERCENTAGE", "rate": rate}],
        "pricing_rules": list(rules),
        "seller_regions": [{"seller_id": seller, "region": region} for seller, region in (regions or {}).items()],
    }


def answer(world: dict[str, Any], **fields: Any) -> Any:
    return read_answer(answer_text(priced(book_of(world), {**REQUEST, **fields}, AT), AT))


def taxes(data: Any) -> list[tuple[Any, ...]]:
    return [
        (each["seller_id"], each["rule_id"], each["rate"], each["inclusive"], each["base"], each["amount"])
        for each in data["commission_breakdown"].get("commission_tax", ())
    ]


def test_it_is_taken_off_the_payout_or_contained_in_the_commission() -> None:
    # 10 % of 100.00 and of 3.35 are 10.00 and 0.34; of 33.33, 3.33.
    without = answer(setup())
    data = answer(setup(tax("on top")))
    assert taxes(data) == [
        (HERE, "on top", "20", False, "10.34", "2.07"),
        (THERE, "on top", "20", False, "3.33", "0.67"),
    ]
    assert [(each["commission"], each["commission_tax"], each["payout"]) for each in data["payouts"]] == [
        ("10.34", "2.07", "90.94"),
        ("3.33", "0.67", "29.33"),
    ]
    within = answer(setup(tax("within", inclusive=True)))
    # 20 / 120 of it
    assert taxes(within) == [
        (HERE, "within", "20", True, "10.34", "1.72"),
        (THERE, "within", "20", True, "3.33", "0.56"),
    ]
    assert [each["payout"] for each in within["payouts"]] == [each["payout"] for each in without["payouts"]]
    for other in (data, within):
        assert other["pricing_breakdown"] == without["pricing_breakdown"]
        assert other["total_amount"] == without["total_amount"]
        assert [rule["type"] for rule in other["applied_rules"]] == ["COMMISSION_TAX"]
    assert "commission_tax" not in without["payouts"][0]
    assert "commission_tax" not in without["commission_breakdown"]


@pytest.mark.parametrize(
    ("regions", "addresses", "expected"),
    [
        pytest.param({}, {}, ["turkey", "turkey"], id="delivery"),
        pytest.param({}, {"pickup_address": {"city": "Köln", "country": "DE"}}, ["germany"] * 2, id="pickup"),
        pytest.param({THERE: "DE"}, {}, ["turkey", "germany"], id="known seller"),
        pytest.param({THERE: "DE/Köln", HERE: "FR"}, {}, ["anywhere", "cologne"], id="both known"),
        pytest.param(
            {HERE: "TR"}, {"pickup_address": {"city": "Köln", "country": "DE"}}, ["turkey", "cologne"], id="mixed"
        ),
    ],
)
def test_the_region_is_where_the_seller_is(
    regions: dict[str, str], addresses: dict[str, Any], expected: list[str]
) -> None:
    rules = [tax("anywhere", 1), tax("turkey", 20, region="TR"), tax("germany", 19, region="DE")]
    if "cologne" in expected:
        rules.append(tax("cologne", 5, region="Köln"))
    assert [entry[1] for entry in taxes(answer(setup(*rules, regions=regions), **addresses))] == expected


def test_conditions_about_lines_are_asked_of_the_sellers_own_lines() -> None:
    rules = [tax("tagged", 1, priority=5, conditions={"tags_any": ["a"]}), tax("general")]
    assert [entry[1] for entry in taxes(answer(setup(*rules)))] == ["tagged", "general"]
    only = tax("only", conditions={"seller_ids": [THERE]})
    assert [entry[:2] for entry in taxes(answer(setup(only)))] == [(THERE, "only")]


def test_a_seller_without_commission_has_no_entry_and_a_rate_of_nothing_has_one() -> None:
    data = answer(setup(tax("on top"), rate=0))
    assert taxes(data) == []
    assert data["applied_rules"] == []
    exempt = answer(setup(tax("exempt", 0)))
    assert [entry[-1] for entry in taxes(exempt)] == ["0.00", "0.00"]
    assert [each["commission_tax"] for each in exempt["payouts"]] == ["0.00", "0.00"]


def test_the_quote_comes_back_from_other_json_libraries() -> None:
    text = answer_text(priced(book_of(setup(tax("c0000000-0000-4000-8000-000000000001", 19.5))), REQUEST, AT), AT)
    sent = text.replace('"rate":19.5', '"rate":1.95e1').replace('"amount":2.02', '"amount":2.020')
    assert sent != text
    assert restore_quote(parse_json(sent.encode())).data == text.encode()
    for broken in ('"inclusive":"false"', '"inclusive":0', '"inclusive":null'):
        with pytest.raises(NotAQuote) as refused:
            restore_quote(parse_json(text.replace('"inclusive":false', broken).encode()))
        assert refused.value.pointer == "/commission_breakdown/commission_tax/0/inclusive"


def bits(book: Rulebook, **fields: Any) -> int:
    checked, at_us = decode_basket(json.dumps({**REQUEST, **fields}).encode()), instant_us(AT)
    complete_basket(QuoteBasis(book, checked, at_us))
    return fingerprint_bits(QuoteBasis(book, checked, at_us), SECRET)


def test_a_seller_who_moves_makes_another_quote_where_a_tax_hangs_on_it() -> None:
    pickup = {"pickup_address": {"city": "Köln", "country": "DE"}}
    rules = [tax("turkey", region="TR"), tax("germany", 19, region="DE")]
    book, moved = book_of(setup(*rules)), book_of(setup(*rules, regions={THERE: "DE"}))
    assert len({bits(book), bits(moved), bits(book, **pickup)}) == 3
    # Not where it is the same tax, and not where no rule asks.
    assert bits(book) == bits(book_of(setup(*rules, regions={THERE: "TR/Ankara"})))
    empty, other = book_of(setup()), book_of(setup(regions={THERE: "DE"}))
    assert bits(empty) == bits(other)
    assert bits(empty, **pickup) == bits(empty, pickup_address={"city": "Paris", "country": "FR"})


def test_every_rule_says_why() -> None:
    rules = [
        tax("winner", 19, region="DE", priority=1),
        tax("lower", 20, region="DE"),
        tax("wider", 21),
        tax("elsewhere", 22, region="FR"),
        tax("home", 23, region="TR/Ankara"),
        tax("missed", 24, conditions={"tags_any": ["nobody's"]}),
    ]
    world = setup(*rules, regions={THERE: "DE"})
    rows = RulebookChanges(
        version=1,
        is_complete=True,
        rates=stored_rates(world["commission_rates"]),
        ended_rate_ids=[],
        rules=stored_rules(rules),
        flags=[],
        exhaustions=[],
    )
    at_us = instant_us(AT)
    explained = explain_pricing(
        rows, decode_basket(json.dumps(REQUEST).encode()), at_us, None, seller_regions={THERE: "DE"}
    )
    verdicts = {each.name: (each.reason, each.beaten_by) for each in explained.rules}
    assert verdicts == {
        "winner": ("applied", None),
        "lower": ("lower priority", "winner"),
        "wider": ("less specific region", "home"),
        "elsewhere": ("other region", None),
        "home": ("applied", None),
        "missed": ("condition not met", None),
    }
