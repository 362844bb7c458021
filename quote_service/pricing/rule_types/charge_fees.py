"""Steps 4 and 5: the delivery fee, the express fee in its place, free delivery, what discounts take off it, and the fee for a
small basket.

A fee is one exact fraction until it is clamped and rounded, once.

Source: docs/spec/quotes.md#steps; docs/spec/pricing-rules.md#delivery_fee; docs/spec/pricing-rules.md#express_fee;
docs/spec/pricing-rules.md#free_delivery; docs/spec/pricing-rules.md#small_basket_fee.
"""

from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from quote_service.platform.money.amounts import MICRO, amount_text, decimal_text, round_half_away
from quote_service.pricing.calculation_inputs import FeeDiscountInputs, SmallBasketInputs
from quote_service.pricing.pricing_context import NOWHERE_KM, PricingContext
from quote_service.pricing.quote import Calculation, Warning
from quote_service.pricing.rule_types.delivery_fee import DeliveryEffect
from quote_service.pricing.rule_types.discount_limits import fits_budget
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect
from quote_service.pricing.rule_types.express_fee import ExpressEffect
from quote_service.pricing.rule_types.free_delivery import FreeDeliveryEffect
from quote_service.pricing.rule_types.small_basket_fee import SmallBasketEffect
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.rulebook.effective_period import EXPRESS_FLAG

_PICO: Final = 10**12
_NO_RULE = Warning("no_delivery_rule", "no delivery rule counts here, so delivery is not charged")
_NO_DISTANCE = Warning("distance_unknown", "a coordinate is missing, so the distance counts as 0 km")


def charge_delivery(context: PricingContext) -> None:
    """Charge the express fee of an express delivery, or the delivery fee."""
    if context.distance_km is None:
        context.warnings.append(_NO_DISTANCE)
    express = context.chosen(context.rules_of("EXPRESS_FEE")) if context.is_express else None
    if express is not None:
        _charge_express(context, express)
        return
    rule = context.chosen(context.rules_of("DELIVERY_FEE"))
    if rule is None:
        context.warnings.append(_NO_RULE)
    else:
        _charge_standard(context, rule)


def discount_delivery(context: PricingContext) -> None:
    """Take the discounts that were put aside for it off the delivery fee; a coupon that finds no fee is not redeemed.

    One that its budget does not cover is left out from the beginning: it may have kept others from acting.
    """
    for discount, outcome in context.delivery_discounts:
        effect = discount.effect
        assert isinstance(effect, DiscountEffect)
        amount_minor = effect.kind.off_fee(effect, context.delivery_fee_minor)
        if effect.max_minor is not None:
            amount_minor = min(amount_minor, effect.max_minor)
        if amount_minor and not fits_budget(context, discount, effect, amount_minor):
            context.is_to_be_priced_again = True
            return
        if amount_minor:
            _take_off(
                context,
                discount,
                "delivery_discount",
                f"{discount.name}: {effect.kind.promise(effect, context.exponent)}",
                amount_minor,
            )
        if outcome is not None:
            outcome.amount_minor = amount_minor
            if not amount_minor:
                outcome.rule, outcome.reason = None, "nothing_to_discount"


def _charge_standard(context: PricingContext, rule: CompiledRule) -> None:
    effect = rule.effect
    assert isinstance(effect, DeliveryEffect)
    distance_km = context.distance_km or NOWHERE_KM
    fee_minor = _delivery_fee(effect, distance_km, context.checked.weight_pico, context.exponent)
    description = effect.description
    inputs = effect.inputs.__copy__()
    inputs.distance_km = distance_km
    if effect.per_kg_micro:
        inputs.weight_kg = context.checked.weight_pico
    if context.is_express:
        multiplier = _express_flag(context) or _ONCE
        fee_minor = round_half_away(fee_minor * multiplier.numerator, multiplier.denominator)
        description += " x express multiplier " + multiplier.literal
        inputs.multiplier = multiplier.exactly
    context.delivery_fee_minor = fee_minor
    if context.logistics_provider is None:
        context.logistics_provider = effect.provider
    context.apply(rule)
    context.calculations.append(Calculation("delivery", description, fee_minor, rule, inputs))


def _delivery_fee(effect: DeliveryEffect, distance_km: float, weight_pico: int, exponent: int) -> int:
    """base + per km + per kg, clamped, rounded once."""
    fee_minor = effect.base_minor
    if effect.per_km_micro or effect.per_kg_micro:
        numerator, whole = distance_km.as_integer_ratio()
        far = max(0, numerator * MICRO - effect.free_km_micro * whole)  # 10**-6 / whole km
        heavy = max(0, weight_pico - effect.free_kg_micro * MICRO)  # 10**-12 kg
        denominator = whole * _PICO * MICRO
        charged = effect.per_km_micro * far * MICRO + effect.per_kg_micro * heavy * whole
        fee_minor = round_half_away(effect.base_minor * denominator + charged * 10**exponent, denominator)
    if effect.min_minor is not None:
        fee_minor = max(fee_minor, effect.min_minor)
    return fee_minor if effect.max_minor is None else min(fee_minor, effect.max_minor)


def _charge_express(context: PricingContext, rule: CompiledRule) -> None:
    effect = rule.effect
    assert isinstance(effect, ExpressEffect)
    exponent = context.exponent
    distance_km = context.distance_km or NOWHERE_KM
    multiplier = _express_flag(context) or _multiplier(decimal_text(effect.multiplier_micro, 6))
    numerator, denominator = distance_km.as_integer_ratio()
    whole = denominator * MICRO
    base = effect.base_minor * whole + effect.distance_factor_micro * numerator * 10**exponent
    fee_minor = round_half_away(base * multiplier.numerator, whole * multiplier.denominator)
    if effect.max_minor is not None:
        fee_minor = min(fee_minor, effect.max_minor)
    context.delivery_fee_minor = fee_minor
    if context.logistics_provider is None:
        context.logistics_provider = effect.provider
    context.apply(rule)
    description = f"{effect.description} x {multiplier.literal}"
    inputs = effect.inputs.__copy__()
    inputs.distance_km = distance_km
    inputs.multiplier = multiplier.exactly
    context.calculations.append(Calculation("express_delivery", description, fee_minor, rule, inputs))


class _Multiplier(NamedTuple):
    """A factor as an exact fraction, as it was written, and as the number that it is."""

    numerator: int
    denominator: int
    literal: str
    exactly: Decimal


@lru_cache(maxsize=1024)
def _multiplier(literal: str) -> _Multiplier:
    number = Decimal(literal)
    return _Multiplier(*number.as_integer_ratio(), literal, number)


_ONCE = _multiplier("1")


def _express_flag(context: PricingContext) -> _Multiplier | None:
    """The multiplier flag; None where it is not on for this customer."""
    flag = context.period.flags.get(EXPRESS_FLAG)
    if flag is None or flag.type != "NUMBER":
        return None
    decision = flag.evaluate(context.subject)
    if not decision.is_on or decision.value is None:
        return None
    multiplier = _multiplier(decision.value)
    return multiplier if multiplier.numerator >= 0 else None  # a negative fee is no fee


def free_delivery(context: PricingContext) -> None:
    """Take the whole fee off where a rule says so."""
    rule = context.chosen(context.rules_of("FREE_DELIVERY")) if context.delivery_fee_minor else None
    if rule is None:
        return
    effect = rule.effect
    assert isinstance(effect, FreeDeliveryEffect)
    if context.subtotal_minor < effect.min_subtotal_minor or (context.is_express and not effect.includes_express):
        return
    if effect.max_distance_micro is not None:
        numerator, denominator = (context.distance_km or NOWHERE_KM).as_integer_ratio()
        if numerator * MICRO > effect.max_distance_micro * denominator:
            return
    description = f"free delivery from {amount_text(effect.min_subtotal_minor, context.exponent)}"
    _take_off(context, rule, "free_delivery", description, context.delivery_fee_minor)


def _take_off(context: PricingContext, rule: CompiledRule, step: str, description: str, amount_minor: int) -> None:
    inputs = FeeDiscountInputs(context.delivery_fee_minor)
    if isinstance(rule.effect, DiscountEffect):
        if rule.effect.max_minor is not None:
            inputs.max_discount = rule.effect.max_minor
        inputs.platform_funded = amount_minor
    context.delivery_fee_minor -= amount_minor
    context.apply(rule)
    context.calculations.append(Calculation(step, description, -amount_minor, rule, inputs))


def charge_small_basket(context: PricingContext) -> None:
    """Charge the fee where the subtotal is below the threshold; a top-up never charges more than what is missing."""
    rule = context.chosen(context.rules_of("SMALL_BASKET_FEE"))
    if rule is None:
        return
    effect = rule.effect
    assert isinstance(effect, SmallBasketEffect)
    missing_minor = effect.threshold_minor - context.subtotal_minor
    if missing_minor <= 0:
        return
    fee_minor = effect.fee_minor if effect.mode == "fixed" else min(effect.fee_minor, missing_minor)
    context.small_basket_fee_minor = fee_minor
    context.apply(rule)
    inputs = SmallBasketInputs(effect.threshold_minor, effect.fee_minor, effect.mode, context.subtotal_minor)
    description = f"subtotal below {amount_text(effect.threshold_minor, context.exponent)}"
    context.calculations.append(Calculation("small_basket", description, fee_minor, rule, inputs))
