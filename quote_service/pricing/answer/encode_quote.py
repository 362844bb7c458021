"""A priced quote to the JSON that is issued for it, written straight as text.

Every amount has exactly the currency's digits, which no JSON library writes from whole minor units; and the parts that are
the same for every quote (a rule's entry, the start of a commission detail) are written once and kept on the compiled
row. `quote_answer.py` declares the same shape as structs, by which a quote is read back and described; tests hold the two
together.

Source: docs/spec/quotes.md#answer.
"""

from collections.abc import Callable
from functools import lru_cache

import msgspec

from quote_service.money.amounts import amount_text, decimal_text, unit_price_text
from quote_service.pricing.answer.amount_texts import AMOUNT_TEXTS
from quote_service.pricing.commission.compiled_rate import DIMENSIONS_OF_MASK, PERCENT_PLACES, CompiledRate
from quote_service.pricing.quote import Calculation, CommissionDetail, CouponOutcome, Quote, QuoteLine, Warning
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.sale_price import LineSale
from quote_service.system.instants import instant_text

Amount = Callable[[int], str]

_text_bytes = msgspec.json.Encoder().encode


class QuoteText(msgspec.Struct, frozen=True, gc=False):
    """The data of an answer in pieces, so that what may differ between two answers can be put in without another pass.

    In order: `head`, the value of `feature_flags`, `middle`, the value of `cache`, `tail`, then the signature.
    """

    head: str
    flags: str
    middle: str
    tail: str


def encode_quote(quote: Quote, quote_id: str, valid_from_us: int, valid_until_us: int) -> QuoteText:
    """The JSON of a quote, but for its signature.

    Args:
        quote: The quote.
        quote_id: Its identifier.
        valid_from_us: When it was issued, microseconds.
        valid_until_us: When it ends.
    """
    amount = AMOUNT_TEXTS[quote.exponent].__getitem__
    basket = quote.basket
    currency = basket.currency
    commission = quote.commission
    subtotal = amount(quote.subtotal_minor)
    tax, total = amount(quote.tax_minor), amount(quote.total_minor)
    delivery, small_basket = amount(quote.delivery_fee_minor), amount(quote.small_basket_fee_minor)
    totals = (
        f'"tax_amount":{tax},"delivery_fee":{delivery},"small_basket_fee":{small_basket},"total_amount":{total},'
        f'"currency":"{currency}"'
    )
    external_ref = "null" if basket.external_ref is None else _text(basket.external_ref)
    details = ",".join([_detail(detail, amount) for detail in commission.details])
    head = (
        f'{{"quote_id":"{quote_id}","external_ref":{external_ref},"subtotal":{subtotal},'
        f'"discount_amount":{amount(quote.discount_minor)},{totals},'
        f'"items":[{",".join([_line(line, amount, quote.exponent) for line in quote.lines])}],'
        f'"coupons":[{",".join([_coupon(coupon, amount) for coupon in quote.coupons])}],'
        f'"commission_breakdown":{{"total_commission":{amount(commission.total_minor)},'
        f'"seller_commission":{amount(commission.seller_minor)},"category_commission":{amount(commission.category_minor)},'
        f'"logistics_commission":{amount(commission.logistics_minor)},"currency":"{currency}","details":[{details}]}},'
        f'"payouts":[{_payouts(quote, amount)}],'
        f'"platform_funded_discount":{amount(quote.platform_discount_minor)},'
        f'"pricing_breakdown":{{"item_total":{amount(quote.item_total_minor)},"subtotal":{subtotal},{totals},'
        f'"calculations":[{",".join([_calculation(each, amount) for each in quote.calculations])}]}},'
        f'"applied_rules":[{",".join([rule.wire_text or _rule(rule) for rule in quote.applied_rules])}],'
        f'"feature_flags":'
    )
    return QuoteText(
        head=head,
        flags=f"{{{','.join(quote.flag_values)}}}",
        middle=f',"valid_from":"{instant_text(valid_from_us)}","valid_until":"{instant_text(valid_until_us)}","cache":',
        tail=f',"warnings":[{",".join(map(warning_text, quote.warnings))}]',
    )


def warning_text(warning: Warning) -> str:
    """The JSON of one warning."""
    pointer = "" if warning.pointer is None else f',"pointer":{_text(warning.pointer)}'
    return f'{{"code":"{warning.code}","detail":{_text(warning.detail)}{pointer}}}'


def _line(line: QuoteLine, amount: Amount, exponent: int) -> str:
    item = line.item
    variant = "null" if item.variant_id is None else f'"{item.variant_id}"'
    price = own_price = unit_price_text(line.unit_price_micro, exponent)
    source = '"request","price_adjustments":[]'
    if line.sale is not None:
        own_price = unit_price_text(line.sale.own_price_micro, exponent)
        source = _sale(line.sale, exponent)
    return (
        f'{{"product_id":"{item.product_id}","variant_id":{variant},"seller_id":"{line.seller_id}",'
        f'"quantity":{item.quantity},"list_price":{own_price},"unit_price":{price},"line_total":{amount(line.total_minor)},'
        f'"discount_amount":{amount(line.discount_minor)},"tax_amount":{amount(line.tax_minor)},'
        f'"price_source":{source}}}'
    )


def _sale(sale: LineSale, exponent: int) -> str:
    """Where the price of a line on sale comes from, and what that takes off the list price of a unit."""
    return (
        f'"flash_sale","price_adjustments":[{{"kind":"flash_sale","flash_sale_id":"{sale.sale_id}",'
        f'"amount":{unit_price_text(sale.price_micro - sale.own_price_micro, exponent)}}}]'
    )


def _coupon(coupon: CouponOutcome, amount: Amount) -> str:
    if coupon.reason is None:
        return (
            f'{{"code":{_text(coupon.code)},"status":"applied","reason":null,"amount":{amount(coupon.amount_minor)}}}'
        )
    by = ""
    if coupon.excluded_by is not None:
        by = f',"excluded_by":{{"id":"{coupon.excluded_by.id}","name":{_text(coupon.excluded_by.name)}}}'
    return f'{{"code":{_text(coupon.code)},"status":"rejected","reason":"{coupon.reason}","amount":{amount(0)}{by}}}'


def _detail(detail: CommissionDetail, amount: Amount) -> str:
    rate: CompiledRate = detail.rate
    start, charge = rate.wire_text or _rate(rate)
    line = detail.line
    clamped = "null" if detail.clamped is None else f'"{detail.clamped}"'
    return (
        f'{{"product_id":"{line.item.product_id}",{start}{amount(line.total_minor - line.seller_discount_minor)}{charge}'
        f'{amount(detail.amount_minor)},"clamped":{clamped},"seller_commission":{amount(detail.seller_minor)},'
        f'"category_commission":{amount(detail.category_minor)},"logistics_commission":{amount(detail.logistics_minor)}}}'
    )


def _payouts(quote: Quote, amount: Amount) -> str:
    return ",".join(
        [
            f'{{"seller_id":"{payout.seller_id}","item_total":{amount(payout.item_total_minor)},'
            f'"seller_discount":{amount(payout.seller_discount_minor)},"commission":{amount(payout.commission_minor)},'
            f'"payout":{amount(payout.payout_minor)}}}'
            for payout in quote.payouts
        ]
    )


def _calculation(calculation: Calculation, amount: Amount) -> str:
    text = (
        f'{{"step":"{calculation.step}","description":{_text(calculation.description)},'
        f'"amount":{amount(calculation.amount_minor)}'
    )
    if calculation.rule is not None:
        text += f',"rule_id":"{calculation.rule.id}"'
    if calculation.inputs:
        text += f',"inputs":{{{calculation.inputs}}}'
    return text + (',"included":true}' if calculation.included else "}")


def _rule(rule: CompiledRule) -> str:
    """A rule's entry among the applied rules, kept on the rule."""
    rule.wire_text = (
        f'{{"id":"{rule.id}","name":{_text(rule.name)},"type":"{rule.type}","version":{rule.version},'
        f'"region":{"null" if rule.region is None else _text(rule.region)}}}'
    )
    return rule.wire_text


def _rate(rate: CompiledRate) -> tuple[str, str]:
    """What stands before and after the base amount in a rate's details, kept on the rate."""
    if rate.tiers is not None:
        charge = "null"
    elif rate.commission_type == "FLAT":
        charge = amount_text(rate.charge, rate.exponent)
    else:
        charge = decimal_text(rate.charge, PERCENT_PLACES)
    dimensions = ",".join(f'"{dimension}"' for dimension in DIMENSIONS_OF_MASK[rate.covered])
    rate.wire_text = (
        f'"rate_id":"{rate.id}","dimensions":[{dimensions}],"commission_type":"{rate.commission_type}",'
        f'"scope":"{rate.scope}","region":{"null" if rate.region is None else _text(rate.region)},"base_amount":',
        f',"rate":{charge},"amount":',
    )
    return rate.wire_text


@lru_cache(maxsize=4096)
def _text(text: str) -> str:
    """A text as JSON; few different ones come by: descriptions, and codes that are tried again and again."""
    return _text_bytes(text).decode()
