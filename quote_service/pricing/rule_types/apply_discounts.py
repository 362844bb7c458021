"""Step 3: promotions, then coupons, each on what the earlier ones left.

Promotions act by priority, then name; coupons in the order of the request. A discount on delivery waits for step 4.

Source: docs/spec/quotes.md#steps; docs/spec/pricing-rules.md#discounts; docs/spec/pricing-rules.md#coupons.
"""

from quote_service.platform.money.amounts import PERCENT_MICRO, round_half_away, split_by_weights
from quote_service.pricing.calculation_inputs import DiscountInputs
from quote_service.pricing.pricing_context import PricingContext, allows_subtotal, covered_lines
from quote_service.pricing.quote import Calculation, CouponOutcome, CouponReason, DiscountDetail, QuoteLine, fold_code
from quote_service.pricing.rule_types.discount_limits import HELD, fits_budget, hold_at_minimum, line_floors
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect
from quote_service.pricing.rulebook.compiled_rule import CompiledRule


def apply_promotions(context: PricingContext) -> None:
    """Let every promotion that matches act, unless this is the way without promotions."""
    if not context.with_promotions:
        return
    for rule in context.rules_of("PROMOTION"):
        lines = _lines_in_reach(context, rule)
        if lines and _take_off(context, rule, lines, None) is None:
            context.has_promotions = True
            if _ends_discounts(context, rule):
                break


def redeem_coupons(context: PricingContext) -> None:
    """Let the coupons of the request act, each with what became of it."""
    if context.basket.coupon_codes:
        _redeem_coupons(context, context.basket.coupon_codes)


def _redeem_coupons(context: PricingContext, codes: list[str]) -> None:
    seen: set[str] = set()
    is_closed = False  # after a coupon that does not combine, or an exclusive one
    for code in codes:
        folded = fold_code(code)
        outcome = CouponOutcome(code)
        context.coupons.append(outcome)
        if folded in seen:
            outcome.reason = "duplicate"
            continue
        seen.add(folded)
        rules = context.period.coupons.get(folded)
        if rules is None:
            outcome.reason = context.period.idle_coupons.get(folded, "unknown")
            continue
        for rule in rules:
            outcome.excluded_by = None
            outcome.reason = _redeem(context, rule, outcome, is_closed)
            if outcome.reason is None:
                outcome.rule = rule
                is_closed = _ends_discounts(context, rule) or is_closed or not _effect(rule).is_combinable
                break


def _ends_discounts(context: PricingContext, rule: CompiledRule) -> bool:
    """Whether a discount that acted stops those of its type after it; one that stops all is noted."""
    effect = _effect(rule)
    if effect.excludes_all:
        context.excluded_by = rule
    return effect.is_exclusive


def _redeem(
    context: PricingContext, rule: CompiledRule, outcome: CouponOutcome, is_closed: bool
) -> CouponReason | None:
    """Let one coupon act; the reason why not, where it does not."""
    if rule.region_key not in context.applicable.regions:
        return "other_region"
    if rule.currency is not None and rule.currency != context.basket.currency:
        return "other_currency"
    if _is_exhausted(context, rule):
        return "exhausted"
    if not fits_budget(context, rule, _effect(rule), 1):
        return "budget_used_up"
    is_kept_out = context.has_promotions and not _effect(rule).with_promotions
    if context.excluded_by is not None:
        outcome.excluded_by = context.excluded_by
        context.kept_out_coupon = context.kept_out_coupon or is_kept_out
        return "excluded"
    is_alone = not any(other.rule is not None for other in context.coupons)
    if is_closed or not (_effect(rule).is_combinable or is_alone):
        return "not_combinable"
    lines = _lines_in_reach(context, rule)
    if not lines:
        return "conditions_not_met"
    if is_kept_out:
        context.kept_out_coupon = True
        return "not_with_promotions"
    return _take_off(context, rule, lines, outcome)


def _is_exhausted(context: PricingContext, rule: CompiledRule) -> bool:
    """Whether a coupon has reached the limits of its version, for everybody or for this customer."""
    effect = _effect(rule)
    for customer, limit in (
        (None, effect.usage_limit),
        (context.basket.customer_id, effect.usage_limit_per_customer),
    ):
        if limit is not None and context.coupon_uses.get((rule.name, customer), 0) >= limit:
            return True
    return False


def _lines_in_reach(context: PricingContext, rule: CompiledRule) -> list[QuoteLine]:
    """The lines that a discount covers; none where its conditions do not hold."""
    if rule.shopper_test is not None and not rule.shopper_test(context):
        return []
    lines = covered_lines(rule, context.lines)
    return lines if allows_subtotal(rule, sum(line.total_minor for line in lines)) else []


def _take_off(
    context: PricingContext, rule: CompiledRule, lines: list[QuoteLine], outcome: CouponOutcome | None
) -> CouponReason | None:
    """Take a discount off its lines, or put it aside for the delivery fee; the reason why not, where it does not."""
    effect = _effect(rule)
    if effect.applies_to == "delivery":
        if context.is_over_budget(rule) or not fits_budget(context, rule, effect, 1):
            return "budget_used_up"
        context.delivery_discounts.append((rule, outcome))
        return None
    left = [line.total_minor - line.discount_minor for line in lines]
    taken = effect.kind.take(effect, lines, left, context.exponent)
    amounts = taken.amounts_minor
    whole = sum(amounts)
    if effect.max_minor is not None and whole > effect.max_minor:
        whole, amounts = effect.max_minor, split_by_weights(effect.max_minor, amounts)
    promised, held = whole, None
    floors = context.floors_minor
    if floors is None:  # also for a rule that goes below them: a replay may suppose that it does not
        floors = context.floors_minor = line_floors(context)
    if floors and whole and effect.respects_min_price:
        held = hold_at_minimum(context, floors, lines, left, taken, whole)
        if held is not None:
            whole, amounts = sum(held), held
            if not whole:
                context.held_rules += (rule,)
    if not whole:
        return "nothing_to_discount"
    if not fits_budget(context, rule, effect, whole):
        return "budget_used_up"
    platform_minor = round_half_away(whole * effect.platform_micro, PERCENT_MICRO)
    platform_parts = split_by_weights(platform_minor, amounts)
    number = 1  # of the line in the basket; the covered lines stand in its order
    for line, amount, platform_part in zip(lines, amounts, platform_parts, strict=True):
        if not amount:
            continue
        seller_part = amount - platform_part
        line.discount_minor += amount
        line.seller_discount_minor += seller_part
        while context.lines[number - 1] is not line:
            number += 1
        context.discount_details.append(DiscountDetail(number, line, rule, seller_part, platform_part))
    context.discount_minor += whole
    context.seller_discount_minor += whole - platform_minor
    context.apply(rule)
    if outcome is not None:
        outcome.amount_minor = whole
    inputs = taken.inputs or DiscountInputs()
    inputs.covered_lines = len(lines)
    inputs.base_amount = sum(left)
    if effect.max_minor is not None:
        inputs.max_discount = effect.max_minor
    if whole != promised:
        inputs.min_price_cut = promised - whole
    inputs.platform_funded = platform_minor
    description = f"{rule.name}: {effect.kind.promise(effect, context.exponent)}"
    context.calculations.append(
        Calculation(
            "promotion" if outcome is None else "coupon",
            description if held is None else f"{description}, {HELD}",
            -whole,
            rule,
            inputs,
        )
    )
    return None


def _effect(rule: CompiledRule) -> DiscountEffect:
    assert isinstance(rule.effect, DiscountEffect)
    return rule.effect
