"""Why each commission rate was taken for a line, or not.

Considered are the rates that name no other seller and no other category than the line's.

Source: docs/spec/quotes.md#explain-a-quote; docs/spec/commission.md#which-rates-apply.
"""

from collections.abc import Iterator, Sequence

from quote_service.platform.system.instants import instant_text
from quote_service.pricing.commission.choose_rates import choose_rates
from quote_service.pricing.commission.compiled_rate import DIMENSIONS_OF_MASK, CompiledRate, compile_rate
from quote_service.pricing.commission.rate import CommissionScope
from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.pricing.explain.explanation import RateReason, RateVerdict
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.rulebook.rulebook import Rulebook

Payer = tuple[str, str | None]
Rank = tuple[int, int, int, int, str]
_TOGETHER: dict[CommissionScope, str] = {
    "ORDER": "charged once on the lines of one seller together",
    "QUOTE": "charged once on the lines of all sellers together",
}
# In the order in which rates are ranked; all of them descend.
_BEATEN: tuple[RateReason, ...] = (
    "lower priority",
    "fewer dimensions",
    "less specific region",
    "earlier start",
    "lower id",
)


def explain_rates(
    rulebook: Rulebook, rows: Sequence[StoredRate], context: PricingContext, at_us: int
) -> Iterator[RateVerdict]:
    """What became of each rate at each seller and category of the basket, the best first.

    Args:
        rulebook: Made of the rows.
        rows: Rates of any period, active ones alone.
        context: The quote, priced by the rulebook.
        at_us: The quote's instant.
    """
    compiled = [(row, rulebook.rates.rate(row.id) or compile_rate(row)) for row in rows]
    for payer, lines in _payers(context).items():
        taken = choose_rates(
            rulebook.rates,
            context.applicable.regions,
            *payer,
            context.logistics_provider,
            context.basket.currency,
            at_us,
        ).rates
        concerned = [(row, rate) for row, rate in compiled if _concerns(row, payer)]
        concerned.sort(key=lambda each: _rank(each[1], context), reverse=True)
        for row, rate in concerned:
            reason, detail, winner = _judge(row, rate, taken, context, at_us)
            yield RateVerdict(
                id=rate.id,
                lines=lines,
                dimensions=list(DIMENSIONS_OF_MASK[rate.covered]),
                commission_type=rate.commission_type,
                scope=rate.scope,
                region=rate.region,
                currency=rate.currency,
                priority=rate.priority,
                won=reason == "applied",
                reason=reason,
                detail=detail,
                beaten_by=winner.id if winner is not None else None,
            )


def _payers(context: PricingContext) -> dict[Payer, list[int]]:
    payers: dict[Payer, list[int]] = {}
    for index, line in enumerate(context.lines):
        payers.setdefault((line.seller_id, line.item.category_id), []).append(index)
    return payers


def _concerns(row: StoredRate, payer: Payer) -> bool:
    seller_id, category_id = payer
    return row.seller_id in (None, seller_id) and row.category_id in (None, category_id)


def _rank(rate: CompiledRate, context: PricingContext) -> Rank:
    specificity = context.applicable.regions.get(rate.region_key, -1)
    return rate.priority, len(DIMENSIONS_OF_MASK[rate.named]), specificity, rate.effective_from_us, rate.id


def _judge(
    row: StoredRate,
    rate: CompiledRate,
    taken: tuple[CompiledRate, ...],
    context: PricingContext,
    at_us: int,
) -> tuple[RateReason, str | None, CompiledRate | None]:
    if rate in taken:
        return "applied", _TOGETHER.get(rate.scope), None
    if row.logistics_provider is not None and row.logistics_provider != context.logistics_provider:
        return "other logistics provider", f"it is for {row.logistics_provider}", None
    if at_us < rate.effective_from_us:
        return "not effective yet", f"starts at {instant_text(rate.effective_from_us)}", None
    if at_us >= rate.effective_to_us:
        return "ended", f"ended at {instant_text(rate.effective_to_us)}", None
    if rate.region_key not in context.applicable.regions:
        return "other region", f"{rate.region} does not contain the delivery address", None
    if rate.currency is not None and rate.currency != context.basket.currency:
        return "other currency", f"it is for {rate.currency}", None
    if not rate.named and taken[0].named:
        return "names no dimension", "a rate that names none counts only where no other does", taken[0]
    # Rates that match and were not taken found one of their dimensions gone, to one that stands before them.
    winner = next(each for each in taken if each.covered & rate.covered)
    mine, theirs = _rank(rate, context), _rank(winner, context)
    reason = next(reason for reason, one, other in zip(_BEATEN, mine, theirs, strict=True) if one != other)
    held = ", ".join(DIMENSIONS_OF_MASK[winner.covered & rate.covered])
    return reason, f"the dimension {held} is taken by {winner.id}", winner
