"""Random rulebooks and baskets that meet: few sellers, categories and places, so that rules hit, tie and shadow.

Hypothesis gives the seed: one draw, and a whole world hangs on it. A draw for each field would cost a hundred times more.
"""

from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

AT = "2025-06-11T10:30:00Z"  # a Wednesday
INSTANTS = [
    "2020-01-01T00:00:00Z",
    "2025-06-01T00:00:00+03:00",
    AT,
    "2025-06-11T10:30:00.000001Z",
    "2025-07-01T00:00:00Z",
]
SELLERS = [f"a0000000-0000-4000-8000-00000000000{n}" for n in range(3)]
CATEGORIES = [f"c0000000-0000-4000-8000-00000000000{n}" for n in range(3)]
CUSTOMERS = [f"d0000000-0000-4000-8000-00000000000{n}" for n in range(3)]
PROVIDERS = ["swift", "Kargo Ünal"]
REGIONS = [
    None,
    None,
    None,
    None,
    "TR",
    "TR",
    "TR/Istanbul",
    "TR/İSTANBUL/Kadıköy",
    "istanbul",
    "KADIKOY",
    "DE",
    "DE/Köln",
    "TR/Ankara",
]
SELLER_REGIONS = ["TR", "TR/Istanbul", "TR/İSTANBUL/Kadıköy", "TR/Ankara/Istanbul", "DE/Köln"]
PLACES = [
    {"country": "TR", "city": "İstanbul", "district": "Kadıköy", "latitude": "40.99", "longitude": "29.03"},
    {"country": "TR", "city": "Istanbul", "latitude": "41.0082", "longitude": "28.9784"},
    {"country": "TR", "city": "Ankara", "district": "Istanbul"},
    {"country": "TR", "city": "ISTANBUL", "district": "kadıköy", "latitude": "41.0", "longitude": "29.0"},
    {"country": "DE", "city": "Köln", "latitude": "50.94", "longitude": "6.96"},
]
CODES = ["SAVE", " save ", "İNDİRİM", "straße", "STRASSE", "夏の割引", "nothing"]
TAGS = ["a", "ü", "夏"]
DIGITS = {"TRY": 2, "JPY": 0, "KWD": 3}


class World:
    """A setup and a request drawn from one seed. Numbers with a fraction are Decimals."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.currency = self.random.choice(["TRY", "TRY", "JPY", "KWD"])
        self.digits = DIGITS[self.currency]
        self._ids = 0

    def __repr__(self) -> str:
        return f"World({self.seed})"

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def maybe(self, percent: int, name: str, value: Any) -> dict[str, Any]:
        return {name: value} if self.chance(percent) else {}

    def some(self, values: list[Any]) -> list[Any]:
        return self.random.sample(values, self.random.randint(1, len(values) - 1))

    def amount(self, highest_minor: int = 20_000) -> Decimal:
        return scaled(
            self.random.choice([self.random.randint(0, highest_minor), self.random.randint(0, 50)]), self.digits
        )

    def percent(self) -> Decimal:
        return self.random.choice(
            [
                scaled(self.random.randint(0, 100_000_000), 6),
                scaled(self.random.randint(0, 1000), 1),
                Decimal("50"),
                Decimal("100"),
            ]
        )

    def new_id(self) -> str:
        # Shuffled, so that an id says nothing of the order in which rows were made.
        self._ids += 1
        return f"{self.random.getrandbits(32):08x}-0000-4000-8000-{self._ids:012x}"

    def period(self) -> dict[str, Any]:
        start = self.random.choice([None, 0, 0, 1, 1, *range(len(INSTANTS))])
        period = {} if start is None else {"effective_from": INSTANTS[start]}
        later = INSTANTS[-1 if start is None else start + 1 :]
        return period | ({"effective_to": self.random.choice(later)} if later and self.chance(20) else {})

    def scope(self) -> dict[str, Any]:
        return {
            "id": self.new_id(),
            "region": self.random.choice(REGIONS),
            **self.period(),
            **self.maybe(40, "priority", self.random.randint(-2, 2)),
        }

    # Commission rates.
    def rate(self) -> dict[str, Any]:
        kind = self.random.choice(["PERCENTAGE", "PERCENTAGE", "FLAT", "TIERED"])
        named = {
            **self.maybe(50, "seller_id", self.random.choice(SELLERS)),
            **self.maybe(50, "category_id", self.random.choice(CATEGORIES)),
            **self.maybe(30, "logistics_provider", self.random.choice(PROVIDERS)),
        }
        rate: dict[str, Any] = {**self.scope(), **named, "commission_type": kind}
        if kind == "TIERED":
            bounds = sorted({self.random.randint(1, 30_000) for _ in range(self.random.randint(0, 3))})
            rate["tiers"] = [{"up_to": scaled(bound, self.digits), "rate": self.percent()} for bound in bounds]
            rate["tiers"].append({"up_to": None, "rate": self.percent()})
        else:
            rate["rate"] = self.amount(500) if kind == "FLAT" else self.percent()
        low, high = sorted([self.random.randint(0, 2000), self.random.randint(0, 2000)])
        rate |= self.maybe(25, "min_amount", scaled(low, self.digits)) | self.maybe(
            25, "max_amount", scaled(high, self.digits)
        )
        rate |= self.maybe(50, "scope", self.random.choice(["UNIT", "LINE", "ORDER", "QUOTE"]))
        if self.chance(30):
            dimensions = [
                name
                for name, named_by in (
                    ("seller", "seller_id"),
                    ("category", "category_id"),
                    ("logistics", "logistics_provider"),
                )
                if named_by in named or not named
            ]
            rate["split"] = {name: scaled(self.random.randint(1, 9999), 2) for name in dimensions}
        has_amounts = kind != "PERCENTAGE" or "min_amount" in rate or "max_amount" in rate
        if has_amounts or self.chance(20):
            rate["currency"] = self.currency
        return rate

    # Pricing rules.
    def conditions(self) -> dict[str, Any]:
        return {
            **self.maybe(15, "min_subtotal", scaled(self.random.randint(0, 8000), self.digits)),
            **self.maybe(10, "max_subtotal", scaled(self.random.randint(8000, 60_000), self.digits)),
            **self.maybe(25, "category_ids", self.some(CATEGORIES)),
            **self.maybe(10, "seller_ids", self.some(SELLERS)),
            **self.maybe(10, "tags_any", self.some(TAGS)),
            **self.maybe(10, "customer_tiers", ["gold"]),
            **self.maybe(10, "customer_segments", ["vip", "ü"]),
            **self.maybe(5, "ab_test_groups", ["group_a"]),
            **self.maybe(10, "express", self.chance(50)),
            **self.maybe(8, "flag", self.random.choice(["on", "half", "missing"])),
            **self.maybe(8, "weekdays", self.some([1, 2, 3, 4, 5, 6, 7])),
            **self.maybe(
                8,
                "time_of_day",
                self.random.choice(
                    [
                        {"from": "10:30", "to": "10:31"},
                        {"from": "22:00", "to": "10:30"},
                        {"from": "13:00", "to": "14:00", "timezone": "Europe/Istanbul"},
                        {"from": "22:00", "to": "10:31"},
                    ]
                ),
            ),
        }

    def bundle_item(self) -> dict[str, Any]:
        products = [f"b0000000-0000-4000-8000-{place:012d}" for place in self.random.sample(range(4), 2)]
        fits = [{"product_ids": products}, {"category_ids": self.some(CATEGORIES)}, {"tags_any": self.some(TAGS)}]
        return self.random.choice(fits) | self.maybe(60, "quantity", self.random.randint(1, 2))

    def discount(self) -> dict[str, Any]:
        kind = self.random.choice(
            ["percent", "percent", "amount", "fixed_price", "buy_x_get_y", "tiered_percent", "bundle"]
        )
        discount: dict[str, Any] = {"kind": kind}
        if kind == "percent":
            discount["value"] = self.percent()
        elif kind in ("amount", "fixed_price"):
            discount["value"] = self.amount(5000)
        elif kind == "bundle":
            discount |= {
                "value": self.amount(9000),
                "items": [self.bundle_item() for _ in range(self.random.randint(1, 3))],
            }
            discount |= self.maybe(20, "max_sets", self.random.randint(1, 2))
        elif kind == "buy_x_get_y":
            discount |= {"buy": self.random.randint(1, 3), "get": self.random.randint(1, 2)} | self.maybe(
                50, "percent", self.percent()
            )
        else:
            reached = sorted({self.random.randint(0, 10_000) for _ in range(3)})
            discount["tiers"] = [{"from": scaled(bound, self.digits), "percent": self.percent()} for bound in reached]
        if kind == "fixed_price":
            discount["applies_to"] = "lines"
        else:
            reach = ["basket", "lines", "delivery"] if kind in ("percent", "amount") else ["basket", "lines"]
            discount |= self.maybe(70, "applies_to", self.random.choice(reach))
        discount |= self.maybe(20, "max_discount", self.amount(2000)) | self.maybe(
            15, "exclusive", self.random.choice([True, "all"])
        )
        funded: list[dict[str, Any]] = [
            {},
            {"funded_by": "platform"},
            {"funded_by": "seller"},
            {"funded_by": "shared", "platform_percent": self.percent()},
        ]
        # A discount on delivery is the platform's.
        discount |= self.random.choice(funded[:2] if discount.get("applies_to") == "delivery" else funded)
        return discount

    def configuration(self, kind: str) -> dict[str, Any]:
        if kind == "DELIVERY_FEE":
            low, high = sorted([self.random.randint(0, 3000), self.random.randint(0, 5000)])
            return {
                "base_fee": self.amount(2000),
                **self.maybe(40, "per_km", scaled(self.random.randint(0, 9_999_999), 6)),
                **self.maybe(30, "free_km", scaled(self.random.randint(0, 5000), 3)),
                **self.maybe(40, "per_kg", scaled(self.random.randint(0, 9_999_999), 6)),
                **self.maybe(30, "free_kg", scaled(self.random.randint(0, 3000), 3)),
                **self.maybe(20, "min_fee", scaled(low, self.digits)),
                **self.maybe(20, "max_fee", scaled(high, self.digits)),
                **self.maybe(50, "provider", self.random.choice(PROVIDERS)),
            }
        if kind == "EXPRESS_FEE":
            return {
                "base_fee": self.amount(2000),
                **self.maybe(50, "multiplier", scaled(self.random.randint(0, 3_000_000), 6)),
                **self.maybe(50, "distance_factor", scaled(self.random.randint(0, 5_000_000), 6)),
                **self.maybe(30, "max_fee", self.amount(5000)),
                **self.maybe(40, "provider", self.random.choice(PROVIDERS)),
            }
        if kind == "SMALL_BASKET_FEE":
            return {
                "threshold": self.amount(40_000),
                "fee": self.amount(1000),
                **self.maybe(60, "mode", self.random.choice(["fixed", "top_up"])),
            }
        if kind == "FREE_DELIVERY":
            return {
                **self.maybe(60, "min_subtotal", self.amount(10_000)),
                **self.maybe(50, "includes_express", self.chance(60)),
                **self.maybe(30, "max_distance_km", scaled(self.random.randint(0, 10_000), 3)),
            }
        if kind == "TAX":
            return {
                "rate": self.percent(),
                **self.maybe(40, "inclusive", self.chance(70)),
                **self.maybe(40, "category_rates", {each: self.percent() for each in self.some(CATEGORIES)}),
                **self.maybe(40, "applies_to_delivery", True),
                **self.maybe(40, "applies_to_small_basket", True),
            }
        if kind == "COMMISSION_TAX":
            return {"rate": self.percent(), **self.maybe(50, "inclusive", self.chance(70))}
        if kind == "PROMOTION":
            return self.discount()
        return {
            **self.discount(),
            "code": self.random.choice(CODES[:-1]),
            **self.maybe(20, "combinable", False),
            **self.maybe(30, "with_promotions", False),
            **self.maybe(20, "usage_limit", 3),
            **self.maybe(20, "usage_limit_per_customer", 1),
        }

    def rules(self) -> list[dict[str, Any]]:
        kinds = (
            self.random.choices(
                ["DELIVERY_FEE", "EXPRESS_FEE", "SMALL_BASKET_FEE", "FREE_DELIVERY", "TAX"], k=self.random.randint(0, 7)
            )
            + ["DELIVERY_FEE", "TAX"]
            + ["COMMISSION_TAX"] * self.random.randint(0, 3)
            + ["PROMOTION"] * self.random.randint(0, 3)
            + ["COUPON"] * self.random.randint(0, 4)
        )
        rules: list[dict[str, Any]] = []
        for number, kind in enumerate(kinds):
            for version in range(1, self.random.choice([1, 1, 1, 3]) + 1):
                rules.append(
                    {
                        **self.scope(),
                        "name": f"{self.random.choice('ÜzaA夏')} {kind} {number}"
                        if version == 1
                        else rules[-1]["name"],
                        "version": version,
                        "type": kind,
                        "configuration": self.configuration(kind),
                        "currency": self.currency,
                        **self.maybe(40, "conditions", self.conditions()),
                        **self.maybe(10, "is_active", False),
                    }
                )
        self.random.shuffle(rules)
        return rules

    def flags(self) -> list[dict[str, Any]]:
        multiplier = {
            "key": "express_delivery_multiplier",
            "type": "NUMBER",
            "value": self.random.choice([Decimal("2.0"), Decimal("1.333333"), Decimal("0"), Decimal("1")]),
            "is_enabled": self.chance(80),
            **self.maybe(30, "rollout", {"percentage": self.percent_of_customers()}),
            **self.maybe(30, "default_value", Decimal("1.5")),
        }
        return [
            *([multiplier] if self.chance(40) else []),
            {"key": "on", "type": "BOOLEAN", "value": True, "is_enabled": True, "expose_in_quote": self.chance(50)},
            {"key": "half", "type": "PERCENTAGE", "value": Decimal("50"), "is_enabled": self.chance(80)},
            {
                "key": "words",
                "type": "STRING",
                "value": '夏 "ü" \\',
                "is_enabled": True,
                "rollout": {
                    **self.maybe(50, "customer_tiers", ["gold"]),
                    **self.maybe(50, "regions", ["KADIKOY", "DE"]),
                },
            },
            {"key": "json", "type": "JSON", "value": {"a": [1, None, Decimal("10.0")]}, "is_enabled": self.chance(50)},
        ]

    def percent_of_customers(self) -> Decimal:
        return scaled(self.random.randint(0, 100_000), 3)

    def setup(self) -> dict[str, Any]:
        rules = self.rules()
        coupons = [rule["name"] for rule in rules if rule["type"] == "COUPON"]
        spends = self.give_budgets(rules)
        return {
            "commission_rates": [self.rate() for _ in range(self.random.randint(0, 12))],
            "pricing_rules": rules,
            "feature_flags": self.flags(),
            "seller_regions": [
                {"seller_id": seller, "region": self.random.choice(SELLER_REGIONS)}
                for seller in SELLERS
                if self.chance(50)
            ],
            "coupon_uses": [
                {"rule_name": name, "customer_id": customer, "uses": uses}
                for name in dict.fromkeys(coupons)
                for customer, uses in ((None, self.random.choice([2, 3])), (self.random.choice(CUSTOMERS), 1))
                if self.chance(30)
            ],
            "budget_spends": spends,
        }

    def give_budgets(self, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Give some of the discounts budgets, and answer what has been spent of them.

        Drawn from chance of its own, so that all else of a world is what it is without.
        """
        random, spends = Random(f"budgets {self.seed}"), {}
        for rule in rules:
            if rule["type"] not in ("PROMOTION", "COUPON"):
                continue
            for name, customer in (("budget", None), ("budget_per_customer", random.choice(CUSTOMERS))):
                if random.randrange(100) < 20:
                    budget = random.choice([random.randint(0, 500), random.randint(0, 20_000)])
                    rule["configuration"][name] = scaled(budget, self.digits)
                    spends[rule["name"], customer] = random.choice([0, budget // 2, budget, budget + 1])
        return [
            {"rule_name": name, "currency": self.currency, "customer_id": customer, "spent_minor": spent}
            for (name, customer), spent in spends.items()
            if random.randrange(100) < 60
        ]

    # Baskets.
    def request(self) -> dict[str, Any]:
        return {
            "customer_id": self.random.choice(CUSTOMERS),
            "seller_id": self.random.choice(SELLERS),
            "items": [self.item(place) for place in range(self.random.choice([1, 1, 2, 3, 5, 8]))],
            "delivery_address": self.place(),
            **self.maybe(70, "pickup_address", self.place()),
            **self.maybe(50, "is_express_delivery", self.chance(70)),
            **self.maybe(60, "coupon_codes", self.random.sample(CODES, self.random.randint(0, 6))),
            "currency": self.currency,
            **self.maybe(30, "context", {"ab_test_group": self.random.choice(["group_a", "ü"])}),
            **self.maybe(30, "logistics_provider", self.random.choice(PROVIDERS)),
            **self.maybe(50, "customer_tier", self.random.choice(["gold", "silver"])),
            **self.maybe(50, "customer_segments", self.some(["vip", "ü", "new"])),
            **self.maybe(30, "external_ref", 'sıra № 7 \u2028 " \\'),
        }

    def place(self) -> dict[str, Any]:
        place: dict[str, Any] = dict(self.random.choice(PLACES))
        for name in ("latitude", "longitude"):
            if name in place:
                place[name] = Decimal(place[name])
        return place

    def item(self, place: int) -> dict[str, Any]:
        price = self.random.choice(
            [
                scaled(self.random.randint(0, 9_999), self.digits),
                scaled(self.random.randint(0, 99_999_999), 6),
                scaled(self.random.choice([0, 1, 5, 1000]), self.digits),
            ]
        )
        return {
            "product_id": f"b0000000-0000-4000-8000-{place:012d}",
            "quantity": self.random.choice([1, 1, 2, 3, 7]),
            "unit_price": price,
            **self.maybe(80, "category_id", self.random.choice(CATEGORIES)),
            **self.maybe(40, "seller_id", self.random.choice(SELLERS)),
            **self.maybe(40, "tags", self.some(TAGS)),
            **self.maybe(40, "weight", scaled(self.random.randint(0, 5000), 3)),
        }


def scaled(units: int, digits: int) -> Decimal:
    """10**-digits units as a number with that many digits."""
    whole = f"{units:0{digits + 1}d}"
    return Decimal(f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole)


WORLDS = st.integers(0, 2**48).map(World)
