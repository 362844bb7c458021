"""Step 4: the delivery fee, the express fee in its place, free delivery, and what discounts take off it.

A fee is one exact fraction until it is clamped and rounded, once.

Source: spec 2, step 4; spec 4, DELIVERY_FEE, EXPRESS_FEE, FREE_DELIVERY.
"""

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from quote_service.domain.money import MICRO, amount_text, decimal_text, round_half_away
from quote_service.domain.quote import Calculation, Warning
from quote_service.engine.pricing.apply_discounts import discount_text
from quote_service.engine.pricing.discount_amounts import discount_fee
from quote_service.engine.pricing.distance import NOWHERE, Distance
from quote_service.engine.pricing.worksheet import Worksheet
from quote_service.engine.rulebook.compiled_rule import CompiledRule
from quote_service.engine.rulebook.effects import DeliveryEffect, DiscountEffect, ExpressEffect, FreeDeliveryEffect

EXPRESS_FLAG = "express_delivery_multiplier"
_PICO = 10**12
_NO_RULE = Warning("no_delivery_rule", "no delivery rule counts here, so delivery is not charged")
_NO_DISTANCE = Warning("distance_unknown", "a coordinate is missing, so the distance counts as 0 km")


def charge_delivery(sheet: Worksheet) -> None:
    """Charge the delivery, then free it where a rule says so, then take the discounts on delivery off it."""
    if sheet.distance is None:
        sheet.warnings.append(_NO_DISTANCE)
    express = sheet.chosen(sheet.place.express_fees) if sheet.is_express else None
    if express is not None:
        _charge_express(sheet, express)
    else:
        rule = sheet.chosen(sheet.place.delivery_fees)
        if rule is None:
            sheet.warnings.append(_NO_RULE)
            _give_up_delivery_discounts(sheet)
            return
        _charge_standard(sheet, rule)
    _free_delivery(sheet)
    for discount, outcome in sheet.delivery_discounts:
        effect = discount.effect
        assert isinstance(effect, DiscountEffect)
        amount_minor = discount_fee(effect, sheet.delivery_fee_minor)
        if amount_minor:
            _take_off(
                sheet,
                discount,
                "delivery_discount",
                f"{discount.name}: {discount_text(effect, sheet.exponent)}",
                amount_minor,
            )
        if outcome is not None:
            outcome.amount_minor = amount_minor
            if not amount_minor:
                outcome.rule, outcome.reason = None, "nothing_to_discount"


def _charge_standard(sheet: Worksheet, rule: CompiledRule) -> None:
    effect = rule.effect
    assert isinstance(effect, DeliveryEffect)
    distance = sheet.distance or NOWHERE
    fee_minor = _delivery_fee(effect, distance, sheet.checked.weight_pico, sheet.exponent)
    description = effect.description
    inputs = f'"distance_km":{_km_text(distance)},{effect.inputs}'
    if effect.per_kg_micro:
        inputs += f',"weight_kg":{decimal_text(sheet.checked.weight_pico, 12)}'
    if sheet.is_express:
        multiplier = _express_flag(sheet) or _ONCE
        fee_minor = round_half_away(fee_minor * multiplier.numerator, multiplier.denominator)
        description += " x express multiplier " + multiplier.literal
        inputs += f',"multiplier":{multiplier.plain}'
    sheet.delivery_fee_minor = fee_minor
    if sheet.logistics_provider is None:
        sheet.logistics_provider = effect.provider
    sheet.apply(rule)
    sheet.calculations.append(Calculation("delivery", description, fee_minor, rule, inputs))


def _delivery_fee(effect: DeliveryEffect, distance: Distance, weight_pico: int, exponent: int) -> int:
    """base + per km + per kg, clamped, rounded once."""
    fee_minor = effect.base_minor
    if effect.per_km_micro or effect.per_kg_micro:
        far = max(
            0, distance.numerator * MICRO - effect.free_km_micro * distance.denominator
        )  # 10**-6 / denominator km
        heavy = max(0, weight_pico - effect.free_kg_micro * MICRO)  # 10**-12 kg
        denominator = distance.denominator * _PICO * MICRO
        charged = effect.per_km_micro * far * MICRO + effect.per_kg_micro * heavy * distance.denominator
        fee_minor = round_half_away(effect.base_minor * denominator + charged * 10**exponent, denominator)
    if effect.min_minor is not None:
        fee_minor = max(fee_minor, effect.min_minor)
    return fee_minor if effect.max_minor is None else min(fee_minor, effect.max_minor)


def _charge_express(sheet: Worksheet, rule: CompiledRule) -> None:
    effect = rule.effect
    assert isinstance(effect, ExpressEffect)
    exponent = sheet.exponent
    distance = sheet.distance or NOWHERE
    multiplier = _express_flag(sheet) or _multiplier(decimal_text(effect.multiplier_micro, 6))
    whole = distance.denominator * MICRO
    base = effect.base_minor * whole + effect.distance_factor_micro * distance.numerator * 10**exponent
    fee_minor = round_half_away(base * multiplier.numerator, whole * multiplier.denominator)
    if effect.max_minor is not None:
        fee_minor = min(fee_minor, effect.max_minor)
    sheet.delivery_fee_minor = fee_minor
    sheet.apply(rule)
    description = f"{effect.description} x {multiplier.literal}"
    inputs = f'"distance_km":{_km_text(distance)},{effect.inputs},"multiplier":{multiplier.plain}'
    sheet.calculations.append(Calculation("express_delivery", description, fee_minor, rule, inputs))


class _Multiplier(NamedTuple):
    """A factor as an exact fraction, as it was written, and in the form in which every reader writes it back alike."""

    numerator: int
    denominator: int
    literal: str
    plain: str


@lru_cache(maxsize=1024)
def _multiplier(literal: str) -> _Multiplier:
    number = Decimal(literal)
    return _Multiplier(*number.as_integer_ratio(), literal, f"{number.normalize():f}")


_ONCE = _multiplier("1")


def _express_flag(sheet: Worksheet) -> _Multiplier | None:
    """The multiplier flag; None where it is not on for this customer."""
    flag = sheet.era.flags.get(EXPRESS_FLAG)
    if flag is None or flag.type != "NUMBER":
        return None
    decision = flag.evaluate(sheet.subject)
    if not decision.is_on or decision.value is None:
        return None
    multiplier = _multiplier(decision.value)
    return multiplier if multiplier.numerator >= 0 else None  # a negative fee is no fee


def _km_text(distance: Distance) -> str:
    return f"{distance.km:.6f}".rstrip("0").rstrip(".")


def _free_delivery(sheet: Worksheet) -> None:
    rules = sheet.place.free_deliveries
    rule = sheet.chosen(rules) if rules and sheet.delivery_fee_minor else None
    if rule is None:
        return
    effect = rule.effect
    assert isinstance(effect, FreeDeliveryEffect)
    if sheet.subtotal_minor < effect.min_subtotal_minor or (sheet.is_express and not effect.includes_express):
        return
    distance = sheet.distance or NOWHERE
    if effect.max_distance_micro is not None:
        if distance.numerator * MICRO > effect.max_distance_micro * distance.denominator:
            return
    description = f"free delivery from {amount_text(effect.min_subtotal_minor, sheet.exponent)}"
    _take_off(sheet, rule, "free_delivery", description, sheet.delivery_fee_minor)


def _take_off(sheet: Worksheet, rule: CompiledRule, step: str, description: str, amount_minor: int) -> None:
    inputs = f'"base_amount":{amount_text(sheet.delivery_fee_minor, sheet.exponent)}'
    if isinstance(rule.effect, DiscountEffect) and rule.effect.max_minor is not None:
        inputs += f',"max_discount":{amount_text(rule.effect.max_minor, sheet.exponent)}'
    sheet.delivery_fee_minor -= amount_minor
    sheet.apply(rule)
    sheet.calculations.append(Calculation(step, description, -amount_minor, rule, inputs))


def _give_up_delivery_discounts(sheet: Worksheet) -> None:
    for _, outcome in sheet.delivery_discounts:
        if outcome is not None:
            outcome.rule, outcome.reason = None, "nothing_to_discount"
