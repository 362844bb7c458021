"""What of a better price is just out of a basket's reach: every hint is a basket that was priced, by the one way to price.

So many baskets are priced at the most, the most promising first; what does not come true, or saves nothing, is not told.

Source: docs/spec/hints.md.
"""

from collections.abc import Mapping
from typing import Final

from quote_service.platform.money.amounts import amount_text, round_half_away
from quote_service.platform.system.instants import FOREVER
from quote_service.pricing.hints.candidate import Candidate
from quote_service.pricing.hints.change_basket import change_basket
from quote_service.pricing.hints.discount_hints import discount_candidates
from quote_service.pricing.hints.fee_hints import fee_candidates
from quote_service.pricing.hints.hint import Change, Hint, Hints
from quote_service.pricing.hints.price_hints import price_candidates
from quote_service.pricing.hints.reach_threshold import reach_threshold
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import Quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rule_types.discount_limits import HELD, is_held
from quote_service.pricing.sales.sale_price import SalePrice

HINTS_MAX: Final = 5
# Of one quote: so many baskets, and of long ones so many lines in all, which is as good as a limit of time.
PRICINGS_MAX: Final = 24
LINES_PRICED_MAX: Final = 2_000


def find_hints(basis: QuoteBasis, prices: Mapping[str, SalePrice], now: Quote) -> Hints:
    """Find the hints of a basket.

    Args:
        basis: With the completed basket, which stays as it is.
        prices: What is on sale, by product.
        now: The basket's quote, by `price_quote`.

    Returns:
        At most 5, those that save most first.
    """
    assert isinstance(now, PricingContext)
    return _Finder(basis, prices, now).find()


class _Finder:
    """One search: what is left of its bounds, and until when what it saw of sales stands."""

    def __init__(self, basis: QuoteBasis, prices: Mapping[str, SalePrice], now: PricingContext) -> None:
        self._basis = basis
        self._prices = prices
        self._now = now
        self._left = min(PRICINGS_MAX, LINES_PRICED_MAX // len(now.lines))
        self._until_us: int = FOREVER

    def find(self) -> Hints:
        catalog = self._basis.rulebook.catalog
        candidates = [
            *fee_candidates(self._now),
            *discount_candidates(self._now, catalog),
            *price_candidates(self._now, catalog),
        ]
        candidates.sort(key=lambda each: (-each.worth_minor, each.rule.name))
        hints = [hint for hint in map(self._follow, candidates) if hint is not None]
        hints.sort(key=lambda hint: (-hint.saving_minor, hint.code, hint.rule.id, hint.number or 0, hint.text))
        return Hints(hints[:HINTS_MAX], self._until_us)

    def _follow(self, candidate: Candidate) -> Hint | None:
        """Price what a candidate asks for; None where nothing comes of it."""
        change, lacking = candidate.change, candidate.lacking
        if change.amount_minor is not None and lacking is not None:
            reached = reach_threshold(
                change.amount_minor,
                lambda amount_minor: self._price(change._replace(amount_minor=amount_minor)),
                lacking,
            )
            return (
                None if reached is None else self._hint(candidate, change._replace(amount_minor=reached[0]), reached[1])
            )
        then = self._price(change)
        return None if then is None else self._hint(candidate, change, then)

    def _price(self, change: Change) -> Quote | None:
        if not self._left:
            return None
        self._left -= 1
        basis = change_basket(self._basis, change)
        if basis is None:
            return None
        basis.find_sales(self._prices)
        if basis.sales is not None:
            self._until_us = min(self._until_us, basis.sales.until_us)
        return price_quote(basis)

    def _saving_minor(self, change: Change, candidate: Candidate, then: Quote) -> int:
        """What goods, delivery and fees cost now, and what is added, less what they cost with it; before added tax.

        More units of a line are worth what a unit of it costs now, discounts included; other goods their price less what
        other rules take off.
        """
        now = self._now
        added_minor = 0
        if change.quantity is not None and change.line is not None:
            line = now.lines[change.line]
            added_minor = round_half_away(line.net_minor * change.quantity, line.item.quantity)
        elif change.customer_tier is None:
            line = then.lines[-1]
            added_minor = line.total_minor - sum(
                detail.amount_minor
                for detail in then.discount_details
                if detail.line is line and detail.rule is not candidate.rule
            )
        return _paid_minor(now) + added_minor - _paid_minor(then)

    def _hint(self, candidate: Candidate, change: Change, then: Quote) -> Hint | None:
        """The hint of a change that was priced; None where the rule does not pay, or nothing is saved."""
        saving_minor = self._saving_minor(change, candidate, then)
        if saving_minor <= 0 or not candidate.comes_true(then):
            return None
        text = _text(candidate, change, then)
        if any(step.rule is candidate.rule and is_held(step.inputs) for step in then.calculations):
            text += f", {HELD}"  # what a discount promises is more than what it gives
        hint = Hint(candidate.code, candidate.rule, text, saving_minor, then.total_minor)
        hint.coupon_code = candidate.coupon_code
        hint.missing_amount_minor = change.amount_minor
        hint.missing_quantity = change.quantity
        hint.customer_tier = change.customer_tier
        hint.product_id = change.product_id
        if change.line is not None:
            hint.number = change.line + 1
            if change.quantity is not None:
                item = self._now.lines[change.line].item
                hint.product_id, hint.variant_id = item.product_id, item.variant_id
        return hint


def _paid_minor(quote: Quote) -> int:
    """What the customer pays, but for tax that is added."""
    return quote.subtotal_minor + quote.delivery_fee_minor + quote.small_basket_fee_minor


def _text(candidate: Candidate, change: Change, then: Quote) -> str:
    exponent = then.exponent
    if change.customer_tier is not None:
        return f"{change.customer_tier} {candidate.gives} {amount_text(then.total_minor, exponent)}"
    if candidate.code == "quantity_price":
        return candidate.gives
    if change.amount_minor is not None:
        missing = f"{amount_text(change.amount_minor, exponent)} more"
        if change.line is not None:
            missing += f" of goods like line {change.line + 1}"
    elif change.line is not None:
        missing = f"{change.quantity} more of line {change.line + 1}"
    else:
        missing = f"{change.quantity} of product {change.product_id}"
    if candidate.coupon_code is not None:
        return f"coupon {candidate.coupon_code.strip()} needs {missing}"
    return f"{missing} {candidate.gives}"
