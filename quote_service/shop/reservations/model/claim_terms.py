"""Which limits claims come under, and what they ask of each counter.

Source: docs/spec/reservations.md.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from quote_service.shop.reservations.model.claim import Claim
from quote_service.shop.reservations.model.rule_terms import BudgetKey, RuleTerms, UseKey


class ClaimTerms:
    """The versions that limit anything of some claims, and those whose limits are told to the rulebook."""

    __slots__ = ("_active", "_by_id")

    def __init__(self, terms: Iterable[RuleTerms]) -> None:
        self._by_id: dict[UUID, RuleTerms] = {}
        self._active: dict[str, list[RuleTerms]] = {}
        for each in terms:
            self._by_id[each.rule_id] = each
            if each.is_active:
                self._active.setdefault(each.rule_name, []).append(each)

    def coupons(self, claim: Claim) -> list[RuleTerms]:
        """The coupons that a quote uses, each once."""
        return [self._by_id[rule_id] for rule_id in dict.fromkeys(claim.coupon_ids) if rule_id in self._by_id]

    def spends(self, claim: Claim) -> Iterator[tuple[RuleTerms, int]]:
        """What a quote takes out of budgets, by version."""
        for discount in claim.discounts:
            terms = self._by_id.get(discount.rule_id)
            if terms is not None and terms.has_budget and discount.amount_minor > 0:
                yield terms, discount.amount_minor

    def uses_wanted(self, claims: Sequence[Claim]) -> Counter[UseKey]:
        """Uses that the claims ask for."""
        return Counter(key for claim in claims for terms in self.coupons(claim) for key in use_keys(claim, terms))

    def spends_wanted(self, claims: Sequence[Claim]) -> Counter[BudgetKey]:
        """Amounts that the claims ask for."""
        wanted: Counter[BudgetKey] = Counter()
        for claim in claims:
            for terms, amount in self.spends(claim):
                for key in budget_keys(claim, terms):
                    wanted[key] += amount
        return wanted

    def use_limits(self, key: UseKey) -> list[int | None]:
        """The limits of these uses by every version that may count: one count passes each of them once."""
        return [terms.use_limit(key) for terms in self._active.get(key.rule_name, ()) if terms.code is not None]

    def budgets(self, key: BudgetKey) -> list[int | None]:
        """The limits of these discounts by every version of the currency that may count."""
        return [terms.budget(key) for terms in self._active.get(key.rule_name, ()) if terms.currency == key.currency]


def use_keys(claim: Claim, terms: RuleTerms) -> tuple[UseKey, ...]:
    """The counters of a use; none where nobody knows whose use it is."""
    if claim.customer_id is None:
        return ()
    return UseKey(terms.rule_name, None), UseKey(terms.rule_name, claim.customer_id)


def budget_keys(claim: Claim, terms: RuleTerms) -> tuple[BudgetKey, ...]:
    """The counters of a discount."""
    of_all = BudgetKey(terms.rule_name, claim.currency, None)
    if claim.customer_id is None:
        return (of_all,)
    return of_all, of_all._replace(customer_id=claim.customer_id)
