"""The one function that prices. Quote, batch, simulation, explanation and replay all come through here.

A pure function of its arguments: no clock, chance, log or I/O, and the same arguments give the same quote.

Source: spec 2, The steps.
"""

from quote_service.domain.flash_sales.sale_price import BasketSales
from quote_service.domain.quote import CheckedBasket, Quote
from quote_service.engine.commission.commission_for_quote import commission_for_quote, payouts_of
from quote_service.engine.flags.decision import Subject
from quote_service.engine.flags.quote_flags import quote_flags
from quote_service.engine.pricing.apply_discounts import apply_discounts
from quote_service.engine.pricing.charge_delivery import charge_delivery
from quote_service.engine.pricing.charge_small_basket import charge_small_basket
from quote_service.engine.pricing.charge_tax import charge_tax
from quote_service.engine.pricing.price_lines import price_lines
from quote_service.engine.pricing.worksheet import Worksheet
from quote_service.engine.rulebook.rulebook import Rulebook


def price_quote(rulebook: Rulebook, checked: CheckedBasket, at_us: int, sales: BasketSales | None = None) -> Quote:
    """Price a basket.

    Args:
        rulebook: The snapshot that the whole quote sees.
        checked: The basket.
        at_us: The one instant for every question about effective dates, in microseconds.
        sales: What is on sale of the basket then (`find_sales`).

    Returns:
        The quote in minor units; its calculations, less those marked as included, add up to its total.
    """
    basket = checked.basket
    address = basket.delivery_address
    era = rulebook.era_at(at_us)
    place = era.place(address.country, address.city, address.district, basket.currency)
    subject = Subject(
        basket.customer_id,
        basket.customer_tier,
        basket.customer_segments or [],
        place.regions,
        basket.context.ab_test_group if basket.context is not None else None,
    )
    sheet = Worksheet(rulebook, checked, era, place, subject)
    price_lines(sheet, sales)
    if place.promotions or basket.coupon_codes:
        apply_discounts(sheet)
    charge_delivery(sheet)
    if place.small_basket_fees:
        charge_small_basket(sheet)
    charge_tax(sheet)
    sheet.commission = commission_for_quote(rulebook.rates, place, sheet.lines, sheet.logistics_provider, at_us)
    sheet.payouts = payouts_of(sheet.lines, sheet.commission)
    sheet.flag_values = quote_flags(era.exposed_flags, subject)
    return sheet
