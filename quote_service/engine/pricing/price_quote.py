"""The one function that prices. Quote, batch, simulation, explanation and replay all come through here.

A pure function of its arguments: no clock, chance, log or I/O, and the same arguments give the same quote.

Source: spec 2, The steps.
"""

from quote_service.domain.quote import CheckedBasket, Quote
from quote_service.engine.commission.commission_for_quote import commission_for_quote, payouts_of
from quote_service.engine.flags.quote_flags import quote_flags
from quote_service.engine.pricing.apply_discounts import apply_discounts
from quote_service.engine.pricing.charge_delivery import charge_delivery
from quote_service.engine.pricing.charge_small_basket import charge_small_basket
from quote_service.engine.pricing.charge_tax import charge_tax
from quote_service.engine.pricing.price_lines import price_lines
from quote_service.engine.pricing.worksheet import Worksheet
from quote_service.engine.rulebook.rulebook import Rulebook


def price_quote(rulebook: Rulebook, checked: CheckedBasket, at_us: int) -> Quote:
    """Price a basket.

    Args:
        rulebook: The snapshot that the whole quote sees.
        checked: The basket.
        at_us: The one instant for every question about effective dates, in microseconds.

    Returns:
        The quote in minor units; its calculations, less those marked as included, add up to its total.
    """
    sheet = Worksheet(rulebook, checked, at_us)
    price_lines(sheet)
    if sheet.place.promotions or sheet.basket.coupon_codes:
        apply_discounts(sheet)
    charge_delivery(sheet)
    charge_small_basket(sheet)
    charge_tax(sheet)
    commission = commission_for_quote(rulebook.rates, sheet.place, sheet.lines, sheet.logistics_provider, at_us)
    return Quote(
        basket=sheet.basket,
        exponent=sheet.exponent,
        lines=sheet.lines,
        item_total_minor=sheet.item_total_minor,
        discount_minor=sheet.discount_minor,
        platform_discount_minor=sheet.discount_minor - sheet.seller_discount_minor,
        tax_minor=sheet.tax_exclusive_minor + sheet.tax_inclusive_minor,
        exclusive_tax_minor=sheet.tax_exclusive_minor,
        delivery_fee_minor=sheet.delivery_fee_minor,
        small_basket_fee_minor=sheet.small_basket_fee_minor,
        coupons=sheet.coupons,
        commission=commission,
        payouts=payouts_of(sheet.lines, commission),
        calculations=sheet.calculations,
        applied_rules=sheet.applied_rules,
        flag_values=quote_flags(sheet),
        warnings=sheet.warnings,
    )
