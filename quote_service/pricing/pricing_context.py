"""The sheet that a quote is worked out on: the quote in the making, and what is known beforehand.

One is made for each quote; the steps write to it in the order of spec 2, and nothing else does.
"""

from quote_service.domain.quote import CheckedBasket, CouponOutcome, Quote
from quote_service.engine.flags.decision import Decision, Subject
from quote_service.engine.pricing.distance import Distance, measure_distance
from quote_service.engine.rulebook.compiled_rule import CompiledRule
from quote_service.engine.rulebook.era import Era
from quote_service.engine.rulebook.place import Place
from quote_service.engine.rulebook.rulebook import Rulebook


class Worksheet(Quote):
    """Amounts are minor units; `lines` stand in the basket's order; `distance` is None where it is not known."""

    __slots__ = (
        "checked",
        "delivery_discounts",
        "distance",
        "era",
        "is_express",
        "logistics_provider",
        "place",
        "rulebook",
        "subject",
    )

    def __init__(self, rulebook: Rulebook, checked: CheckedBasket, era: Era, place: Place, subject: Subject) -> None:
        basket = checked.basket
        super().__init__(basket, checked.exponent)
        self.rulebook = rulebook
        self.checked = checked
        self.era = era
        self.place = place
        self.subject = subject
        self.is_express = basket.is_express_delivery
        self.distance: Distance | None = measure_distance(basket.pickup_address, basket.delivery_address)
        self.logistics_provider = basket.logistics_provider
        self.delivery_discounts: list[tuple[CompiledRule, CouponOutcome | None]] = []

    def decision(self, key: str) -> Decision | None:
        """What a flag decides for this customer; None if there is no such flag."""
        flag = self.era.flags.get(key)
        return None if flag is None else flag.evaluate(self.subject)

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
            if rule.is_unconditional or (
                rule.allows_subtotal(self.item_total_minor - self.discount_minor)
                and (rule.shopper_test is None or rule.shopper_test(self))
                and (rule.line_test is None or any(map(rule.line_test, self.lines)))
            ):
                return rule
        return None
