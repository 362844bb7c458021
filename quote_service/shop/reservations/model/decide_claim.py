"""Whether a quote can have all that it takes, from counts and stock that are held; nothing is half taken.

Source: docs/spec/reservations.md#refusals.
"""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

import msgspec

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.system.errors import Invalid, QuoteServiceError
from quote_service.shop.inventory.model.held_item import HeldItem
from quote_service.shop.reservations.model.claim import Claim, ClaimedUnits
from quote_service.shop.reservations.model.claim_terms import ClaimTerms, budget_keys, use_keys
from quote_service.shop.reservations.model.refusals import BudgetExhausted, CouponExhausted, OutOfStock, ShortLine
from quote_service.shop.reservations.model.rule_terms import BudgetKey, RuleTerms, UseKey
from quote_service.shop.reservations.model.tally import Tally


class GrantedClaim(msgspec.Struct, frozen=True):
    """A claim that is met: the units by line of items whose stock is kept, its coupons, and its spends by version."""

    claim: Claim
    units: list[tuple[int, UUID, int]]
    coupons: list[RuleTerms]
    spends: list[tuple[RuleTerms, int]]


class Stand:
    """What there is while claims are decided one by one: each that is met leaves less to the next."""

    __slots__ = ("free", "items", "spent", "terms", "uses")

    def __init__(
        self, terms: ClaimTerms, uses: Tally[UseKey], spent: Tally[BudgetKey], items: Mapping[UUID, HeldItem]
    ) -> None:
        self.terms = terms
        self.uses = uses
        self.spent = spent
        self.items = items
        self.free = {item_id: item.available for item_id, item in items.items()}

    def decide(self, claim: Claim) -> GrantedClaim | QuoteServiceError:
        """Meet a claim, or say why it cannot be."""
        coupons, spends = self.terms.coupons(claim), list(self.terms.spends(claim))
        refusal = self._coupon_refusal(claim, coupons) or self._budget_refusal(claim, spends)
        if refusal is not None:
            return refusal
        items = [self._item_of(units) for units in claim.units]
        needed: Counter[UUID] = Counter()
        for units, item in zip(claim.units, items, strict=True):
            if item is not None:
                needed[item] += units.quantity
        short = tuple(
            ShortLine(units.line, units.product_id, units.variant_id, needed[item], self.free[item])
            for units, item in zip(claim.units, items, strict=True)
            if item is not None and needed[item] > self.free[item]
        )
        if short:
            return OutOfStock("There are not enough units of a product", lines=short)
        for item, quantity in needed.items():
            self.free[item] -= quantity
        for terms in coupons:
            for key in use_keys(claim, terms):
                self.uses.add(key, 1)
        for terms, amount in spends:
            for budget in budget_keys(claim, terms):
                self.spent.add(budget, amount)
        taken = [
            (units.line, item, units.quantity)
            for units, item in zip(claim.units, items, strict=True)
            if item is not None
        ]
        return GrantedClaim(claim, taken, coupons, spends)

    def _coupon_refusal(self, claim: Claim, coupons: list[RuleTerms]) -> QuoteServiceError | None:
        if coupons and claim.customer_id is None:
            return Invalid.at("/customer_id", "is required, because the quote uses a coupon and is no longer stored")
        for terms in coupons:
            for key in use_keys(claim, terms):
                if not self.uses.fits(key, 1, terms.use_limit(key)):
                    by_whom = "" if key.customer_id is None else " for this customer"
                    code = terms.code or ""
                    return CouponExhausted(f"The coupon {code} has reached its usage limit{by_whom}", coupon_code=code)
        return None

    def _budget_refusal(self, claim: Claim, spends: list[tuple[RuleTerms, int]]) -> QuoteServiceError | None:
        for terms, amount in spends:
            if claim.customer_id is None and terms.budget_per_customer_minor is not None:
                return Invalid.at(
                    "/customer_id",
                    "is required, because a discount has a budget for each customer and the quote is no longer stored",
                )
            for key in budget_keys(claim, terms):
                budget = terms.budget(key)
                if not self.spent.fits(key, amount, budget):
                    assert budget is not None
                    by_whom = "" if key.customer_id is None else " for this customer"
                    exponent = EXPONENTS[claim.currency]
                    return BudgetExhausted(
                        f"The budget of {terms.rule_name} does not cover the discount{by_whom}",
                        rule_id=terms.rule_id,
                        requested=msgspec.Raw(amount_text(amount, exponent).encode()),
                        available=msgspec.Raw(amount_text(max(0, budget - self.spent.now[key]), exponent).encode()),
                    )
        return None

    def _item_of(self, units: ClaimedUnits) -> UUID | None:
        """Whose stock it is: the variant's where it has its own, else the product's; None where none is kept."""
        for item_id in (units.variant_id, units.product_id):
            if item_id is not None and (item := self.items.get(item_id)) is not None:
                if item.product_id == units.product_id:
                    return item_id
        return None
