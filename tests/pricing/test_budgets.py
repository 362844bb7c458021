"""A discount counts only while its budgets cover it; one that is left out is as if it were not there.

Source: docs/spec/pricing-rules.md#budgets.
"""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from quote_service.pricing.explain.explain_rules import explain_rules
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import Quote
from tests.pricing import oracle
from tests.pricing.books import answer_text, book_of, instant_us, priced, read_answer, stored_rules
from tests.pricing.figures import figures_of_answer, figures_of_opinion
from tests.pricing.laws import laws
from tests.pricing.rulebooks import AT, CUSTOMERS, DIGITS, WORLDS, World

ME, OTHER = CUSTOMERS[0], CUSTOMERS[1]
BASKET = {
    "customer_id": ME,
    "seller_id": "a0000000-0000-4000-8000-000000000000",
    "delivery_address": {"city": "Istanbul", "country": "TR"},
    "currency": "TRY",
    "items": [{"product_id": "b0000000-0000-4000-8000-000000000000", "quantity": 1, "unit_price": 100}],
}
FEE = {"id": "fee", "name": "fee", "type": "DELIVERY_FEE", "configuration": {"base_fee": 20}, "currency": "TRY"}


def discount(name: str, code: str | None = None, priority: int = 0, **configuration: Any) -> dict[str, Any]:
    """10 % off, or what is given."""
    return {
        "id": f"{name}-id",
        "name": name,
        "type": "PROMOTION" if code is None else "COUPON",
        "configuration": {"kind": "percent", "value": 10, **({"code": code} if code else {}), **configuration},
        "currency": "TRY",
        "priority": priority,
    }


def spent(name: str, amount_minor: int, customer: str | None = None, currency: str = "TRY") -> dict[str, Any]:
    return {"rule_name": name, "currency": currency, "customer_id": customer, "spent_minor": amount_minor}


def quoted(rules: list[Any], spends: list[Any] | None = None, codes: list[str] | None = None) -> Quote:
    setup = {"pricing_rules": rules, "budget_spends": spends or []}
    return priced(book_of(setup), {**BASKET, "coupon_codes": codes or []}, AT)


def acted(quote: Quote) -> list[str]:
    return [rule.name for rule in quote.applied_rules]


@pytest.mark.parametrize(
    ("limits", "spends", "is_covered"),
    [
        ({"budget": 10}, [], True),
        ({"budget": "9.99"}, [], False),
        ({"budget": 0}, [], False),
        ({"budget": 100}, [spent("a", 9000)], True),
        ({"budget": 100}, [spent("a", 9001)], False),
        ({"budget": 100}, [spent("a", 20_000)], False),
        ({"budget": 100}, [spent("a", 9001, ME)], True),
        ({"budget": 100}, [spent("a", 9001, currency="EUR")], True),
        ({"budget": 100}, [spent("b", 9001)], True),
        ({"budget_per_customer": 10}, [], True),
        ({"budget_per_customer": "9.99"}, [], False),
        ({"budget_per_customer": 100}, [spent("a", 9000, ME)], True),
        ({"budget_per_customer": 100}, [spent("a", 9001, ME)], False),
        ({"budget_per_customer": 100}, [spent("a", 9001, OTHER)], True),
        ({"budget_per_customer": 100}, [spent("a", 9001)], True),
        ({"budget": 50, "budget_per_customer": 100}, [spent("a", 4001)], False),
        ({"budget": 500, "budget_per_customer": 100}, [spent("a", 9001), spent("a", 9001, ME)], False),
        ({}, [spent("a", 10**9)], True),
    ],
)
def test_a_promotion_acts_while_its_budgets_cover_it(limits: Any, spends: list[Any], is_covered: bool) -> None:
    quote = quoted([discount("a", **limits)], spends)
    assert (acted(quote), quote.total_minor) == ((["a"], 9000) if is_covered else ([], 10_000))
    quote = quoted([discount("a", "CODE", **limits)], spends, ["CODE"])
    assert (acted(quote), quote.total_minor) == ((["a"], 9000) if is_covered else ([], 10_000))
    assert [each.reason for each in quote.coupons] == [None if is_covered else "budget_used_up"]


def test_what_counts_is_what_it_takes_off_after_its_own_limit() -> None:
    assert quoted([discount("a", budget=5, max_discount=5)]).total_minor == 9500


def test_the_next_one_acts_on_what_was_left() -> None:
    rules = [discount("a", priority=2, value=50, budget=10), discount("b", priority=1)]
    assert (acted(quoted(rules)), quoted(rules).total_minor) == (["b"], 9000)


@pytest.mark.parametrize("exclusive", [True, "all"])
def test_an_exclusive_rule_that_is_left_out_stops_nothing(exclusive: Any) -> None:
    rules = [
        discount("a", priority=2, exclusive=exclusive, budget=5),
        discount("b", priority=1),
        discount("c", "CODE"),
    ]
    quote = quoted(rules, codes=["CODE"])
    assert (acted(quote), quote.total_minor) == (["b", "c"], 8100)


@pytest.mark.parametrize("exclusive", [True, "all"])
def test_one_on_delivery_too_although_its_amount_is_known_last(exclusive: Any) -> None:
    rules = [
        FEE,
        discount("a", priority=2, exclusive=exclusive, applies_to="delivery", value=50, budget="9.99"),
        discount("b", priority=1),
        discount("c", "CODE"),
    ]
    quote = quoted(rules, codes=["CODE"])
    assert (acted(quote), quote.total_minor, quote.delivery_fee_minor) == (["b", "c", "fee"], 10_100, 2000)
    rules[1]["configuration"]["budget"] = 10
    quote = quoted(rules, codes=["CODE"])
    assert (acted(quote)[:2], quote.delivery_fee_minor) == (["fee", "a"] if exclusive == "all" else ["c", "fee"], 1000)


def test_two_on_delivery_are_left_out_one_after_the_other() -> None:
    rules = [
        FEE,
        discount("a", priority=2, applies_to="delivery", value=50, budget=5),
        discount("b", priority=1, applies_to="delivery", value=25, budget="4.99"),
        discount("c", applies_to="delivery", kind="amount", value=2, budget=2),
    ]
    quote = quoted(rules)
    assert (acted(quote), quote.delivery_fee_minor) == (["fee", "c"], 1800)


def test_a_coupon_without_promotions_stands_aside_for_none_that_was_left_out() -> None:
    rules = [discount("a", value=50, budget=5), discount("b", "CODE", with_promotions=False)]
    quote = quoted(rules, codes=["CODE"])
    assert (acted(quote), quote.total_minor) == (["b"], 9000)
    assert "promotions_excluded" not in {each.code for each in quote.warnings}
    assert [each.reason for each in quote.coupons] == [None]


def test_a_coupon_without_promotions_whose_budget_is_used_up_leaves_them_alone() -> None:
    rules = [discount("a", value=5), discount("b", "CODE", value=50, with_promotions=False, budget=100)]
    quote = quoted(rules, [spent("b", 6000)], ["CODE"])
    assert (acted(quote), [each.reason for each in quote.coupons]) == (["a"], ["budget_used_up"])


def test_a_coupon_on_delivery_is_rejected_and_the_next_of_its_code_acts() -> None:
    rules = [
        FEE,
        discount("a", "CODE", priority=1, applies_to="delivery", value=50, budget=5, combinable=False),
        discount("b", "CODE", value=1),
        discount("c", "MORE", value=1),
    ]
    quote = quoted(rules, codes=["CODE", "MORE"])
    assert [(each.reason, each.amount_minor) for each in quote.coupons] == [(None, 100), (None, 99)]
    quote = quoted(rules[:2], codes=["CODE"])
    assert [(each.reason, each.amount_minor) for each in quote.coupons] == [("budget_used_up", 0)]


@pytest.mark.parametrize(
    ("rule", "spends", "detail"),
    [
        (discount("a", budget=5), [], "what is left of its budget does not cover 10.00"),
        (discount("a", budget=5), [spent("a", 500)], "what is left of its budget does not cover 10.00"),
        (
            discount("a", budget_per_customer=5),
            [spent("a", 500, ME)],
            "what is left of its budget for one customer does not cover 10.00",
        ),
        (discount("a", "CODE", budget=5), [spent("a", 500)], "nothing is left of its budget"),
        (
            discount("a", applies_to="delivery", budget="1.99"),
            [],
            "what is left of its budget does not cover 2.00",
        ),
        (
            discount("a", "CODE", applies_to="delivery", budget="1.99"),
            [],
            "what is left of its budget does not cover 2.00",
        ),
    ],
)
def test_an_explanation_says_why(rule: dict[str, Any], spends: list[Any], detail: str) -> None:
    rules = [FEE, rule]
    book = book_of({"pricing_rules": rules, "budget_spends": spends})
    quote = priced(book, {**BASKET, "coupon_codes": ["CODE"] if rule["type"] == "COUPON" else []}, AT)
    assert isinstance(quote, PricingContext)
    verdicts = {each.name: each for each in explain_rules(book, stored_rules(rules), quote, instant_us(AT))}
    assert (verdicts["a"].reason, verdicts["a"].detail) == ("budget used up", detail)


@laws(300)
@given(WORLDS)
def test_no_quote_takes_more_than_is_left(world: World) -> None:
    setup, request = world.setup(), world.request()
    data = read_answer(answer_text(priced(book_of(setup), request, AT), AT))
    digits = DIGITS[data["currency"]]
    spends = {(each["rule_name"], each["customer_id"]): each["spent_minor"] for each in setup["budget_spends"]}
    rules = {rule["id"]: rule for rule in setup["pricing_rules"]}
    for step in data["pricing_breakdown"]["calculations"]:
        rule = rules.get(step.get("rule_id"))
        if rule is None or rule["type"] not in ("PROMOTION", "COUPON"):
            continue
        for name, customer in (("budget", None), ("budget_per_customer", request["customer_id"])):
            budget = rule["configuration"].get(name)
            if budget is not None:
                taken = -Fraction(step["amount"])
                already = Fraction(spends.get((rule["name"], customer), 0), 10**digits)
                assert already + taken <= Fraction(budget)


@pytest.mark.long("hundreds of drawn worlds, each priced twice")
@laws(300)
@given(WORLDS)
def test_budgets_that_cover_everything_change_nothing(world: World) -> None:
    setup, request = world.setup(), world.request()
    without = {**setup, "pricing_rules": [_with_budgets(rule) for rule in setup["pricing_rules"]], "budget_spends": []}
    plenty = dict.fromkeys(("budget", "budget_per_customer"), 10**9)
    ample = {**without, "pricing_rules": [_with_budgets(rule, **plenty) for rule in setup["pricing_rules"]]}
    assert answer_text(priced(book_of(ample), request, AT), AT) == answer_text(
        priced(book_of(without), request, AT), AT
    )


@laws(300)
@given(WORLDS)
def test_discounts_on_delivery_with_small_budgets_are_the_oracles(world: World) -> None:
    """The basket is priced again for each that does not fit, whatever it kept from acting."""
    setup, request = world.setup(), world.request()
    for rule in setup["pricing_rules"]:
        configuration = rule["configuration"]
        if configuration.get("kind") in ("percent", "amount") and world.chance(70):
            configuration |= {"applies_to": "delivery", "funded_by": None, "budget": world.amount(1000)}
            configuration.pop("platform_percent", None)
    answer = read_answer(answer_text(priced(book_of(setup), request, AT), AT))
    assert figures_of_answer(answer) == figures_of_opinion(oracle.price(setup, request, AT))


def _with_budgets(rule: dict[str, Any], **budgets: int) -> dict[str, Any]:
    if rule["type"] not in ("PROMOTION", "COUPON"):
        return rule
    kept = {name: value for name, value in rule["configuration"].items() if not name.startswith("budget")}
    return {**rule, "configuration": {**kept, **budgets}}
