"""What a unit of a product costs a customer by the catalog: its list price, changed by the price rules that hold.

Every catalog price that is quoted or shown comes from here. A pure function of its arguments.

Source: docs/spec/pricing-rules.md#price-rules.
"""

from typing import Final

from quote_service.platform.money.amounts import round_half_away
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.offer import Offer
from quote_service.pricing.catalog.price_adjustment import CatalogPrice, PriceAdjustment
from quote_service.pricing.catalog.price_change import PriceEnding
from quote_service.pricing.catalog.price_rules import PriceRules
from quote_service.pricing.catalog.product_price import ProductPrice

_SCALES: Final[tuple[int, ...]] = tuple(10**places for places in range(7))


def price_product(
    product: ProductPrice, quantity: int, product_quantity: int, rules: PriceRules | None, catalog: CatalogSnapshot
) -> CatalogPrice:
    """Work out the price of a unit.

    Args:
        product: What the catalog knows of the product or the variant, in the currency of the rules.
        quantity: Units of the line.
        product_quantity: Units of the product in the whole basket, all of its variants together.
        rules: Those that count for the customer (`find_price_rules`); None where none does.
        catalog: The snapshot that the product is from, for stock and demand.

    Returns:
        The price with every step, in millionths of a major unit: exact fractions in between, rounded once at the end where a
        rule acted, never below 0, and within the product's bounds.
    """
    list_micro = product.current_micro
    adjustments: list[PriceAdjustment] = []
    if rules is None:
        return CatalogPrice(list_micro, list_micro, adjustments, product.min_micro, product.cost_micro)
    offer = Offer(product, quantity, product_quantity, rules.customer_tier, catalog)
    numerator, denominator = list_micro, 1
    shown_micro = list_micro
    ending: PriceEnding | None = None
    for kind, step, rules_of_step in rules.steps:
        for rule in rules_of_step:
            if rule.line_test is not None and not rule.line_test(product):
                continue
            effect = rule.effect
            change = step.find_change(effect, offer)
            if change is None:
                continue
            denominator *= change.denominator
            numerator = numerator * change.numerator + change.plus_micro * denominator
            if numerator <= 0:
                numerator, denominator = 0, 1
            now_micro = round_half_away(numerator, denominator)
            adjustments.append(
                PriceAdjustment(
                    kind,
                    now_micro - shown_micro,
                    rule,
                    percent_micro=change.percent_micro,
                    price_micro=change.price_micro,
                )
            )
            shown_micro = now_micro
            if effect.ending is not None:
                ending = effect.ending
            if effect.is_exclusive:
                break
    if not adjustments:
        return CatalogPrice(list_micro, list_micro, adjustments, product.min_micro, product.cost_micro)
    price_micro = _rounded(numerator, denominator, ending, _SCALES[6 - EXPONENTS[product.currency]])
    if price_micro != shown_micro:
        adjustments.append(PriceAdjustment("rounding", price_micro - shown_micro))
    if price_micro < product.min_micro:
        adjustments.append(PriceAdjustment("min_price_applied", product.min_micro - price_micro))
        price_micro = product.min_micro
    elif product.max_micro is not None and price_micro > product.max_micro:
        adjustments.append(PriceAdjustment("max_price_applied", product.max_micro - price_micro))
        price_micro = product.max_micro
    return CatalogPrice(list_micro, price_micro, adjustments, product.min_micro, product.cost_micro)


def _rounded(numerator: int, denominator: int, ending: PriceEnding | None, scale: int) -> int:
    """A price >= 0 to the minor unit (`scale` millionths), or to the nearest of the prices that end so; halves go up."""
    if ending is None:
        return round_half_away(numerator, denominator * scale) * scale
    modulus_micro, ending_micro = ending.modulus_micro, ending.ending_micro
    above = 2 * (numerator - ending_micro * denominator) + modulus_micro * denominator
    return max(0, above // (2 * modulus_micro * denominator)) * modulus_micro + ending_micro
