"""The commission of a whole quote: rates chosen by line, charged by scope, split over the dimensions.

Source: docs/spec/commission.md.
"""

from typing import Final

from quote_service.platform.money.amounts import PERCENT_MICRO, split_by_weights
from quote_service.pricing.commission.charge import Clamp, charge_line, charge_together
from quote_service.pricing.commission.choose_rates import ChosenRates, PaidRate, RatesHere, choose_and_keep
from quote_service.pricing.commission.compiled_rate import CATEGORY, SELLER, CompiledRate
from quote_service.pricing.commission.rate_index import RateIndex
from quote_service.pricing.quote import Commission, CommissionDetail, Payout, QuoteLine

_HALF: Final = PERCENT_MICRO // 2


def commission_for_quote(
    index: RateIndex,
    here: RatesHere,
    lines: list[QuoteLine],
    logistics_provider: str | None,
    at_us: int,
) -> Commission:
    """Charge every line the rates it pays.

    Returns:
        Details line by line in the basket's order, within a line by precedence; they add up to the sums exactly.
    """
    together: dict[str, list[CommissionDetail]] = {}
    commission = Commission(0, 0, 0, [])
    details = commission.details
    chosen: ChosenRates | None = None  # of the line before: most lines of a basket pay the same rates
    seller_id, category_id = "", None
    for line in lines:
        line_category_id = line.item.category_id
        if chosen is None or line.seller_id != seller_id or line_category_id != category_id:
            seller_id, category_id = line.seller_id, line_category_id
            payer = (seller_id, category_id, logistics_provider)
            chosen = here.chosen.get(payer)
            if chosen is None or not chosen.from_us <= at_us < chosen.until_us:
                chosen = choose_and_keep(index, here, payer, at_us)
        base_minor = line.total_minor - line.seller_discount_minor
        for paid in chosen.paid:
            rate = paid.rate
            if paid.is_plain:
                amount_minor = (base_minor * paid.charge + _HALF) // PERCENT_MICRO
                details.append(_plain_detail(commission, line, paid, amount_minor))
                continue
            if rate.scope == "ORDER" or rate.scope == "QUOTE":
                detail = CommissionDetail(line, rate, 0, None, 0, 0, 0)
                # What a seller pays of an order has nothing to do with what others sell beside it.
                group = rate.id + seller_id if rate.scope == "ORDER" else rate.id
                together.setdefault(group, []).append(detail)
            else:
                amount_minor, clamp = charge_line(rate, base_minor, line.item.quantity)
                detail = CommissionDetail(line, rate, amount_minor, clamp, 0, 0, 0)
                _share(commission, detail, amount_minor, clamp)
            details.append(detail)
    for group_details in together.values():
        bases_minor = [detail.line.commission_base_minor for detail in group_details]
        amounts, clamp = charge_together(group_details[0].rate, bases_minor)
        for detail, amount_minor in zip(group_details, amounts, strict=True):
            _share(commission, detail, amount_minor, clamp)
    return commission


def payouts_of(lines: list[QuoteLine], commission: Commission) -> list[Payout]:
    """What each seller of the basket gets, in the order in which they first appear."""
    payouts: dict[str, Payout] = {}
    payout: Payout | None = None  # of the line before: sellers are looked up where they change
    for line in lines:
        if payout is None or payout.seller_id != line.seller_id:
            payout = payouts.get(line.seller_id)
            if payout is None:
                payout = payouts[line.seller_id] = Payout(line.seller_id)
        payout.item_total_minor += line.total_minor
        payout.seller_discount_minor += line.seller_discount_minor
    for detail in commission.details:
        seller_id = detail.line.seller_id
        if payout is None or payout.seller_id != seller_id:
            payout = payouts[seller_id]
        payout.commission_minor += detail.amount_minor
    return list(payouts.values())


def _plain_detail(commission: Commission, line: QuoteLine, paid: PaidRate, amount_minor: int) -> CommissionDetail:
    """The detail of a plain rate, which falls whole on the first dimension that it covers."""
    if paid.dimension == SELLER:
        commission.seller_minor += amount_minor
        return CommissionDetail(line, paid.rate, amount_minor, None, amount_minor, 0, 0)
    if paid.dimension == CATEGORY:
        commission.category_minor += amount_minor
        return CommissionDetail(line, paid.rate, amount_minor, None, 0, amount_minor, 0)
    commission.logistics_minor += amount_minor
    return CommissionDetail(line, paid.rate, amount_minor, None, 0, 0, amount_minor)


def _share(commission: Commission, detail: CommissionDetail, amount_minor: int, clamp: Clamp) -> None:
    """Give a detail its amount, and divide that over the dimensions that its rate covers."""
    rate: CompiledRate = detail.rate
    detail.amount_minor, detail.clamped = amount_minor, clamp
    if rate.split is not None:
        seller_minor, category_minor, logistics_minor = split_by_weights(amount_minor, rate.split)
        detail.seller_minor, detail.category_minor, detail.logistics_minor = (
            seller_minor,
            category_minor,
            logistics_minor,
        )
        commission.seller_minor += seller_minor
        commission.category_minor += category_minor
        commission.logistics_minor += logistics_minor
    elif rate.covered & SELLER:
        detail.seller_minor = amount_minor
        commission.seller_minor += amount_minor
    elif rate.covered & CATEGORY:
        detail.category_minor = amount_minor
        commission.category_minor += amount_minor
    else:
        detail.logistics_minor = amount_minor
        commission.logistics_minor += amount_minor
