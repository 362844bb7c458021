"""What was asked of everybody is what a quote of one unit would have charged at every instant, and for nobody in particular.

Source: docs/spec/price-reductions.md#everybody.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.instants import FOREVER, to_micros
from quote_service.pricing.asked.asked_prices import AskedOf, Since, asked_prices, sales_in_turn
from quote_service.pricing.asked.flags_for_all import StandingFlag
from quote_service.pricing.asked.price_reduction import AskedPrice, find_prior_price
from quote_service.pricing.asked.rules_for_all import StandingRule, StandingSpend, flags_asked_for, rules_for_all
from quote_service.pricing.basket import Address, Basket, BasketItem
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.flags.flag import FlagDraft, Rollout
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import NOT_PRICED, CheckedBasket
from quote_service.pricing.quote_basis import QuoteBasis, find_sales
from quote_service.pricing.rulebook.rulebook import apply_changes, empty_rulebook
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.pricing.sales.sale_price import SalePrice
from tests.pricing.books import stored_rules
from tests.pricing.catalog.price_books import micro, product, rule, time_price

DAY = 24 * 3600 * 1_000_000
BEGIN = to_micros(datetime(2026, 3, 1, tzinfo=UTC))
NOW = BEGIN + 100 * DAY
TURKEY = ("TR", "Istanbul", None)
CUSTOMER = "d0000000-0000-4000-8000-000000000001"


def instant(at_us: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)).isoformat()


def standing(*rules: tuple[dict[str, Any], int, int]) -> list[StandingRule]:
    stored = stored_rules([each for each, _, _ in rules])
    return [StandingRule(each, since, until) for each, (_, since, until) in zip(stored, rules, strict=True)]


def asked(
    item: ProductPrice,
    list_prices: list[Since],
    rules: list[StandingRule],
    sales: tuple[SalePrice, ...] = (),
    stock: tuple[Since, ...] = (),
) -> list[AskedPrice]:
    since = rules_for_all(rules, {}, BEGIN, NOW)
    return asked_prices(AskedOf(item, list_prices, sales, stock), since, TURKEY, NOW).steps


def at(steps: list[AskedPrice], instant_us: int) -> int | None:
    return next((step.price_micro for step in reversed(steps) if step.from_us <= instant_us), None)


def quoted(
    item: ProductPrice, list_micro: int, rules: list[StandingRule], sales: tuple[SalePrice, ...], at_us: int
) -> int:
    """What a quote of one unit charges at an instant, by all the rules that stood then."""
    stored = [each.stored for each in rules if each.since_us <= at_us < each.until_us]
    changes = RulebookChanges(
        version=1, is_complete=True, rates=[], ended_rate_ids=[], rules=stored, flags=[], exhaustions=[]
    )
    catalog = CatalogSnapshot([msgspec.structs.replace(item, current_micro=list_micro)])
    book = apply_changes(empty_rulebook(), changes)
    book = book.with_catalog(catalog, book.customers)
    basket = Basket(
        customer_id=CUSTOMER,
        seller_id=CUSTOMER,
        items=[BasketItem(product_id=item.product_id, quantity=1)],
        delivery_address=Address(country="TR", city="Istanbul"),
        currency=item.currency,
    )
    exponent = EXPONENTS[item.currency]
    checked = complete_basket(
        QuoteBasis(book, CheckedBasket(basket, exponent, [NOT_PRICED], 0, lacks_prices=True), at_us)
    ).checked
    running = [each for each in sales if each.starts_us <= at_us < each.ends_us]
    on_sale = find_sales({item.product_id: running[0]} if running else {}, checked, at_us)
    line = price_quote(QuoteBasis(book, checked, at_us, on_sale)).lines[0]
    charged_minor: int = line.total_minor - line.discount_minor
    return charged_minor * int(10 ** (6 - exponent))


def some_rule(random: Random, number: int, currency: str) -> tuple[dict[str, Any], int, int]:
    name = f"rule {random.randrange(4)}"
    first = BEGIN + random.randrange(90) * DAY
    conditions: dict[str, Any] = {}
    if random.random() < 0.3:
        conditions["time_of_day"] = {"from": "17:00", "to": "02:00", "timezone": "Europe/Istanbul"}
        conditions["weekdays"] = ["friday", 6]
    if random.random() < 0.15:
        conditions[random.choice(["customer_tiers", "customer_segments"])] = ["gold"]
    if random.random() < 0.15:
        conditions["flag"] = "some_flag"
    if random.random() < 0.2:
        conditions["tags_any"] = [random.choice(["new", "old"])]
    adjustment = {"percent": random.choice([-30, -10, 5])}
    # Of one name all versions are of one type.
    if name in ("rule 0", "rule 1"):
        made = time_price(name, adjustment)
    elif name == "rule 2":
        made = rule(name, "PROMOTION", {"kind": "percent", "value": random.choice([5, 20]), "applies_to": "lines"})
        if random.random() < 0.3:
            conditions["min_subtotal"] = random.choice([50, 90])
    else:
        made = rule(name, "QUANTITY_PRICE", {"breaks": [{"min_quantity": 3, "adjustment": adjustment}]})
    made |= {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "version": number + 1,
        "currency": currency,
        "region": random.choice([None, None, "TR", "TR/Istanbul", "DE"]),
        "effective_from": instant(first - random.choice([0, 40]) * DAY),
        "effective_to": random.choice([None, instant(first + random.randrange(1, 30) * DAY)]),
        "conditions": conditions or None,
    }
    return made, first, random.choice([FOREVER, first + random.randrange(1, 50) * DAY])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), currency=st.sampled_from(["TRY", "JPY", "KWD"]))
def test_it_is_what_quotes_charged_at_every_instant(seed: int, currency: str) -> None:
    random = Random(seed)
    item = product(currency=currency, min_micro=micro(40))
    rules = standing(*(some_rule(random, number, currency) for number in range(random.randrange(6))))
    moves: list[Since] = [(BEGIN, micro(100))]
    for _ in range(random.randrange(4)):
        moves.append((moves[-1][0] + random.randrange(1, 25) * DAY, micro(random.randrange(60, 120))))
    starts = BEGIN + random.randrange(90) * DAY
    sale = SalePrice(1, "a sale", currency, micro(random.randrange(40, 110)), starts, starts + 9 * DAY)
    sales = (sale,) if random.random() < 0.5 else ()
    steps = asked(item, moves, rules, sales)
    edges = [step.from_us for step in steps]
    for at_us in {*edges, *(edge - 1 for edge in edges[1:]), *(random.randrange(BEGIN, NOW) for _ in range(20))}:
        list_micro = next(price for since, price in reversed(moves) if since <= at_us)
        assert list_micro is not None
        assert at(steps, at_us) == quoted(item, list_micro, rules, sales, at_us), (seed, instant(at_us))


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (time_price("for all", {"percent": -20}), (80, "price_rule")),
        (rule("gold", "USER_TIER_PRICE", {"tiers": {"gold": {"percent": -20}}}), None),
        (time_price("vip", {"percent": -20}, conditions={"customer_segments": ["vip"]}), None),
        (time_price("flag", {"percent": -20}, conditions={"flag": "x"}), None),
        (time_price("elsewhere", {"percent": -20}, region="DE"), None),
        (rule("three", "QUANTITY_PRICE", {"breaks": [{"min_quantity": 3, "adjustment": {"percent": -20}}]}), None),
        (rule("sale", "PROMOTION", {"kind": "percent", "value": 20, "applies_to": "lines"}), (80, "promotion")),
        (rule("sale", "PROMOTION", {"kind": "buy_x_get_y", "buy": 1, "get": 1}), None),
        (rule("code", "COUPON", {"kind": "percent", "value": 20, "code": "X"}), None),
        (rule("dear", "PROMOTION", {"kind": "percent", "value": 20}, conditions={"min_subtotal": 101}), None),
    ],
    ids=lambda value: value["name"] + " " + value["type"] if isinstance(value, dict) else "",
)
def test_what_is_asked_of_everybody(made: dict[str, Any], wanted: tuple[int, str] | None) -> None:
    began = NOW - DAY
    steps = asked(product(), [(BEGIN, micro(100))], standing((made, began, FOREVER)))
    found = find_prior_price(steps, NOW).reduction
    if wanted is None:
        assert found is None
    else:
        assert found is not None
        assert (found.price_micro, found.cause) == (micro(wanted[0]), wanted[1])
        assert (found.prior_micro, found.began_us) == (micro(100), began)


def test_a_promotion_is_asked_while_its_budget_lasts() -> None:
    off = {"kind": "percent", "value": 20, "applies_to": "lines", "budget": 100}
    rules = standing((rule("sale", "PROMOTION", off), BEGIN, FOREVER))
    spends = [
        StandingSpend("sale", "TRY", 9500, NOW - 20 * DAY, NOW - 10 * DAY),  # 20.00 is more than what is left
        StandingSpend("sale", "TRY", 7000, NOW - 10 * DAY, NOW - 5 * DAY),  # some of it was given back
        StandingSpend("sale", "EUR", 10000, NOW - 10 * DAY, FOREVER),  # another budget
        StandingSpend("sale", "TRY", 10000, NOW - 5 * DAY, FOREVER),
    ]
    since = rules_for_all(rules, {}, BEGIN, NOW, spends)
    steps = asked_prices(AskedOf(product(), [(BEGIN, micro(100))]), since, TURKEY, NOW).steps
    assert [at(steps, NOW - ago * DAY) for ago in (30, 20, 11, 10, 6, 5, 0)] == [
        micro(each) for each in (80, 100, 100, 80, 80, 100, 100)
    ]


def flag(since_us: int, until_us: int = FOREVER, **fields: Any) -> StandingFlag:
    draft = FlagDraft(key="cheaper", type="BOOLEAN", **{"value": True, "is_enabled": True, **fields})
    return StandingFlag(StoredFlag(id="f", version=1, draft=draft, is_archived=False, changed_in=1), since_us, until_us)


ALL = Rollout(percentage=ExactNumber(100))


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        ([], (100, 100, 100)),
        ([flag(BEGIN)], (80, 80, 80)),
        ([flag(BEGIN, rollout=ALL)], (80, 80, 80)),
        ([flag(BEGIN, rollout=Rollout(percentage=ExactNumber("99.999")))], (100, 100, 100)),
        ([flag(BEGIN, rollout=Rollout(percentage=ExactNumber(100), customer_tiers=["gold"]))], (100, 100, 100)),
        ([flag(BEGIN, is_enabled=False)], (100, 100, 100)),
        ([flag(BEGIN, is_enabled=False, default_value=True)], (80, 80, 80)),
        ([flag(BEGIN, NOW - 20 * DAY), flag(NOW - 20 * DAY, value=False)], (80, 100, 100)),
        ([flag(NOW - 5 * DAY)], (100, 100, 80)),
        ([flag(BEGIN, rollout=Rollout(starts_at=datetime.fromisoformat(instant(NOW - 15 * DAY))))], (100, 80, 80)),
    ],
)
def test_what_asks_for_a_flag_is_asked_while_it_is_true_for_everybody(
    flags: list[StandingFlag], wanted: tuple[int, int, int]
) -> None:
    asks = {"flag": "cheaper"}
    for made in (
        time_price("flagged", {"percent": -20}, conditions=asks),
        rule("flagged", "PROMOTION", {"kind": "percent", "value": 20, "applies_to": "lines"}, conditions=asks),
    ):
        rules = standing((made, BEGIN, FOREVER))
        assert flags_asked_for(rules) == {"cheaper"}
        since = rules_for_all(rules, {}, BEGIN, NOW, flags=flags)
        steps = asked_prices(AskedOf(product(), [(BEGIN, micro(100))]), since, TURKEY, NOW).steps
        assert tuple(at(steps, NOW - ago * DAY) for ago in (30, 10, 0)) == tuple(micro(each) for each in wanted)


def test_a_price_that_follows_demand_is_not_known_while_everybody_is_asked_for_it() -> None:
    demand = {
        "window_hours": 1,
        "expected_per_hour": 10,
        "percent_per_10_percent": 2,
        "max_percent": 10,
        "min_percent": -10,
    }
    rules = standing((rule("demand", "DEMAND_PRICE", demand), BEGIN, FOREVER))
    assert flags_asked_for(rules) == {"dynamic_pricing"}
    stood = flag(BEGIN, NOW - 40 * DAY)
    dynamic = stood._replace(
        stored=msgspec.structs.replace(
            stood.stored, draft=msgspec.structs.replace(stood.stored.draft, key="dynamic_pricing")
        )
    )
    for until_us, is_known in ((NOW - 40 * DAY, True), (NOW - 20 * DAY, False)):
        since = rules_for_all(rules, {}, BEGIN, NOW, flags=[dynamic._replace(until_us=until_us)])
        moves: list[Since] = [(BEGIN, micro(100)), (NOW - DAY, micro(90))]
        found = find_prior_price(asked_prices(AskedOf(product(), moves), since, TURKEY, NOW).steps, NOW)
        assert (found.reduction is not None) is is_known


def test_happy_hours_are_no_reduction_from_the_second_day_on() -> None:
    window = {"time_of_day": {"from": "00:00", "to": "01:00", "timezone": "UTC"}}
    made = time_price("happy hour", {"percent": -10}, conditions=window)
    once = asked(product(), [(BEGIN, micro(100))], standing((made, NOW - 100, FOREVER)))
    assert find_prior_price(once, NOW).reduction is not None
    again = asked(product(), [(BEGIN, micro(100))], standing((made, NOW - DAY, FOREVER)))
    assert find_prior_price(again, NOW).reduction is None


def test_little_stock_and_much_have_their_prices() -> None:
    configuration = {"high": {"above": 100, "adjustment": {"percent": -20}}}
    rules = standing((rule("much", "INVENTORY_PRICE", configuration), BEGIN, FOREVER))
    stock = ((BEGIN, 50), (NOW - 3 * DAY, 101), (NOW - DAY, 100))
    steps = asked(product(), [(BEGIN, micro(100))], rules, stock=stock)
    assert [at(steps, NOW - days * DAY) for days in (4, 3, 2, 1)] == [micro(100), micro(80), micro(80), micro(100)]


def test_a_sale_whose_price_was_changed_asked_for_both() -> None:
    sale = SalePrice(1, "a sale", "TRY", micro(70), NOW - 9 * DAY, NOW + DAY)
    turns = sales_in_turn(sale, [(micro(60), NOW - 11 * DAY), (micro(80), NOW - 5 * DAY)])
    steps = asked(product(), [(BEGIN, micro(100))], [], tuple(turns))
    assert [at(steps, NOW - days * DAY) for days in (10, 9, 6, 5, 0)] == [micro(each) for each in (100, 80, 80, 70, 70)]
    found = find_prior_price(steps, NOW).reduction
    assert found is not None
    assert (found.prior_micro, found.percent_off, found.began_us) == (micro(100), 30, NOW - 9 * DAY)
