"""Step 4: the delivery fee, the express fee in its place, free delivery, and what discounts take off it.

A fee is one exact fraction until it is clamped and rounded, once.

Source: spec 2, step 4; spec 4, DELIVERY_FEE, EXPRESS_FEE, FREE_DELIVERY.
"""

from decimal import Decimal

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
_ONCE = (1, 1, "1")


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
    exponent = sheet.exponent
    distance = sheet.distance or NOWHERE
    fee_minor = _delivery_fee(effect, distance, sheet.checked.weight_pico, exponent)
    description = "base " + amount_text(effect.base_minor, exponent)
    inputs = [
        ("distance_km", decimal_text(round(distance.km * MICRO), 6)),
        ("base_fee", amount_text(effect.base_minor, exponent)),
    ]
    if effect.per_km_micro:
        description += f" + {decimal_text(effect.per_km_micro, 6)} a km"
        inputs += [("per_km", decimal_text(effect.per_km_micro, 6)), ("free_km", decimal_text(effect.free_km_micro, 6))]
    if effect.per_kg_micro:
        description += f" + {decimal_text(effect.per_kg_micro, 6)} a kg"
        inputs += [
            ("weight_kg", decimal_text(sheet.checked.weight_pico, 12)),
            ("per_kg", decimal_text(effect.per_kg_micro, 6)),
            ("free_kg", decimal_text(effect.free_kg_micro, 6)),
        ]
    if effect.min_minor is not None:
        inputs.append(("min_fee", amount_text(effect.min_minor, exponent)))
    if effect.max_minor is not None:
        inputs.append(("max_fee", amount_text(effect.max_minor, exponent)))
    if sheet.is_express:
        numerator, denominator, text = _express_flag(sheet) or _ONCE
        fee_minor = round_half_away(fee_minor * numerator, denominator)
        description += " x express multiplier " + text
        inputs.append(("multiplier", plain_number(text)))
    sheet.delivery_fee_minor = fee_minor
    if sheet.logistics_provider is None:
        sheet.logistics_provider = effect.provider
    sheet.apply(rule)
    sheet.calculations.append(Calculation("delivery", description, fee_minor, rule, tuple(inputs)))


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
    numerator, denominator, text = _express_flag(sheet) or (
        effect.multiplier_micro,
        MICRO,
        decimal_text(effect.multiplier_micro, 6),
    )
    whole = distance.denominator * MICRO
    base = effect.base_minor * whole + effect.distance_factor_micro * distance.numerator * 10**exponent
    fee_minor = round_half_away(base * numerator, whole * denominator)
    if effect.max_minor is not None:
        fee_minor = min(fee_minor, effect.max_minor)
    sheet.delivery_fee_minor = fee_minor
    sheet.apply(rule)
    factor_text = decimal_text(effect.distance_factor_micro, 6)
    inputs = [
        ("distance_km", decimal_text(round(distance.km * MICRO), 6)),
        ("base_fee", amount_text(effect.base_minor, exponent)),
        ("distance_factor", factor_text),
        ("multiplier", plain_number(text)),
    ]
    if effect.max_minor is not None:
        inputs.append(("max_fee", amount_text(effect.max_minor, exponent)))
    description = f"express (base {amount_text(effect.base_minor, exponent)} + {factor_text} a km) x {text}"
    sheet.calculations.append(Calculation("express_delivery", description, fee_minor, rule, tuple(inputs)))


def plain_number(literal: str) -> str:
    """A number's shortest plain form, in which inputs are shown so that every reader writes them back alike."""
    return f"{Decimal(literal).normalize():f}"


def _express_flag(sheet: Worksheet) -> tuple[int, int, str] | None:
    """The multiplier flag as a fraction and as it was written; None where it is not on for this customer."""
    flag = sheet.era.flags.get(EXPRESS_FLAG)
    if flag is None or flag.type != "NUMBER":
        return None
    decision = sheet.decision(EXPRESS_FLAG)
    if decision is None or not decision.is_on or decision.value is None:
        return None
    numerator, denominator = Decimal(decision.value).as_integer_ratio()
    return (numerator, denominator, decision.value) if numerator >= 0 else None  # a negative fee is no fee


def _free_delivery(sheet: Worksheet) -> None:
    rule = sheet.chosen(sheet.place.free_deliveries) if sheet.delivery_fee_minor else None
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
    sheet.delivery_fee_minor -= amount_minor
    sheet.apply(rule)
    sheet.calculations.append(Calculation(step, description, -amount_minor, rule))


def _give_up_delivery_discounts(sheet: Worksheet) -> None:
    for _, outcome in sheet.delivery_discounts:
        if outcome is not None:
            outcome.rule, outcome.reason = None, "nothing_to_discount"
