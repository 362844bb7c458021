"""The pricing context: the quote in the making, and what is known beforehand.

One is made for each quote; the steps write to it in their order (docs/spec/quotes.md#steps), and nothing else does.
"""

from collections.abc import Mapping
from math import asin, cos, pi, sin, sqrt
from typing import Final, NamedTuple

from quote_service.pricing.basket import Address
from quote_service.pricing.flags.decision import Decision, Subject
from quote_service.pricing.quote import CheckedBasket, CouponOutcome, Quote, QuoteLine
from quote_service.pricing.rulebook.applicable_rules import ApplicableRules
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.rulebook.effective_period import EffectivePeriod
from quote_service.pricing.sales.sale_price import BasketSales

EARTH_RADIUS_KM: Final = 6371.0088
NOWHERE_KM: Final = 0.0
_RADIANS: Final = pi / 180  # in a degree, as `math.radians` has it, whose call costs more than the product
NO_RULES: Final[tuple[CompiledRule, ...]] = ()
NO_REGIONS: Final[Mapping[str, str]] = {}


class OverBudget(NamedTuple):
    """A discount that was left out, since its budgets do not cover the amount; `is_of_customer`: that for one customer."""

    rule: CompiledRule
    amount_minor: int
    is_of_customer: bool


class PricingContext(Quote):
    """Amounts are minor units; `lines` stand in the basket's order; `distance_km` is None where it is not known.

    A quote is priced once, or where a coupon stands without promotions both ways: `with_promotions` says which way this
    is, `has_promotions` that one of them acted, `kept_out_coupon` that such a coupon did not for that reason, and
    `other_way` is the one that does not count. `coupon_uses`, `budget_spends` and `sales` are as in the rulebook
    and `price_quote`. `excluded_by` is the rule that ended all discounts.

    `over_budget` are the discounts that were left out for their budgets. Whether one on delivery fits is known only after the
    others have acted: where it does not (`is_to_be_priced_again`), the basket is priced once more without it.

    `held_rules` are the discounts that took nothing off, because every line that they cover stands at its `min_price`.
    """

    __slots__ = (
        "applicable",
        "budget_spends",
        "checked",
        "coupon_uses",
        "delivery_discounts",
        "distance_km",
        "excluded_by",
        "has_promotions",
        "held_rules",
        "is_express",
        "is_to_be_priced_again",
        "kept_out_coupon",
        "logistics_provider",
        "other_way",
        "over_budget",
        "period",
        "sales",
        "seller_regions",
        "subject",
        "with_promotions",
    )

    def __init__(
        self,
        checked: CheckedBasket,
        period: EffectivePeriod,
        applicable: ApplicableRules,
        subject: Subject,
        coupon_uses: dict[tuple[str, str | None], int],
        budget_spends: dict[tuple[str, str, str | None], int],
        sales: BasketSales | None,
        with_promotions: bool = True,
    ) -> None:
        basket = checked.basket
        super().__init__(basket, checked.exponent)
        self.coupon_uses = coupon_uses
        self.budget_spends = budget_spends
        self.sales = sales
        self.checked = checked
        self.period = period
        self.applicable = applicable
        self.subject = subject
        self.is_express = basket.is_express_delivery
        self.distance_km: float | None = _measure_distance(basket.pickup_address, basket.delivery_address)
        self.logistics_provider = basket.logistics_provider
        self.delivery_discounts: list[tuple[CompiledRule, CouponOutcome | None]] = []
        self.with_promotions = with_promotions
        self.has_promotions = False
        self.kept_out_coupon = False
        self.excluded_by: CompiledRule | None = None
        self.other_way: PricingContext | None = None
        self.seller_regions: Mapping[str, str] = NO_REGIONS
        self.over_budget: tuple[OverBudget, ...] = ()
        self.is_to_be_priced_again = False
        self.held_rules: tuple[CompiledRule, ...] = ()

    def once_more(self, with_promotions: bool) -> "PricingContext":
        """The same basket, before any step."""
        again = PricingContext(
            self.checked,
            self.period,
            self.applicable,
            self.subject,
            self.coupon_uses,
            self.budget_spends,
            self.sales,
            with_promotions,
        )
        again.floors_minor = self.floors_minor
        return again

    def is_over_budget(self, rule: CompiledRule) -> bool:
        """Whether a rule has been left out for its budget."""
        return any(left_out.rule is rule for left_out in self.over_budget)

    def rules_of(self, kind: str) -> tuple[CompiledRule, ...]:
        """The rules of a type that can count here, in order of precedence."""
        rules: tuple[CompiledRule, ...] = self.applicable.by_type.get(kind, NO_RULES)
        return rules

    def decision(self, key: str) -> Decision | None:
        """What a flag decides for this customer; None if there is no such flag."""
        flag = self.period.flags.get(key)
        return None if flag is None else flag.evaluate(self.subject)

    def flag_is_true(self, key: str) -> bool:
        """Whether a flag evaluates true for this customer; false where there is no such flag."""
        decision = self.decision(key)
        return decision is not None and decision.is_true

    def apply(self, rule: CompiledRule) -> None:
        """Note that a rule acted, once."""
        if rule not in self.applied_rules:
            self.applied_rules.append(rule)

    def chosen(self, rules: tuple[CompiledRule, ...], lines: list[QuoteLine] | None = None) -> CompiledRule | None:
        """The one rule of a single type that counts: the first, in order of precedence, whose conditions hold.

        A condition about lines holds for a fee when any line satisfies it, or any of `lines`.
        """
        for rule in rules:
            if rule.is_unconditional or (
                allows_subtotal(rule, self.item_total_minor - self.discount_minor)
                and (rule.shopper_test is None or rule.shopper_test(self))
                and (rule.line_test is None or any(map(rule.line_test, self.lines if lines is None else lines)))
            ):
                return rule
        return None


def _measure_distance(pickup: Address | None, delivery: Address) -> float | None:
    """The haversine distance in kilometres, unrounded; None where a coordinate is missing.

    The sine and cosine are binary floats, as a distance is not an amount; from there on nothing is rounded until the fee is,
    which takes the float as the exact fraction that it holds (`as_integer_ratio`).
    """
    if pickup is None:
        return None
    from_latitude, from_longitude = pickup.latitude, pickup.longitude
    to_latitude, to_longitude = delivery.latitude, delivery.longitude
    if from_latitude is None or from_longitude is None or to_latitude is None or to_longitude is None:
        return None
    latitude, other_latitude = from_latitude * _RADIANS, to_latitude * _RADIANS
    half_chord = (
        sin((other_latitude - latitude) / 2) ** 2
        + cos(latitude) * cos(other_latitude) * sin((to_longitude - from_longitude) * _RADIANS / 2) ** 2
    )
    # Between antipodes the sum may come out a hair above 1, where asin has no value.
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half_chord)))


def allows_subtotal(rule: CompiledRule, subtotal_minor: int) -> bool:
    """Whether a subtotal lies within the bounds of a rule, both included."""
    least_minor, most_minor = rule.min_subtotal_minor, rule.max_subtotal_minor
    if least_minor is not None and subtotal_minor < least_minor:
        return False
    return most_minor is None or subtotal_minor <= most_minor


def covered_lines(rule: CompiledRule, lines: list[QuoteLine]) -> list[QuoteLine]:
    """The lines that satisfy the rule's conditions about lines; all of them where it has none."""
    test = rule.line_test
    return lines if test is None else [line for line in lines if test(line)]
