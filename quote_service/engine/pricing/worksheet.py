"""The sheet that a quote is worked out on: what is known beforehand, and what the steps have found so far.

One is made for each quote and thrown away; the steps write to it in the order of spec 2, and nothing else does.
"""

from quote_service.domain.quote import Calculation, CheckedBasket, CouponOutcome, QuoteLine, Warning
from quote_service.engine.flags.decision import Decision, Subject
from quote_service.engine.pricing.distance import Distance, measure_distance
from quote_service.engine.rulebook.compiled_rule import CompiledRule
from quote_service.engine.rulebook.era import Era
from quote_service.engine.rulebook.place import Place
from quote_service.engine.rulebook.rulebook import Rulebook


class Worksheet:
    """Amounts are minor units; `lines` stand in the basket's order."""

    __slots__ = (
        "_decisions",
        "applied_rules",
        "basket",
        "calculations",
        "checked",
        "coupons",
        "delivery_discounts",
        "delivery_fee_minor",
        "discount_minor",
        "distance",
        "era",
        "exponent",
        "is_express",
        "item_total_minor",
        "lines",
        "logistics_provider",
        "place",
        "rulebook",
        "seller_discount_minor",
        "small_basket_fee_minor",
        "subject",
        "tax_exclusive_minor",
        "tax_inclusive_minor",
        "warnings",
    )

    def __init__(self, rulebook: Rulebook, checked: CheckedBasket, at_us: int) -> None:
        basket = checked.basket
        address = basket.delivery_address
        self.rulebook = rulebook
        self.checked = checked
        self.basket = basket
        self.exponent = checked.exponent
        self.era: Era = rulebook.era_at(at_us)
        self.place: Place = self.era.place(address.country, address.city, address.district, basket.currency)
        self.is_express = basket.is_express_delivery
        self.subject = Subject(
            basket.customer_id,
            basket.customer_tier,
            basket.customer_segments or [],
            self.place.regions,
            basket.context.ab_test_group if basket.context is not None else None,
        )
        self.distance: Distance | None = measure_distance(basket.pickup_address, address)
        self._decisions: dict[str, Decision] = {}
        self.lines: list[QuoteLine] = []
        self.item_total_minor = 0
        self.discount_minor = 0
        self.seller_discount_minor = 0
        self.delivery_discounts: list[tuple[CompiledRule, CouponOutcome | None]] = []
        self.coupons: list[CouponOutcome] = []
        self.logistics_provider: str | None = basket.logistics_provider
        self.delivery_fee_minor = 0
        self.small_basket_fee_minor = 0
        self.tax_exclusive_minor = 0
        self.tax_inclusive_minor = 0
        self.calculations: list[Calculation] = []
        self.applied_rules: list[CompiledRule] = []
        self.warnings: list[Warning] = []

    @property
    def subtotal_minor(self) -> int:
        """The lines less the discounts."""
        return self.item_total_minor - self.discount_minor

    def decision(self, key: str) -> Decision | None:
        """What a flag decides for this customer; None if there is no such flag."""
        decision = self._decisions.get(key)
        if decision is None:
            flag = self.era.flags.get(key)
            if flag is None:
                return None
            decision = self._decisions[key] = flag.evaluate(self.subject)
        return decision

    def flag_is_true(self, key: str) -> bool:
        """Whether a flag evaluates true for this customer; false where there is no such flag."""
        decision = self.decision(key)
        return decision is not None and decision.is_true

    def apply(self, rule: CompiledRule) -> None:
        """Note that a rule acted, once."""
        if rule not in self.applied_rules:
            self.applied_rules.append(rule)

    def chosen(self, rules: tuple[CompiledRule, ...]) -> CompiledRule | None:
        """The one rule of a single type that counts: the first, in order of precedence, whose conditions hold.

        A condition about lines holds for a fee when any line satisfies it.
        """
        for rule in rules:
            if (
                rule.allows_subtotal(self.item_total_minor - self.discount_minor)
                and (rule.shopper_test is None or rule.shopper_test(self))
                and (rule.line_test is None or any(map(rule.line_test, self.lines)))
            ):
                return rule
        return None
