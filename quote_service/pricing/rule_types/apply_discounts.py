"""Step 3: promotions, then coupons, each on what the earlier ones left.

Promotions act by priority, then name; coupons in the order of the request. A discount on delivery waits for step 4.

Source: spec 2, step 3; spec 4, PROMOTION and COUPON.
"""

from quote_service.domain.money import PERCENT_MICRO, amount_text, decimal_text, round_half_away, split_by_weights
from quote_service.domain.quote import Calculation, CouponOutcome, CouponReason, QuoteLine
from quote_service.engine.pricing.discount_amounts import discount_lines, percent_reached
from quote_service.engine.pricing.worksheet import Worksheet
from quote_service.engine.rulebook.compiled_rule import CompiledRule, covered_lines
from quote_service.engine.rulebook.effects import DiscountEffect, fold_code


def apply_discounts(sheet: Worksheet) -> None:
    """Let every promotion and coupon that matches act."""
    for rule in sheet.place.promotions:
        lines = _lines_in_reach(sheet, rule)
        if lines and _take_off(sheet, rule, lines, None) and _effect(rule).is_exclusive:
            break
    if sheet.basket.coupon_codes:
        _redeem_coupons(sheet, sheet.basket.coupon_codes)


def discount_text(effect: DiscountEffect, exponent: int) -> str:
    """What a discount promises, in a few words."""
    match effect.kind:
        case "percent":
            return f"{decimal_text(effect.value, 6)} % off"
        case "amount":
            return f"{amount_text(effect.value, exponent)} off" + (" a unit" if effect.applies_to == "lines" else "")
        case "fixed_price":
            return f"for {amount_text(effect.value, exponent)}" + (" a unit" if effect.applies_to == "lines" else "")
        case "buy_x_get_y":
            return f"buy {effect.buy} get {effect.get} at {decimal_text(effect.value, 6)} % off"
        case "tiered_percent":
            return "percent by sum"


def _redeem_coupons(sheet: Worksheet, codes: list[str]) -> None:
    seen: set[str] = set()
    is_closed = False  # after a coupon that does not combine, or an exclusive one
    for code in codes:
        folded = fold_code(code)
        outcome = CouponOutcome(code)
        sheet.coupons.append(outcome)
        if folded in seen:
            outcome.reason = "duplicate"
            continue
        seen.add(folded)
        rules = sheet.era.coupons.get(folded)
        if rules is None:
            outcome.reason = sheet.era.idle_coupons.get(folded, "unknown")
            continue
        for rule in rules:
            outcome.reason = _redeem(sheet, rule, outcome, is_closed)
            if outcome.reason is None:
                outcome.rule = rule
                effect = _effect(rule)
                is_closed = is_closed or not effect.is_combinable or effect.is_exclusive
                break


def _redeem(sheet: Worksheet, rule: CompiledRule, outcome: CouponOutcome, is_closed: bool) -> CouponReason | None:
    """Let one coupon act; the reason why not, where it does not."""
    if rule.region_key not in sheet.place.regions:
        return "other_region"
    if rule.currency is not None and rule.currency != sheet.basket.currency:
        return "other_currency"
    if sheet.rulebook.is_exhausted(rule, sheet.basket.customer_id):
        return "exhausted"
    is_alone = not any(other.rule is not None for other in sheet.coupons)
    if is_closed or not (_effect(rule).is_combinable or is_alone):
        return "not_combinable"
    lines = _lines_in_reach(sheet, rule)
    if not lines:
        return "conditions_not_met"
    return None if _take_off(sheet, rule, lines, outcome) else "nothing_to_discount"


def _lines_in_reach(sheet: Worksheet, rule: CompiledRule) -> list[QuoteLine]:
    """The lines that a discount covers; none where its conditions do not hold."""
    if rule.shopper_test is not None and not rule.shopper_test(sheet):
        return []
    lines = covered_lines(rule, sheet.lines)
    return lines if rule.allows_subtotal(sum(line.total_minor for line in lines)) else []


def _take_off(sheet: Worksheet, rule: CompiledRule, lines: list[QuoteLine], outcome: CouponOutcome | None) -> bool:
    """Take a discount off its lines, or put it aside for the delivery fee; whether it took anything off."""
    effect = _effect(rule)
    if effect.applies_to == "delivery":
        sheet.delivery_discounts.append((rule, outcome))
        return True
    base_minor = sum(line.total_minor - line.discount_minor for line in lines)
    amounts = discount_lines(effect, lines)
    whole = sum(amounts)
    if not whole:
        return False
    platform_minor = round_half_away(whole * effect.platform_micro, PERCENT_MICRO)
    platform_parts = split_by_weights(platform_minor, amounts)
    for line, amount, platform_part in zip(lines, amounts, platform_parts, strict=True):
        line.discount_minor += amount
        line.seller_discount_minor += amount - platform_part
    sheet.discount_minor += whole
    sheet.seller_discount_minor += whole - platform_minor
    sheet.apply(rule)
    if outcome is not None:
        outcome.amount_minor = whole
    inputs = f'"covered_lines":{len(lines)},"base_amount":{amount_text(base_minor, sheet.exponent)}'
    if effect.kind == "tiered_percent":
        inputs += f',"percent":{decimal_text(percent_reached(effect, base_minor), 6)}'
    if effect.max_minor is not None:
        inputs += f',"max_discount":{amount_text(effect.max_minor, sheet.exponent)}'
    inputs += f',"platform_funded":{amount_text(platform_minor, sheet.exponent)}'
    sheet.calculations.append(
        Calculation(
            "promotion" if outcome is None else "coupon",
            f"{rule.name}: {discount_text(effect, sheet.exponent)}",
            -whole,
            rule,
            inputs,
        )
    )
    return True


def _effect(rule: CompiledRule) -> DiscountEffect:
    assert isinstance(rule.effect, DiscountEffect)
    return rule.effect
