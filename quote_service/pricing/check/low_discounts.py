"""Promotions and coupons that sell a product below what it costs.

Shown by the quote of some products of the catalog at their current prices: one unit, a whole group, and as many as the bounds
of the rule and its highest tier want. What other discounts take off the same basket counts too, and so does `min_price`.

Source: docs/spec/pricing-rules.md#rule-check; docs/spec/pricing-rules.md#minimum-prices.
"""

from collections.abc import Iterator

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.basket import QUANTITY_MAX
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.check.book import Book, CheckedRule
from quote_service.pricing.check.finding import Finding, finding
from quote_service.pricing.check.low_prices import products_covered
from quote_service.pricing.check.sample_basket import SampleBasket, find_sample_basket
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect

_TRIES_MAX = 2_000


def low_discounts(book: Book) -> Iterator[Finding]:
    """For each promotion or coupon a product that it can sell below its cost."""
    catalog = book.rulebook.catalog
    if catalog.is_empty:
        return
    left = _TRIES_MAX
    for rule in (*book.promotions, *book.coupons):
        effect = rule.discount
        if effect is None or effect.applies_to == "delivery" or not book.concerns(rule.compiled.id):
            continue
        book.step()
        asked = find_sample_basket(book, [rule])
        if asked is None:
            continue
        products = [each for each in products_covered(book, catalog, rule, asked.currency) if each.cost_micro]
        for product, quantity in _tried(rule, effect, products, asked):
            left -= 1
            if left < 0:
                book.is_cut_short = True
                return
            found = _below_cost(book, rule, asked, product, quantity)
            if found is not None:
                yield found
                break


def _tried(
    rule: CheckedRule, effect: DiscountEffect, products: list[ProductPrice], asked: SampleBasket
) -> Iterator[tuple[ProductPrice, int]]:
    reached = [reached_minor for reached_minor, _ in effect.tiers[-1:]]
    sums = [*reached, rule.compiled.min_subtotal_minor or 0]
    units = sum(slot.quantity for slot in effect.slots) or effect.kind.group_units(effect)
    for product in products:
        minor = max(1, product.current_micro // 10 ** (6 - EXPONENTS[asked.currency]))
        yield from (
            (product, each)
            for each in sorted({1, units, *(-(-total // minor) for total in sums if total)})
            if each <= QUANTITY_MAX
        )


def _below_cost(
    book: Book, rule: CheckedRule, asked: SampleBasket, product: ProductPrice, quantity: int
) -> Finding | None:
    quote = asked.priced_of(book.rulebook, product, quantity)
    line, cost_micro = quote.lines[0], product.cost_micro
    if cost_micro is None or not any(applied.id == rule.compiled.id for applied in quote.applied_rules):
        return None
    scale = 10 ** (6 - quote.exponent)
    if not line.net_minor * scale < cost_micro * quantity <= line.total_minor * scale:
        return None
    whole, net, cost = (
        amount_text(each, quote.exponent)
        for each in (line.total_minor, line.net_minor, -(-cost_micro * quantity // scale))
    )
    others = [
        other.title
        for other in (*book.promotions, *book.coupons)
        if other is not rule and any(applied.id == other.compiled.id for applied in quote.applied_rules)
    ]
    who = rule.title + (f" together with {' and '.join(others[:3])}" if others else "")
    units = "a unit" if quantity == 1 else f"{quantity} units"
    why = f"{who} can sell {units} of a product ({product.item_id}) for {net} {asked.currency} instead of {whole}"
    return finding("discount-below-cost", f"{why}, below the cost of {cost}", [rule.row], [])
