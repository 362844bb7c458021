"""The original's test matrix, line by line: what is set up, what is asked, and the figures worked out by hand.

Names in braces are each case's own: `{id}`, `{seller}`, `{category}`, `{provider}`, `{city}`, `{country}`, `{currency}`. A
draft whose name an earlier draft of the case bears is its next version.

Source: docs/spec/pricing-rules.md#covered-combinations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, combinations
from typing import Any

Draft = dict[str, Any]
LONG_AGO, PAST, OVER, FUTURE = (
    "2024-01-01T00:00:00Z",
    "2025-01-01T00:00:00Z",
    "2025-06-01T00:00:00Z",
    "2090-01-01T00:00:00Z",
)
DIMENSIONS = {"seller": "seller_id", "category": "category_id", "logistics": "logistics_provider"}
VALUES = {"seller": "{seller}", "category": "{category}", "logistics": "{provider}"}

# The original example's two places: 2.314838 km apart.
PICKUP = {"country": "{country}", "city": "{city}", "latitude": 41.0186, "longitude": 29.0023}
DELIVERY = {"country": "{country}", "city": "{city}", "latitude": 41.0082, "longitude": 28.9784}


@dataclass(frozen=True)
class Case:
    """One line of the matrix; `expected` are amounts of the answer by name."""

    name: str
    expected: dict[str, str]
    rates: list[Draft] = field(default_factory=list)
    rules: list[Draft] = field(default_factory=list)
    basket: Draft = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def rate(percent: float, *dimensions: str, **fields: Any) -> Draft:
    """A percentage for these dimensions."""
    named = {DIMENSIONS[dimension]: VALUES[dimension] for dimension in dimensions}
    return {"commission_type": "PERCENTAGE", "rate": percent, "effective_from": PAST, **named, **fields}


def rule(kind: str, configuration: Draft, **fields: Any) -> Draft:
    return {
        "name": f"{{id}}-{kind}",
        "type": kind,
        "configuration": configuration,
        "currency": "{currency}",
        "effective_from": PAST,
        "region": "{country}/{city}",
        **fields,
    }


def delivery(fee: float, **fields: Any) -> Draft:
    return rule("DELIVERY_FEE", {"base_fee": fee}, **fields)


def _commission(name: str, seller: str, category: str, logistics: str, total: str, *rates: Draft) -> Case:
    expected = {
        "seller_commission": seller,
        "category_commission": category,
        "logistics_commission": logistics,
        "total_commission": total,
    }
    return Case(name, expected, rates=list(rates))


# Every line is 2 x 50.00. Each dimension has a rate of its own: seller 1 %, category 2 %, logistics 4 %. A rate for the
# combination charges 10 %, shown at the first dimension that it names, in place of those that it covers.
_OWN = {"seller": 1, "category": 2, "logistics": 4}
_BY_COMBINATION = {
    ("seller",): ("10.00", "2.00", "4.00", "16.00"),
    ("category",): ("1.00", "10.00", "4.00", "15.00"),
    ("logistics",): ("1.00", "2.00", "10.00", "13.00"),
    ("seller", "category"): ("10.00", "0.00", "4.00", "14.00"),
    ("seller", "logistics"): ("10.00", "2.00", "0.00", "12.00"),
    ("category", "logistics"): ("1.00", "10.00", "0.00", "11.00"),
    ("seller", "category", "logistics"): ("10.00", "0.00", "0.00", "10.00"),
}
# The same with 20 % where the combination's own region applies.
_BY_COMBINATION_REGIONAL = {
    ("seller",): ("20.00", "2.00", "4.00", "26.00"),
    ("category",): ("1.00", "20.00", "4.00", "25.00"),
    ("logistics",): ("1.00", "2.00", "20.00", "23.00"),
    ("seller", "category"): ("20.00", "0.00", "4.00", "24.00"),
    ("seller", "logistics"): ("20.00", "2.00", "0.00", "22.00"),
    ("category", "logistics"): ("1.00", "20.00", "0.00", "21.00"),
    ("seller", "category", "logistics"): ("20.00", "0.00", "0.00", "20.00"),
}
SEVEN = list(chain.from_iterable(combinations(DIMENSIONS, count) for count in (1, 2, 3)))


def _rates_of(combination: tuple[str, ...]) -> list[Draft]:
    others = [rate(_OWN[dimension], dimension) for dimension in DIMENSIONS if (dimension,) != combination]
    return [*others, rate(10, *combination)]


def _combinations() -> list[Case]:
    cases = []
    for combination in SEVEN:
        name, rates, plain = " + ".join(combination), _rates_of(combination), _BY_COMBINATION[combination]
        here = rate(20, *combination, region="{country}/{city}")
        in_country = rate(20, *combination, region="{country}")
        elsewhere = rate(20, *combination, region="{country}/Elsewhere")
        regional = _BY_COMBINATION_REGIONAL[combination]
        cases += [
            _commission(name, *plain, *rates),
            _commission(f"{name}, regional by city", *regional, *rates, here),
            _commission(f"{name}, regional by country", *regional, *rates, in_country),
            _commission(f"{name}, another region", *plain, *rates, elsewhere),
        ]
    return cases


EXPRESS = {"is_express_delivery": True}
PLACES = {"pickup_address": PICKUP, "delivery_address": DELIVERY}
# Items 100.00; no tax rule in this group, so the total is items + fees.
DELIVERIES = [
    Case("standard delivery", {"delivery_fee": "10.00", "total_amount": "110.00"}, rules=[delivery(10)]),
    Case(
        "express delivery: (15 + 2 x 2.314838) x 1.5 = 29.444514",
        {"delivery_fee": "29.44", "total_amount": "129.44"},
        rules=[
            delivery(10),
            rule("EXPRESS_FEE", {"base_fee": 15, "multiplier": 1.5, "max_fee": 50, "distance_factor": 2}),
        ],
        basket={**EXPRESS, **PLACES},
    ),
    Case(
        "express delivery at its most: 29.44 > 20.00",
        {"delivery_fee": "20.00", "total_amount": "120.00"},
        rules=[
            delivery(10),
            rule("EXPRESS_FEE", {"base_fee": 15, "multiplier": 1.5, "max_fee": 20, "distance_factor": 2}),
        ],
        basket={**EXPRESS, **PLACES},
    ),
    Case(
        "express delivery without a rule of its own: 10.00 x 1",
        {"delivery_fee": "10.00", "total_amount": "110.00"},
        rules=[delivery(10)],
        basket=EXPRESS,
    ),
    Case(
        "an express rule, standard asked for",
        {"delivery_fee": "10.00", "total_amount": "110.00"},
        rules=[delivery(10), rule("EXPRESS_FEE", {"base_fee": 15})],
    ),
    Case(
        "distance-based delivery: 5 + 2 x (2.314838 - 1) = 7.629676",
        {"delivery_fee": "7.63", "total_amount": "107.63"},
        rules=[rule("DELIVERY_FEE", {"base_fee": 5, "per_km": 2, "free_km": 1})],
        basket=PLACES,
    ),
    Case(
        "distance-based delivery, at least 9.00",
        {"delivery_fee": "9.00", "total_amount": "109.00"},
        rules=[rule("DELIVERY_FEE", {"base_fee": 5, "per_km": 2, "free_km": 1, "min_fee": 9})],
        basket=PLACES,
    ),
    Case(
        "distance-based delivery, distance unknown: 5 + 2 x 0",
        {"delivery_fee": "5.00", "total_amount": "105.00"},
        rules=[rule("DELIVERY_FEE", {"base_fee": 5, "per_km": 2, "free_km": 1})],
        warnings=("distance_unknown",),
    ),
    Case(
        "weight-based delivery: 5 + 2 x (2 x 1.5 - 1) = 9.00",
        {"delivery_fee": "9.00", "total_amount": "109.00"},
        rules=[rule("DELIVERY_FEE", {"base_fee": 5, "per_kg": 2, "free_kg": 1})],
        basket={"items": [{"product_id": "{product}", "quantity": 2, "unit_price": 50, "weight": 1.5}]},
    ),
    Case(
        "regional delivery: the city's 8.00, not the country's 10.00",
        {"delivery_fee": "8.00", "total_amount": "108.00"},
        rules=[delivery(10, name="{id}-country", region="{country}"), delivery(8)],
    ),
    Case(
        "small basket: 100.00 < 120.00",
        {"small_basket_fee": "7.50", "total_amount": "107.50"},
        rules=[rule("SMALL_BASKET_FEE", {"threshold": 120, "fee": 7.5, "mode": "fixed"})],
    ),
    Case(
        "small basket topped up: min(30.00, 120.00 - 100.00)",
        {"small_basket_fee": "20.00", "total_amount": "120.00"},
        rules=[rule("SMALL_BASKET_FEE", {"threshold": 120, "fee": 30, "mode": "top_up"})],
    ),
    Case(
        "small basket, at the threshold",
        {"small_basket_fee": "0.00", "total_amount": "100.00"},
        rules=[rule("SMALL_BASKET_FEE", {"threshold": 100, "fee": 7.5, "mode": "fixed"})],
    ),
    Case(
        "free delivery from 100.00",
        {"delivery_fee": "0.00", "total_amount": "100.00"},
        rules=[delivery(10), rule("FREE_DELIVERY", {"min_subtotal": 100})],
    ),
    Case(
        "free delivery out of reach: from 100.01",
        {"delivery_fee": "10.00", "total_amount": "110.00"},
        rules=[delivery(10), rule("FREE_DELIVERY", {"min_subtotal": 100.01})],
    ),
    Case(
        "free delivery, but not express",
        {"delivery_fee": "10.00", "total_amount": "110.00"},
        rules=[delivery(10), rule("FREE_DELIVERY", {"min_subtotal": 100})],
        basket=EXPRESS,
    ),
    Case(
        "free delivery, express too",
        {"delivery_fee": "0.00", "total_amount": "100.00"},
        rules=[delivery(10), rule("FREE_DELIVERY", {"min_subtotal": 100, "includes_express": True})],
        basket=EXPRESS,
    ),
    Case(
        "free delivery, but not so far: 2.314838 km > 2 km",
        {"delivery_fee": "10.00", "total_amount": "110.00"},
        rules=[delivery(10), rule("FREE_DELIVERY", {"min_subtotal": 100, "max_distance_km": 2})],
        basket=PLACES,
    ),
]

_TEN = {"delivery_fee": "10.00", "total_amount": "110.00"}
_TWENTY = {"delivery_fee": "20.00", "total_amount": "120.00"}
_NOTHING = {"delivery_fee": "0.00", "total_amount": "100.00"}
DATES = [
    Case("current rule", _TEN, rules=[delivery(10)]),
    Case("future rule", _NOTHING, rules=[delivery(10, effective_from=FUTURE)], warnings=("no_delivery_rule",)),
    Case("expired rule", _NOTHING, rules=[delivery(10, effective_to=OVER)], warnings=("no_delivery_rule",)),
    Case("a range that has not ended", _TEN, rules=[delivery(10, effective_to=FUTURE)]),
    Case(
        "overlapping ranges: the later start counts",
        _TWENTY,
        rules=[delivery(10, name="{id}-a", effective_from=LONG_AGO), delivery(20, name="{id}-b", effective_from=PAST)],
    ),
    Case(
        "overlapping ranges: the earlier start with a higher priority counts",
        _TEN,
        rules=[delivery(10, name="{id}-a", effective_from=LONG_AGO, priority=1), delivery(20, name="{id}-b")],
    ),
    Case(
        "overlapping ranges of one start: the first name counts",
        _TEN,
        rules=[delivery(20, name="{id}-b"), delivery(10, name="{id}-a")],
    ),
    Case(
        "overlapping ranges: one has ended",
        _TEN,
        rules=[delivery(10, name="{id}-a", effective_from=LONG_AGO), delivery(20, name="{id}-b", effective_to=OVER)],
    ),
    Case("version precedence: the second counts", _TWENTY, rules=[delivery(10), delivery(20)]),
    Case("version precedence: the third counts", _TWENTY, rules=[delivery(10), delivery(15), delivery(20)]),
    Case("version precedence: a future one waits", _TEN, rules=[delivery(10), delivery(20, effective_from=FUTURE)]),
    Case("version precedence: an expired one is over", _TEN, rules=[delivery(10), delivery(20, effective_to=OVER)]),
    Case(
        "version precedence: an inactive one is passed over", _TEN, rules=[delivery(10), delivery(20, is_active=False)]
    ),
    Case(
        "version precedence: the lower one's priority does not help it",
        _TWENTY,
        rules=[delivery(10, priority=9), delivery(20)],
    ),
    _commission("current rate", "5.00", "0.00", "0.00", "5.00", rate(5, "seller")),
    _commission("future rate", "0.00", "0.00", "0.00", "0.00", rate(5, "seller", effective_from=FUTURE)),
    _commission("expired rate", "0.00", "0.00", "0.00", "0.00", rate(5, "seller", effective_to=OVER)),
    _commission("inactive rate", "0.00", "0.00", "0.00", "0.00", rate(5, "seller", is_active=False)),
    _commission(
        "overlapping rates: the later start counts",
        *("6.00", "0.00", "0.00", "6.00"),
        rate(5, "seller", effective_from=LONG_AGO),
        rate(6, "seller", priority=0, currency="{currency}"),
    ),
    _commission(
        "overlapping rates: the higher priority counts",
        *("5.00", "0.00", "0.00", "5.00"),
        rate(5, "seller", effective_from=LONG_AGO, priority=1),
        rate(6, "seller"),
    ),
]

PLACES_OF_RULES = [
    Case(
        "city: before country and default",
        {"delivery_fee": "5.00", "total_amount": "105.00"},
        rules=[
            delivery(20, name="{id}-default", region=None),
            delivery(10, name="{id}-country", region="{country}"),
            delivery(5, name="{id}-city"),
        ],
    ),
    Case(
        "city by its bare name, in other letters",
        {"delivery_fee": "5.00", "total_amount": "105.00"},
        rules=[delivery(10, name="{id}-country", region="{country}"), delivery(5, name="{id}-city", region="{CITY}")],
    ),
    Case(
        "district: before city, in other letters",
        {"delivery_fee": "4.00", "small_basket_fee": "2.00", "total_amount": "106.00"},
        rules=[
            delivery(5, name="{id}-city"),
            delivery(4, name="{id}-district", region="{country}/{city}/Beyoğlu"),
            rule("SMALL_BASKET_FEE", {"threshold": 120, "fee": 9}),
            rule(
                "SMALL_BASKET_FEE",
                {"threshold": 120, "fee": 2},
                name="{id}-small-district",
                region="{country}/{CITY}/BEYOGLU",
            ),
        ],
        basket={"delivery_address": {"country": "{country}", "city": "{city}", "district": "Beyoğlu"}},
    ),
    Case(
        "country: before default",
        {"delivery_fee": "10.00", "total_amount": "110.00"},
        rules=[
            delivery(20, name="{id}-default", region=None),
            delivery(10, name="{id}-country", region="{country}"),
            delivery(5, name="{id}-city", region="{country}/Elsewhere"),
        ],
    ),
    Case(
        "default fallback: no rule of the place",
        {"delivery_fee": "20.00", "total_amount": "120.00"},
        rules=[
            delivery(20, name="{id}-default", region=None),
            delivery(10, name="{id}-country", region="NZ"),
            delivery(5, name="{id}-city", region="NZ/Wellington"),
        ],
    ),
    Case("nothing to fall back on", _NOTHING, warnings=("no_delivery_rule",)),
    _commission(
        "regional commission: the city's rate",
        *("3.00", "0.00", "0.00", "3.00"),
        rate(5, "seller"),
        rate(4, "seller", region="{country}"),
        rate(3, "seller", region="{country}/{city}"),
    ),
    _commission(
        "regional commission: the country's rate",
        *("4.00", "0.00", "0.00", "4.00"),
        rate(5, "seller"),
        rate(4, "seller", region="{country}"),
        rate(3, "seller", region="{country}/Elsewhere"),
    ),
    _commission(
        "regional commission: the default rate",
        *("5.00", "0.00", "0.00", "5.00"),
        rate(5, "seller"),
        rate(4, "seller", region="NZ"),
    ),
    _commission(
        "regional commission: a city's rate for the category stays beside the seller's default",
        *("5.00", "3.00", "0.00", "8.00"),
        rate(5, "seller"),
        rate(3, "category", region="{country}/{city}"),
    ),
    Case(
        "regional fees: small basket, the city's 3.00",
        {"small_basket_fee": "3.00", "total_amount": "103.00"},
        rules=[
            rule("SMALL_BASKET_FEE", {"threshold": 120, "fee": 9}, name="{id}-country", region="{country}"),
            rule("SMALL_BASKET_FEE", {"threshold": 120, "fee": 3}, name="{id}-city"),
        ],
    ),
    Case(
        "regional fees: express, the country's 12.00 x 2",
        {"delivery_fee": "24.00", "total_amount": "124.00"},
        rules=[
            delivery(10),
            rule("EXPRESS_FEE", {"base_fee": 30}, name="{id}-default", region=None),
            rule("EXPRESS_FEE", {"base_fee": 12, "multiplier": 2}, name="{id}-country", region="{country}"),
        ],
        basket=EXPRESS,
    ),
    Case(
        "regional fees: free delivery in the city alone",
        _NOTHING,
        rules=[
            delivery(10, region="{country}"),
            rule("FREE_DELIVERY", {"min_subtotal": 50}),
            rule("FREE_DELIVERY", {"min_subtotal": 500}, name="{id}-country", region="{country}"),
        ],
    ),
    Case(
        "regional fees: tax, the city's 8 % on items and delivery: 8.00 + 0.80",
        {"tax_amount": "8.80", "delivery_fee": "10.00", "total_amount": "118.80"},
        rules=[
            delivery(10),
            rule("TAX", {"rate": 20}, name="{id}-country", region="{country}"),
            rule("TAX", {"rate": 8, "applies_to_delivery": True}, name="{id}-city"),
        ],
    ),
]

CASES = [*_combinations(), *DELIVERIES, *DATES, *PLACES_OF_RULES]
