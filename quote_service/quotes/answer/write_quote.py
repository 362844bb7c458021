"""Writes a priced quote as the JSON that is issued for it.

Made from `quote_service/pricing/quote_answer.py` by `make writer`: change that, not this.

Source: docs/spec/quotes.md#answer.
"""

from functools import lru_cache

from quote_service.platform.system.instants import instant_text
from quote_service.pricing.catalog.price_adjustment import PriceAdjustment
from quote_service.pricing.commission.compiled_rate import CompiledRate
from quote_service.pricing.hints.hint import Hint
from quote_service.pricing.quote import (
    Calculation,
    CommissionDetail,
    CommissionTax,
    CouponOutcome,
    DiscountDetail,
    Payout,
    Quote,
    QuoteLine,
    Warning,
)
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.quotes.answer.quote_text import QuoteText
from quote_service.quotes.answer.value_texts import (
    AMOUNT_TEXTS,
    AmountTexts,
    flags_text,
    json_names,
    json_text,
    percentage,
    rate_charge,
    unit_price,
    write_inputs,
)


def write_quote(quote: Quote, quote_id: str, valid_from_us: int, valid_until_us: int) -> QuoteText:
    """The JSON of a quote, but for its signature.

    Args:
        quote: The quote.
        quote_id: Its identifier.
        valid_from_us: When it was issued, microseconds.
        valid_until_us: When it ends.
    """
    exponent = quote.exponent
    amounts = AMOUNT_TEXTS[exponent]
    subtotal = amounts[quote.subtotal_minor]
    tax = amounts[quote.tax_minor]
    delivery_fee = amounts[quote.delivery_fee_minor]
    small_basket_fee = amounts[quote.small_basket_fee_minor]
    total = amounts[quote.total_minor]
    external_ref = "null" if quote.basket.external_ref is None else json_text(quote.basket.external_ref)
    items = ",".join([write_item(each, amounts, exponent) for each in quote.lines])
    coupons = ",".join([write_coupon(each, amounts, exponent) for each in quote.coupons])
    details = ",".join([write_commission_detail(each, amounts, exponent) for each in quote.commission.details])
    commission_tax = (
        f',"commission_tax":[{",".join([write_commission_tax(each, amounts, exponent) for each in quote.commission.taxes])}]'
        if quote.commission.taxes
        else ""
    )
    payouts = ",".join([write_payout(each, amounts, exponent) for each in quote.payouts])
    discount_details = (
        f',"discount_details":[{",".join([write_discount_detail(each, amounts, exponent) for each in quote.discount_details])}]'
        if quote.discount_details
        else ""
    )
    calculations = ",".join([write_calculation(each, amounts, exponent) for each in quote.calculations])
    hints = (
        f',"hints":[{",".join([write_hint(each, amounts, exponent) for each in quote.hints])}]'
        if quote.hints is not None
        else ""
    )
    warnings = ",".join([write_warning(each) for each in quote.warnings])
    return QuoteText(
        head=(
            f'{{"quote_id":"{quote_id}"'
            f',"external_ref":{external_ref}'
            f',"subtotal":{subtotal}'
            f',"discount_amount":{amounts[quote.discount_minor]}'
            f',"tax_amount":{tax}'
            f',"delivery_fee":{delivery_fee}'
            f',"small_basket_fee":{small_basket_fee}'
            f',"total_amount":{total}'
            f',"currency":"{quote.basket.currency}"'
            f',"items":[{items}]'
            f',"coupons":[{coupons}]'
            f',"commission_breakdown":{{'
            f'"total_commission":{amounts[quote.commission.total_minor]}'
            f',"seller_commission":{amounts[quote.commission.seller_minor]}'
            f',"category_commission":{amounts[quote.commission.category_minor]}'
            f',"logistics_commission":{amounts[quote.commission.logistics_minor]}'
            f',"currency":"{quote.basket.currency}"'
            f',"details":[{details}]'
            f"{commission_tax}}}"
            f',"payouts":[{payouts}]'
            f',"platform_funded_discount":{amounts[quote.platform_discount_minor]}'
            f"{discount_details}"
            f',"pricing_breakdown":{{'
            f'"item_total":{amounts[quote.item_total_minor]}'
            f',"subtotal":{subtotal}'
            f',"tax_amount":{tax}'
            f',"delivery_fee":{delivery_fee}'
            f',"small_basket_fee":{small_basket_fee}'
            f',"total_amount":{total}'
            f',"currency":"{quote.basket.currency}"'
            f',"calculations":[{calculations}]}}'
            f',"applied_rules":[{_applied_rules(tuple(quote.applied_rules))}]'
            f"{hints}"
            ',"feature_flags":'
        ),
        flags=flags_text(tuple(quote.feature_flags)),
        middle=(
            f',"valid_from":"{instant_text(valid_from_us)}","valid_until":"{instant_text(valid_until_us)}","cache":'
        ),
        tail=f',"warnings":[{warnings}]',
    )


def write_item(it: QuoteLine, amounts: AmountTexts, exponent: int) -> str:
    """A priced line."""
    variant_id = "null" if it.item.variant_id is None else f'"{it.item.variant_id}"'
    tax_included = ',"tax_included":true' if it.is_tax_included else ""
    price_adjustments = ",".join([write_price_adjustment(each, amounts, exponent) for each in it.price_adjustments])
    return (
        f'{{"product_id":"{it.item.product_id}"'
        f',"variant_id":{variant_id}'
        f',"seller_id":"{it.seller_id}"'
        f',"quantity":{it.item.quantity}'
        f',"list_price":{unit_price(it.list_price_micro, exponent, amounts)}'
        f',"unit_price":{unit_price(it.unit_price_micro, exponent, amounts)}'
        f',"line_total":{amounts[it.total_minor]}'
        f',"discount_amount":{amounts[it.discount_minor]}'
        f',"tax_amount":{amounts[it.tax_minor]}'
        f"{tax_included}"
        f',"price_source":"{it.price_source}"'
        f',"price_adjustments":[{price_adjustments}]}}'
    )


def write_price_adjustment(it: PriceAdjustment, amounts: AmountTexts, exponent: int) -> str:
    """What moved the price of a unit on from the list price."""
    flash_sale_id = f',"flash_sale_id":"{it.sale_id}"' if it.sale_id is not None else ""
    text = f'{{"kind":"{it.kind}"{flash_sale_id},"amount":{unit_price(it.amount_micro, exponent, amounts)}'
    rule_id = it.rule_id
    if rule_id is not None:
        text += f',"rule_id":"{rule_id}"'
    percent = it.percent_micro
    if percent is not None:
        text += f',"percent":{percentage(percent)}'
    price = it.price_micro
    if price is not None:
        text += f',"price":{unit_price(price, exponent, amounts)}'
    return text + "}"


def write_coupon(it: CouponOutcome, amounts: AmountTexts, exponent: int) -> str:
    """What became of a coupon code."""
    reason = "null" if it.reason is None else f'"{it.reason}"'
    text = f'{{"code":{json_text(it.code)},"status":"{it.status}","reason":{reason},"amount":{amounts[it.taken_minor]}'
    excluded_by = it.excluded_by
    if excluded_by is not None:
        text += f',"excluded_by":{{"id":"{excluded_by.id}","name":{json_text(excluded_by.name)}}}'
    return text + "}"


def write_commission_detail(it: CommissionDetail, amounts: AmountTexts, exponent: int) -> str:
    """What one rate charges on one line."""
    clamped = "null" if it.clamped is None else f'"{it.clamped}"'
    kept: tuple[str, str] = it.rate.kept or _texts_of_rate(it.rate)
    return (
        f'{{"product_id":"{it.line.product_id}"'
        f"{kept[0]}"
        f"{amounts[it.line.commission_base_minor]}"
        f"{kept[1]}"
        f"{amounts[it.amount_minor]}"
        f',"clamped":{clamped}'
        f',"seller_commission":{amounts[it.seller_minor]}'
        f',"category_commission":{amounts[it.category_minor]}'
        f',"logistics_commission":{amounts[it.logistics_minor]}}}'
    )


def _texts_of_rate(row: CompiledRate) -> tuple[str, str]:
    """What every quote says of it alike, kept with it."""
    region = "null" if row.region is None else json_text(row.region)
    texts = (
        (
            f',"rate_id":"{row.id}"'
            f',"dimensions":{json_names(row.dimensions)}'
            f',"commission_type":"{row.commission_type}"'
            f',"scope":"{row.scope}"'
            f',"region":{region}'
            ',"base_amount":'
        ),
        (f',"rate":{rate_charge(row)},"amount":'),
    )
    row.kept = texts
    return texts


def write_commission_tax(it: CommissionTax, amounts: AmountTexts, exponent: int) -> str:
    """The tax on the commission of one seller."""
    inclusive = "true" if it.is_inclusive else "false"
    return (
        f'{{"seller_id":"{it.seller_id}"'
        f',"rule_id":"{it.rule.id}"'
        f',"rate":{percentage(it.rate_micro)}'
        f',"inclusive":{inclusive}'
        f',"base":{amounts[it.base_minor]}'
        f',"amount":{amounts[it.amount_minor]}}}'
    )


def write_payout(it: Payout, amounts: AmountTexts, exponent: int) -> str:
    """What one seller gets."""
    commission_tax = (
        f',"commission_tax":{amounts[it.commission_tax_minor]}' if it.commission_tax_minor is not None else ""
    )
    return (
        f'{{"seller_id":"{it.seller_id}"'
        f',"item_total":{amounts[it.item_total_minor]}'
        f',"seller_discount":{amounts[it.seller_discount_minor]}'
        f',"commission":{amounts[it.commission_minor]}'
        f"{commission_tax}"
        f',"payout":{amounts[it.payout_minor]}}}'
    )


def write_discount_detail(it: DiscountDetail, amounts: AmountTexts, exponent: int) -> str:
    """What one rule takes off one line."""
    return (
        f'{{"line":{it.number}'
        f',"product_id":"{it.line.product_id}"'
        f',"rule_id":"{it.rule.id}"'
        f',"amount":{amounts[it.amount_minor]}'
        f',"seller_funded":{amounts[it.seller_minor]}'
        f',"platform_funded":{amounts[it.platform_minor]}}}'
    )


def write_calculation(it: Calculation, amounts: AmountTexts, exponent: int) -> str:
    """One step of the sum."""
    text = f'{{"step":"{it.step}","description":{json_text(it.description)},"amount":{amounts[it.amount_minor]}'
    rule_id = it.rule_id
    if rule_id is not None:
        text += f',"rule_id":"{rule_id}"'
    inputs = it.inputs
    if inputs is not None:
        text += f',"inputs":{write_inputs(inputs, amounts)}'
    if it.included:
        text += ',"included":true'
    return text + "}"


def write_rule(it: CompiledRule) -> str:
    """A rule that acted."""
    region = "null" if it.region is None else json_text(it.region)
    return f'{{"id":"{it.id}","name":{json_text(it.name)},"type":"{it.type}","version":{it.version},"region":{region}}}'


@lru_cache(maxsize=4096)
def _applied_rules(rows: tuple[CompiledRule, ...]) -> str:
    """As many different ones come by as there are combinations of them."""
    return ",".join([write_rule(row) for row in rows])


def write_hint(it: Hint, amounts: AmountTexts, exponent: int) -> str:
    """A better price that is just out of reach: what is missing, and what it would save."""
    text = (
        f'{{"code":"{it.code}"'
        f',"rule_id":"{it.rule.id}"'
        f',"text":{json_text(it.text)}'
        f',"saving":{amounts[it.saving_minor]}'
        f',"total_amount":{amounts[it.total_minor]}'
    )
    missing_amount = it.missing_amount_minor
    if missing_amount is not None:
        text += f',"missing_amount":{amounts[missing_amount]}'
    missing_quantity = it.missing_quantity
    if missing_quantity is not None:
        text += f',"missing_quantity":{missing_quantity}'
    line = it.number
    if line is not None:
        text += f',"line":{line}'
    product_id = it.product_id
    if product_id is not None:
        text += f',"product_id":"{product_id}"'
    variant_id = it.variant_id
    if variant_id is not None:
        text += f',"variant_id":"{variant_id}"'
    customer_tier = it.customer_tier
    if customer_tier is not None:
        text += f',"customer_tier":{json_text(customer_tier)}'
    coupon_code = it.coupon_code
    if coupon_code is not None:
        text += f',"coupon_code":{json_text(coupon_code)}'
    return text + "}"


def write_warning(it: Warning) -> str:
    """Something to know that did not stop the quote."""
    text = f'{{"code":{json_text(it.code)},"detail":{json_text(it.detail)}'
    pointer = it.pointer
    if pointer is not None:
        text += f',"pointer":{json_text(pointer)}'
    return text + "}"
