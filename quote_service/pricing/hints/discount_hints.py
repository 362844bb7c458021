"""Promotions and coupons that would take something off, or more, if there were more in the basket.

What is missing is read off the effect and not off its kind: a minimum, the next of some tiers, units to a whole group,
units to another set. So a kind that is added and has one of these is told of too.

Source: docs/spec/hints.md#contents.
"""

from collections.abc import Callable, Iterator

from quote_service.platform.money.amounts import decimal_text, percent_of
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.hints.candidate import Candidate, takes_more
from quote_service.pricing.hints.change_basket import goods_like
from quote_service.pricing.hints.hint import Change
from quote_service.pricing.pricing_context import PricingContext, covered_lines
from quote_service.pricing.quote import Quote, QuoteLine, fold_code
from quote_service.pricing.rule_types.discounts.kind import BundleSlot, DiscountEffect
from quote_service.pricing.rulebook.compiled_rule import CompiledRule

_PLACES = 6  # of unit prices and percentages
_LOOKS_MAX = 20_000  # rules by lines, so that looking for what to price never takes longer than pricing it
_PRODUCTS_MAX = 3  # of a place of a set that are looked up in the catalog


def discount_candidates(now: PricingContext, catalog: CatalogSnapshot) -> Iterator[Candidate]:
    """The promotions that apply at the address, and the coupons that were sent, which more goods or units would serve."""
    rules_max = max(1, _LOOKS_MAX // len(now.lines))
    for rule in now.rules_of("PROMOTION")[:rules_max]:
        yield from _Discount(now, catalog, rule, None).candidates()
    seen: set[str] = set()
    for outcome in now.coupons:
        folded = fold_code(outcome.code)
        if folded not in seen and outcome.reason in (None, "conditions_not_met", "nothing_to_discount"):
            for rule in now.period.coupons.get(folded, ()):
                if rule.region_key in now.applicable.regions and rule.currency in (None, now.basket.currency):
                    yield from _Discount(now, catalog, rule, outcome.code).candidates()
        seen.add(folded)


class _Discount:
    """One rule over one basket."""

    def __init__(
        self, now: PricingContext, catalog: CatalogSnapshot, rule: CompiledRule, coupon_code: str | None
    ) -> None:
        assert isinstance(rule.effect, DiscountEffect)
        self._now = now
        self._catalog = catalog
        self._rule = rule
        self._effect: DiscountEffect = rule.effect
        self._coupon_code = coupon_code
        self._lines = covered_lines(rule, now.lines)
        self._total_minor = sum(line.total_minor for line in self._lines)

    def candidates(self) -> Iterator[Candidate]:
        """What would have it take more; nothing where conditions fail that more of something changes nothing about."""
        rule = self._rule
        if not self._lines or (rule.shopper_test is not None and not rule.shopper_test(self._now)):
            return
        least_minor, most_minor = rule.min_subtotal_minor, rule.max_subtotal_minor
        if most_minor is not None and self._total_minor > most_minor:
            return
        if least_minor is not None and self._total_minor < least_minor:
            yield from self._up_to_minimum(least_minor)
            return
        yield from self._up_to_tier()
        yield from self._up_to_group()
        yield from self._up_to_set()

    def _up_to_minimum(self, least_minor: int) -> Iterator[Candidate]:
        missing_minor = least_minor - self._total_minor
        left = [line.net_minor for line in self._lines]
        effect = self._effect
        if effect.applies_to == "delivery":
            worth_minor = effect.kind.off_fee(effect, self._now.delivery_fee_minor)
        else:
            worth_minor = sum(effect.kind.take(effect, self._lines, left, self._now.exponent).amounts_minor)
        if effect.max_minor is not None:
            worth_minor = min(worth_minor, effect.max_minor)
        change = self._goods(missing_minor)
        if change is not None:
            # The lines' own totals count, so as much as is missing is enough.
            yield self._candidate(change, worth_minor)
        else:
            change = self._units_worth(missing_minor)
            if change is not None:
                yield self._candidate(change, worth_minor)

    def _up_to_tier(self) -> Iterator[Candidate]:
        tiers = self._effect.tiers
        if not tiers:
            return
        base_minor = self._base_minor(self._now)
        reached = [percent for start, percent in tiers if base_minor >= start]
        following = next(((start, percent) for start, percent in tiers if base_minor < start), None)
        if following is None:
            return
        start, percent = following
        change = self._goods(start - base_minor)
        if change is not None:
            worth_minor = percent_of(base_minor, percent - (reached[-1] if reached else 0)) if percent else 0
            promise = f"{decimal_text(percent, _PLACES)} % off"
            yield self._candidate(change, worth_minor, reaches_minor=start, promise=promise)

    def _up_to_group(self) -> Iterator[Candidate]:
        """The units that a whole group still needs, of the line that costs least."""
        group = self._effect.kind.group_units(self._effect)
        over = sum(line.item.quantity for line in self._lines) % group
        if group > 1 and over:
            line = min(self._lines, key=lambda each: each.unit_price_micro)
            worth_minor = self._minor(line.unit_price_micro) * max(1, self._effect.get)
            yield self._candidate(self._units(line, group - over), worth_minor)

    def _up_to_set(self) -> Iterator[Candidate]:
        """The units that one more set needs, where it is only one of its places that lacks some."""
        slots = self._effect.slots
        if not slots:
            return
        units = [sum(line.item.quantity for line in self._lines if slot.fits(line.item)) for slot in slots]
        sets = min(held // slot.quantity for held, slot in zip(units, slots, strict=True))
        if self._effect.sets_max is not None and sets >= self._effect.sets_max:
            return
        lacking = [
            (slot, slot.quantity * (sets + 1) - held)
            for held, slot in zip(units, slots, strict=True)
            if held < slot.quantity * (sets + 1)
        ]
        if len(lacking) == 1:
            slot, quantity = lacking[0]
            yield from self._of_slot(slot, quantity)

    def _of_slot(self, slot: BundleSlot, quantity: int) -> Iterator[Candidate]:
        fitting = [line for line in self._lines if slot.fits(line.item)]
        if fitting:
            line = min(fitting, key=lambda each: each.unit_price_micro)
            yield self._candidate(self._units(line, quantity), self._minor(line.unit_price_micro) * quantity)
        elif slot.field == "product_ids" and not self._catalog.is_empty:
            for product_id in sorted(slot.values)[:_PRODUCTS_MAX]:
                product = self._catalog.find(product_id, None, self._now.basket.currency)
                if product is not None and product.is_active:
                    change = Change(quantity=quantity, product_id=product_id)
                    yield self._candidate(change, self._minor(product.current_micro) * quantity)

    def _candidate(
        self, change: Change, worth_minor: int, *, reaches_minor: int | None = None, promise: str | None = None
    ) -> Candidate:
        if promise is None:
            promise = self._effect.kind.promise(self._effect, self._now.exponent)
        lacking = None if reaches_minor is None else self._lacking(reaches_minor)
        return Candidate(
            code="promotion" if self._coupon_code is None else "coupon",
            rule=self._rule,
            change=change,
            worth_minor=worth_minor,
            comes_true=takes_more(self._now, self._rule),
            lacking=lacking,
            gives=f"gives {self._rule.name}: {promise}",
            coupon_code=self._coupon_code,
        )

    def _lacking(self, reaches_minor: int) -> Callable[[Quote], int]:
        return lambda then: reaches_minor - self._base_minor(then)

    def _base_minor(self, quote: Quote) -> int:
        """What the rule works on: the covered lines less what earlier discounts took off them."""
        lines = covered_lines(self._rule, quote.lines)
        base_minor = sum(line.total_minor for line in lines)
        covered = set(map(id, lines))
        before = self._earlier()
        for detail in quote.discount_details:
            if detail.rule is self._rule or (before is not None and detail.rule not in before):
                break
            if id(detail.line) in covered:
                base_minor -= detail.amount_minor
        return base_minor

    def _earlier(self) -> tuple[CompiledRule, ...] | None:
        """Of a promotion, those that act before it; None of a coupon, before which all that acted count."""
        if self._coupon_code is not None:
            return None
        rules = self._now.rules_of("PROMOTION")
        return rules[: rules.index(self._rule)]

    def _goods(self, amount_minor: int) -> Change | None:
        """Goods of an amount that the rule covers; None where it covers no goods of which only the price is known."""
        test = self._rule.line_test
        if test is None:
            return Change(amount_minor=amount_minor)
        basket = self._now.basket
        for line in self._lines:
            place = self._now.lines.index(line)
            if test(QuoteLine(goods_like(basket, place), line.seller_id, 0, 0)):
                return Change(amount_minor=amount_minor, line=place)
        return None

    def _units_worth(self, amount_minor: int) -> Change | None:
        """Units of a covered line that come to an amount, or a little more: of the line with which it is least."""
        priced = [(line, self._minor(line.unit_price_micro)) for line in self._lines]
        able = [(-(-amount_minor // price), price, line) for line, price in priced if price > 0]
        if not able:
            return None
        quantity, _, line = min(able, key=lambda each: each[0] * each[1])
        return self._units(line, quantity)

    def _units(self, line: QuoteLine, quantity: int) -> Change:
        return Change(quantity=quantity, line=self._now.lines.index(line))

    def _minor(self, price_micro: int) -> int:
        scale: int = 10 ** (_PLACES - self._now.exponent)
        return price_micro // scale
